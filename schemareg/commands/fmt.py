"""Lay out schema files as configured, or check that they are."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import ClassVar

from schemareg.avro.parse.source import check_utf_8, decode_text, load
from schemareg.errors import ExitCode, SchemaParseError
from schemareg.findings import Diagnostic, Severity, parse_diagnostics
from schemareg.fix.layout import LayoutSettings, laid_out, layout_settings
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.results import Case, Counts, Result
from schemareg.workspace import Config, read_texts
from schemareg.workspace.files import write_file
from schemareg.workspace.schema_paths import PassedOver
from schemareg.workspace.source_languages import is_translated


@dataclass(frozen=True, slots=True)
class TextChange:
    """A file that changes, or would: its path, and the unified diff of its text."""

    path: str
    diff: str = field(metadata={"whole": True})


@dataclass(frozen=True, slots=True)
class FmtResult(Result):
    """The `changes` of layout among `files` files, and the `failures` of those that are not JSON.

    `written`: the files have the new layout now. `shows_diff`: text shows the changes in full.
    """

    command: ClassVar[str] = "fmt"

    files: int
    changes: tuple[TextChange, ...]
    failures: tuple[Diagnostic, ...]
    written: bool
    shows_diff: bool = field(default=False, metadata={"json": False})
    passed_over: tuple[PassedOver, ...] = field(default=(), metadata={"json": False})

    def annotations(self) -> Iterator[Diagnostic]:
        yield from self.failures
        for change in () if self.written else self.changes:
            yield Diagnostic(
                rule="layout",
                severity=Severity.ERROR,
                message="the file is not laid out as configured",
                location=Location(change.path, 1, 1),
                advice=f"run `schemareg fmt {change.path}`",
            )

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO for a file that is not JSON, or has another layout and was not written."""
        return ExitCode.NO if any(self.annotations()) else ExitCode.YES

    def counts(self) -> Counts:
        passed_over = len(self.passed_over) + len(self.failures)
        read = self.files + len(self.passed_over)
        return Counts("schema file", read, read - passed_over, passed_over)

    def cases(self) -> Iterator[Case]:
        for diagnostic in self.annotations():
            yield Case(diagnostic.location.path or "", (diagnostic,))


def format_files(
    config: Config, paths: Sequence[Path] | None = None, *, write: bool, shows_diff: bool = False
) -> FmtResult:
    """Every schema file in the roots of `config` or under `paths`, laid out as configured.

    With `write` the files that change are written, each in one step.

    Raises:
        UsageError: settings out of range, a missing path, no schemas, a file that cannot be
            written.
    """
    settings = layout_settings(config.fmt)
    read = read_texts(config, paths)
    changes: list[TextChange] = []
    failures: list[Diagnostic] = []
    files = 0
    untouched: list[PassedOver] = []
    for shown, raw in read.texts:
        if read.selected is not None and shown not in read.selected:
            continue
        if is_translated(shown):
            untouched.append(PassedOver(shown, "not in JSON"))
            continue
        files += 1
        try:
            check_utf_8(raw)
            old, new = decode_text(raw), formatted(raw, settings)
        except SchemaParseError as error:
            failures += (_at(found, shown) for found in parse_diagnostics(error))
            continue
        if new.encode() == raw:
            continue
        changes.append(TextChange(shown, unified_diff(old, new, shown)))
        if write:
            write_file(config.cwd / shown, new, shown)
    return FmtResult(
        files,
        tuple(changes),
        tuple(failures),
        write,
        shows_diff,
        passed_over=(*read.passed_over, *untouched),
    )


def formatted(raw: bytes, settings: LayoutSettings) -> str:
    """The text `raw` in the layout of `settings`.

    Raises:
        SchemaParseError: `raw` is not JSON.
    """
    text = decode_text(raw)
    value = load(text)
    new = laid_out(text, settings)
    assert load(new) == value, "a layout changed what a text means"
    return new


def unified_diff(old: str, new: str, path: str) -> str:
    """What changes from `old` to `new`, as `diff -u` and `git apply` know it.

    A path with a control character is quoted as git does it.
    """
    named = path if path.isprintable() else json.dumps(path)[1:-1]
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"a/{named}",
        f"b/{named}",
    )
    marked = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return "".join(marked)


def _at(diagnostic: Diagnostic, path: str) -> Diagnostic:
    return replace(diagnostic, location=replace(diagnostic.location, path=path))
