"""Example events of a schema: seeded realistic samples, edge cases, Hypothesis strategies."""

from enum import StrEnum


class Encoding(StrEnum):
    """How an example event is written as JSON."""

    PLAIN = "plain"
    """As people read it: logical types as texts, bytes in hex, a union's value bare."""
    AVRO_JSON = "avro-json"
    """As Avro's JSON decoder reads it: `{"branch": value}`, bytes as text, no logical types."""
