"""The one table of words for incompatibilities: every report renders them from the same facts."""

from __future__ import annotations

import json
from typing import assert_never

from schemareg.avro.schema import Fixed, Type, name_of
from schemareg.compat.check import Direction
from schemareg.compat.incompatibility import Incompatibility, Kind


def direction_clause(direction: Direction) -> str:
    """Who cannot read whom."""
    if direction is Direction.BACKWARD:
        return "new readers cannot read events written before"
    return "deployed readers cannot read new events"


def described(incompatibility: Incompatibility) -> str:
    """What does not fit, in a clause that needs no title."""
    facts = incompatibility.facts
    reader, writer = facts.reader, facts.writer
    match incompatibility.kind:
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE:
            return f"readers have no default for {incompatibility.message}, which is not written"
        case Kind.MISSING_ENUM_SYMBOLS:
            return f"readers have no symbol for {incompatibility.message}"
        case Kind.FIXED_SIZE_MISMATCH:
            return f"{size_of(writer)} bytes are written, readers expect {size_of(reader)}"
        case Kind.NAME_MISMATCH:
            return f"{name_of(writer)} is written, readers know {name_of(reader)}"
        case Kind.TYPE_MISMATCH if incompatibility.is_absent_field:
            return "the field is not written, and the default of its enum does not fill it"
        case Kind.TYPE_MISMATCH:
            return f"{name_of(writer)} is written, which cannot be read as {name_of(reader)}"
        case Kind.MISSING_UNION_BRANCH:
            return f"{name_of(writer)} is written, for which the readers' union has no branch"
        case Kind.AMBIGUOUS_FIELD:
            return incompatibility.message
        case never:
            assert_never(never)


def json_of(type_: Type) -> str:
    """A type as it is spelled in a union: a quoted name, or the kind of what has none."""
    return type_.kind if type_.kind in ("array", "map", "union") else json.dumps(name_of(type_))


def size_of(type_: Type) -> int:
    """The bytes of a fixed; 0 for another type."""
    return type_.size if isinstance(type_, Fixed) else 0
