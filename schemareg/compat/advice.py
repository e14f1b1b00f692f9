"""What would make an incompatible change compatible, for an author who knows no Avro internals."""

from __future__ import annotations

from schemareg.avro.schema import name_of
from schemareg.compat.check import Direction
from schemareg.compat.incompatibility import Incompatibility, Kind
from schemareg.compat.words import json_of, size_of
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import CompatibilityLevel


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
    """The advice for one incompatibility in `direction` under `level`."""
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


def _fix_new_reader(incompatibility: Incompatibility) -> str:
    """New consumers cannot read the events that exist."""
    place = _place(incompatibility)
    reader, writer = incompatibility.facts.reader, incompatibility.facts.writer
    match incompatibility.kind:
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE:
            return (
                f"Give {place} a default for the events written without it, or, if it is a field "
                f"renamed, the old name in its aliases."
            )
        case Kind.NAME_MISMATCH:
            return (
                f'Add "{name_of(writer)}" to the aliases of the type at {place}, or take the old '
                f"name back."
            )
        case Kind.FIXED_SIZE_MISMATCH:
            return (
                f"Set the size at {place} back to {size_of(writer)}, and carry values of the new "
                f"size in a new field with a default."
            )
        case Kind.MISSING_ENUM_SYMBOLS:
            return (
                f"Put {_symbols(incompatibility)} back into the symbols at {place}, or give the "
                f"enum a default symbol that represents what consumers do not know."
            )
        case Kind.MISSING_UNION_BRANCH:
            return (
                f"Keep a branch in the union at {place} that reads the {name_of(writer)} of "
                f"existing events, as the old schema has it."
            )
        case Kind.AMBIGUOUS_FIELD:
            return _fix_ambiguous(place)
        case Kind.TYPE_MISMATCH:
            pass
    if incompatibility.is_absent_field:
        return (
            f"Give the field {place} itself a default: the enum's own default does not fill a "
            f"field that old events lack."
        )
    if writer.kind == "null":
        return f'Keep "null" in the type of {place}: there are events without a value.'
    return (
        f"Take {name_of(writer)} back as the type of {place} (or a union of {name_of(writer)} and "
        f"{name_of(reader)}), or put the {name_of(reader)} into a new field with a default."
    )


def _fix_new_writer(incompatibility: Incompatibility, *, transitive: bool) -> str:
    """Consumers that are deployed cannot read the events to come."""
    place = _place(incompatibility)
    reader, writer = incompatibility.facts.reader, incompatibility.facts.writer
    match incompatibility.kind:
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
                f'"{name_of(writer)}", and aliases help only the consumer that has them.'
            )
        case Kind.FIXED_SIZE_MISMATCH:
            return (
                f"Keep the size at {place} at {size_of(reader)}, and carry values of the new size "
                f"in a new field with a default."
            )
        case Kind.MISSING_ENUM_SYMBOLS:
            if transitive:
                return (
                    f"Leave {_symbols(incompatibility)} out of the enum at {place}: a deployed "
                    f"version of it has no default symbol to fall back on; carry the new state in "
                    f"a new field with a default."
                )
            return (
                f"First register a version in which the enum at {place} has a default symbol, "
                f"upgrade the consumers to that, and only then add {_symbols(incompatibility)}."
            )
        case Kind.MISSING_UNION_BRANCH:
            return (
                f"Do not write {name_of(writer)} at {place}: deployed consumers have no branch for "
                f"it; carry it in a new field with a default."
            )
        case Kind.AMBIGUOUS_FIELD:
            return _fix_ambiguous(place)
        case Kind.TYPE_MISMATCH:
            pass
    if incompatibility.is_absent_field:
        return (
            f"Keep the field {place}: deployed consumers have no default for it, since the enum's "
            f"own default does not fill an absent field."
        )
    if writer.kind == "null":
        return (
            f"Do not make {place} nullable: deployed consumers cannot read null there; add a new "
            f'field of type ["null", {json_of(reader)}] with default null.'
        )
    return (
        f"Keep writing {name_of(reader)} at {place}, which is what deployed consumers read, and "
        f"put the {name_of(writer)} into a new field with a default."
    )


def _fix_ambiguous(place: str) -> str:
    return (
        f"Remove one of the aliases of {place}: more than one field of the other schema goes by "
        f"its names, so that no reader knows which to take."
    )


def _place(incompatibility: Incompatibility) -> str:
    return incompatibility.path or "the top of the schema"


def _symbols(incompatibility: Incompatibility) -> str:
    return f"[{', '.join(incompatibility.missing_symbols)}]"
