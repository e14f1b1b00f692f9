"""Longs that follow each other and have six or eight bytes each, all decoded at once.

Instants in milliseconds have six bytes until 2039, in microseconds eight until 2541, so that
neighbouring columns of them have one length. Two thousand bits are calculated with in hardly more
time than Python takes for thirty (bench rows "60 timestamp-micros", "60 large longs").
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from typing import TypeAlias

SHORTEST, LONGEST = 3, 64
"""How many longs are decoded at once: with fewer there is no gain, more are several runs."""

ReadRun: TypeAlias = Callable[[bytes, int], tuple[int, ...] | None]


@cache
def run_reader(count: int) -> ReadRun:
    """A function that gives `count` longs at a position, and before them the position behind.

    It gives None where they have not six bytes each, or eight each.
    """
    widen = struct.Struct("<" + "8s" * count).pack
    sixes = struct.Struct("6s" * count).unpack
    unpack = struct.Struct(f"<{count}q").unpack
    size = 8 * count
    flags = _lanes(0x8080808080808080, count)
    of_six, of_eight = _lanes(0x8080808080, count), _lanes(0x80808080808080, count)
    sevens = _lanes(0x007F007F007F007F, count), _lanes(0x7F007F007F007F00, count)
    fourteens = _lanes(0x00003FFF00003FFF, count), _lanes(0x3FFF00003FFF0000, count)
    halves = _lanes(0x000000000FFFFFFF, count), _lanes(0x0FFFFFFF00000000, count)
    signs, numbers = _lanes(1, count), _lanes((1 << 55) - 1, count)

    def read(data: bytes, at: int) -> tuple[int, ...] | None:
        six = data[at + 5] < 128
        end = at + (6 * count if six else size)
        # the last long first: two bytes settle most of the mixed runs
        if end > len(data) or not data[end - 1] < 128 <= data[end - 2]:
            return None
        run = data[at:end]
        z = int.from_bytes(widen(*sixes(run)) if six else run, "little")
        if z & flags != (of_six if six else of_eight):
            return None
        # the bits that one long has in each eight bytes move together, by halves
        z = z & sevens[0] | (z & sevens[1]) >> 1
        z = z & fourteens[0] | (z & fourteens[1]) >> 2
        z = z & halves[0] | (z & halves[1]) >> 4
        negative = z & signs
        values = (z >> 1 & numbers) ^ ((negative << 64) - negative)
        return end, *unpack(values.to_bytes(size + 8, "little")[:size])

    return read


def runs_among(are_longs: Sequence[bool]) -> dict[int, int]:
    """The lengths of the runs among values of which these are longs, by index of the first."""
    runs: dict[int, int] = {}
    begin = 0
    for is_long, same in groupby(are_longs):
        end = begin + len(list(same))
        if is_long:
            runs |= {first: min(LONGEST, end - first) for first in range(begin, end, LONGEST)}
        begin = end
    return {first: count for first, count in runs.items() if count >= SHORTEST}


def _lanes(pattern: int, count: int) -> int:
    return int.from_bytes(pattern.to_bytes(8, "little") * count, "little")
