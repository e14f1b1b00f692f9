"""JSON texts laid out anew: only the white space between tokens changes.

Going through values would spell numbers and escapes another way, and ids hang on the spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WIDTH = 100


def same_json(left: str, right: str) -> bool:
    """Whether the two texts have the same tokens."""
    return _TOKEN.findall(left) == _TOKEN.findall(right)


def laid_out(text: str) -> str:
    """`text` with two spaces per level, short objects and arrays on one line, a line end last.

    A text that is already laid out over several lines is returned as it is. Lone surrogates,
    which no file can hold, are written as JSON escapes.
    """
    text = _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if "\n" in text.strip():
        return text if text.endswith("\n") else f"{text}\n"
    return "".join(_lines(_TOKEN.findall(text), _ends(_TOKEN.findall(text)))) + "\n"


def _ends(tokens: list[str]) -> dict[int, int]:
    """Index of each opening bracket -> index of the one that closes it."""
    found: dict[int, int] = {}
    open_: list[int] = []
    for index, token in enumerate(tokens):
        if token in ("{", "["):
            open_.append(index)
        elif token in ("}", "]") and open_:
            found[open_.pop()] = index
    return found


def _lines(tokens: list[str], ends: dict[int, int]) -> Iterator[str]:
    depth = 0
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = ends.get(index)
        if end is not None and (flat := _flat(tokens[index : end + 1], depth)):
            yield flat
            index = end
        elif end is not None:
            depth += 1
            yield f"{token}\n{'  ' * depth}"
        elif token in ("}", "]"):
            depth -= 1
            yield f"\n{'  ' * depth}{token}"
        elif token == ",":
            yield f",\n{'  ' * depth}"
        else:
            yield ": " if token == ":" else token
        index += 1


def _flat(tokens: list[str], depth: int) -> str | None:
    """The object or array on one line, None when it is too long or lists objects."""
    if ("[", "{") in pairwise(tokens):
        return None
    spaced = {",": ", ", ":": ": "}
    line = "".join(spaced.get(token, token) for token in tokens)
    return line if len(line) <= _WIDTH - 2 * depth else None
