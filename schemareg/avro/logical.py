"""The logical type of a node: only a valid one, as Avro Java ignores the others.

Source: Avro 1.12 specification, "Logical Types"; `org.apache.avro.LogicalTypes` 1.12.1.
"""

from __future__ import annotations

import math

from schemareg.avro.schema import Fixed, JsonValue, Node, Primitive, Props, resolve
from schemareg.integers import INT, INT_MAX
from schemareg.lazy_dataclass import dataclass

# logical type -> the primitive that carries it
_CARRIERS = {
    "date": "int",
    "time-millis": "int",
    "time-micros": "long",
    "timestamp-millis": "long",
    "timestamp-micros": "long",
    "timestamp-nanos": "long",
    "local-timestamp-millis": "long",
    "local-timestamp-micros": "long",
    "local-timestamp-nanos": "long",
}
# properties beside which Avro Java takes no logical type
_JAVA_CLASSES = ("avro.java.string", "java-class", "java-key-class", "java-element-class")
_UUID_BYTES = 16
_DURATION_BYTES = 12


@dataclass(frozen=True, slots=True)
class LogicalType:
    """A valid logical type; `precision` and `scale` (digits) are a decimal's, else None."""

    name: str
    precision: int | None = None
    scale: int | None = None


def logical_type(node: Node) -> LogicalType | None:
    """The valid logical type of a primitive or fixed; None where there is none or it is invalid.

    `big-decimal` counts as none: its bytes are Avro Java's own.
    """
    type_ = resolve(node)
    if not isinstance(type_, Primitive | Fixed) or not type_.props:
        return None
    name = type_.props.get("logicalType")
    if not isinstance(name, str) or any(isinstance(type_.props.get(c), str) for c in _JAVA_CLASSES):
        return None
    if name == "decimal":
        return _decimal(type_)
    size = type_.size if isinstance(type_, Fixed) else None
    if name == "uuid":
        valid = type_.kind == "string" or size == _UUID_BYTES
    elif name == "duration":
        valid = size == _DURATION_BYTES
    else:
        valid = _CARRIERS.get(name) == type_.kind
    return LogicalType(name) if valid else None


def max_decimal_precision(size_bytes: int) -> int:
    """The most decimal digits that every fixed of `size_bytes` holds."""
    return math.floor(math.log10(2) * (8 * size_bytes - 1))


def _decimal(type_: Primitive | Fixed) -> LogicalType | None:
    precision = _digits(type_.props, "precision")
    scale = _digits(type_.props, "scale") if "scale" in type_.props else 0
    if precision is None or scale is None:
        return None
    if isinstance(type_, Fixed):
        most = max_decimal_precision(type_.size)
    else:
        most = INT_MAX if type_.kind == "bytes" else 0
    if not 0 < precision <= most or not 0 <= scale <= precision:
        return None
    return LogicalType("decimal", precision, scale)


def _digits(props: Props, key: str) -> int | None:
    value: JsonValue = props.get(key)
    return value if type(value) is int and value in INT else None
