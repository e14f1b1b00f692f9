"""Events in Avro's JSON encoding: the form that Avro's own tools and console producers read.

Source: Apache Avro 1.12 specification, "JSON Encoding"; `org.apache.avro.io.JsonEncoder` 1.12.1.
"""

from __future__ import annotations

import math
from typing import Any, assert_never

from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    JsonValue,
    Map,
    Node,
    Primitive,
    Record,
    Schema,
    Union,
    resolve,
)
from schemareg.codec.lowering import label_of, lower


def json_encoding(event: object, schema: Schema) -> JsonValue:
    """`event` as the JSON value that Avro's JSON decoder reads back with `schema`.

    A union's value is `{"branch": value}` (a full name or a type's name) and null is bare; bytes
    and fixed are text, one character from U+0000 to U+00FF a byte; logical types are what they
    are underneath. A number that is none is `"NaN"`, `"Infinity"` or `"-Infinity"`, as Java has it.

    Raises: EncodeError where `event` does not fit `schema`.
    """
    return _encoded(lower(event, schema), schema.root)


def _encoded(value: Any, node: Node) -> JsonValue:
    """`value` is as `lower` returns it: it fits, and unions are `Branch`."""
    type_ = resolve(node)
    match type_:
        case Primitive():
            return _primitive(value)
        case Fixed():
            return bytes(value).decode("latin-1")
        case Enum():
            return str(value)
        case Array():
            return [_encoded(item, type_.items) for item in value]
        case Map():
            return {key: _encoded(item, type_.values) for key, item in value.items()}
        case Record():
            return {field.name: _encoded(value[field.name], field.type) for field in type_.fields}
        case Union():
            branch = type_.branches[value.index]
            encoded = _encoded(value.value, branch)
            return None if resolve(branch).kind == "null" else {label_of(branch): encoded}
        case _:
            assert_never(type_)


def _primitive(value: Any) -> JsonValue:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    plain: JsonValue = value
    return plain
