"""Compare a new schema with its history, in the directions that its level promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from schemareg.avro.schema import Schema
from schemareg.compat.can_read import can_read
from schemareg.compat.incompatibility import Incompatibility
from schemareg.compat.same_content import Contents
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import CompatibilityLevel, Version


class Direction(StrEnum):
    """Who reads whom."""

    BACKWARD = "BACKWARD"
    """A reader with the new schema reads what the old one wrote."""
    FORWARD = "FORWARD"
    """A reader with the old schema reads what the new one writes."""


@dataclass(frozen=True, slots=True)
class Clash:
    """The incompatibilities of a new schema with `version` in one direction; never empty."""

    version: Version
    direction: Direction
    incompatibilities: tuple[Incompatibility, ...]


def check(
    new: Schema,
    history: Sequence[tuple[Version, Schema]],
    level: CompatibilityLevel,
    *,
    groups: Mapping[Version, str | None] | None = None,
    group: str | None = None,
) -> Iterator[Clash]:
    """Every clash of `new` with `history` (oldest first) that `level` forbids, newest first.

    Where Confluent stops at the first version that fails, all come; within a version FORWARD
    comes before BACKWARD, as Confluent orders the halves of FULL. With `groups` only versions
    of the new schema's `group` count: "latest" is the latest among them.

    Source: Confluent, "Schema Evolution and Compatibility", "Compatibility groups".
    """
    versions = [
        (version, schema)
        for version, schema in history
        if groups is None or groups.get(version) == group
    ]
    if not level.transitive:
        versions = versions[-1:]
    known: dict[tuple[Direction, int], tuple[Incompatibility, ...]] = {}
    contents = Contents()  # of one content every verdict is the same
    for version, old in reversed(versions):
        if old.root.shape is not None and old.root.shape == new.root.shape:
            continue  # each reads the other, and telling so by shape costs nothing
        content = contents.number(old)
        for direction in _directions(level):
            found = known.get((direction, content))
            if found is None:
                found = tuple(
                    can_read(reader=new, writer=old)
                    if direction is Direction.BACKWARD
                    else can_read(reader=old, writer=new)
                )
                known[direction, content] = found
            if found:
                yield Clash(version, direction, found)


def _directions(level: CompatibilityLevel) -> Iterator[Direction]:
    if level.forward:
        yield Direction.FORWARD
    if level.backward:
        yield Direction.BACKWARD
