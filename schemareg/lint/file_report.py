"""What linting one file gave: drafts of its diagnostics, its suppressions and its facts."""

from __future__ import annotations

from typing import NamedTuple

from schemareg.findings import Fix
from schemareg.lint.facts import FileFacts
from schemareg.lint.sites import Suppression
from schemareg.places import Pointer


class Draft(NamedTuple):
    """A diagnostic before its severity and its suppression are known.

    It is about the characters from `line` and `column` up to, not including, `end_line` and
    `end_column`; they count from 1, 0 without a place inside a file.
    """

    rule: str
    message: str
    advice: str | None
    path: str | None
    pointer: Pointer
    element: str
    line: int
    column: int
    end_line: int
    end_column: int
    fix: Fix | None = None


class FileReport(NamedTuple):
    """Everything that linting a file gave; `facts` are for the rules that compare files."""

    facts: FileFacts
    drafts: tuple[Draft, ...]
    suppressions: tuple[Suppression, ...]

    @property
    def path(self) -> str:
        return self.facts.file.path
