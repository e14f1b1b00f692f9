"""Avro Java's SchemaCompatibility, verdict for verdict.

Source: Avro 1.12.1, `org.apache.avro.SchemaCompatibility.ReaderWriterCompatibilityChecker`.
"""

from __future__ import annotations

from collections.abc import Iterator

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
from schemareg.compat.model import Incompatibility, Kind
from schemareg.places import ROOT, Pointer, child

# reader kind -> the writer kinds that are promoted to it
_PROMOTIONS = {
    "long": ("int",),
    "float": ("int", "long"),
    "double": ("int", "long", "float"),
    "bytes": ("string",),
    "string": ("bytes",),
}

# A Java location: the link to the parent and the last token; None is the root.
_Place = tuple["_Place | None", str]


def can_read(
    *, reader: Schema, writer: Schema, avro_version: str = "1.12"
) -> Iterator[Incompatibility]:
    """Why `reader` cannot read every datum of `writer`: nothing when it can.

    With `avro_version` "1.11", locations inside a writer's union branch start over at the root.
    Order and multiplicity are Avro Java's. A pair on which Java throws, since a reader field
    matches several writer fields, gives one `AMBIGUOUS_FIELD` alone.
    """
    try:
        checker = _Checker(reader, writer, branches_are_placed=avro_version != "1.11")
        entries = checker.compare(reader.root, writer.root, None)
    except _AmbiguousFieldError as ambiguous:
        entries = [ambiguous.entry]
    if not entries:
        return
    reader_pointers, writer_pointers = _pointers(reader), _pointers(writer)
    for entry in entries:
        yield Incompatibility(
            entry.kind,
            entry.message,
            child(reader_pointers[id(entry.reader)], *entry.reader_tokens),
            child(writer_pointers[id(entry.writer)], *entry.writer_tokens),
            _java_location(entry.place),
            _path(reader, entry.trail),
        )


def _pointers(schema: Schema) -> dict[int, Pointer]:
    """The pointer of every node of the text, by identity."""
    found: dict[int, Pointer] = {}
    stack: list[tuple[Node, Pointer]] = [(schema.root, ROOT)]
    while stack:
        node, pointer = stack.pop()
        found[id(node)] = pointer
        match node:
            case Array():
                stack.append((node.items, child(pointer, "items")))
            case Map():
                stack.append((node.values, child(pointer, "values")))
            case Union():
                stack.extend((b, child(pointer, i)) for i, b in enumerate(node.branches))
            case Record():
                stack.extend(
                    (f.type, child(pointer, "fields", i, "type")) for i, f in enumerate(node.fields)
                )
            case _:
                pass
    return found


def _java_location(place: _Place | None) -> str:
    tokens: list[str] = []
    while place is not None:
        place, token = place
        tokens.append(token)
    return "/" + "/".join(reversed(tokens))


def _path(reader: Schema, trail: tuple[str, ...]) -> str:
    root = reader.root
    start = root.fullname.rpartition(".")[2] if isinstance(root, Record | NameRef) else ""
    path = start
    for step in trail:
        path += step if step[0] in "[{" or not path else f".{step}"
    return path


