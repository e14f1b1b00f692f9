"""Fields that look renamed: each of two records lacks one that the other has, of the same type."""

from __future__ import annotations

from typing import NamedTuple

from schemareg.avro.schema import resolve
from schemareg.compat.check import Direction
from schemareg.compat.incompatibility import Incompatibility, Kind


class Half(NamedTuple):
    """A field that only one of two records has; the records are known by their identity."""

    direction: Direction
    record: int
    writer: int
    shape: str

    def other(self) -> Half:
        """What a field of the same type that only the other record has would be."""
        backward = self.direction is Direction.BACKWARD
        direction = Direction.FORWARD if backward else Direction.BACKWARD
        return Half(direction, self.writer, self.record, self.shape)


def half(direction: Direction, incompatibility: Incompatibility) -> Half | None:
    """The half of a rename that `incompatibility` can be."""
    facts = incompatibility.facts
    is_missing = incompatibility.kind is Kind.READER_FIELD_MISSING_DEFAULT_VALUE
    shape = resolve(facts.field.type).shape if is_missing and facts.field else None
    return Half(direction, id(facts.record), id(facts.writer), shape) if shape else None
