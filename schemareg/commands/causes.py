"""What a changed shared type does to the schemas that use it.

A user's file did not change, and yet its schema did. So what is said of it names the shared type
where the cause is, and says it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemareg.avro.canonical import to_text
from schemareg.avro.schema import NameRef, Node, Schema, Union, resolve, walk
from schemareg.compat import Direction, Incompatibility, can_read
from schemareg.compat.hazards.hazard import Hazard
from schemareg.compat.incompatibility import Kind
from schemareg.compat.node_pointers import node_pointers
from schemareg.compat.same_content import Contents
from schemareg.places import Pointer
from schemareg.workspace import ProjectSubject, SchemaFile

_NAMED = ("record", "enum", "fixed")


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """What was found at a shared type itself, in the directions that its own level promises."""

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


def inner_reasons(
    found: Incompatibility, *, reader: Schema, writer: Schema
) -> tuple[Incompatibility, ...]:
    """Why the branch of a union that has the writer's name cannot read it; else nothing.

    Avro only says that the union lacks the type. The paths go on from that of `found`; the
    pointers lead into the branch's own text.
    """
    if found.kind is not Kind.MISSING_UNION_BRANCH:
        return ()
    union = _node_at(reader, found.reader_pointer)
    at = _node_at(writer, found.writer_pointer)
    if not isinstance(union, Union) or at is None:
        return ()
    written = resolve(at)
    for branch in map(resolve, union.branches):
        if branch.kind in _NAMED and _name_of(branch) == _name_of(written):
            reasons = can_read(reader=Schema(branch, {}, ""), writer=Schema(written, {}, ""))
            return tuple(replace(r, path=_below(found.path, r.path)) for r in reasons)
    return ()


def _below(path: str, inner: str) -> str:
    tail = _tail(inner)
    return f"{path}.{tail}" if tail else path


def _tail(path: str) -> str:
    """`path` without the type that it begins with."""
    return path.partition(".")[2]


def _name_of(node: Node) -> str | None:
    return getattr(node, "fullname", None)


def _node_at(schema: Schema, pointer: Pointer) -> Node | None:
    identities = {place: identity for identity, place in node_pointers(schema.root).items()}
    return next((n for n in walk(schema) if id(n) == identities.get(pointer)), None)


def cause(
    subject: ProjectSubject,
    pointer: Pointer,
    direction: Direction,
    reasons: Sequence[Incompatibility],
    shared: Mapping[str, SharedAnswer],
) -> str | None:
    """The full name of the shared type where one of `reasons` was found too; None for none.

    `pointer` is the place in the subject's own text that they were told at.
    """
    for name in _used_at(subject, pointer):
        if name in shared and any(
            known == direction and _is_same(own, reason)
            for known, own in shared[name].incompatibilities
            for reason in reasons
        ):
            return name
    return None


def is_told(
    subject: ProjectSubject,
    pointer: Pointer,
    direction: Direction,
    hazard: Hazard,
    shared: Mapping[str, SharedAnswer],
) -> bool:
    """Whether the same hazard was told at a shared type that is used at `pointer`."""
    return any(
        known == direction and _is_same(own, hazard)
        for name in _used_at(subject, pointer)
        if name in shared
        for known, own in shared[name].hazards
    )


def _is_same(own: Incompatibility | Hazard, user: Incompatibility | Hazard) -> bool:
    """Whether what was found at a shared type and at its user is one thing."""
    if (own.kind, own.message) != (user.kind, user.message):
        return False
    tail = _tail(own.path)
    return not tail or user.path.endswith(f".{tail}")


def _used_at(subject: ProjectSubject, pointer: Pointer) -> Iterator[str]:
    """Full names of the types mentioned at `pointer`, and of those that they use, innermost first.

    Nothing where the text itself stands there: then no other text is the cause.
    """
    at = _node_at(subject.schema, pointer)
    if not isinstance(at, NameRef | Union) or subject.file is None:
        return
    mentioned = {n.fullname for n in walk(Schema(at, {}, "")) if isinstance(n, NameRef)}
    seen: set[str] = set()
    for used in subject.file.uses:
        if used.fullname in mentioned:
            yield from (file.fullname or "" for file in with_used(used, seen))


def with_used(file: SchemaFile, seen: set[str]) -> Iterator[SchemaFile]:
    """`file` after all that it uses, each once; `seen` holds the paths that came before."""
    if file.path in seen:
        return
    seen.add(file.path)
    for used in file.uses:
        yield from with_used(used, seen)
    yield file
