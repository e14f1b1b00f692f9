"""The kinds of value a setting takes: texts, numbers, paths, words of an enum."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from schemareg.lazy_dataclass import dataclass

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """`read` returns the value, or None where what was given is of another kind.

    `expected` completes "… is not". `from_text` converts what the environment or an ini file
    holds; it may raise ValueError. A `relative` path of a file counts from that file's directory.
    """

    expected: str
    read: Callable[[object], T | None]
    from_text: Callable[[str], object] = str
    relative: bool = False


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _flag_from_text(text: str) -> object:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower(), text)


def _path(value: object) -> Path | None:
    if isinstance(value, Path):
        return value
    return Path(value) if isinstance(value, str) and value and "\0" not in value else None


def _texts(value: object) -> tuple[str, ...] | None:
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def _day(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


TEXT: Kind[str] = Kind("a text", _text)
FLAG: Kind[bool] = Kind("true or false", _flag, _flag_from_text)
PATH: Kind[Path] = Kind("a path", _path, relative=True)
DAY: Kind[date] = Kind("a day like 2030-12-31", _day)
TEXTS: Kind[tuple[str, ...]] = Kind("a list of texts", _texts, str.split)


def whole_number(minimum: int | None = None, maximum: int | None = None) -> Kind[int]:
    """Whole numbers from `minimum` to `maximum`, both included; a bool is none."""

    def read(value: object) -> int | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        low = minimum is None or value >= minimum
        return value if low and (maximum is None or value <= maximum) else None

    return Kind(f"a whole number{_bounds(minimum, maximum)}", read, int)


def number(*, above: float | None = None, maximum: float | None = None) -> Kind[float]:
    """Finite numbers, greater than `above` and at most `maximum` where they are given."""

    def read(value: object) -> float | None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        fits = (above is None or value > above) and (maximum is None or value <= maximum)
        return float(value) if fits and math.isfinite(value) else None

    lower = "" if above is None else f" above {above:g}"
    upper = "" if maximum is None else f" and at most {maximum:g}"
    return Kind(f"a number{lower}{upper}", read, float)


def choice(words: type[E]) -> Kind[E]:
    """One of an enum's values."""
    known = {word.value: word for word in words}
    return Kind(
        f"one of {', '.join(known)}",
        lambda value: known.get(value) if isinstance(value, str) else None,
    )


def _bounds(minimum: int | None, maximum: int | None) -> str:
    if minimum is None:
        return "" if maximum is None else f" of at most {maximum}"
    return f" from {minimum}" if maximum is None else f" from {minimum} to {maximum}"
