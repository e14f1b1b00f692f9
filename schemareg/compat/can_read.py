"""Avro Java's SchemaCompatibility, verdict for verdict.

Source: Avro 1.12.1 and 1.11.5, `org.apache.avro.SchemaCompatibility`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from schemareg.avro.depth import with_room
from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Schema,
    Type,
    Union,
    resolve,
)
from schemareg.compat.incompatibility import (
    Entry,
    Found,
    Incompatibility,
    Kind,
    Nested,
    Place,
    inner_of,
    inside_branches,
    render,
)
from schemareg.errors import ContentError
from schemareg.limits import LIMITS, Budget

# reader kind -> the writer kinds that are promoted to it
_PROMOTIONS = {
    "long": ("int",),
    "float": ("int", "long"),
    "double": ("int", "long", "float"),
    "bytes": ("string",),
    "string": ("bytes",),
}
MOST_REPORTED = 10_000


def can_read(
    *,
    reader: Schema,
    writer: Schema,
    avro_version: str = "1.12",
    budget: Budget | None = None,
) -> Iterator[Incompatibility]:
    """The reasons why `reader` cannot read every datum of `writer`; none when it can.

    Order and multiplicity are Avro Java's. A pair on which Java throws, since a reader field
    matches several writer fields, gives one `AMBIGUOUS_FIELD` alone. `avro_version` only decides
    on `java_location`: before 1.12 a writer's union has no place of its own in it. At most
    `MOST_REPORTED` come: types that use each other can make them double with every level.

    Raises:
        ContentError: the types use each other in cycles too long to follow.
        WorkLimitError: more pairs of types meet than `budget` has steps, or than a comparison may.
    """
    if _is_settled(reader.root, writer.root):
        return iter(())
    try:
        steps = budget or Budget(LIMITS.comparison_steps)
        found = with_room(lambda: _found(reader, writer, steps, is_1_11=avro_version == "1.11"))
    except RecursionError as error:
        raise ContentError(
            "the two schemas reach too many types to be compared",
            advice="split them, or break the cycles in which their types use each other",
        ) from error
    return islice(render(found, reader, writer), MOST_REPORTED)


def _is_settled(reader: Node, writer: Node) -> bool:
    """Whether it is seen at once that nothing is wrong: fields with defaults came, or some went.

    Both at the end, and nothing else: that is how most records change.
    """
    if reader.shape is not None and reader.shape == writer.shape:
        return True
    if not isinstance(reader, Record) or not isinstance(writer, Record):
        return False
    if reader.unsettled or writer.unsettled:
        return False
    if reader.text.startswith(writer.text):
        for field in reader.fields[len(writer.fields) :]:  # noqa: SIM110  # starts faster so
            if field.default is None:
                return False
        return True
    return writer.text.startswith(reader.text)


def _found(reader: Schema, writer: Schema, budget: Budget, *, is_1_11: bool) -> Found:
    checker = _Checker(reader, writer, budget, is_1_11=is_1_11)
    try:
        return checker.compare(reader.root, writer.root, None)
    except _AmbiguousFieldError as ambiguous:
        return ambiguous.found


class _AmbiguousFieldError(Exception):
    """Java gives no verdict; `found` is the one entry about it, with the steps to it."""

    def __init__(self, found: Found) -> None:
        self.found = found


class _Checker:
    """One check. Java's memo is kept as it is: pairs by identity, in progress is compatible.

    Where two types have one shape nothing is looked at: what Java would find and remember there
    is nothing.
    """

    __slots__ = ("is_1_11", "memo", "reader", "spend", "writer")

    def __init__(self, reader: Schema, writer: Schema, budget: Budget, *, is_1_11: bool) -> None:
        self.spend = budget.spend
        self.reader = reader
        self.writer = writer
        self.is_1_11 = is_1_11
        self.memo: dict[tuple[int, int], Found] = {}

    def compare(self, reader_use: Node, writer_use: Node, place: Place | None) -> Found:
        """What is wrong with one pair; of a pair met before, with its first place."""
        if reader_use.shape is not None and reader_use.shape == writer_use.shape:
            return []
        self.spend()
        reader, writer = resolve(reader_use), resolve(writer_use)
        key = id(reader), id(writer)
        found = self.memo.get(key)
        if found is None:
            self.memo[key] = []
            self.memo[key] = found = self.compute(reader, writer, place)
        if found and (reader is not reader_use or writer is not writer_use):
            return self.as_used(found, reader_use, writer_use)
        return found

    def as_used(self, found: Found, reader_use: Node, writer_use: Node) -> Found:
        """`found`, pointed at by the use where the definition is in another text."""
        reader = _foreign(reader_use, self.reader)
        writer = _foreign(writer_use, self.writer)
        if reader is writer is None:
            return found
        return [Nested(None, found, reader_use=reader, writer_use=writer)]

    def compute(self, reader: Type, writer: Type, place: Place | None) -> Found:
        match reader, writer:
            case Record(), Record():
                return [*_names(reader, writer, place), *self.fields(reader, writer, place)]
            case Union(), Union():
                return self.unions(reader, writer, place)
            case Union(), _:
                return self.union_reads(reader, writer, place)
            case _, Union():
                return self.reads_union(reader, writer, place)
            case Primitive(), Primitive():
                if reader.kind == writer.kind or writer.kind in _PROMOTIONS.get(reader.kind, ()):
                    return []
            case Array(), Array():
                return self.inside("[]", reader.items, writer.items, (place, "items"))
            case Map(), Map():
                return self.inside("{}", reader.values, writer.values, (place, "values"))
            case Fixed(), Fixed():
                return [*_names(reader, writer, place), *_sizes(reader, writer, place)]
            case Enum(), Enum():
                return [*_names(reader, writer, place), *_symbols(reader, writer, place)]
            case _:
                pass
        return [Entry(Kind.TYPE_MISMATCH, place, reader, writer)]

    # Loops, not generators, from here on: see `schemareg.avro.depth`.

    def reads_union(self, reader: Type, writer: Union, place: Place | None) -> Found:
        found: list[Entry | Nested] = []
        for i, branch in enumerate(writer.branches):
            here = None if self.is_1_11 else (place, str(i))
            found += self.compare(reader, branch, here)
        return found

    def unions(self, reader: Union, writer: Union, place: Place | None) -> Found:
        found: list[Entry | Nested] = []
        for i, branch in enumerate(writer.branches):
            refused = self.compare(reader, branch, None)
            if refused:
                entry = Entry(Kind.MISSING_UNION_BRANCH, (place, str(i)), reader, branch)
                entry.inner = inside_branches(refused)
                found += self.as_used([entry], reader, branch)
        return found

    def union_reads(self, reader: Union, writer: Type, place: Place | None) -> Found:
        """Nothing where a branch fits; Java starts at the root again and remembers what did not."""
        inner: Found = ()
        for branch in reader.branches:
            refused = self.compare(branch, writer, None)
            if not refused:
                return []
            inner = inner_of(refused, resolve(branch), writer) or inner
        return [Entry(Kind.MISSING_UNION_BRANCH, place, reader, writer, inner=inner)]

    def fields(self, reader: Record, writer: Record, place: Place | None) -> Found:
        found: list[Entry | Nested] = []
        for i in _open_fields(reader, writer):
            field = reader.fields[i]
            here = (place, "fields"), str(i)
            match = self.match(field, reader, writer, here)
            if match is not None:
                found += self.inside(field.name, field.type, match.type, (here, "type"), reader)
            elif field.default is not None:
                continue
            elif _has_enum_default(field):
                # Java goes on with the whole record here, and always fails
                found += self.inside(field.name, field.type, writer, (here, "type"), reader, field)
            else:
                kind = Kind.READER_FIELD_MISSING_DEFAULT_VALUE
                found.append(
                    Nested(field.name, [Entry(kind, here, reader, writer, i)], record=reader)
                )
        return found

    def inside(
        self,
        step: str,
        reader: Node,
        writer: Node,
        place: Place,
        record: Record | None = None,
        absent: Field | None = None,
    ) -> Found:
        """What is wrong one step further in."""
        try:
            found = self.compare(reader, writer, place)
        except _AmbiguousFieldError as ambiguous:
            ambiguous.found = [Nested(step, ambiguous.found, record=record)]
            raise
        return [Nested(step, found, record=record, absent=absent)] if found else found

    def match(self, field: Field, reader: Record, writer: Record, here: Place) -> Field | None:
        """The writer's field that `field` reads, by its name or an alias."""
        direct = writer.positions.get(field.name)
        if not field.aliases:
            return None if direct is None else writer.fields[direct]
        found = [] if direct is None else [direct]
        found += [writer.positions[a] for a in field.aliases if a in writer.positions]
        if len(found) > 1:
            index = reader.positions[field.name]
            entry = Entry(Kind.AMBIGUOUS_FIELD, here, reader, writer, index)
            raise _AmbiguousFieldError([Nested(field.name, [entry], record=reader)])
        return writer.fields[found[0]] if found else None


