"""Hazards: pairs that Avro calls compatible and that can still fail or mislead a reader."""
