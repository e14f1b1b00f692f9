"""Encoders generated per schema: types, ranges and names checked in the same pass that writes.

A generated encoder takes the exact types of an event (dict, list, str, int, float, …) the fast
way. Whatever stops it, a wrong value or a subclass, a dataclass, a named branch, it leaves to
`schemareg.codec.lowering`, which either encodes the event or reports what is wrong where.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import assert_never

from schemareg.avro.binary.values import RefusedError
from schemareg.avro.schema import (
    Array,
    Enum,
    Fixed,
    Map,
    NameRef,
    Node,
    Primitive,
    Record,
    Schema,
    Type,
    Union,
    reached,
    resolve,
)
from schemareg.codec.lowering import choose, encode_slowly
from schemareg.codec.source import Source
from schemareg.codec.values import Conversion, branches_by_type, conversion
from schemareg.codec.varint import (
    CHUNK,
    EIGHT_BYTES,
    SIX_BYTES,
    SMALL,
    eight,
    int_bytes,
    long_bytes,
    long_writer,
    six,
    tables,
)

Encoder = Callable[[object], bytes]

# CPython compiles at most 20 nested blocks in one function
_DEEPEST_INLINE = 6
_GIVES_UP = (
    "(TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError, "
    "StructError, RefusedError, RecursionError)"
)
_PACKED = {"float": "f", "double": "d"}


def compile_encoder(schema: Schema, *, logical: bool = True) -> Encoder:
    """A function that gives the bytes of an event, or refuses what does not fit exactly.

    An event is what Python has for the type: None, bool, int, float, bytes, str, list, dict;
    dataclasses for records, too. Logical types are Python's own (datetime with a zone, Decimal,
    UUID, date, time) unless `logical` is off, when the value underneath is taken. A union takes
    a bare value or `(branch name, value)`; see `lowering.choose`. Every field must be there,
    with a default or without, and no other.

    The function raises EncodeError naming path, value and the type wanted.
    """
    return _Generator(schema, logical=logical).encoder()


class _Atoms:
    """Expressions whose bytes follow each other; neighbouring floats are packed as one."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._expressions: list[str] = []
        self._format = ""
        self._packed: list[str] = []

    def add(self, *expressions: str) -> None:
        self._pack()
        self._expressions.extend(expressions)

    def pack(self, letter: str, variable: str) -> None:
        self._format += letter
        self._packed.append(variable)

    def _pack(self) -> None:
        if self._packed:
            pack = self._source.constant("pack", struct.Struct("<" + self._format).pack)
            self._expressions.append(f"{pack}({', '.join(self._packed)})")
            self._format, self._packed = "", []

    def joined(self) -> str:
        """One expression for all the bytes."""
        self._pack()
        match self._expressions:
            case []:
                return "b''"
            case [one]:
                return f"({one})"
            case [one, two]:
                return f"(({one}) + ({two}))"
            case many:
                return f"join(({', '.join(many)}))"

    def listed(self) -> str:
        """The expressions as a tuple display, to extend a list with; "" where there are none."""
        self._pack()
        return f"({', '.join(self._expressions)},)" if self._expressions else ""


