"""JSON texts laid out anew: only the white space between tokens changes.

Numbers and escapes keep their spelling, on which schema ids depend, and comments their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from schemareg.syntax.tokens import tokens

_OPENING, _CLOSING = frozenset("{["), frozenset("}]")
_BREAKING = _OPENING | {","}
_SPACED = {",": ", ", ":": ": "}


def same_tokens(left: str, right: str) -> bool:
    """Whether the two texts differ in nothing but white space and comments."""
    return _essential(left) == _essential(right)


def _essential(text: str) -> list[str]:
    return [token[0] for token in tokens(text) if token.lastgroup != "comment"]


def format_text(text: str, *, indent: int = 2, width: int = 100, flat: bool = True) -> str:
    """`text` with `indent` spaces per level and a line end last; broken texts alike.

    With `flat`, an object or array is on one line where it fits into `width`, holds no comment,
    and does not list objects. Linear in the length of the text.
    """
    found = list(tokens(text))
    if not flat and not any(token.lastgroup == "comment" for token in found):
        pieces = _indented([token[0] for token in found], indent)
        if pieces is not None:
            return "".join(pieces) + "\n"
    return "".join(_Layout(found, indent, width if flat else 0).pieces()) + "\n"


def _indented(texts: Sequence[str], indent: int) -> list[str] | None:
    """What `_Layout` gives without comments and flat parts, in one pass; None: brackets differ.

    The catalog lays out every version of every subject; this takes half the time.
    """
    pieces = []
    depth = 0
    before = ""
    for text in texts:
        if text in _CLOSING:
            depth -= 1
            if depth < 0:
                return None
            pieces.append(text if before in _OPENING else "\n" + " " * (indent * depth) + text)
        else:
            if before in _BREAKING:
                pieces.append("\n" + " " * (indent * depth))
            pieces.append(": " if text == ":" else text)
            depth += text in _OPENING
        before = text
    return pieces if depth == 0 else None


class _Layout:
    """The tokens of a text with sums over them, so that each is looked at a few times only."""

    def __init__(self, found: Sequence[re.Match[str]], indent: int, width: int) -> None:
        self.texts = [match[0] for match in found]
        self.are_comments = [match.lastgroup == "comment" for match in found]
        # whether a token is on the line on which the one before it ends
        self.same_line = [
            before is not None and "\n" not in match.string[before.end() : match.start()]
            for before, match in zip([None, *found], found, strict=False)
        ]
        self.indent = indent
        self.width = width
        self.ends = dict(_ends(self.texts))
        pairs = zip([None, *self.texts], self.texts, strict=False)
        obstacles = [
            pair == ("[", "{") or is_comment
            for pair, is_comment in zip(pairs, self.are_comments, strict=True)
        ]
        self.obstacles = [0, *accumulate(obstacles)]
        self.lengths = [0, *accumulate(len(_SPACED.get(text, text)) for text in self.texts)]

    def pieces(self) -> Iterator[str]:
        depth = 0
        index = 0
        after_comment = False
        while index < len(self.texts):
            text = self.texts[index]
            line = "\n" + " " * (self.indent * depth)
            end = self.ends.get(index)
            if self.are_comments[index]:
                yield from self.comment(index, line)
                after_comment = True
                index += 1
                continue
            if after_comment and text not in ("}", "]"):
                yield line
            after_comment = False
            if end is not None and self.is_flat(index, end, depth):
                yield from (_SPACED.get(part, part) for part in self.texts[index : end + 1])
                index = end
            elif end is not None:
                depth += 1
                yield text
                yield from self.line_before(index + 1, depth)
            elif text in ("}", "]"):
                depth = max(depth - 1, 0)
                yield "\n" + " " * (self.indent * depth) + text
            elif text == ",":
                yield text
                yield from self.line_before(index + 1, depth)
            else:
                yield _SPACED.get(text, text)
            index += 1

    def line_before(self, index: int, depth: int) -> Iterator[str]:
        """A new line for the token at `index`, unless that makes one of its own."""
        follows = index < len(self.texts) and not self.are_comments[index]
        if follows and self.texts[index] not in ("}", "]"):
            yield "\n" + " " * (self.indent * depth)

    def comment(self, index: int, line: str) -> Iterator[str]:
        if index:
            yield " " if self.same_line[index] else line
        yield self.texts[index].rstrip()

    def is_flat(self, start: int, end: int, depth: int) -> bool:
        if end == start + 1:
            return True
        length = self.lengths[end + 1] - self.lengths[start]
        blocked = self.obstacles[end + 1] - self.obstacles[start + 1]
        return not blocked and length <= self.width - self.indent * depth


def _ends(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The index of each opening bracket with that of the bracket that closes it."""
    open_: list[int] = []
    for index, text in enumerate(texts):
        if text in ("{", "["):
            open_.append(index)
        elif text in ("}", "]") and open_:
            yield open_.pop(), index
