"""Avro Java's SchemaCompatibility, verdict for verdict.

Source: Avro 1.12.1 and 1.11.5, `org.apache.avro.SchemaCompatibility`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemareg.avro import shape
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
)
from schemareg.compat.entry import Entry, Place, told
from schemareg.compat.model import Incompatibility, Kind

# reader kind -> the writer kinds that are promoted to it
_PROMOTIONS = {
    "long": ("int",),
    "float": ("int", "long"),
    "double": ("int", "long", "float"),
    "bytes": ("string",),
    "string": ("bytes",),
}
_NAMED = (Record, Enum, Fixed)


def can_read(
    *, reader: Schema, writer: Schema, avro_version: str = "1.12"
) -> Iterator[Incompatibility]:
    """Why `reader` cannot read every datum of `writer`: nothing when it can.

    Order and multiplicity are Avro Java's. A pair on which Java throws, since a reader field
    matches several writer fields, gives one `AMBIGUOUS_FIELD` alone. `avro_version` only decides
    on `java_location`: before 1.12 a writer's union has no place of its own in it.
    """
    if _is_settled(reader.root, writer.root):
        return iter(())
    entries = with_room(lambda: _entries(reader, writer, is_1_11=avro_version == "1.11"))
    return told(entries, reader, writer)


def _is_settled(reader: Node, writer: Node) -> bool:
    """Whether it is seen at once that nothing can be wrong: all that is new has a default."""
    if reader.shape is not None and reader.shape == writer.shape:
        return True
    if not (isinstance(reader, Record) and isinstance(writer, Record)):
        return False
    if reader.name != writer.name or reader.unsettled:
        return False
    for token in reader.tokens - writer.tokens:
        position = shape.position(token, reader)
        field = reader.fields[position]
        if field.default is None or field.name in writer.positions:
            return False
    return True


def _entries(reader: Schema, writer: Schema, *, is_1_11: bool) -> list[Entry]:
    try:
        return _Checker(reader, writer, is_1_11=is_1_11).compare(reader.root, writer.root, None)
    except _AmbiguousFieldError as ambiguous:
        return [ambiguous.entry]


class _AmbiguousFieldError(Exception):
    def __init__(self, entry: Entry) -> None:
        self.entry = entry


class _Checker:
    """One check. Java's memo is kept as it is: pairs by identity, in progress is compatible.

    Where two types have one shape nothing is looked at: what Java would find and remember there
    is nothing.
    """

    __slots__ = ("is_1_11", "memo", "reader", "writer")

    def __init__(self, reader: Schema, writer: Schema, *, is_1_11: bool) -> None:
        self.reader = reader
        self.writer = writer
        self.is_1_11 = is_1_11
        self.memo: dict[tuple[int, int], list[Entry]] = {}

    def compare(self, reader_use: Node, writer_use: Node, place: Place | None) -> list[Entry]:
        """The entries of one pair; those of a pair met before keep their first place."""
        if reader_use.shape is not None and reader_use.shape == writer_use.shape:
            return []
        reader = reader_use.target if isinstance(reader_use, NameRef) else reader_use
        writer = writer_use.target if isinstance(writer_use, NameRef) else writer_use
        key = id(reader), id(writer)
        entries = self.memo.get(key)
        if entries is None:
            self.memo[key] = []
            self.memo[key] = entries = self.compute(reader, writer, place)
        if entries and (reader is not reader_use or writer is not writer_use):
            return [self.as_used(entry, reader_use, writer_use) for entry in entries]
        return entries

    def as_used(self, entry: Entry, reader_use: Node, writer_use: Node) -> Entry:
        """`entry` pointing at the use where the definition stands in another text."""
        if isinstance(reader_use, NameRef) and _is_foreign(reader_use, self.reader):
            entry = entry.with_reader(reader_use)
        if isinstance(writer_use, NameRef) and _is_foreign(writer_use, self.writer):
            entry = entry.with_writer(writer_use)
        return entry

    def compute(self, reader: Type, writer: Type, place: Place | None) -> list[Entry]:
        match reader, writer:
            case Record(), Record():
                return [*_names(reader, writer, place), *self.fields(reader, writer, place)]
            case Union(), Union():
                return self.unions(reader, writer, place)
            case Union(), _:
                return (
                    []
                    if self.some_branch_reads(reader, writer)
                    else [Entry(Kind.MISSING_UNION_BRANCH, place, reader, writer)]
                )
            case _, Union():
                return self.reads_union(reader, writer, place)
            case Primitive(), Primitive():
                if reader.kind == writer.kind or writer.kind in _PROMOTIONS.get(reader.kind, ()):
                    return []
            case Array(), Array():
                items = self.compare(reader.items, writer.items, (place, "items"))
                return [entry.under("[]") for entry in items]
            case Map(), Map():
                values = self.compare(reader.values, writer.values, (place, "values"))
                return [entry.under("{}") for entry in values]
            case Fixed(), Fixed():
                return [*_names(reader, writer, place), *_sizes(reader, writer, place)]
            case Enum(), Enum():
                return [*_names(reader, writer, place), *_symbols(reader, writer, place)]
            case _:
                pass
        return [Entry(Kind.TYPE_MISMATCH, place, reader, writer)]

    def reads_union(self, reader: Type, writer: Union, place: Place | None) -> list[Entry]:
        found: list[Entry] = []
        for i, branch in enumerate(writer.branches):
            here = None if self.is_1_11 else (place, str(i))
            found += self.compare(reader, branch, here)
        return found

    def unions(self, reader: Union, writer: Union, place: Place | None) -> list[Entry]:
        return [
            Entry(Kind.MISSING_UNION_BRANCH, (place, str(i)), reader, branch)
            for i, branch in enumerate(writer.branches)
            if self.compare(reader, branch, None)
        ]

    def some_branch_reads(self, reader: Union, writer: Type) -> bool:
        """Whether a branch fits; Java starts at the root again and remembers what did not."""
        return any(not self.compare(branch, writer, None) for branch in reader.branches)

    def fields(self, reader: Record, writer: Record, place: Place | None) -> Iterator[Entry]:
        for i in _open_fields(reader, writer):
            field = reader.fields[i]
            here = (place, "fields"), str(i)
            match = self.match(field, reader, writer, here)
            if match is not None:
                nested = self.compare(field.type, match.type, (here, "type"))
            elif field.default is not None:
                continue
            elif _has_enum_default(field):
                # Java goes on with the whole record here, and always fails
                nested = self.compare(field.type, writer, (here, "type"))
            else:
                nested = [Entry(Kind.READER_FIELD_MISSING_DEFAULT_VALUE, here, reader, writer, i)]
            for entry in nested:
                yield entry.under(field.name)

    def match(self, field: Field, reader: Record, writer: Record, here: Place) -> Field | None:
        """The writer's field that `field` reads, by its name or an alias."""
        direct = writer.positions.get(field.name)
        if not field.aliases:
            return None if direct is None else writer.fields[direct]
        found = [] if direct is None else [direct]
        found += [writer.positions[a] for a in field.aliases if a in writer.positions]
        if len(found) > 1:
            index = reader.positions[field.name]
            entry = Entry(Kind.AMBIGUOUS_FIELD, here, reader, writer, index, (field.name,))
            raise _AmbiguousFieldError(entry)
        return writer.fields[found[0]] if found else None


def _is_foreign(use: NameRef, schema: Schema) -> bool:
    return schema.names.get(use.fullname) is not use.target


def _open_fields(reader: Record, writer: Record) -> Sequence[int]:
    """The positions of the reader's fields that no equal field of the writer settles, in order."""
    changed = reader.tokens - writer.tokens
    if not changed:
        return reader.unsettled
    positions = [shape.position(token, reader) for token in changed]
    return sorted([*positions, *reader.unsettled])


def _has_enum_default(field: Field) -> bool:
    type_ = field.type.target if isinstance(field.type, NameRef) else field.type
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
