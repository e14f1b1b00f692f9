"""Bytes to plain values, written with one schema and read with another.

Source: Apache Avro 1.12 specification, "Binary Encoding" and "Schema Resolution".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

from schemareg.avro.binary.default_values import plain_default
from schemareg.avro.binary.values import (
    Plain,
    RefusedError,
    key_step,
    label,
    other_name,
    unreadable,
)
from schemareg.avro.resolution import PROMOTIONS, choose_branch, names_match, sources_by_name
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Type,
    Union,
    resolve,
)
from schemareg.integers import INT_MAX, INT_MIN
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS

_MOST_BYTES_SHOWN = 32


@dataclass(frozen=True, slots=True)
class Lifting:
    """How plain values become a caller's own, where the type that they were read as is known.

    `value` is called with the reader's type for each primitive and fixed, `default` with the
    reader's node for each default that fills a field, `branch` with the reader's union, the index
    of a branch and its value; the first two may raise RefusedError.
    """

    value: Callable[[Type, Plain], Any]
    default: Callable[[Node, Plain], Any]
    branch: Callable[[Union, int, Any], Any]


class Source:
    """The bytes, how far they are read, and whether records are read whatever their names.

    `fields` counts the fields of all records so far, `empty_values` the values of items that took
    no bytes, over all arrays of the event.
    """

    __slots__ = ("any_record_name", "data", "empty_values", "fields", "lifting", "position")

    def __init__(
        self, data: bytes, *, any_record_name: bool = False, lifting: Lifting | None = None
    ) -> None:
        self.any_record_name = any_record_name
        self.lifting = lifting
        self.data = data
        self.position = 0
        self.empty_values = 0
        self.fields = 0

    def take(self, size: int) -> bytes:
        if size < 0:
            raise RefusedError(f"a length of {size} bytes")
        end = self.position + size
        if end > len(self.data):
            raise RefusedError(f"{end - len(self.data)} bytes are missing")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def end(self) -> None:
        """Refuse what is left over."""
        if left := len(self.data) - self.position:
            raise RefusedError(f"{left} bytes are left over after the value")

    def long(self) -> int:
        number = shift = 0
        while True:
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise RefusedError("a number longer than 10 bytes")
        if number >= 2**64:
            raise RefusedError("a number beyond 64 bits")
        return (number >> 1) ^ -(number & 1)

    def blocks(self) -> Iterator[int]:
        """The item counts of an array's or a map's blocks, up to the empty one.

        A block that gives its size in bytes must have it: who skips the block jumps by the size,
        and would otherwise read another event than who reads its items.
        """
        while count := self.long():
            if count > 0:
                yield count
                continue
            size = self.long()
            begin = self.position
            yield -count
            if self.position - begin != size:
                raise RefusedError(
                    f"a block claims {size} bytes, and its items take {self.position - begin}"
                )


def read(source: Source, writer_node: Node, reader_node: Node) -> Plain:
    writer, reader = resolve(writer_node), resolve(reader_node)
    if isinstance(writer, Union):
        index = source.long()
        if not 0 <= index < len(writer.branches):
            raise RefusedError(f"the writer's union has no branch {index}")
        branch = writer.branches[index]
        if reader is not writer:
            return read(source, branch, reader)
        return _in_branch(source, writer, index, read(source, branch, branch))
    if isinstance(reader, Union):
        chosen = choose_branch(writer, reader, any_record_name=source.any_record_name)
        if chosen is None:
            raise RefusedError(
                f"no branch of the reader's union {label(reader)} takes the writer's "
                f"{label(writer)}"
            )
        value = read(source, writer, reader.branches[chosen])
        return _in_branch(source, reader, chosen, value)
    match writer, reader:
        case Primitive(), Primitive():
            if writer.kind != reader.kind and (writer.kind, reader.kind) not in PROMOTIONS:
                raise unreadable(writer, reader)
            value = _promote(_read_primitive(source, writer.kind), writer.kind, reader.kind)
            return value if source.lifting is None else source.lifting.value(reader, value)
        case Fixed(), Fixed():
            if not names_match(writer, reader):
                raise other_name(writer, reader)
            if writer.size != reader.size:
                raise RefusedError(
                    f"the writer's fixed has {writer.size} bytes, the reader's {reader.size}"
                )
            value = source.take(writer.size)
            return value if source.lifting is None else source.lifting.value(reader, value)
        case Enum(), Enum():
            if not names_match(writer, reader):
                raise other_name(writer, reader)
            return _read_symbol(source, writer, reader)
        case Array(), Array():
            return _read_items(source, writer.items, reader.items)
        case Map(), Map():
            return _read_entries(source, writer.values, reader.values)
        case Record(), Record():
            if not source.any_record_name and not names_match(writer, reader):
                raise other_name(writer, reader)
            return _read_record(source, writer, reader)
        case _:
            raise unreadable(writer, reader)


def _in_branch(source: Source, union: Union, index: int, value: Any) -> Any:
    return value if source.lifting is None else source.lifting.branch(union, index, value)


def _read_primitive(source: Source, kind: str) -> Plain:
    match kind:
        case "null":
            return None
        case "boolean":
            byte = source.take(1)[0]
            if byte > 1:
                raise RefusedError(f"the byte {byte} is no boolean")
            return byte == 1
        case "int":
            number = source.long()
            if not INT_MIN <= number <= INT_MAX:
                raise RefusedError(f"{number} is out of the range of int")
            return number
        case "long":
            return source.long()
        case "float":
            return struct.unpack("<f", source.take(4))[0]
        case "double":
            return struct.unpack("<d", source.take(8))[0]
        case "bytes":
            return source.take(source.long())
        case _:
            return _text(source.take(source.long()))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = data[:_MOST_BYTES_SHOWN].hex() + ("…" if len(data) > _MOST_BYTES_SHOWN else "")
        raise RefusedError(f"the bytes {shown} are not UTF-8 text ({error.reason})") from None


def _promote(value: Plain, writer_kind: str, reader_kind: str) -> Plain:
    match writer_kind, reader_kind:
        case "int" | "long", "float":
            return _nearest_float(value)
        case "int" | "long", "double":
            return float(value)
        case "string", "bytes":
            return value.encode("utf-8")
        case "bytes", "string":
            # bytes need not be text; Java reads on with U+FFFD where others stop
            return value.decode("utf-8", errors="replace")
        case _:
            return value


def _nearest_float(number: int) -> float:
    """`number` rounded once to 32 bits: through a double it would be rounded twice."""
    surplus = abs(number).bit_length() - 40
    if surplus > 0:
        sticky = 1 if abs(number) & ((1 << surplus) - 1) else 0
        rounded = ((abs(number) >> surplus) | sticky) << surplus
        number = rounded if number > 0 else -rounded
    value: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return value


def _read_symbol(source: Source, writer: Enum, reader: Enum) -> str:
    index = source.long()
    if not 0 <= index < len(writer.symbols):
        raise RefusedError(f"the writer's enum {writer.fullname} has no symbol {index}")
    symbol = writer.symbols[index]
    if symbol in reader.symbols:
        return symbol
    if reader.default is not None:
        return reader.default
    raise RefusedError(
        f"the reader's enum {reader.fullname} has no symbol {symbol!r} and no default"
    )


def _read_items(source: Source, writer: Node, reader: Node) -> list[Plain]:
    items: list[Plain] = []
    for count in source.blocks():
        for _ in range(count):
            before, fields = source.position, source.fields
            try:
                items.append(read(source, writer, reader))
            except RefusedError as refused:
                raise refused.within(f"[{len(items)}]") from None
            if source.position == before:
                source.empty_values += 1 + source.fields - fields
                if source.empty_values > LIMITS.event_empty_values:
                    most = f"{LIMITS.event_empty_values:,}"
                    raise RefusedError(f"more than {most} values in items that take no bytes")
    return items


def _read_entries(source: Source, writer: Node, reader: Node) -> dict[str, Plain]:
    entries: dict[str, Plain] = {}
    for count in source.blocks():
        for _ in range(count):
            key = _text(source.take(source.long()))
            try:
                entries[key] = read(source, writer, reader)
            except RefusedError as refused:
                raise refused.within(key_step(key)) from None
    return entries


def _skip(source: Source, node: Node) -> None:
    """Read what nobody wants: its bytes must be right, its value may be any."""
    lifting, source.lifting = source.lifting, None
    read(source, node, node)
    source.lifting = lifting


def _own_fields(record: Record) -> dict[str, list[int]]:
    """A record that is only skipped, or reads itself, goes by no alias."""
    return {field.name: [index] for index, field in enumerate(record.fields)}


def _read_record(source: Source, writer: Record, reader: Record) -> dict[str, Plain]:
    source.fields += max(len(writer.fields), len(reader.fields))
    sources = _own_fields(writer) if writer is reader else sources_by_name(writer, reader)
    readers = {field.name: field for field in reader.fields}
    targets = {i: name for name, indices in sources.items() for i in indices if name in readers}
    for name, indices in sources.items():
        if name in readers and len(indices) > 1:
            both = " and ".join(repr(writer.fields[i].name) for i in indices)
            raise RefusedError(f"the writer's fields {both} both fill it").within(f".{name}")
    values: dict[str, Plain] = {}
    for index, field in enumerate(writer.fields):
        target = targets.get(index)
        try:
            if target is None:
                _skip(source, field.type)
            else:
                values[target] = read(source, field.type, readers[target].type)
        except RefusedError as refused:
            raise refused.within(f".{target or field.name}") from None
    for field in reader.fields:
        if field.name in values:
            continue
        if field.default is None:
            raise RefusedError(
                f"the writer's {writer.fullname} has no such field, and there is no default"
            ).within(f".{field.name}")
        try:
            default = plain_default(resolve(field.type), field.default.value)
            lifting = source.lifting
            values[field.name] = (
                default if lifting is None else lifting.default(field.type, default)
            )
        except RefusedError as refused:
            raise refused.within(f".{field.name}") from None
    return {field.name: values[field.name] for field in reader.fields}
