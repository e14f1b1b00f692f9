"""What a changed shared type does to the schemas that use it.

A user's file did not change, and yet its schema did. So what is reported about it names the
shared type where the cause is, and the whole is reported once, there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemareg.avro.canonical import to_text
from schemareg.avro.schema import Node, Schema
from schemareg.compat.check import Direction
from schemareg.compat.hazard import Hazard
from schemareg.compat.incompatibility import Incompatibility
from schemareg.compat.same_content import Contents
from schemareg.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SharedCheck:
    """What was reported at the shared type `name`, in the directions that its level promises."""

    name: str
    incompatibilities: tuple[tuple[Direction, Incompatibility], ...]
    hazards: tuple[tuple[Direction, Hazard], ...]


def registered_contents() -> Contents:
    """What makes a version: the registry's spelling, and that of everything referred to."""
    return Contents(to_text)


def changed_references(new: Schema, latest: Schema, contents: Contents) -> tuple[str, ...]:
    """Full names of the types that `new` refers to directly and that are not as in `latest`."""
    before, after = (_by_name(schema.references, contents) for schema in (latest, new))
    return tuple(name for name in sorted(after) if name in before and after[name] != before[name])


def _by_name(references: Iterable[Schema], contents: Contents) -> Mapping[str, int]:
    return {
        name: contents.number(schema)
        for schema in references
        for name, type_ in schema.names.items()
        if type_ is schema.root
    }


def cause(
    reason: Incompatibility,
    direction: Direction,
    shared: Mapping[str, SharedCheck],
    own: str = "",
) -> str | None:
    """The full name of the shared type where the same was reported, the innermost; else None.

    `shared` has each under its full name and under those of the types inside it. `own` is the type
    that the subject holds itself, where that is a shared one.
    """
    facts = reason.facts
    uses = facts.reader_uses if direction is Direction.BACKWARD else facts.writer_uses
    for name in (*reversed(uses), own):
        if name in shared and any(
            known is direction and _is_same(reported, reason)
            for known, reported in shared[name].incompatibilities
        ):
            return shared[name].name
    return None


def is_reported(
    hazard: Hazard,
    direction: Direction,
    shared: Mapping[str, SharedCheck],
    own: str = "",
) -> bool:
    """Whether the same hazard was reported at a shared type on the way to it, or at `own`."""
    uses = hazard.reader_uses if direction is Direction.BACKWARD else hazard.writer_uses
    return any(
        known is direction and _is_same(reported, hazard)
        for name in (*uses, own)
        if name in shared
        for known, reported in shared[name].hazards
    )


def _is_same(own: Incompatibility | Hazard, user: Incompatibility | Hazard) -> bool:
    """Whether what was reported at a shared type and at its user is one thing.

    It is about the same two nodes, or the user's path goes on, behind the use, as the type's own
    does behind its name; that of a union of types begins there.
    """
    if (own.kind, own.message) != (user.kind, user.message):
        return False
    if all(one is other for one, other in zip(_nodes(own), _nodes(user), strict=True)):
        return True
    tail = own.path.partition(".")[2]
    return not tail or f".{user.path}".endswith(f".{tail}")


def _nodes(reported: Incompatibility | Hazard) -> tuple[Node, Node]:
    if isinstance(reported, Hazard):
        return reported.reader.node, reported.writer.node
    return reported.facts.reader, reported.facts.writer
