"""Incompatibilities: Java's kinds, what is known about each, and the text that is made of it.

Attempts at the branches of a union make many that nobody sees, and one pair of types may be met
in many places; so a comparison yields a tree that shares its parts, whose entries hold nodes.
`render` makes an `Incompatibility` of an entry when somebody wants it. That one holds the nodes,
so that advice, proofs and reports need no second look at the schemas, and none at a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from itertools import islice
from typing import ClassVar, NamedTuple

from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    NameRef,
    Node,
    Record,
    Schema,
    Type,
    resolve,
)
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Pointer, child

MOST_INNER_REASONS = 100


class Kind(StrEnum):
    """Avro Java's six kinds of incompatibility, and the pair on which it gives no verdict.

    Source: `org.apache.avro.SchemaCompatibility.SchemaIncompatibilityType`.
    """

    NAME_MISMATCH = "NAME_MISMATCH"
    FIXED_SIZE_MISMATCH = "FIXED_SIZE_MISMATCH"
    MISSING_ENUM_SYMBOLS = "MISSING_ENUM_SYMBOLS"
    READER_FIELD_MISSING_DEFAULT_VALUE = "READER_FIELD_MISSING_DEFAULT_VALUE"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    MISSING_UNION_BRANCH = "MISSING_UNION_BRANCH"
    AMBIGUOUS_FIELD = "AMBIGUOUS_FIELD"


# A Java location: the place above and the last token; None is the root.
Place = tuple["Place | None", str]

_ATTRIBUTES: Mapping[Kind, tuple[str, ...]] = {
    Kind.NAME_MISMATCH: ("name",),
    Kind.FIXED_SIZE_MISMATCH: ("size",),
    Kind.MISSING_ENUM_SYMBOLS: ("symbols",),
}


class Entry:
    """One incompatibility between two types, as the comparison meets it.

    `writer` is the type as used: a branch of a union may be a name. `place` is Java's; `field` is
    the position of the reader's field where it is about one.
    `inner` is why the branch of the reader's union that the writer's type belongs to cannot read
    it, where the union has such a branch.
    """

    __slots__ = ("field", "inner", "kind", "place", "reader", "writer")

    def __init__(
        self,
        kind: Kind,
        place: Place | None,
        reader: Type,
        writer: Node,
        field: int | None = None,
        inner: Found = (),
    ) -> None:
        self.kind = kind
        self.place = place
        self.reader = reader
        self.writer = writer
        self.field = field
        self.inner = inner


class Nested:
    """Incompatibilities one step further in: in a field, items, values, or a referenced schema.

    `reader_use` and `writer_use` are the uses to point at where the types themselves are in
    other texts; the outermost counts. `record` is the reader's record where the step is a field,
    `absent` that field where the writer has none and Java compares its type all the same.
    """

    __slots__ = ("absent", "found", "reader_use", "record", "step", "writer_use")

    def __init__(
        self,
        step: str | None,
        found: Found,
        *,
        reader_use: NameRef | None = None,
        writer_use: NameRef | None = None,
        record: Record | None = None,
        absent: Field | None = None,
    ) -> None:
        self.step = step
        self.found = found
        self.reader_use = reader_use
        self.writer_use = writer_use
        self.record = record
        self.absent = absent


Found = list["Entry | Nested"] | tuple["Entry | Nested", ...]


class _Trail(NamedTuple):
    """How an entry was reached: the path for people, and what was passed on the way."""

    path: str
    reader_uses: tuple[NameRef, ...] = ()
    writer_uses: tuple[NameRef, ...] = ()
    record: Record | None = None
    absent: Field | None = None

    def within(self, nested: Nested) -> _Trail:
        reader_use, writer_use = nested.reader_use, nested.writer_use
        return _Trail(
            _extended(self.path, nested.step),
            self.reader_uses if reader_use is None else (*self.reader_uses, reader_use),
            self.writer_uses if writer_use is None else (*self.writer_uses, writer_use),
            nested.record or self.record,
            nested.absent,
        )


class _Schemas(NamedTuple):
    """The two schemas that were compared, whose texts the pointers are of."""

    reader: Schema
    writer: Schema


@dataclass(frozen=True, slots=True)
class Facts:
    """What the comparison knew when it met an incompatibility.

    `reader` and `writer` are the two types; `record` is the innermost record of the reader on the
    way there, `field` its field that the incompatibility is about (one that the writer lacks, or
    that several of the writer's match). `reader_uses` and `writer_uses` are full names of the
    types of other texts on the way, outermost first: the last is where the cause is.
    """

    reader: Type
    writer: Type
    record: Record | None
    field: Field | None
    reader_uses: tuple[str, ...]
    writer_uses: tuple[str, ...]
    entry: Entry
    trail: _Trail
    schemas: _Schemas


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """One reason why `reader` cannot read what `writer` wrote.

    `message` is Avro Java's text. `reader_pointer` and `writer_pointer` are pointers into the two
    texts; what is in a referenced schema is pointed at by the use of it. `java_location` is the
    location that Avro Java reports (`/` is its root), `path` the dotted way a person would name
    the place: record, then fields, `[]` for items, `{}` for map values. All of these are rendered
    from `facts`.
    """

    json_members: ClassVar = (
        "kind", "message", "reader_pointer", "writer_pointer", "java_location", "path",
    )  # fmt: skip

    kind: Kind
    message: str
    java_location: str
    path: str
    facts: Facts = field(repr=False, compare=False)

    @property
    def reader_pointer(self) -> Pointer:
        """Where it is in the reader's text."""
        facts = self.facts
        entry, schema = facts.entry, facts.schemas.reader
        if facts.trail.reader_uses:
            return schema.pointer(facts.trail.reader_uses[0])
        pointer = schema.pointer(entry.reader)
        if entry.field is not None:
            return child(pointer, "fields", entry.field)
        return child(pointer, *_ATTRIBUTES.get(entry.kind, ()))

    @property
    def writer_pointer(self) -> Pointer:
        """Where it is in the writer's text."""
        facts = self.facts
        entry, schema = facts.entry, facts.schemas.writer
        if facts.trail.writer_uses:
            return schema.pointer(facts.trail.writer_uses[0])
        return child(schema.pointer(entry.writer), *_ATTRIBUTES.get(entry.kind, ()))

    @property
    def missing_symbols(self) -> tuple[str, ...]:
        """The writer's symbols that the reader's enum lacks, in Java's order of texts."""
        return _missing_symbols(self.facts.reader, self.facts.writer)

    @property
    def is_absent_field(self) -> bool:
        """A field that the writer lacks and whose type Java compares with the whole record."""
        return self.kind is Kind.TYPE_MISMATCH and self.facts.field is not None

    def inner_reasons(self) -> Iterator[Incompatibility]:
        """Why the branch that the writer's type belongs to cannot read it; else nothing.

        Avro only reports that the union lacks the type. At most `MOST_INNER_REASONS` come.
        """
        facts = self.facts
        rendered = _rendered(facts.entry.inner, facts.trail, facts.schemas)
        return islice(rendered, MOST_INNER_REASONS)

    def reasons(self) -> Iterator[Incompatibility]:
        """The innermost reasons, the incompatibility itself where there are none inside it."""
        waiting = [self]
        count = 0
        while waiting and count < MOST_INNER_REASONS:
            reason = waiting.pop()
            inner = tuple(reason.inner_reasons())
            if inner:
                waiting.extend(reversed(inner))
            else:
                count += 1
                yield reason


def render(found: Found, reader: Schema, writer: Schema) -> Iterator[Incompatibility]:
    """The entries of `found` with their texts and places, in order."""
    return _rendered(found, _Trail(_name(reader.root)), _Schemas(reader, writer))


def inner_of(found: Found, reader: Type, writer: Type) -> Found:
    """`found` where it is why the branch `reader` of a union cannot read `writer`.

    A branch of the writer's own name counts, and the array or map where the writer has one.
    """
    match reader, writer:
        case Record() | Enum() | Fixed(), Record() | Enum() | Fixed():
            return found if reader.fullname == writer.fullname else ()
        case (Array(), Array()) | (Map(), Map()):
            return found
        case _:
            return ()


def inside_branches(found: Found) -> Found:
    """What is inside the entries of `found`, with the steps to them."""
    inner: list[Entry | Nested] = []
    for part in found:
        if isinstance(part, Entry):
            inner += part.inner
        elif within := inside_branches(part.found):
            nested = Nested(part.step, within, record=part.record)
            nested.reader_use, nested.writer_use = part.reader_use, part.writer_use
            inner.append(nested)
    return inner


def _rendered(found: Found, trail: _Trail, schemas: _Schemas) -> Iterator[Incompatibility]:
    stack = [(part, trail) for part in reversed(found)]
    while stack:
        part, at = stack.pop()
        if isinstance(part, Nested):
            within = at.within(part)
            stack.extend((inner, within) for inner in reversed(part.found))
        else:
            yield _incompatibility(part, at, schemas)


def _incompatibility(entry: Entry, trail: _Trail, schemas: _Schemas) -> Incompatibility:
    record, about = trail.record, trail.absent
    if entry.field is not None and isinstance(entry.reader, Record):
        record, about = entry.reader, entry.reader.fields[entry.field]
    return Incompatibility(
        entry.kind,
        _message(entry),
        _java_location(entry.place),
        trail.path,
        Facts(
            entry.reader,
            resolve(entry.writer),
            record,
            about,
            tuple(use.fullname for use in trail.reader_uses),
            tuple(use.fullname for use in trail.writer_uses),
            entry,
            trail,
            schemas,
        ),
    )


def _extended(path: str, step: str | None) -> str:
    if step is None:
        return path
    return f"{path}{step}" if step in ("[]", "{}") or not path else f"{path}.{step}"


def _name(root: Node) -> str:
    type_ = resolve(root)
    return type_.name if isinstance(type_, Record | Enum | Fixed) else ""


def _message(entry: Entry) -> str:
    """Avro Java's text."""
    reader, writer = entry.reader, resolve(entry.writer)
    match entry.kind, reader, writer:
        case Kind.NAME_MISMATCH, _, Record() | Enum() | Fixed():
            return f"expected: {writer.fullname}"
        case Kind.FIXED_SIZE_MISMATCH, Fixed(), Fixed():
            return f"expected: {writer.size}, found: {reader.size}"
        case Kind.MISSING_ENUM_SYMBOLS, Enum(), Enum():
            return f"[{', '.join(_missing_symbols(reader, writer))}]"
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE, Record(), _ if entry.field is not None:
            return reader.fields[entry.field].name
        case Kind.AMBIGUOUS_FIELD, Record(), Record() if entry.field is not None:
            field = reader.fields[entry.field]
            names = [n for n in (field.name, *field.aliases) if n in writer.positions]
            return (
                f"Reader record field {field.name} matches multiple fields in writer record"
                f" schema {writer.fullname}: {', '.join(names)}"
            )
        case Kind.MISSING_UNION_BRANCH, _, _:
            return f"reader union lacking writer type: {writer.kind.upper()}"
        case _:
            return (
                f"reader type: {reader.kind.upper()}"
                f" not compatible with writer type: {writer.kind.upper()}"
            )


def _missing_symbols(reader: Type, writer: Type) -> tuple[str, ...]:
    if not isinstance(reader, Enum) or not isinstance(writer, Enum):
        return ()
    # Java orders strings by their 16-bit characters
    missing = set(writer.symbols).difference(reader.symbols)
    return tuple(sorted(missing, key=lambda s: s.encode("utf-16-be", "surrogatepass")))


def _java_location(place: Place | None) -> str:
    tokens: list[str] = []
    while place is not None:
        place, token = place
        tokens.append(token)
    return "/" + "/".join(reversed(tokens))
