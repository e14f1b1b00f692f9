"""What would make a violation compatible, said to an author who knows no Avro internals."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemareg.compat.check import Direction
from schemareg.compat.incompatibility import Incompatibility, Kind
from schemareg.places import Pointer, tokens
from schemareg.subjects import CompatibilityLevel

_TYPES = re.compile(r"reader type: (\w+) not compatible with writer type: (\w+)")
_BRANCH = re.compile(r"reader union lacking writer type: (\w+)")
_SIZES = re.compile(r"expected: (\d+), found: (\d+)")


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence on what would make it compatible, and one on who is upgraded first."""

    fix: str
    upgrade_order: str

    def __str__(self) -> str:
        return f"{self.fix} {self.upgrade_order}"


def advice(
    incompatibility: Incompatibility, *, direction: Direction, level: CompatibilityLevel
) -> Advice:
    """The way out of one incompatibility that was found in `direction` under `level`."""
    fix = (
        _fix_new_reader(incompatibility)
        if direction is Direction.BACKWARD
        else _fix_new_writer(incompatibility, transitive=level.transitive)
    )
    return Advice(fix, upgrade_order(level))


def upgrade_order(level: CompatibilityLevel) -> str:
    """Who has to be upgraded first under `level`, in one sentence.

    Source: Confluent, "Schema Evolution and Compatibility", table of levels.
    """
    if level.backward and level.forward:
        return f"Under {level} consumers and producers may be upgraded in any order."
    if level.backward:
        return f"Under {level} consumers are upgraded before producers."
    if level.forward:
        return f"Under {level} producers are upgraded before consumers."
    return f"Under {level} nothing is promised: consumers and producers have to change together."


def _fix_new_reader(found: Incompatibility) -> str:
    """New consumers cannot read the events that exist."""
    place = _place(found)
    match found.kind:
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE:
            return (
                f"Give {place} a default for the events written without it, or, if it is a field "
                f"renamed, the old name in its aliases."
            )
        case Kind.NAME_MISMATCH:
            return (
                f"Add {_expected(found)} to the aliases of the type at {place}, or take the old "
                f"name back."
            )
        case Kind.FIXED_SIZE_MISMATCH:
            size, _ = _sizes(found)
            return (
                f"Set the size at {place} back to {size}, and carry values of the new size in a "
                f"new field with a default."
            )
        case Kind.MISSING_ENUM_SYMBOLS:
            return (
                f"Put {found.message} back into the symbols at {place}, or give the enum a "
                f"default symbol that stands for what consumers do not know."
            )
        case Kind.MISSING_UNION_BRANCH:
            return (
                f"Keep a branch in the union at {place} that reads the {_branch(found)} of "
                f"existing events, as the old schema has it."
            )
        case Kind.AMBIGUOUS_FIELD:
            return _fix_ambiguous(place)
        case Kind.TYPE_MISMATCH:
            pass
    reader, writer = _types(found)
    if _is_absent_enum(found):
        return (
            f"Give the field {place} itself a default: the enum's own default does not fill a "
            f"field that old events lack."
        )
    if writer == "null":
        return f'Keep "null" in the type of {place}: there are events without a value.'
    return (
        f"Take {writer} back as the type of {place} (or a union of {writer} and {reader}), or put "
        f"the {reader} into a new field with a default."
    )


def _fix_new_writer(found: Incompatibility, *, transitive: bool) -> str:
    """Consumers that are deployed cannot read the events to come."""
    place = _place(found)
    match found.kind:
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE:
            keep = f"Keep the field {place}: deployed consumers need it and have no default for it"
            if transitive:
                return f"{keep}, and under a transitive level that holds for every version."
            return (
                f"{keep}; to drop it, first register a version in which it has a default, upgrade "
                f"the consumers to that, then remove it."
            )
        case Kind.NAME_MISMATCH:
            return (
                f"Keep the old name of the type at {place}: deployed consumers do not know "
                f"{_expected(found)}, and aliases help only the consumer that has them."
            )
        case Kind.FIXED_SIZE_MISMATCH:
            _, size = _sizes(found)
            return (
                f"Keep the size at {place} at {size}, and carry values of the new size in a new "
                f"field with a default."
            )
        case Kind.MISSING_ENUM_SYMBOLS:
            if transitive:
                return (
                    f"Leave {found.message} out of the enum at {place}: a deployed version of it "
                    f"has no default symbol to fall back on; carry the new state in a new field "
                    f"with a default."
                )
            return (
                f"First register a version in which the enum at {place} has a default symbol, "
                f"upgrade the consumers to that, and only then add {found.message}."
            )
        case Kind.MISSING_UNION_BRANCH:
            return (
                f"Do not write {_branch(found)} at {place}: deployed consumers have no branch for "
                f"it; carry it in a new field with a default."
            )
        case Kind.AMBIGUOUS_FIELD:
            return _fix_ambiguous(place)
        case Kind.TYPE_MISMATCH:
            pass
    reader, writer = _types(found)
    if _is_absent_enum(found):
        return (
            f"Keep the field {place}: deployed consumers have no default for it, since the enum's "
            f"own default does not fill an absent field."
        )
    if writer == "null":
        return (
            f"Do not make {place} nullable: deployed consumers cannot read null there; add a new "
            f'field of type ["null", {reader}] with default null.'
        )
    return (
        f"Keep writing {reader} at {place}, which is what deployed consumers read, and put the "
        f"{writer} into a new field with a default."
    )


def _fix_ambiguous(place: str) -> str:
    return (
        f"Remove one of the aliases of {place}: more than one field of the other schema goes by "
        f"its names, so that no reader can tell which to take."
    )


def _place(found: Incompatibility) -> str:
    return found.path or "the top of the schema"


def _expected(found: Incompatibility) -> str:
    return '"' + found.message.removeprefix("expected: ") + '"'


def _types(found: Incompatibility) -> tuple[str, str]:
    match = _TYPES.fullmatch(found.message)
    return (match[1].lower(), match[2].lower()) if match else ("the new type", "the old type")


def _branch(found: Incompatibility) -> str:
    match = _BRANCH.fullmatch(found.message)
    return match[1].lower() if match else "the type"


def _sizes(found: Incompatibility) -> tuple[str, str]:
    match = _SIZES.fullmatch(found.message)
    return (match[1], match[2]) if match else ("the old size", "its size")


def _is_absent_enum(found: Incompatibility) -> bool:
    """An absent field whose enum has a default: Java compares the enum with the whole record."""
    return _types(found) == ("enum", "record") and _depth(found.reader_pointer) > _depth(
        found.writer_pointer
    )


def _depth(pointer: Pointer) -> int:
    return tokens(pointer).count("fields")
