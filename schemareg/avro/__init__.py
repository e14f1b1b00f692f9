"""The Avro schema language: text to immutable nodes and back."""

from schemareg.avro.parse.parser import parse
from schemareg.avro.schema import Schema

__all__ = ["Schema", "parse"]
