"""Avro's binary encoding, and reading with another schema: the reference for proofs and matrices.

Written straight from the specification and for nobody's speed: it decides what bytes mean where
a verdict, a fast codec or another library is in question. Values are plain: None, bool, int,
float, bytes, str, list, dict (field name or map key to value), an enum symbol as str. Logical
types stay what they are underneath.

Source: Apache Avro 1.12 specification, "Binary Encoding", "Schema Resolution" and "Aliases".
"""

from __future__ import annotations

from typing import Any

from schemareg.avro.binary.decoding import Lifting, Source, read
from schemareg.avro.binary.default_values import default_value
from schemareg.avro.binary.encoding import write
from schemareg.avro.binary.values import Branch, Plain, RefusedError, label
from schemareg.avro.depth import with_room
from schemareg.avro.schema import Node, Schema, resolve
from schemareg.errors import DecodeError, EncodeError

__all__ = [
    "Branch",
    "Lifting",
    "Plain",
    "decode",
    "decode_node",
    "default_value",
    "encode",
    "encode_node",
]


def encode(value: Plain, schema: Schema) -> bytes:
    """The bytes of `value`; a union value bare where one branch fits, else as `Branch`.

    Raises:
        EncodeError: `value` is not of the schema's type, or out of its range, or ambiguous.
    """
    return encode_node(value, schema.root)


def encode_node(value: Plain, node: Node) -> bytes:
    """`encode` for a part of a schema."""

    def written() -> bytes:
        out = bytearray()
        write(out, node, value)
        return bytes(out)

    try:
        return with_room(written)
    except RefusedError as refused:
        raise EncodeError(refused.render(label(resolve(node)))) from None
    except RecursionError:
        raise EncodeError(f"{label(resolve(node))}: the value is nested too deeply") from None


def decode(data: bytes, *, writer: Schema, reader: Schema) -> Plain:
    """The value that `data`, written with `writer`, has for a reader with `reader`.

    Raises:
        DecodeError: `data` is not the writer's (too short, too long, out of range), or the
            schemas do not resolve for this value.
    """
    return decode_node(data, writer=writer.root, reader=reader.root)


def decode_node(
    data: bytes,
    *,
    writer: Node,
    reader: Node,
    any_record_name: bool = False,
    lifting: Lifting | None = None,
) -> Any:
    """`decode` for parts of schemas.

    With `any_record_name` a record is read whatever its name, as Avro Java's reader does; with
    `lifting` the values are what it makes of the plain ones.
    """

    def read_whole() -> Any:
        source = Source(data, any_record_name=any_record_name, lifting=lifting)
        try:
            value = read(source, writer, reader)
            source.end()
        except RefusedError as refused:
            raise DecodeError(
                f"{refused.render(label(resolve(reader)))} (at byte {source.position})"
            ) from None
        return value

    try:
        return with_room(read_whole)
    except RecursionError:
        raise DecodeError(f"{label(resolve(reader))}: the value is nested too deeply") from None
