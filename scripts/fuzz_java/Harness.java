import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityResult;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;

/**
 * Avro Java's answers, one JSON object a line in, one a line out, flushed when no input waits.
 *
 * <p>Asked: {@code schemas} (texts), {@code names} (utf, strict or none), {@code texts} (true: the
 * canonical texts too), {@code pairs} of {@code reader} and {@code writer} (places among the
 * schemas), {@code data} (how many random events of the writer) and {@code seed}. Answered:
 * {@code refused} (places of those that do not parse), {@code texts} and {@code pairs} with
 * {@code verdict}, {@code incompatibilities} and {@code data}; null where one does not parse.
 */
public final class Harness {
  // escaped, since UTF-8 has a question mark for half of a surrogate pair, which a name may hold
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Writer out = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
    String line;
    while ((line = in.readLine()) != null) {
      out.write(text(answer(JSON.readTree(line))));
      out.write('\n');
      if (!in.ready()) {
        out.flush();
      }
    }
    out.flush();
  }

  /** An event can nest deeper than Jackson writes; then its pair is answered without events. */
  private static String text(ObjectNode answer) throws IOException {
    try {
      return JSON.writeValueAsString(answer);
    } catch (JsonProcessingException tooDeep) {
      for (JsonNode pair : answer.path("pairs")) {
        dropDataUnlessWritable(pair);
      }
      return JSON.writeValueAsString(answer);
    }
  }

  private static void dropDataUnlessWritable(JsonNode pair) {
    try {
      JSON.writeValueAsString(pair);
    } catch (JsonProcessingException tooDeep) {
      ((ObjectNode) pair).remove("data");
    }
  }

  private static ObjectNode answer(JsonNode asked) {
    ObjectNode answer = NODES.objectNode();
    ArrayNode refused = answer.putArray("refused");
    List<Schema> schemas = new ArrayList<>();
    for (JsonNode text : asked.path("schemas")) {
      schemas.add(parse(text.asText(), asked.path("names").asText()));
      if (schemas.get(schemas.size() - 1) == null) {
        refused.add(schemas.size() - 1);
      }
    }
    if (asked.path("texts").asBoolean()) {
      ArrayNode texts = answer.putArray("texts");
      for (Schema schema : schemas) {
        if (schema == null) {
          texts.addNull();
        } else {
          texts.addArray().add(schema.toString()).add(canonical(schema));
        }
      }
    }
    ArrayNode pairs = answer.putArray("pairs");
    for (JsonNode pair : asked.path("pairs")) {
      Schema reader = schemas.get(pair.path("reader").asInt());
      Schema writer = schemas.get(pair.path("writer").asInt());
      if (reader == null || writer == null) {
        pairs.addNull();
        continue;
      }
      ObjectNode judged = pairs.addObject();
      judge(reader, writer, judged);
      if (pair.path("data").asInt() > 0) {
        judged.set("data", decoded(reader, writer, pair));
      }
    }
    return answer;
  }

  /** The schema, or null where it does not parse. */
  private static Schema parse(String text, String names) {
    try {
      return parser(names).parse(text);
    } catch (RuntimeException | StackOverflowError error) {
      return null;
    }
  }

  /** A parser with this rule for names: 1.12 has validators, 1.11 only a switch. */
  private static Schema.Parser parser(String names) {
    try {
      Class<?> validator = Class.forName("org.apache.avro.NameValidator");
      String field =
          switch (names) {
            case "strict" -> "STRICT_VALIDATOR";
            case "none" -> "NO_VALIDATION";
            default -> "UTF_VALIDATOR";
          };
      return Schema.Parser.class
          .getConstructor(validator)
          .newInstance(validator.getField(field).get(null));
    } catch (ClassNotFoundException older) {
      return lenient(new Schema.Parser(), names.equals("none"));
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException(error);
    }
  }

  private static Schema.Parser lenient(Schema.Parser parser, boolean anyName) {
    try {
      parser.getClass().getMethod("setValidate", boolean.class).invoke(parser, !anyName);
      return parser;
    } catch (ReflectiveOperationException error) {
      throw new IllegalStateException(error);
    }
  }

  private static String canonical(Schema schema) {
    try {
      return SchemaNormalization.toParsingForm(schema);
    } catch (RuntimeException | StackOverflowError error) {
      return "fails: " + error.getClass().getSimpleName();
    }
  }

  private static void judge(Schema reader, Schema writer, ObjectNode answer) {
    SchemaCompatibilityResult result;
    try {
      result =
          SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
    } catch (RuntimeException | StackOverflowError error) {
      answer.put("verdict", "THROWS");
      return;
    }
    answer.put("verdict", result.getCompatibility().name());
    ArrayNode found = answer.putArray("incompatibilities");
    for (Incompatibility incompatibility : result.getIncompatibilities()) {
      found
          .addArray()
          .add(incompatibility.getType().name())
          .add(incompatibility.getMessage())
          .add(incompatibility.getLocation());
    }
  }

  /** Random events of the writer: their bytes, and the value or the failure of the reader. */
  private static ArrayNode decoded(Schema reader, Schema writer, JsonNode asked) {
    ArrayNode data = NODES.arrayNode();
    try {
      RandomData events = new RandomData(writer, asked.get("data").asInt(), asked.get("seed").asLong());
      for (Object event : events) {
        byte[] bytes = encoded(writer, event);
        ObjectNode datum = data.addObject();
        datum.put("hex", hex(bytes));
        try {
          BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
          Object value = new GenericDatumReader<Object>(writer, reader).read(null, decoder);
          datum.set("value", plain(reader, value));
        } catch (RuntimeException | IOException | StackOverflowError error) {
          datum.put("fails", error.getClass().getSimpleName());
        }
      }
    } catch (RuntimeException | IOException | StackOverflowError error) {
      return data; // a type without values, or one that holds itself
    }
    return data;
  }

  private static byte[] encoded(Schema writer, Object event) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<Object>(writer).write(event, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length * 2);
    for (byte b : bytes) {
      text.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
    }
    return text.toString();
  }

  /** JSON of a value: bytes and fixed as ISO-8859-1 text, a float as the double that it is. */
  private static JsonNode plain(Schema schema, Object value) {
    if (value == null) {
      return NODES.nullNode();
    }
    if (value instanceof IndexedRecord record) {
      ObjectNode fields = NODES.objectNode();
      for (Schema.Field field : record.getSchema().getFields()) {
        fields.set(field.name(), plain(field.schema(), record.get(field.pos())));
      }
      return fields;
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode entries = NODES.objectNode();
      map.forEach((key, item) -> entries.set(key.toString(), plain(schema, item)));
      return entries;
    }
    if (value instanceof Iterable<?> items) {
      ArrayNode list = NODES.arrayNode();
      items.forEach(item -> list.add(plain(schema, item)));
      return list;
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return NODES.textNode(new String(bytes, StandardCharsets.ISO_8859_1));
    }
    if (value instanceof GenericFixed fixed) {
      return NODES.textNode(new String(fixed.bytes(), StandardCharsets.ISO_8859_1));
    }
    if (value instanceof Boolean truth) {
      return NODES.booleanNode(truth);
    }
    if (value instanceof Integer || value instanceof Long) {
      return NODES.numberNode(((Number) value).longValue());
    }
    if (value instanceof Float || value instanceof Double) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number) ? NODES.numberNode(number) : NODES.textNode("" + number);
    }
    return NODES.textNode(value.toString());
  }

  private Harness() {}
}
