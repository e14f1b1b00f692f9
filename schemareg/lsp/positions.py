"""Offsets in a text as the positions of the Language Server Protocol, and back."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol import types as lsp

from schemareg.places import Range

_LINE_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """The lines of `text`; a column counts UTF-16 code units, as every client understands.

    Source: Language Server Protocol 3.17, "Text Documents" and "Position".
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def position(self, offset: int) -> lsp.Position:
        """The position of the character at `offset`."""
        line = bisect_right(self.starts, offset) - 1
        return lsp.Position(line, _units(self.text[self.starts[line] : offset]))

    def offset(self, position: lsp.Position) -> int:
        """The offset of `position`; one behind the end of its line, or of the text, is the end."""
        if position.line >= len(self.starts):
            return len(self.text)
        start = self.starts[position.line]
        last = position.line + 1 == len(self.starts)
        end = len(self.text) if last else self.starts[position.line + 1]
        line = self.text[start:end]
        units = 0
        for index, character in enumerate(line):
            if units >= position.character or character in "\r\n":
                return start + index
            units += 2 if ord(character) > 0xFFFF else 1
        return end

    def range(self, at: Range) -> lsp.Range:
        return lsp.Range(self.position(at.start), self.position(at.end))

    def of_characters(self, line: int, column: int) -> int:
        """The offset of the character at `line` and `column`, both from 1, as reports count."""
        starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        if not 0 < line <= len(starts):
            return 0
        return min(starts[line - 1] + max(column, 1) - 1, len(self.text))


def _units(text: str) -> int:
    return len(text) + sum(ord(character) > 0xFFFF for character in text)
