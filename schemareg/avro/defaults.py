"""Does this JSON value fit this type as a field's default?

Source: Avro 1.12.1 and 1.11.5, `Schema.isValidDefault`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Union,
)

_INT = range(-(2**31), 2**31)
_LONG = range(-(2**63), 2**63)
_JAVA_DOUBLE = re.compile(
    r"[\x00-\x20]*([+-]?)(?:(NaN)|(Infinity)|"
    r"((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?|"
    r"(0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?)[\x00-\x20]*"
)


IsUnfinished = Callable[[Record], bool]


class NotYetDefinedError(Exception):
    """A default reaches into a record that is still being defined; Avro Java throws there."""


def is_unfinished(type_: NamedType) -> bool:
    """Whether `type_` is a record whose closing brace has not been read."""
    return isinstance(type_, Record) and not hasattr(type_, "positions")


def java_double(text: str) -> float | None:
    """`text` as `Double.parseDouble` reads it; None where that throws."""
    match = _JAVA_DOUBLE.fullmatch(text)
    if match is None:
        return None
    sign, nan, infinity, decimal, hexadecimal = match.groups()
    if nan:
        return float("nan")
    if infinity:
        magnitude = float("inf")
    elif decimal:
        magnitude = float(decimal)
    else:
        try:
            magnitude = float.fromhex(hexadecimal)
        except OverflowError:
            magnitude = float("inf")
    return -magnitude if sign == "-" else magnitude


def fits(value: JsonValue, node: Node, *, first_branch: bool, unfinished: IsUnfinished) -> bool:
    """Whether Avro Java accepts `value` as a default of type `node`.

    With `first_branch` a union's default must fit its first branch (Avro 1.11), else any.
    `unfinished` tells of a record whether its fields are not known yet.

    Raises:
        NotYetDefinedError: the answer needs the fields of an unfinished record.
    """
    if type(node) is NameRef:
        if not hasattr(node, "target"):
            # to Avro 1.12 a name that is not defined yet is a record without fields
            return isinstance(value, dict)
        node = node.target
    match node:
        case Primitive():
            return _fits_primitive(value, node.kind)
        case Enum() | Fixed():
            return isinstance(value, str)
        case Array():
            return isinstance(value, list) and all(
                fits(v, node.items, first_branch=first_branch, unfinished=unfinished) for v in value
            )
        case Map():
            return isinstance(value, dict) and all(
                fits(v, node.values, first_branch=first_branch, unfinished=unfinished)
                for v in value.values()
            )
        case Union():
            branches = node.branches[:1] if first_branch else node.branches
            return any(
                fits(value, branch, first_branch=first_branch, unfinished=unfinished)
                for branch in branches
            )
        case Record():
            return _fits_record(value, node, first_branch=first_branch, unfinished=unfinished)
        case _:
            return False


def _fits_primitive(value: JsonValue, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "int":
            return type(value) is int and value in _INT
        case "long":
            return type(value) is int and value in _LONG
        case "float" | "double":
            return type(value) is int or type(value) is float
        case _:
            return isinstance(value, str)


def _fits_record(
    value: JsonValue, record: Record, *, first_branch: bool, unfinished: IsUnfinished
) -> bool:
    if not isinstance(value, dict):
        return False
    if unfinished(record):
        raise NotYetDefinedError
    for field in record.fields:
        if field.name in value:
            given = value[field.name]
        elif field.default is not None:
            given = field.default.value
        else:
            return False
        if not fits(given, field.type, first_branch=first_branch, unfinished=unfinished):
            return False
    return True
