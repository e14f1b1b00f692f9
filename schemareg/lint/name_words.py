"""The words inside a name, however it joins them; and numbers of things in words."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


# Rules ask for the words of one name one after the other, hence the small memory.
@lru_cache(maxsize=256)
def words(name: str) -> tuple[str, ...]:
    """The words of `name` in lower case: `totalAmount`, `total_amount` -> total, amount."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=256)
def _joined(name: str) -> str:
    return f"_{'_'.join(words(name))}_"


@lru_cache(maxsize=256)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"_(?:{'|'.join(map(re.escape, phrases)) or '(?!)'})_")


def has_words(name: str, phrases: tuple[str, ...]) -> bool:
    """Whether `name` contains one of `phrases` (words joined by `_`) as whole words."""
    return _may_have(name, phrases) and _any_of(phrases).search(_joined(name)) is not None


def ends_in_words(name: str, phrases: tuple[str, ...]) -> bool:
    """Whether `name` ends in one of `phrases` (words joined by `_`)."""
    return _may_have(name, phrases) and any(_joined(name).endswith(f"_{p}_") for p in phrases)


def _may_have(name: str, phrases: tuple[str, ...]) -> bool:
    """Whether the letters of one of `phrases` are in `name`: splitting takes ten times as long."""
    return _letters_of(phrases).search(name.lower()) is not None


@lru_cache(maxsize=256)
def _letters_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(p).replace("_", "_?") for p in phrases) or "(?!)")


def counted(number: int, noun: str) -> str:
    """`1 field`, `2 fields`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
