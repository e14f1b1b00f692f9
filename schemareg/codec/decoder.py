"""Decoders generated per pair of schemas: resolution is settled once, bytes are read in one pass.

A generated decoder checks every length, range and the end of the input as it goes. Whatever stops
it is reported by the specification's own resolver, `schemareg.avro.binary`, with path and byte.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from typing import Any, assert_never

from schemareg.avro.binary.default_values import default_value
from schemareg.avro.binary.values import RefusedError
from schemareg.avro.resolution import (
    PROMOTIONS,
    choose_branch,
    names_match,
    sources_by_name,
)
from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Schema,
    Type,
    Union,
    resolve,
)
from schemareg.codec.cursor import PADDING, Cursor
from schemareg.codec.encoder import shared_types
from schemareg.codec.lifting import decode_slowly, lift_node
from schemareg.codec.lowering import label_of, show
from schemareg.codec.runs import runs_among
from schemareg.codec.source import Source
from schemareg.codec.values import conversion, needs_branch_name
from schemareg.errors import DecodeError

Decoder = Callable[[bytes], Any]

# CPython compiles at most 20 nested blocks in one function
_DEEPEST_INLINE = 6
_GIVES_UP = (
    "(TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, "
    "StructError, RecursionError)"
)
_DEEPEST_LOOK = 50


def compile_decoder(
    *,
    writer: Schema,
    reader: Schema | None = None,
    logical: bool = True,
    branch_names: bool = False,
) -> Decoder:
    """A function that returns the event in bytes that `writer` wrote, as `reader` sees it.

    The reader's schema is the writer's own where None is given. Logical types, the reader's,
    come as Python's own; with `logical` off, as what they are underneath. Union values are bare;
    with `branch_names`, `(branch name, value)` where a bare value could belong to another branch
    (two records; a string and an enum), which is the form that an encoder accepts.

    The function raises DecodeError for bytes that are not the writer's (too few, too many, out
    of range), for a value that the reader's schema cannot resolve, and for one that Python's
    type cannot hold.
    """
    return _Generator(writer, reader or writer, logical, branch_names).decoder()


class _Generator:
    def __init__(self, writer: Schema, reader: Schema, logical: bool, branch_names: bool) -> None:
        self.writer = writer
        self.reader = reader
        self.logical = logical
        self.branch_names = branch_names
        self.source = Source()
        self.cursor = Cursor(self.source)
        self.source.globals |= {
            "padding": PADDING,
            "as_bytes": _as_bytes,
            "StructError": struct.error,
            "slowly": partial(
                decode_slowly,
                writer=writer,
                reader=reader,
                logical=logical,
                branch_names=branch_names,
            ),
        }
        self._functions: dict[tuple[int, int, bool], str] = {}
        self._takes_none: dict[int, bool] = {}
        self._waiting: list[tuple[str, Node, Node, bool]] = []
        self._shared = shared_types(writer) | shared_types(reader)

    def decoder(self) -> Decoder:
        line = self.source.line
        with self.source.block("def decode(message):"):
            line("if type(message) is not bytes: message = as_bytes(message)")
            with self.source.block("try:"):
                line("data = message + padding")
                line("p = 0")
                value = self._read(self.writer.root, self.reader.root, self.logical, depth=0)
                line(f"if {self.cursor.at} == len(message): return {value}")
            with self.source.block(f"except {_GIVES_UP}:"):
                line("pass")
            line("return slowly(message)")
        while self._waiting:
            name, writer, reader, logical = self._waiting.pop()
            self.cursor.moved_to("p")
            with self.source.block(f"def {name}(data, p):"):
                value = self._read_type(resolve(writer), resolve(reader), logical, depth=0)
                line(f"return {value}, {self.cursor.at}")
        decode: Decoder = self.source.run("schemareg decoder")["decode"]
        return decode

    def _read(self, writer_node: Node, reader_node: Node, logical: bool, *, depth: int) -> str:
        """Statements that read a value at `p` and move `p` behind it; its expression comes back."""
        writer, reader = resolve(writer_node), resolve(reader_node)
        nested = isinstance(writer, Record | Array | Map | Union)
        shared = id(writer) in self._shared or id(reader) in self._shared
        if not nested or not (depth > _DEEPEST_INLINE or shared):
            return self._read_type(writer, reader, logical, depth=depth)
        key = (id(writer), id(reader), logical)
        name = self._functions.get(key)
        if name is None:
            name = self._functions[key] = self.source.fresh("read")
            self._waiting.append((name, writer, reader, logical))
        return self.cursor.called(name)

    def _read_type(self, writer: Type, reader: Type, logical: bool, *, depth: int) -> str:
        if isinstance(writer, Union):
            return self._read_union(writer, reader, logical, depth=depth)
        if isinstance(reader, Union):
            chosen = choose_branch(writer, reader)
            if chosen is None:
                return self._unreadable()
            value = self._read(writer, reader.branches[chosen], logical, depth=depth)
            return self._in_branch(reader, chosen, value)
        match writer, reader:
            case Primitive(), Primitive():
                if writer.kind != reader.kind and (writer.kind, reader.kind) not in PROMOTIONS:
                    return self._unreadable()
                value = self._promoted(self._read_primitive(writer.kind), writer.kind, reader.kind)
                return self._lifted(value, reader, logical)
            case Fixed(), Fixed():
                if not names_match(writer, reader) or writer.size != reader.size:
                    return self._unreadable()
                return self._lifted(self.cursor.fixed(writer.size), reader, logical)
            case Enum(), Enum():
                if not names_match(writer, reader):
                    return self._unreadable()
                return self._read_symbol(writer, reader)
            case Array(), Array():
                return self._read_items(writer, reader, logical, depth=depth)
            case Map(), Map():
                return self._read_entries(writer, reader, logical, depth=depth)
            case Record(), Record():
                if not names_match(writer, reader):
                    return self._unreadable()
                return self._read_record(writer, reader, logical, depth=depth)
            case _:
                return self._unreadable()

    def _unreadable(self) -> str:
        self.source.line("raise ValueError")
        return "None"

    def _lifted(self, value: str, reader: Type, logical: bool) -> str:
        conversion_ = conversion(reader) if logical else None
        if conversion_ is None:
            return value
        lifted = self.source.fresh("v")
        lift_ = self.source.constant("lift", conversion_.lift)
        self.source.line(f"{lifted} = {lift_}({value})")
        return lifted

    def _read_primitive(self, kind: str) -> str:
        match kind:
            case "null":
                return "None"
            case "boolean":
                return self.cursor.boolean()
            case "int" | "long":
                return self.cursor.number(kind)
            case "float" | "double":
                return self.cursor.floating(kind)
            case _:
                return self.cursor.sized(text=kind == "string")

    def _promoted(self, value: str, writer_kind: str, reader_kind: str) -> str:
        match writer_kind, reader_kind:
            case "int" | "long", "float":
                expression = f"nearest_single({value})"
                self.source.globals["nearest_single"] = _nearest_single
            case "int" | "long", "double":
                expression = f"float({value})"
            case "string", "bytes":
                expression = f"{value}.encode()"
            case "bytes", "string":
                expression = f"{value}.decode()"
            case _:
                return value
        promoted = self.source.fresh("v")
        self.source.line(f"{promoted} = {expression}")
        return promoted

    def _read_symbol(self, writer: Enum, reader: Enum) -> str:
        known = set(reader.symbols)
        symbols = [s if s in known else reader.default for s in writer.symbols]
        return self.cursor.chosen({i: s for i, s in enumerate(symbols) if s is not None})

    def _read_items(self, writer: Array, reader: Array, logical: bool, *, depth: int) -> str:
        out = self.source.fresh("out")
        self.source.line(f"{out} = []")
        # a byte of the message makes a bounded number of items: those that take none go to the
        # specification's resolver, which has one budget for the whole event
        most = "0" if _takes_no_bytes(writer.items, self._takes_none) else "len(data)"
        with self.cursor.items(most=most):
            item = self._read(writer.items, reader.items, logical, depth=depth + 1)
            self.source.line(f"{out}.append({item})")
        return out

    def _read_entries(self, writer: Map, reader: Map, logical: bool, *, depth: int) -> str:
        out = self.source.fresh("out")
        self.source.line(f"{out} = {{}}")
        with self.cursor.items(most="len(data)"):
            key = self.cursor.sized(text=True)
            value = self._read(writer.values, reader.values, logical, depth=depth + 1)
            self.source.line(f"{out}[{key}] = {value}")
        return out

    def _read_record(self, writer: Record, reader: Record, logical: bool, *, depth: int) -> str:
        sources = (
            {field.name: [i] for i, field in enumerate(writer.fields)}
            if writer is reader
            else sources_by_name(writer, reader)
        )
        readers = {field.name: field for field in reader.fields}
        if any(len(indices) > 1 for name, indices in sources.items() if name in readers):
            return self._unreadable()
        targets = {i: name for name, indices in sources.items() for i in indices}
        read: dict[str, str] = {}
        wanted = [readers.get(targets[i]) for i in range(len(writer.fields))]
        runs = runs_among(list(map(_is_read_as_long, writer.fields, wanted)))
        for index, field in enumerate(writer.fields):
            if index in runs:
                self.cursor.read_ahead(runs[index])
            target = wanted[index]
            if target is None:
                self._read(field.type, field.type, False, depth=depth + 1)
            else:
                read[target.name] = self._read(field.type, target.type, logical, depth=depth + 1)
        for field in reader.fields:
            if field.name not in read:
                read[field.name] = self._default(field, logical)
        return f"{{{', '.join(f'{f.name!r}: {read[f.name]}' for f in reader.fields)}}}"

    def _default(self, field: Field, logical: bool) -> str:
        if field.default is None:
            return self._unreadable()
        try:
            value = default_value(field.type, field.default.value)
            named = self.branch_names
            return self._display(lift_node(field.type, value, logical=logical, branch_names=named))
        except (DecodeError, RefusedError):
            return self._unreadable()

    def _display(self, value: Any) -> str:
        """An expression that makes `value` anew at each event, which the caller may change."""
        if isinstance(value, list):
            return f"[{', '.join(map(self._display, value))}]"
        if isinstance(value, tuple):  # a branch's name and its value
            return f"({', '.join(map(self._display, value))})"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{k!r}: {self._display(v)}' for k, v in value.items())}}}"
        return self.source.constant("default", value)

    def _read_union(self, writer: Union, reader: Type, logical: bool, *, depth: int) -> str:
        index, step = self.cursor.index(len(writer.branches))
        value = self.source.fresh("v")
        for i, branch in enumerate(writer.branches):
            opening = f"{'elif' if i else 'if'} {index} == {i * step}:"
            with self.source.block(opening), self.cursor.branch():
                # a union read by itself goes by index: two records may share a short name
                target = reader.branches[i] if reader is writer else reader
                read = self._read(branch, target, logical, depth=depth + 1)
                if reader is writer:
                    read = self._in_branch(writer, i, read)
                self.source.line(f"{value} = {read}")
        self.source.line("else: raise ValueError" if writer.branches else "raise ValueError")
        self.cursor.moved_to("p")
        return value

    def _in_branch(self, union: Union, index: int, value: str) -> str:
        if not self.branch_names or not needs_branch_name(union, index, logical=self.logical):
            return value
        return f"({label_of(union.branches[index])!r}, {value})"


def _is_read_as_long(writer: Field, reader: Field | None) -> bool:
    """The field is a long whose bytes are read, be it for a float, or to pass over them."""
    wanted = (writer if reader is None else reader).type
    kinds = ("long", "float", "double")
    return resolve(writer.type).kind == "long" and resolve(wanted).kind in kinds


def _takes_no_bytes(node: Node, known: dict[int, bool], depth: int = 0) -> bool:
    """A value of the type may be written in no bytes at all, as far as is looked.

    `known` holds what was seen before, so that records which hold each other are looked at once.
    """
    type_ = resolve(node)
    match type_:
        case Primitive():
            return type_.kind == "null"
        case Fixed():
            return type_.size == 0
        case Record():
            if id(type_) not in known:
                known[id(type_)] = False  # a record that requires itself has no value at all
                known[id(type_)] = depth > _DEEPEST_LOOK or all(
                    _takes_no_bytes(field.type, known, depth + 1) for field in type_.fields
                )
            return known[id(type_)]
        case Array() | Map() | Union() | Enum():
            return False
        case _:
            assert_never(type_)


def _as_bytes(message: object) -> bytes:
    if not isinstance(message, bytes | bytearray | memoryview):
        raise DecodeError(f"{show(message)} ({type(message).__name__}) is not bytes")
    return bytes(message)


def _nearest_single(number: int) -> float:
    """`number` rounded once to 32 bits: by way of a double it would be rounded twice."""
    surplus = abs(number).bit_length() - 40
    if surplus > 0:
        sticky = 1 if abs(number) & ((1 << surplus) - 1) else 0
        rounded = ((abs(number) >> surplus) | sticky) << surplus
        number = rounded if number > 0 else -rounded
    value: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return value