class _Generator:
    def __init__(self, schema: Schema, *, logical: bool) -> None:
        self.schema = schema
        self.logical = logical
        self.source = Source()
        look = tables()
        self.source.globals |= {
            "signed": look.signed,
            "begin": look.begin,
            "middle": look.middle,
            "end": look.end,
            "six": six,
            "eight": eight,
            "lengths": look.signed[:SMALL],
            "long_bytes": long_writer(),
            "int_bytes": int_bytes,
            "utf8": str.encode,
            "join": b"".join,
            "single": _single,
            "double": _double,
            "StructError": struct.error,
            "RefusedError": RefusedError,
            "slowly": lambda event: encode_slowly(event, schema, logical=logical),
        }
        self._functions: dict[int, str] = {}
        self._waiting: list[tuple[str, Node]] = []
        self._shared = shared_types(schema)

    def encoder(self) -> Encoder:
        with self.source.block("def encode(event):"):
            with self.source.block("try:"):
                atoms = _Atoms(self.source)
                self._write(self.schema.root, "event", atoms, depth=0)
                self.source.line(f"return {atoms.joined()}")
            with self.source.block(f"except {_GIVES_UP}:"):
                self.source.line("pass")
            self.source.line("return slowly(event)")
        while self._waiting:
            name, node = self._waiting.pop()
            with self.source.block(f"def {name}(v):"):
                atoms = _Atoms(self.source)
                self._write_type(resolve(node), "v", atoms, depth=0)
                self.source.line(f"return {atoms.joined()}")
        encode: Encoder = self.source.run("schemareg encoder")["encode"]
        return encode

    def _write(self, node: Node, value: str, atoms: _Atoms, *, depth: int) -> None:
        """Statements that check `value`, and into `atoms` the expressions of its bytes."""
        type_ = resolve(node)
        nested = isinstance(type_, Record | Array | Map | Union)
        if nested and (depth > _DEEPEST_INLINE or id(type_) in self._shared):
            name = self._functions.get(id(type_))
            if name is None:
                name = self._functions[id(type_)] = self.source.fresh("encode")
                self._waiting.append((name, type_))
            atoms.add(f"{name}({value})")
        else:
            self._write_type(type_, value, atoms, depth=depth)

    def _write_type(self, type_: Type, value: str, atoms: _Atoms, *, depth: int) -> None:
        if self.logical and (conversion_ := conversion(type_)) is not None:
            value = self._lowered(value, conversion_)
        match type_:
            case Primitive():
                self._write_primitive(type_.kind, value, atoms)
            case Fixed():
                self._refuse_unless(f"type({value}) is bytes and len({value}) == {type_.size}")
                atoms.add(value)
            case Enum():
                table = {symbol: long_bytes(i) for i, symbol in enumerate(type_.symbols)}
                atoms.add(f"{self.source.constant('symbols', table)}[{value}]")
            case Array():
                self._refuse_unless(f"type({value}) is list")
                self._write_items(type_.items, value, atoms, depth=depth)
            case Map():
                self._refuse_unless(f"type({value}) is dict")
                self._write_entries(type_.values, value, atoms, depth=depth)
            case Record():
                self._write_record(type_, value, atoms, depth=depth)
            case Union():
                self._write_union(type_, value, atoms, depth=depth)
            case _:
                assert_never(type_)

    def _refuse_unless(self, condition: str) -> None:
        self.source.line(f"if not ({condition}): raise TypeError")

    def _lowered(self, value: str, conversion_: Conversion) -> str:
        plain = self.source.fresh("plain")
        lower = self.source.constant("lower", conversion_.lower)
        self.source.line(f"{plain} = {lower}({value})")
        return plain

    def _write_primitive(self, kind: str, value: str, atoms: _Atoms) -> None:
        match kind:
            case "null":
                self._refuse_unless(f"{value} is None")
            case "boolean":
                self._refuse_unless(f"{value} is True or {value} is False")
                atoms.add(rf"b'\1' if {value} else b'\0'")
            case "int":
                self._refuse_unless(f"type({value}) is int")
                atoms.add(
                    f"signed[{value}] if {-SMALL} <= {value} < {SMALL} else int_bytes({value})"
                )
            case "long":
                self._refuse_unless(f"type({value}) is int")
                self._write_long(value, atoms)
            case "float" | "double":
                exact = "single" if kind == "float" else "double"
                self.source.line(f"if type({value}) is not float: {value} = {exact}({value})")
                atoms.pack(_PACKED[kind], value)
            case "bytes":
                self._refuse_unless(f"type({value}) is bytes")
                self._write_sized(value, atoms)
            case _:
                text = self.source.fresh("text")
                self.source.line(f"{text} = utf8({value})")
                self._write_sized(text, atoms)

    def _write_long(self, value: str, atoms: _Atoms) -> None:
        """As `varint.long_bytes`, with the common numbers written in place."""
        line = self.source.line
        data, high, low = (self.source.fresh(stem) for stem in ("data", "high", "low"))
        line(f"if {-SMALL} <= {value} < {SMALL}: {data} = signed[{value}]")
        parts = f"begin[{low} & {SMALL - 1}], middle[{low} >> 13]"
        with self.source.block(f"elif {_within(value, EIGHT_BYTES)}:"):
            # halves of 27 bits: Python calculates much faster with ints below 2^30
            line(f"{low} = {value} & {(1 << 27) - 1}")
            line(f"{high} = {value} >> 27")
            line(f"{data} = eight({parts}, middle[{high} & {CHUNK - 1}], end[{high} >> 14])")
        with self.source.block(f"elif {_within(value, SIX_BYTES)}:"):
            line(f"{low} = {value} & {(1 << 27) - 1}")
            line(f"{data} = six({parts}, end[{value} >> 27])")
        line(f"else: {data} = long_bytes({value})")
        atoms.add(data)

    def _write_sized(self, data: str, atoms: _Atoms) -> None:
        size = self.source.fresh("size")
        self.source.line(f"{size} = len({data})")
        atoms.add(f"lengths[{size}] if {size} < {SMALL} else long_bytes({size})", data)

    def _write_record(self, record: Record, value: str, atoms: _Atoms, *, depth: int) -> None:
        names = [field.name for field in record.fields]
        self._refuse_unless(f"type({value}) is dict and len({value}) == {len(names)}")
        if not names:
            return
        variables = [self.source.fresh("v") for _ in names]
        get = self.source.constant("get", itemgetter(*names))
        self.source.line(f"{', '.join(variables)} = {get}({value})")
        for variable, field in zip(variables, record.fields, strict=True):
            self._write(field.type, variable, atoms, depth=depth + 1)

    def _write_items(self, items: Node, value: str, atoms: _Atoms, *, depth: int) -> None:
        with self._block(value, atoms) as out:
            item = self.source.fresh("item")
            with self.source.block(f"for {item} in {value}:"):
                inner = _Atoms(self.source)
                self._write(items, item, inner, depth=depth + 1)
                self._extend(out, inner)

    def _write_entries(self, values: Node, value: str, atoms: _Atoms, *, depth: int) -> None:
        with self._block(value, atoms) as out:
            key, item = self.source.fresh("key"), self.source.fresh("item")
            with self.source.block(f"for {key}, {item} in {value}.items():"):
                inner = _Atoms(self.source)
                self._write_primitive("string", key, inner)
                self._write(values, item, inner, depth=depth + 1)
                self._extend(out, inner)

    @contextmanager
    def _block(self, value: str, atoms: _Atoms) -> Iterator[str]:
        """A list to collect bytes in, its count before them and the empty block behind."""
        block, out, size = (self.source.fresh(stem) for stem in ("block", "out", "size"))
        self.source.line(rf"{block} = b'\0'")
        with self.source.block(f"if {value}:"):
            self.source.line(f"{size} = len({value})")
            count = f"signed[{size}] if {size} < {SMALL} else long_bytes({size})"
            self.source.line(f"{out} = [{count}]")
            yield out
            self.source.line(rf"{out}.append(b'\0')")
            self.source.line(f"{block} = join({out})")
        atoms.add(block)

    def _extend(self, out: str, inner: _Atoms) -> None:
        expressions = inner.listed()
        self.source.line(f"{out} += {expressions}" if expressions else "pass")

    def _write_union(self, union: Union, value: str, atoms: _Atoms, *, depth: int) -> None:
        out = self.source.fresh("branch")
        by_type = branches_by_type(union, logical=self.logical)
        keyword = "if"
        for python_type, index in by_type:
            test = (
                f"{value} is None"
                if python_type is type(None)
                else f"type({value}) is {self.source.constant('type', python_type)}"
            )
            with self.source.block(f"{keyword} {test}:"):
                inner = _Atoms(self.source)
                inner.add(repr(long_bytes(index)))
                self._write(union.branches[index], value, inner, depth=depth + 1)
                self.source.line(f"{out} = {inner.joined()}")
            keyword = "elif"
        if len(by_type) < len(union.branches):
            self._write_chosen(union, value, out, keyword == "if", depth=depth)
        else:
            self.source.line("else: raise TypeError" if by_type else "raise TypeError")
        atoms.add(out)

    def _write_chosen(self, union: Union, value: str, out: str, first: bool, *, depth: int) -> None:
        """What remains when a Python type may go by several branches: `choose` at run time."""
        taken = self.source.constant(
            "choose", lambda bare: choose(bare, union, logical=self.logical)
        )
        index, bare = self.source.fresh("index"), self.source.fresh("bare")
        with self.source.block("if True:" if first else "else:"):
            self.source.line(f"{index}, {bare} = {taken}({value})")
            for i, node in enumerate(union.branches):
                with self.source.block(f"{'elif' if i else 'if'} {index} == {i}:"):
                    inner = _Atoms(self.source)
                    inner.add(repr(long_bytes(i)))
                    self._write(node, bare, inner, depth=depth + 1)
                    self.source.line(f"{out} = {inner.joined()}")


def _within(value: str, bounds: tuple[int, int]) -> str:
    return f"{bounds[0]} <= {value} < {bounds[1]}"


def shared_types(schema: Schema) -> frozenset[int]:
    """Identities of the types that are used by name: they get one function for all their uses."""
    return frozenset(id(node.target) for node in reached(schema.root) if isinstance(node, NameRef))


def _double(value: object) -> float:
    """An int as the double that equals it; raises what sends everything else the slow way."""
    if type(value) is not int or float(value) != value:
        raise TypeError
    return float(value)


def _single(value: object) -> float:
    number = _double(value)
    if struct.unpack("<f", struct.pack("<f", number))[0] != number:
        raise TypeError
    return number
