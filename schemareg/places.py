"""How everything points: JSON Pointers and ranges inside a text, and locations in files."""

from __future__ import annotations

from typing import NamedTuple, NewType

from schemareg.lazy_dataclass import dataclass

Pointer = NewType("Pointer", str)
"""A JSON Pointer as RFC 6901 spells it: `""` is the whole document, `/fields/0/type` a part."""

ROOT = Pointer("")


def child(pointer: Pointer, *tokens: str | int) -> Pointer:
    """The pointer to what `tokens` reach from `pointer`, each token escaped (`~0`, `~1`).

    Source: RFC 6901, section 3.
    """
    return Pointer(
        pointer + "".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in tokens)
    )


def tokens(pointer: Pointer) -> tuple[str, ...]:
    """The unescaped reference tokens of `pointer`, outermost first; empty for the root."""
    if not pointer:
        return ()
    return tuple(t.replace("~1", "/").replace("~0", "~") for t in pointer[1:].split("/"))


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """The characters of a text from offset `start` up to, not including, offset `end`."""

    start: int
    end: int


class Position(NamedTuple):
    """Line and column of a character, both from 1, the column in characters.

    (0, 0) is no position: what was looked for is not in the text.
    """

    line: int
    column: int


NO_POSITION = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Location:
    """A place that a person can go to.

    `path` is shown as given (None: the text came from no file); `line` and `column` count from
    1, `column` in characters; 0 means that the place inside the file is not known.
    """

    path: str | None
    line: int = 0
    column: int = 0
    pointer: Pointer = ROOT

    def __str__(self) -> str:
        place = self.path or "<text>"
        return f"{place}:{self.line}:{self.column}" if self.line else place
