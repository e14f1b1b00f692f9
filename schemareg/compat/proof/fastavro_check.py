"""What fastavro makes of bytes, where it is installed: the cross-check of a proof."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from schemareg.avro.schema import Schema


class CrossCheck(StrEnum):
    """What fastavro did with the bytes. It abstains where it is absent or knows no such schema."""

    REFUSES = "refuses"
    READS = "reads"
    ABSTAINS = "abstains"


def fastavro_check(data: bytes, *, writer: Schema, reader: Schema) -> CrossCheck:
    """Whether fastavro reads `data`."""
    try:
        import fastavro
        from fastavro.schema import SchemaParseException, UnknownType, parse_schema
    except ImportError:
        return CrossCheck.ABSTAINS
    try:
        parsed_writer = parse_schema(json.loads(writer.text), _named(writer))
        parsed_reader = parse_schema(json.loads(reader.text), _named(reader))
    except (SchemaParseException, UnknownType, ValueError, KeyError, TypeError, RecursionError):
        return CrossCheck.ABSTAINS
    try:
        fastavro.schemaless_reader(io.BytesIO(data), parsed_writer, parsed_reader)
    except (
        # SchemaResolutionError is not among fastavro's public names; it is a ValueError's cousin
        fastavro.read.SchemaResolutionError,
        KeyError,
        TypeError,
        ValueError,
        EOFError,
        IndexError,
        OverflowError,
        struct.error,
    ):
        return CrossCheck.REFUSES
    except RecursionError:
        return CrossCheck.ABSTAINS
    return CrossCheck.READS


def _named(schema: Schema) -> dict[str, dict[Any, Any]]:
    """The types of a schema's references, as fastavro wants them handed over."""
    from fastavro.schema import parse_schema

    named: dict[str, dict[Any, Any]] = {}
    seen: set[int] = set()  # references share references

    def add(schemas: Sequence[Schema]) -> None:
        for reference in schemas:
            if id(reference) not in seen:
                seen.add(id(reference))
                add(reference.references)
                parse_schema(json.loads(reference.text), named)

    add(schema.references)
    return named
