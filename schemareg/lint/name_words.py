"""The words inside a name, however it joins them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(name: str) -> tuple[str, ...]:
    """The words of `name` in lower case: `totalAmount`, `total_amount` -> total, amount."""
    return tuple(word.lower() for word in _WORD.findall(name))


def says(name: str, phrases: Iterable[str]) -> bool:
    """Whether one of `phrases` (words joined by `_`) stands in `name` as whole words."""
    spelt = f"_{'_'.join(words(name))}_"
    return any(f"_{phrase}_" in spelt for phrase in phrases)


def ends(name: str, phrases: Iterable[str]) -> bool:
    """Whether `name` ends in one of `phrases` (words joined by `_`)."""
    spelt = f"_{'_'.join(words(name))}"
    return any(spelt.endswith(f"_{phrase}") for phrase in phrases)
