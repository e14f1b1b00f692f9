"""An incompatibility before anybody has asked for its words and places.

Attempts at the branches of a union make many that nobody sees; so an entry holds nodes, and text
is made of it when it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from schemareg.avro.schema import Enum, Fixed, Node, Record, Schema, resolve
from schemareg.compat.model import Incompatibility, Kind
from schemareg.compat.node_pointers import node_pointers
from schemareg.places import Pointer, child

# A Java location: the place above and the last token; None is the root.
Place = tuple["Place | None", str]

_ATTRIBUTES: Mapping[Kind, tuple[str, ...]] = {
    Kind.NAME_MISMATCH: ("name",),
    Kind.FIXED_SIZE_MISMATCH: ("size",),
    Kind.MISSING_ENUM_SYMBOLS: ("symbols",),
}


class Entry:
    """One incompatibility between two nodes.

    `place` is Java's; `field` the position of the reader's field where it is about one; `trail`
    the steps of its path, outermost first. `reader_use` and `writer_use` are the uses to point at
    where the nodes themselves stand in other texts.
    """

    __slots__ = (
        "field", "kind", "place", "reader", "reader_use", "trail", "writer", "writer_use",
    )  # fmt: skip

    def __init__(
        self,
        kind: Kind,
        place: Place | None,
        reader: Node,
        writer: Node,
        field: int | None = None,
        trail: tuple[str, ...] = (),
        reader_use: Node | None = None,
        writer_use: Node | None = None,
    ) -> None:
        self.kind = kind
        self.place = place
        self.reader = reader
        self.writer = writer
        self.field = field
        self.trail = trail
        self.reader_use = reader_use
        self.writer_use = writer_use

    def under(self, step: str) -> Entry:
        """The same, seen from one step further out."""
        return Entry(
            self.kind, self.place, self.reader, self.writer, self.field, (step, *self.trail),
            self.reader_use, self.writer_use,
        )  # fmt: skip

    def with_reader(self, use: Node) -> Entry:
        return Entry(
            self.kind, self.place, self.reader, self.writer, self.field, self.trail,
            use, self.writer_use,
        )  # fmt: skip

    def with_writer(self, use: Node) -> Entry:
        return Entry(
            self.kind, self.place, self.reader, self.writer, self.field, self.trail,
            self.reader_use, use,
        )  # fmt: skip


def told(entries: Iterable[Entry], reader: Schema, writer: Schema) -> Iterator[Incompatibility]:
    """The entries with their words and places."""
    readers, writers = node_pointers(reader.root), node_pointers(writer.root)
    for entry in entries:
        yield Incompatibility(
            entry.kind,
            _message(entry),
            _reader_pointer(entry, readers),
            _writer_pointer(entry, writers),
            _java_location(entry.place),
            _path(reader.root, entry.trail),
        )


def _reader_pointer(entry: Entry, pointers: Mapping[int, Pointer]) -> Pointer:
    if entry.reader_use is not None:
        return pointers[id(entry.reader_use)]
    pointer = pointers[id(entry.reader)]
    if entry.field is not None:
        return child(pointer, "fields", entry.field)
    return child(pointer, *_ATTRIBUTES.get(entry.kind, ()))


def _writer_pointer(entry: Entry, pointers: Mapping[int, Pointer]) -> Pointer:
    if entry.writer_use is not None:
        return pointers[id(entry.writer_use)]
    return child(pointers[id(entry.writer)], *_ATTRIBUTES.get(entry.kind, ()))


def _message(entry: Entry) -> str:
    """Avro Java's text."""
    reader, writer = resolve(entry.reader), resolve(entry.writer)
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


def _missing_symbols(reader: Enum, writer: Enum) -> list[str]:
    # Java orders strings by their 16-bit characters
    missing = set(writer.symbols).difference(reader.symbols)
    return sorted(missing, key=lambda symbol: symbol.encode("utf-16-be", "surrogatepass"))


def _java_location(place: Place | None) -> str:
    tokens: list[str] = []
    while place is not None:
        place, token = place
        tokens.append(token)
    return "/" + "/".join(reversed(tokens))


def _path(root: Node, trail: tuple[str, ...]) -> str:
    type_ = resolve(root)
    path = type_.name if isinstance(type_, Record | Enum | Fixed) else ""
    for step in trail:
        path += step if step in ("[]", "{}") or not path else f".{step}"
    return path
