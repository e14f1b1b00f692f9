"""The nearest known word to one that is not known, for advice in errors and findings."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The advice for a word that is not among `known`: the nearest one, else all of them."""
    from difflib import get_close_matches  # costs start-up time that only a failure should pay

    words = sorted(known)
    if "." in word and word.rpartition(".")[2].isidentifier():
        # a namespace in common makes no two types alike
        name = nearest_name(word, words)
        near = [] if name is None else [name]
    else:
        near = get_close_matches(word, words, n=1, cutoff=0.6)
        if not near and (name := nearest_name(word, [w for w in words if "." in w])):
            near = [name]  # a short name for a full one
        if not near and len(word) > 2:  # a letter or two are part of any word
            near = [w for w in words if word.lower() in w.lower()]
    if near:
        return f"did you mean {near[0]!r}?"
    if len(words) > 12:
        words = [*words[:12], "…"]
    return f"known: {', '.join(words)}" if words else "none is known"


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that was probably meant by the dotted `name`; None where none is near.

    The last part decides: it is the same, or misspelt by no more than one letter in four. Of
    several the nearest as a whole comes back.
    """
    short = _last_part(name)
    limit = max(1, len(short) // 4)
    near: list[tuple[int, int, str]] = []
    for candidate in known:
        other = _last_part(candidate)
        if abs(len(other) - len(short)) <= limit:
            distance = _edits(short, other)
            if distance <= limit:
                near.append((distance, _edits(name, candidate), candidate))
    return min(near)[2] if near else None


def _last_part(name: str) -> str:
    return name.rpartition(".")[2].casefold()


def _edits(one: str, other: str) -> int:
    """Letters put in, left out, replaced, or swapped with the next, to make `other` of `one`."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]
