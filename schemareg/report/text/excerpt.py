"""The line of a file that a finding is about, with carets under the characters concerned."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from schemareg.avro.parse.source import decode_text
from schemareg.errors import SchemaParseError
from schemareg.places import Location
from schemareg.report.page import Colour, Page
from schemareg.syntax import parse_text

_CUT = "..."
_BEFORE = 12
"""So many columns before the carets are shown of a line that is too long."""
_LONGEST_FILE = 1_000_000
"""Larger files get no excerpt: their tree is not worth a few carets."""


def excerpt(where: Location, page: Page, colour: Colour, *, indent: str = "  ") -> Iterator[str]:
    """The line at `where` and the carets below it, as wide as the page.

    Nothing where the text is not known, is no text, or has no such line.
    """
    raw = page.texts.get(where.path or "")
    if raw is None or where.line < 1 or len(raw) > _LONGEST_FILE:
        return
    try:
        text = decode_text(raw)
    except SchemaParseError:
        return
    lines = text.split("\n", where.line)
    if where.line > len(lines):
        return
    start = max(where.column - 1, 0)
    line = lines[where.line - 1].rstrip("\r")
    if not line.strip() or start > len(line):
        return
    # no more of a long line than could be shown, so that many findings in it cost little
    near = max(page.width, 40)
    line, start = line[max(start - near, 0) : start + near], min(start, near)
    end = _end(line, start, is_cut=len(line) - start == near)
    margin = f"{indent}{where.line} | "
    before, marked, after = (_plain(part) for part in (line[:start], line[start:end], line[end:]))
    before, marked, after = _fitted(before, marked, after, max(page.width, 40) - len(margin))
    yield f"{margin}{before}{marked}{after}".rstrip()
    blank = " " * (len(margin) - 2) + "| " + " " * _columns(before)
    yield blank + page.paint("^" * max(_columns(marked), 1), colour)


def _end(line: str, start: int, *, is_cut: bool) -> int:
    """Where in `line` the value at `start` ends; one of many lines at its first character."""
    value = parse_text(line[start:]).root
    if value is None or value.start != 0:
        return min(start + 1, len(line))
    opened = line[start] in "{["
    whole = not opened or is_cut or line[start + value.end - 1] == {"{": "}", "[": "]"}[line[start]]
    return start + (value.end if whole else 1)


def _fitted(before: str, marked: str, after: str, width: int) -> tuple[str, str, str]:
    """The three parts, cut so that they fit into `width` columns with the marked one in view."""
    if _columns(before + marked + after) <= width:
        return before, marked, after
    if _columns(before) > _BEFORE:
        tail = before[-(_BEFORE - len(_CUT)) :]
        if _columns(before + marked) > width:
            before = _CUT + tail
    room = width - _columns(before)
    if _columns(marked) > room:
        return before, _first(marked, room - len(_CUT)) + _CUT, ""
    room -= _columns(marked)
    if _columns(after) > room:
        after = _first(after, room - len(_CUT)) + _CUT if room > len(_CUT) else ""
    return before, marked, after


def _first(text: str, columns: int) -> str:
    """As much of `text` as `columns` take."""
    width = 0
    for index, character in enumerate(text):
        width += _columns(character)
        if width > columns:
            return text[:index]
    return text


def _plain(text: str) -> str:
    """`text` with a character of one column in place of each that moves the cursor."""
    return "".join(
        " " if c == "\t" else c if c.isprintable() and not unicodedata.combining(c) else "?"
        for c in text
    )


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
