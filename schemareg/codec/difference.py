"""Where two decoded events first differ, field by field, types included."""

from __future__ import annotations

import math
from collections.abc import Mapping

from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Pointer, child


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in an event where what came is not what was expected."""

    pointer: Pointer
    expected: object
    got: object

    def __str__(self) -> str:
        return f"{self.pointer or 'the event'}: expected {self.expected!r}, got {self.got!r}"


@dataclass(frozen=True, slots=True)
class Absent:
    """Represents a field or item that is absent."""

    def __repr__(self) -> str:
        return "nothing"


def first_difference(expected: object, got: object) -> Difference | None:
    """The first place where `got` differs from `expected`, or None.

    Types count (1 is not 1.0 nor True), NaN equals NaN, 0.0 is not -0.0, the order of a
    mapping's keys does not matter.
    """
    # values of Python's own types that are spelled alike are alike, and spelling is done in C
    return None if repr(expected) == repr(got) else _search(expected, got, ROOT)


def _search(expected: object, got: object, pointer: Pointer) -> Difference | None:
    if type(expected) is not type(got):
        return Difference(pointer, expected, got)
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key in [*expected, *(key for key in got if key not in expected)]:
            difference = _search(
                expected.get(key, Absent()), got.get(key, Absent()), child(pointer, str(key))
            )
            if difference:
                return difference
        return None
    if isinstance(expected, list) and isinstance(got, list):
        for index in range(max(len(expected), len(got))):
            difference = _search(
                expected[index] if index < len(expected) else Absent(),
                got[index] if index < len(got) else Absent(),
                child(pointer, index),
            )
            if difference:
                return difference
        return None
    if isinstance(expected, float) and isinstance(got, float):
        same = _same_float(expected, got)
    else:
        same = expected == got
    return None if same else Difference(pointer, expected, got)


def _same_float(expected: float, got: float) -> bool:
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    return expected == got and math.copysign(1, expected) == math.copysign(1, got)
