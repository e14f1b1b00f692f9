"""Findings, fixes and edits as the types of the Language Server Protocol."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types as lsp

from schemareg.findings import Diagnostic, Severity
from schemareg.lsp.positions import Lines
from schemareg.places import Range
from schemareg.syntax import TextEdit, Tree

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}


def diagnostic(found: Diagnostic, lines: Lines, tree: Tree) -> lsp.Diagnostic:
    """`found`, a finding in the text of `lines` and `tree`."""
    advice = f"\n{found.advice}" if found.advice else ""
    detail = f"\n{found.detail}" if found.detail else ""
    return lsp.Diagnostic(
        range=lines.range(range_of(found, lines, tree)),
        message=f"{found.message}{advice}{detail}",
        severity=_SEVERITIES[found.severity],
        code=found.rule,
        source="schemareg",
        data={"rule": found.rule, "pointer": found.location.pointer},
    )


def range_of(found: Diagnostic, lines: Lines, tree: Tree) -> Range:
    """The characters that `found` is about: of a whole object or array only its first line."""
    where = found.location
    start = lines.of_characters(where.line, where.column)
    if found.end_line:
        return Range(start, lines.of_characters(found.end_line, found.end_column))
    value = tree.find(where.pointer)
    if value is not None and value.start == start:
        end = lines.text.find("\n", start, value.end)
        return Range(start, value.end if end < 0 else end)
    end = lines.text.find("\n", start)
    rest = lines.text[start : end if end >= 0 else None].rstrip()
    return Range(start, start + max(len(rest), 0))


def text_edits(edits: Iterable[TextEdit], lines: Lines) -> list[lsp.TextEdit]:
    """`edits` of the text of `lines`."""
    return [lsp.TextEdit(lines.range(edit.range), edit.text) for edit in edits]
