"""The plain value of a default of a field.

Source: Apache Avro 1.12 specification, "Complex Types" (the table of field defaults).
"""

from __future__ import annotations

import struct

from schemareg.avro.binary.values import (
    Plain,
    RefusedError,
    label,
)
from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    Node,
    Primitive,
    Record,
    Type,
    Union,
    resolve,
)
from schemareg.errors import DecodeError
from schemareg.integers import INT_MAX, INT_MIN, LONG_MAX, LONG_MIN


def default_value(node: Node, default: JsonValue) -> Plain:
    """The plain value of a field's default; in a union by the first branch that it fits.

    Raises:
        DecodeError: it fits no type here, which a parse that validates defaults refuses.
    """
    try:
        return plain_default(resolve(node), default)
    except RefusedError as refused:
        raise DecodeError(refused.render(label(resolve(node)))) from None


def plain_default(type_: Type, default: JsonValue) -> Plain:
    match type_, default:
        case Primitive(kind="null"), None:
            return None
        case Primitive(kind="boolean"), bool():
            return default
        case Primitive(kind="int" | "long"), int() if not isinstance(default, bool):
            low, high = (INT_MIN, INT_MAX) if type_.kind == "int" else (LONG_MIN, LONG_MAX)
            if low <= default <= high:
                return default
        case Primitive(kind="float" | "double"), int() | float() | str() if not isinstance(
            default, bool
        ):
            return _default_number(type_.kind, default)
        case Primitive(kind="string"), str():
            return default
        case Enum(), str() if default in type_.symbols:
            return default
        case Primitive(kind="bytes"), str():
            return _default_bytes(default)
        case Fixed(), str():
            # no parser checks the length; Java cuts what is too long and fills up with zeros
            return _default_bytes(default)[: type_.size].ljust(type_.size, b"\0")
        case Array(), list():
            return [plain_default(resolve(type_.items), item) for item in default]
        case Map(), dict():
            return {
                key: plain_default(resolve(type_.values), item) for key, item in default.items()
            }
        case Record(), dict():
            return {field.name: _default_field(field, default) for field in type_.fields}
        case Union(), _:
            for node in type_.branches:
                if is_text_of_number(node, default):
                    continue
                try:
                    return plain_default(resolve(node), default)
                except RefusedError:
                    continue
    raise RefusedError(f"the default {default!r} does not fit {label(type_)}")


def is_text_of_number(branch: Node, default: JsonValue) -> bool:
    """Whether `branch` of a union takes `default` only outside of one: "NaN" is no float there."""
    return isinstance(default, str) and resolve(branch).kind in ("float", "double")


def _default_field(field: Field, default: dict[str, JsonValue]) -> Plain:
    if field.name in default:
        return plain_default(resolve(field.type), default[field.name])
    if field.default is None:
        raise RefusedError(f"the default has no value for the field {field.name!r}")
    return plain_default(resolve(field.type), field.default.value)


def _default_bytes(default: str) -> bytes:
    """A byte for each character, which is its ISO-8859-1 code; `?` for one that has none."""
    return default.encode("latin-1", errors="replace")


def _default_number(kind: str, default: int | float | str) -> float:
    try:
        number = float(default)
        if kind == "float":
            number = struct.unpack("<f", struct.pack("<f", number))[0]
    except (ValueError, OverflowError):
        raise RefusedError(f"the default {default!r} does not fit {kind}") from None
    return number
