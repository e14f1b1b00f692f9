"""Statements that read one scalar after the other from `data`, at a position known in part.

Where the next value begins is a variable and a constant: after a string its end, after two
doubles sixteen more. So most reads move no variable at all.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from schemareg.codec.runs import run_reader
from schemareg.codec.source import Source
from schemareg.codec.varint import pairs, read_count, read_int, read_length, read_long

PADDING = bytes(8)
"""Appended to the data, so that a number of several bytes may be looked at in one go.

What is read beyond the end shows in the position, which is held against the size at the end.
"""

_ONE_BYTE = 128
_FLOATS = {"float": ("<f", 4), "double": ("<d", 8)}


class Cursor:
    """Writes reads to `source`; each gives the expression of its value."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._base = "p"
        self._offset = 0
        self._unpackers: dict[str, str] = {}
        self._ahead: list[str] = []
        source.globals |= {
            "small": tuple((z >> 1) ^ -(z & 1) for z in range(_ONE_BYTE)),
            "truth": (False, True),
            "pairs": pairs(),
            "read_count": read_count,
            "read_int": read_int,
            "read_length": read_length,
            "read_long": read_long,
            "four": struct.Struct("<HHHH").unpack_from,
        }

    @property
    def at(self) -> str:
        """The expression of the position."""
        return f"{self._base} + {self._offset}" if self._offset else self._base

    def settle(self) -> None:
        """The position is `p` and nothing else, as it must be where paths meet."""
        if self.at != "p":
            self._source.line(f"p = {self.at}")
        self.moved_to("p")

    def moved_to(self, variable: str) -> None:
        self._base, self._offset = variable, 0

    @contextmanager
    def branch(self) -> Iterator[None]:
        """A path that begins at the cursor, ends settled, and does not move the cursor."""
        begin = self._base, self._offset
        yield
        self.settle()
        self._base, self._offset = begin

    def boolean(self) -> str:
        value = self._source.fresh("v")
        self._source.line(f"{value} = truth[data[{self.at}]]")
        self._offset += 1
        return value

    def read_ahead(self, count: int) -> None:
        """Reads longs, at once where it can; the next `count` calls of `number` give them."""
        self.settle()
        line, values = self._source.line, [self._source.fresh("v") for _ in range(count)]
        run = self._source.constant("run", run_reader(count))
        together = self._source.fresh("run")
        line(f"{together} = {run}(data, p) if data[p] & data[p + 1] & {_ONE_BYTE} else None")
        line(f"if {together}: p, {', '.join(values)} = {together}")
        with self._source.block("else:"), self.branch():
            for value in values:
                self._read_number("long", value)
        self._ahead = values[::-1]

    def number(self, kind: str) -> str:
        """An int or a long, by `kind`."""
        if self._ahead:
            return self._ahead.pop()
        value = self._source.fresh("v")
        self._read_number(kind, value)
        return value

    def _read_number(self, kind: str, value: str) -> None:
        line, at = self._source.line, self.at
        more = self._source.fresh("more")
        next_at = f"{self._base} + {self._offset + 1}"
        line(f"{value} = data[{at}]")
        line(f"if {value} < {_ONE_BYTE}: {value} = small[{value}]; p = {next_at}")
        # two bytes (most counts), six (instants in milliseconds) and eight (in microseconds) are
        # read without a call
        with self._source.block(f"elif ({more} := data[{next_at}]) < {_ONE_BYTE}:"):
            line(f"p = {self._base} + {self._offset + 2}")
            line(f"{value} += ({more} << 7) - {_ONE_BYTE}")
            line(f"{value} = ({value} >> 1) ^ -({value} & 1)")
        with self._source.block("else:"):
            if kind == "long":
                self._long_of_several(value, at)
            else:
                line(f"{value}, p = read_int(data, {at})")
        self.moved_to("p")

    def _long_of_several(self, value: str, at: str) -> None:
        """A long of more than two bytes: six and eight are read in place, in halves of 28 bits.

        Python calculates much faster with ints below 2^30.
        """
        line = self._source.line
        x, y, z, last, low, both = (
            self._source.fresh(stem) for stem in ("x", "y", "z", "w", "low", "b")
        )
        line(f"{x}, {y}, {z}, {last} = four(data, {at})")
        line(f"{both} = {z} & 32896 if {x} & {y} & 32896 == 32896 else 0")
        with self._source.block(f"if {both} == 32896 and {last} & 32896 == 128:"):
            line(f"p = {self._base} + {self._offset + 8}")
            line(f"{low} = pairs[{x}] | pairs[{y}] << 14")
            line(f"{value} = {low} >> 1 | (pairs[{z}] | pairs[{last}] << 14) << 27")
            line(f"if {low} & 1: {value} = ~{value}")
        with self._source.block(f"elif {both} == 128:"):
            line(f"p = {self._base} + {self._offset + 6}")
            line(f"{low} = pairs[{x}] | pairs[{y}] << 14")
            line(f"{value} = {low} >> 1 | pairs[{z}] << 27")
            line(f"if {low} & 1: {value} = ~{value}")
        line(f"else: {value}, p = read_long(data, {at})")

    def floating(self, kind: str) -> str:
        """A float or a double, by `kind`."""
        form, size_bytes = _FLOATS[kind]
        unpack = self._unpackers.get(kind)
        if unpack is None:
            unpack = self._source.constant("unpack", struct.Struct(form).unpack_from)
            self._unpackers[kind] = unpack
        value = self._source.fresh("v")
        self._source.line(f"{value}, = {unpack}(data, {self.at})")
        self._offset += size_bytes
        return value

    def sized(self, *, text: bool) -> str:
        """Bytes behind their length, as text where that is wanted."""
        line, at = self._source.line, self.at
        value, end = self._source.fresh("v"), self._source.fresh("end")
        # an odd byte is a negative length, a large one the beginning of a longer number
        line(f"{end} = data[{at}]")
        line(f"if {end} & 129: {end}, p = read_length(data, {at}); {end} += p")
        line(f"else: p = {self._base} + {self._offset + 1}; {end} = p + ({end} >> 1)")
        line(f"{value} = data[p:{end}]{'.decode()' if text else ''}")
        self.moved_to(end)
        return value

    def fixed(self, size_bytes: int) -> str:
        value = self._source.fresh("v")
        begin = self.at
        self._offset += size_bytes
        self._source.line(f"{value} = data[{begin}:{self.at}]")
        return value

    def chosen(self, table: Mapping[int, Any]) -> str:
        """What `table` has for the index at the position; KeyError for another index."""
        value = self._source.fresh("v")
        if max(table, default=0) < _ONE_BYTE // 2:
            # no zig-zag: the even byte itself is the key, and a longer spelling has none
            name = self._source.constant("table", {2 * i: entry for i, entry in table.items()})
            self._source.line(f"{value} = {name}[data[{self.at}]]")
            self._offset += 1
        else:
            name = self._source.constant("table", dict(table))
            index = self.number("int")
            self._source.line(f"{value} = {name}[{index}]")
        return value

    def index(self, count: int) -> tuple[str, int]:
        """An index below `count` as a variable, and by how much the variable is too large."""
        if count > _ONE_BYTE // 2:
            return self.number("long"), 1
        value = self._source.fresh("v")
        self._source.line(f"{value} = data[{self.at}]")
        self._offset += 1
        return value, 2

    def called(self, function: str) -> str:
        """The value that `function(data, position)` gives beside the position behind it."""
        value = self._source.fresh("v")
        self._source.line(f"{value}, p = {function}(data, {self.at})")
        self.moved_to("p")
        return value

    @contextmanager
    def items(self, *, most: str) -> Iterator[None]:
        """The loops over the blocks of an array or a map, and over the `most` items of each."""
        self.settle()
        line, count = self._source.line, self._source.fresh("count")
        end = self._source.fresh("end")
        with self._source.block("while True:"):
            line(f"{count} = data[p]")
            line(f"if {count} & 129: {count}, p, {end} = read_count(data, p)")
            line(f"else: p += 1; {count} >>= 1; {end} = 0")
            line(f"if not {count}: break")
            line(f"if {count} > {most}: raise ValueError")
            with self._source.block(f"for _ in range({count}):"):
                yield
                self.settle()
            # a size that lies has one meaning for readers of items, another for those that skip
            line(f"if {end} and p != {end}: raise ValueError")
