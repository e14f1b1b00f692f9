"""An incompatibility before anybody has asked for its words and places.

Attempts at the branches of a union make many that nobody sees, and one pair of types may be met
in many places; so what is found is a tree that shares its parts, its entries hold nodes, and text
is made of them one by one when they are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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

    `place` is Java's; `field` is the position of the reader's field where it is about one.
    """

    __slots__ = ("field", "kind", "place", "reader", "writer")

    def __init__(
        self, kind: Kind, place: Place | None, reader: Node, writer: Node, field: int | None = None
    ) -> None:
        self.kind = kind
        self.place = place
        self.reader = reader
        self.writer = writer
        self.field = field


class Nested:
    """What was found one step further in: in a field, items, values, or a referenced schema.

    `reader_use` and `writer_use` are the uses to point at where the types themselves stand in
    other texts; the outermost counts.
    """

    __slots__ = ("found", "reader_use", "step", "writer_use")

    def __init__(
        self,
        step: str | None,
        found: Found,
        reader_use: Node | None = None,
        writer_use: Node | None = None,
    ) -> None:
        self.step = step
        self.found = found
        self.reader_use = reader_use
        self.writer_use = writer_use


Found = list["Entry | Nested"]


def told(found: Found, reader: Schema, writer: Schema) -> Iterator[Incompatibility]:
    """The entries with their words and places, in order."""
    readers, writers = node_pointers(reader.root), node_pointers(writer.root)
    for entry, path, reader_use, writer_use in _entries(found, _name(reader.root)):
        yield Incompatibility(
            entry.kind,
            _message(entry),
            _reader_pointer(entry, readers) if reader_use is None else readers[id(reader_use)],
            _writer_pointer(entry, writers) if writer_use is None else writers[id(writer_use)],
            _java_location(entry.place),
            path,
        )


def _entries(found: Found, root: str) -> Iterator[tuple[Entry, str, Node | None, Node | None]]:
    """Every entry with its path and the uses to point at."""
    stack: list[tuple[Entry | Nested, str, Node | None, Node | None]]
    stack = [(part, root, None, None) for part in reversed(found)]
    while stack:
        part, path, reader_use, writer_use = stack.pop()
        if isinstance(part, Entry):
            yield part, path, reader_use, writer_use
            continue
        inner = _extended(path, part.step)
        reader_use = reader_use if reader_use is not None else part.reader_use
        writer_use = writer_use if writer_use is not None else part.writer_use
        stack.extend((p, inner, reader_use, writer_use) for p in reversed(part.found))


def _extended(path: str, step: str | None) -> str:
    if step is None:
        return path
    return f"{path}{step}" if step in ("[]", "{}") or not path else f"{path}.{step}"


def _name(root: Node) -> str:
    type_ = resolve(root)
    return type_.name if isinstance(type_, Record | Enum | Fixed) else ""


def _reader_pointer(entry: Entry, pointers: Mapping[int, Pointer]) -> Pointer:
    pointer = pointers[id(entry.reader)]
    if entry.field is not None:
        return child(pointer, "fields", entry.field)
    return child(pointer, *_ATTRIBUTES.get(entry.kind, ()))


def _writer_pointer(entry: Entry, pointers: Mapping[int, Pointer]) -> Pointer:
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