def _foreign(use: Node, schema: Schema) -> NameRef | None:
    """`use` where the definition that it names is in another text than the schema's own."""
    if isinstance(use, NameRef) and not schema.defines(use.target):
        return use
    return None


def _open_fields(reader: Record, writer: Record) -> Sequence[int]:
    """The positions of the reader's fields that no equal field of the writer settles, in order."""
    settled = set(writer.tokens)
    if reader.unsettled:
        settled.difference_update([reader.tokens[i] for i in reader.unsettled])
    return [i for i, token in enumerate(reader.tokens) if token not in settled]


def _has_enum_default(field: Field) -> bool:
    type_ = resolve(field.type)
    return isinstance(type_, Enum) and type_.default is not None


def _names(reader: NamedType, writer: NamedType, place: Place | None) -> Iterator[Entry]:
    if reader.name != writer.name and writer.fullname not in reader.aliases:
        yield Entry(Kind.NAME_MISMATCH, (place, "name"), reader, writer)


def _sizes(reader: Fixed, writer: Fixed, place: Place | None) -> Iterator[Entry]:
    if reader.size != writer.size:
        yield Entry(Kind.FIXED_SIZE_MISMATCH, (place, "size"), reader, writer)


def _symbols(reader: Enum, writer: Enum, place: Place | None) -> Iterator[Entry]:
    if reader.default is None and not set(reader.symbols).issuperset(writer.symbols):
        yield Entry(Kind.MISSING_ENUM_SYMBOLS, (place, "symbols"), reader, writer)
