"""Avro's variable-length integers, fast: most of them are one look into a table.

Source: Apache Avro 1.12 specification, "Binary Encoding", int and long (zig-zag, 7 bits a byte).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache

from schemareg.integers import INT_MAX, INT_MIN, LONG_MAX, LONG_MIN
from schemareg.lazy_dataclass import dataclass

CHUNK = 1 << 14
"""Two bytes of seven bits: what one look into a table settles."""
SMALL = CHUNK >> 1
"""Integers in -SMALL … SMALL-1, and lengths below it, are in the tables."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Encoded numbers by value; 1.5 MB, built in some milliseconds when a codec is first compiled.

    `signed[v]` for -SMALL <= v < SMALL (a negative index counts from the end, so no zig-zag is
    computed), `last[z]` the bytes of an unsigned z < CHUNK, `more[z]` the same 14 bits with a
    continuation bit on both bytes.

    Numbers of six and of eight bytes are packed at once, by `six` and `eight`, from 16 bits each:
    `begin[v]` are those of 2 * v, v < SMALL, and of `middle[z]`, both with two continuation bits
    as `more[z]` has them; `end[z]` has one, as the two bytes of `last[z]`.
    """

    signed: tuple[bytes, ...]
    last: tuple[bytes, ...]
    more: tuple[bytes, ...]
    begin: tuple[int, ...]
    middle: tuple[int, ...]
    end: tuple[int, ...]


@cache
def tables() -> Tables:
    """The tables, the same object at every call."""
    last = tuple(bytes([z]) if z < 128 else bytes([z & 127 | 128, z >> 7]) for z in range(CHUNK))
    more = tuple(bytes([z & 127 | 128, z >> 7 | 128]) for z in range(CHUNK))
    middle = tuple(int.from_bytes(two, "little") for two in more)
    return Tables(
        signed=last[0::2] + last[::-2],
        last=last,
        more=more,
        begin=middle[0::2],
        middle=middle,
        end=tuple(two & ~0x8000 for two in middle),
    )


six = struct.Struct("<HHH").pack
eight = struct.Struct("<HHHH").pack
SIX_BYTES = (1 << 34, 1 << 41)
"""From and below: the positive longs of six bytes, such as instants in milliseconds."""
EIGHT_BYTES = (1 << 48, 1 << 55)
"""From and below: the positive longs of eight bytes, such as instants in microseconds."""


@cache
def pairs() -> tuple[int, ...]:
    """The fourteen bits that two bytes of a number carry, by the two as a little-endian 16 bits."""
    return tuple((two & 127) | (two >> 1 & 16256) for two in range(1 << 16))


@cache
def long_writer() -> Callable[[int], bytes]:
    """`long_bytes` as compiled encoders call it: with its tables at hand."""
    look = tables()
    more, last = look.more, look.last

    def write(value: int) -> bytes:
        z = value << 1 if value >= 0 else ~(value << 1)
        # halves of 28 bits: Python calculates much faster with ints below 2^30
        high = z >> 28
        if not high:
            return more[z & 16383] + last[z >> 14] if z >= CHUNK else last[z]
        low = z & 268435455
        if high < CHUNK:
            return more[low & 16383] + more[low >> 14] + last[high]
        if not LONG_MIN <= value <= LONG_MAX:
            raise OverflowError
        low_bytes = more[low & 16383] + more[low >> 14]
        if high < 1 << 28:
            return low_bytes + more[high & 16383] + last[high >> 14]
        return low_bytes + more[high & 16383] + more[high >> 14 & 16383] + last[high >> 28]

    return write


def long_bytes(value: int) -> bytes:
    """The bytes of `value` as long.

    Raises: OverflowError beyond 64 bits.
    """
    return long_writer()(value)


def int_bytes(value: int) -> bytes:
    """The bytes of `value` as int.

    Raises: OverflowError beyond 32 bits.
    """
    if not INT_MIN <= value <= INT_MAX:
        raise OverflowError
    return long_writer()(value)


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """The long at `at` and the position behind it.

    Raises: IndexError when `data` ends inside it, OverflowError beyond 64 bits.
    """
    # unrolled: an instant in milliseconds has six bytes, and a loop over them costs twice as much
    a = data[at]
    if a < 128:
        return (a >> 1) ^ -(a & 1), at + 1
    b = data[at + 1]
    if b < 128:
        z = a & 127 | b << 7
        return (z >> 1) ^ -(z & 1), at + 2
    c = data[at + 2]
    if c < 128:
        z = a & 127 | (b & 127) << 7 | c << 14
        return (z >> 1) ^ -(z & 1), at + 3
    d = data[at + 3]
    z = a & 127 | (b & 127) << 7 | (c & 127) << 14 | (d & 127) << 21
    if d < 128:
        return (z >> 1) ^ -(z & 1), at + 4
    e = data[at + 4]
    if e < 128:
        z |= e << 28
        return (z >> 1) ^ -(z & 1), at + 5
    f = data[at + 5]
    z |= (e & 127 | (f & 127) << 7) << 28
    if f < 128:
        return (z >> 1) ^ -(z & 1), at + 6
    g = data[at + 6]
    if g < 128:
        z |= g << 42
        return (z >> 1) ^ -(z & 1), at + 7
    h = data[at + 7]
    z |= (g & 127 | (h & 127) << 7) << 42
    if h < 128:
        return (z >> 1) ^ -(z & 1), at + 8
    return _read_longest(data, at, z)


def _read_longest(data: bytes, at: int, z: int) -> tuple[int, int]:
    """A long of nine or ten bytes, of which `z` holds the first eight."""
    ninth = data[at + 8]
    z |= (ninth & 127) << 56
    if ninth < 128:
        return (z >> 1) ^ -(z & 1), at + 9
    tenth = data[at + 9]
    if tenth > 1:
        raise OverflowError
    z |= tenth << 63
    return (z >> 1) ^ -(z & 1), at + 10


def read_int(data: bytes, at: int) -> tuple[int, int]:
    """The int at `at` and the position behind it; raises as `read_long`, beyond 32 bits too."""
    value, at = read_long(data, at)
    if not INT_MIN <= value <= INT_MAX:
        raise OverflowError
    return value, at


def read_length(data: bytes, at: int) -> tuple[int, int]:
    """The length in bytes at `at` and the position behind it.

    Raises: ValueError when it is negative or more than what is left of `data`.
    """
    length, at = read_long(data, at)
    if not 0 <= length <= len(data) - at:
        raise ValueError
    return length, at


def read_count(data: bytes, at: int) -> tuple[int, int, int]:
    """The item count of the block at `at`, where its items begin, and where they must end.

    The end is 0 where the block does not give its size in bytes.

    Raises: as `read_long`; ValueError for a size that is negative or beyond `data`.
    """
    count, at = read_long(data, at)
    if count < 0:
        size, at = read_length(data, at)
        return -count, at, at + size
    return count, at, 0