class _Entry:
    """An incompatibility whose places are still nodes, so that a union attempt costs no text."""

    __slots__ = (
        "kind",
        "message",
        "place",
        "reader",
        "reader_tokens",
        "trail",
        "writer",
        "writer_tokens",
    )

    def __init__(
        self,
        kind: Kind,
        message: str,
        place: _Place | None,
        reader: Node,
        writer: Node,
        reader_tokens: tuple[str | int, ...] = (),
        writer_tokens: tuple[str | int, ...] = (),
        trail: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.message = message
        self.place = place
        self.reader = reader
        self.writer = writer
        self.reader_tokens = reader_tokens
        self.writer_tokens = writer_tokens
        self.trail = trail

    def under(self, step: str) -> _Entry:
        return _Entry(
            self.kind,
            self.message,
            self.place,
            self.reader,
            self.writer,
            self.reader_tokens,
            self.writer_tokens,
            (step, *self.trail),
        )

    def used_by(self, reader: Node, writer: Node, of: _Checker) -> _Entry:
        """The same, pointing at the use where the definition stands in another text."""
        here = self
        if isinstance(reader, NameRef) and of.reader.names.get(reader.fullname) is None:
            here = _Entry(
                here.kind,
                here.message,
                here.place,
                reader,
                here.writer,
                (),
                here.writer_tokens,
                here.trail,
            )
        if isinstance(writer, NameRef) and of.writer.names.get(writer.fullname) is None:
            here = _Entry(
                here.kind,
                here.message,
                here.place,
                here.reader,
                writer,
                here.reader_tokens,
                (),
                here.trail,
            )
        return here


class _AmbiguousFieldError(Exception):
    def __init__(self, entry: _Entry) -> None:
        self.entry = entry


class _Checker:
    __slots__ = ("branches_are_placed", "memo", "reader", "writer")

    def __init__(self, reader: Schema, writer: Schema, *, branches_are_placed: bool) -> None:
        self.reader = reader
        self.writer = writer
        self.branches_are_placed = branches_are_placed
        self.memo: dict[tuple[int, int], list[_Entry]] = {}

    def compare(self, reader_use: Node, writer_use: Node, place: _Place | None) -> list[_Entry]:
        """The entries of one pair, first computed at `place`; in progress counts as compatible."""
        reader = reader_use.target if isinstance(reader_use, NameRef) else reader_use
        writer = writer_use.target if isinstance(writer_use, NameRef) else writer_use
        key = id(reader), id(writer)
        entries = self.memo.get(key)
        if entries is None:
            self.memo[key] = []
            entries = self.compute(reader, writer, place)
            self.memo[key] = entries
        if entries and (isinstance(reader_use, NameRef) or isinstance(writer_use, NameRef)):
            return [e.used_by(reader_use, writer_use, self) for e in entries]
        return entries

    def compute(self, reader: Type, writer: Type, place: _Place | None) -> list[_Entry]:
        if isinstance(reader, Union):
            if isinstance(writer, Union):
                return self.unions(reader, writer, place)
            return self.union_reads(reader, writer, place)
        if isinstance(writer, Union):
            found: list[_Entry] = []
            for i, branch in enumerate(writer.branches):
                branch_place = (place, str(i)) if self.branches_are_placed else None
                found += self.compare(reader, branch, branch_place)
            return found
        match reader, writer:
            case Primitive(), Primitive():
                if reader.kind == writer.kind or writer.kind in _PROMOTIONS.get(reader.kind, ()):
                    return []
            case Array(), Array():
                items = self.compare(reader.items, writer.items, (place, "items"))
                return [e.under("[]") for e in items]
            case Map(), Map():
                values = self.compare(reader.values, writer.values, (place, "values"))
                return [e.under("{}") for e in values]
            case Fixed(), Fixed():
                return [*_names(reader, writer, place), *_sizes(reader, writer, place)]
            case Enum(), Enum():
                return [*_names(reader, writer, place), *_symbols(reader, writer, place)]
            case Record(), Record():
                return [*_names(reader, writer, place), *self.fields(reader, writer, place)]
            case _:
                pass
        return [
            _Entry(
                Kind.TYPE_MISMATCH,
                f"reader type: {reader.kind.upper()}"
                f" not compatible with writer type: {writer.kind.upper()}",
                place,
                reader,
                writer,
            )
        ]

    def unions(self, reader: Union, writer: Union, place: _Place | None) -> list[_Entry]:
        found: list[_Entry] = []
        for i, branch in enumerate(writer.branches):
            if self.compare(reader, branch, None):
                found.append(_missing_branch(reader, branch, (place, str(i))))
        return found

    def union_reads(self, reader: Union, writer: Type, place: _Place | None) -> list[_Entry]:
        for branch in reader.branches:
            if not self.compare(branch, writer, None):
                return []
        return [_missing_branch(reader, writer, place)]

    def fields(self, reader: Record, writer: Record, place: _Place | None) -> list[_Entry]:
        found: list[_Entry] = []
        for i, field in enumerate(reader.fields):
            here = (place, "fields"), str(i)
            match = self.lookup(field, i, reader, writer, here)
            if match is not None:
                nested = self.compare(field.type, match.type, (here, "type"))
                found += [e.under(field.name) for e in nested]
            elif field.default is not None:
                continue
            else:
                kind = field.type.target if isinstance(field.type, NameRef) else field.type
                if isinstance(kind, Enum) and kind.default is not None:
                    nested = self.compare(field.type, writer, (here, "type"))
                    found += [e.under(field.name) for e in nested]
                else:
                    found.append(
                        _Entry(
                            Kind.READER_FIELD_MISSING_DEFAULT_VALUE,
                            field.name,
                            here,
                            reader,
                            writer,
                            ("fields", i),
                            (),
                            (field.name,),
                        )
                    )
        return found

    def lookup(
        self, field: Field, index: int, reader: Record, writer: Record, place: _Place
    ) -> Field | None:
        wanted = (field.name, *field.aliases)
        by_name = {f.name: f for f in writer.fields}
        matches = [by_name[name] for name in wanted if name in by_name]
        if len(matches) > 1:
            names = ", ".join(m.name for m in matches)
            raise _AmbiguousFieldError(
                _Entry(
                    Kind.AMBIGUOUS_FIELD,
                    f"Reader record field {field.name} matches multiple fields in"
                    f" writer record schema {writer.fullname}: {names}",
                    place,
                    reader,
                    writer,
                    ("fields", index),
                    (),
                    (field.name,),
                )
            )
        return matches[0] if matches else None


def _missing_branch(reader: Union, writer: Node, place: _Place | None) -> _Entry:
    kind = writer.target.kind if isinstance(writer, NameRef) else writer.kind
    return _Entry(
        Kind.MISSING_UNION_BRANCH,
        f"reader union lacking writer type: {kind.upper()}",
        place,
        reader,
        writer,
    )


def _names(reader: NamedType, writer: NamedType, place: _Place | None) -> Iterator[_Entry]:
    if reader.name == writer.name or writer.fullname in reader.aliases:
        return
    yield _Entry(
        Kind.NAME_MISMATCH,
        f"expected: {writer.fullname}",
        (place, "name"),
        reader,
        writer,
        ("name",),
        ("name",),
    )


def _sizes(reader: Fixed, writer: Fixed, place: _Place | None) -> Iterator[_Entry]:
    if reader.size != writer.size:
        yield _Entry(
            Kind.FIXED_SIZE_MISMATCH,
            f"expected: {writer.size}, found: {reader.size}",
            (place, "size"),
            reader,
            writer,
            ("size",),
            ("size",),
        )


def _symbols(reader: Enum, writer: Enum, place: _Place | None) -> Iterator[_Entry]:
    missing = set(writer.symbols) - set(reader.symbols)
    if not missing or reader.default is not None:
        return
    listed = ", ".join(sorted(missing, key=lambda s: s.encode("utf-16-be", "surrogatepass")))
    yield _Entry(
        Kind.MISSING_ENUM_SYMBOLS,
        f"[{listed}]",
        (place, "symbols"),
        reader,
        writer,
        ("symbols",),
        ("symbols",),
    )
