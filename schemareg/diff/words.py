"""Types in a few characters, for people."""

from __future__ import annotations

from typing import assert_never

from schemareg.avro.logical import LogicalType, logical_type
from schemareg.avro.schema import Array, Enum, Fixed, Map, Primitive, Record, Type, Union, resolve


def type_word(type_: Type) -> str:
    """`long`, `array<string>`, `[null, x.Money]`, `decimal(9, 2)`; of a named type its name."""
    match type_:
        case Primitive():
            logical = logical_type(type_)
            return logical_word(logical) or type_.kind if logical else type_.kind
        case Array():
            return f"array<{type_word(resolve(type_.items))}>"
        case Map():
            return f"map<{type_word(resolve(type_.values))}>"
        case Union():
            return "[" + ", ".join(type_word(resolve(branch)) for branch in type_.branches) + "]"
        case Record() | Enum() | Fixed():
            return type_.fullname
        case _:
            assert_never(type_)


def logical_word(type_: LogicalType | None) -> str | None:
    """`decimal(9, 2)` for precision 9 and scale 2, else the logical type's name."""
    if type_ is None or type_.precision is None:
        return type_.name if type_ else None
    return f"{type_.name}({type_.precision}, {type_.scale or 0})"
