import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.entities.Association;
import io.confluent.kafka.schemaregistry.client.rest.entities.LifecyclePolicy;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.AssociationCreateOrUpdateInfo;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.AssociationCreateOrUpdateRequest;
import io.confluent.kafka.schemaregistry.client.rest.entities.requests.RegisterSchemaRequest;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import io.confluent.kafka.serializers.subject.AssociatedNameStrategy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** The stock client and serializers over associations: one line of output for each step. */
public class AssociationPaths {
  private static final List<String> BOTH = List.of("key", "value");

  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    CachedSchemaRegistryClient client =
        new CachedSchemaRegistryClient(
            List.of(url), 100, List.of(new AvroSchemaProvider()), Map.of(), Map.of());
    Schema schema =
        new Schema.Parser()
            .parse(
                "{\"type\":\"record\",\"name\":\"shop.Placed\",\"fields\":"
                    + "[{\"name\":\"total\",\"type\":\"long\"}]}");
    say("registered", client.register("shop.placed", new AvroSchema(schema)));
    client.createAssociation(of(weak("shop.placed")));
    RegisterSchemaRequest key = new RegisterSchemaRequest();
    key.setSchema("\"string\"");
    client.createOrUpdateAssociation(
        of(
            new AssociationCreateOrUpdateInfo(
                "orders-own-key", "key", LifecyclePolicy.STRONG, false, key, null)));
    say("by subject", client.getAssociationsBySubject("shop.placed", "topic", BOTH, null, 0, -1));
    say("by id", client.getAssociationsByResourceId("id-1", "topic", BOTH, null, 0, -1));
    say("by name", client.getAssociationsByResourceName("orders", "-", "topic", BOTH, null, 0, -1));
    GenericRecord event = new GenericData.Record(schema);
    event.put("total", 7L);
    for (boolean latest : new boolean[] {false, true}) {
      Map<String, Object> settings = new HashMap<>();
      settings.put("schema.registry.url", url);
      settings.put("auto.register.schemas", !latest);
      settings.put("use.latest.version", latest);
      KafkaAvroSerializer values = new KafkaAvroSerializer();
      values.configure(settings, false);
      byte[] bytes = values.serialize("orders", event);
      say("value", Arrays.toString(bytes));
      KafkaAvroDeserializer reader = new KafkaAvroDeserializer();
      reader.configure(settings, false);
      say("read", reader.deserialize("orders", bytes).toString());
      KafkaAvroSerializer keys = new KafkaAvroSerializer();
      keys.configure(settings, true);
      say("key", Arrays.toString(keys.serialize("orders", "k")));
      say("topic without", Arrays.toString(values.serialize("payments", event)));
    }
    Map<String, Object> strict = new HashMap<>();
    strict.put("schema.registry.url", url);
    strict.put(AssociatedNameStrategy.FALLBACK_TYPE, "NONE");
    KafkaAvroSerializer values = new KafkaAvroSerializer();
    values.configure(strict, false);
    try {
      values.serialize("nobody", event);
    } catch (RuntimeException refused) {
      say("no fallback", refused.getMessage());
    }
    try {
      client.createAssociation(of(weak("shop.other")));
    } catch (RestClientException refused) {
      say("second value", refused.getStatus() + " " + refused.getErrorCode());
    }
    client.deleteAssociations("id-1", "topic", BOTH, true);
    say("deleted", client.getAssociationsByResourceId("id-1", "topic", BOTH, null, 0, -1));
    say("subjects", new ObjectMapper().writeValueAsString(client.getAllSubjects()));
  }

  private static AssociationCreateOrUpdateInfo weak(String subject) {
    return new AssociationCreateOrUpdateInfo(
        subject, "value", LifecyclePolicy.WEAK, null, null, null);
  }

  private static AssociationCreateOrUpdateRequest of(AssociationCreateOrUpdateInfo association) {
    return new AssociationCreateOrUpdateRequest(
        "orders", "cluster-1", "id-1", "topic", List.of(association));
  }

  private static void say(String what, Object value) {
    if (value instanceof List) {
      StringBuilder subjects = new StringBuilder();
      for (Object each : (List<?>) value) {
        Association one = (Association) each;
        subjects.append(one.getAssociationType()).append('=').append(one.getSubject()).append(' ');
      }
      value = subjects.length() == 0 ? "none" : subjects.toString().trim();
    }
    System.out.println(what + ": " + value);
  }
}
