"""What text is laid out for: a width, and colours or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Literal

from schemareg.lazy_dataclass import dataclass
from schemareg.report.escape import line

Colour = Literal["red", "yellow", "green", "blue", "dim", "bold"]
_CODES: dict[Colour, int] = {
    "red": 31, "yellow": 33, "green": 32, "blue": 34, "dim": 2, "bold": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """Width in columns (at least 40), and whether ANSI colours are wanted.

    `verbose` adds what did not change.

    `root` is the path from the top of the repository to where the result's paths begin, such as
    `services/orders/`; "" where that is the same directory. `ascii`: the stream holds no more than
    ASCII. `commit` is the id of the commit that is checked out, where it is known. `texts` are
    the files of which findings show the line, by path.
    """

    width: int = 80
    colours: bool = False
    root: str = ""
    verbose: bool = False
    ascii: bool = False
    commit: str = ""
    texts: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))

    def paint(self, text: str, colour: Colour) -> str:
        text = line(text)
        return f"\033[{_CODES[colour]}m{text}\033[0m" if self.colours else text

    def wrap(self, text: str, indent: str, *, first: str | None = None) -> str:
        """`text` in lines no wider than the page where words allow, each after `indent`."""
        text, width = line(" ".join(text.split())), max(self.width, 40)
        first = indent if first is None else first
        if text and len(first) + len(text) <= width:
            return first + text  # as nearly all are; textwrap is slow to load, and slow
        import textwrap

        return textwrap.fill(
            text,
            width=width,
            initial_indent=first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def table(self, rows: list[tuple[str, ...]], indent: str = "  ") -> str:
        """`rows` in columns as wide as their widest cell, two spaces apart."""
        if not rows:
            return ""
        rows = [tuple(map(line, row)) for row in rows]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        return "\n".join(
            (indent + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))).rstrip()
            for row in rows
        )
