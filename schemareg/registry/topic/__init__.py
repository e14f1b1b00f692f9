"""A registry whose store is a compacted Kafka topic, in the record format of Confluent's."""
