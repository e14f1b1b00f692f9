"""Quick fixes: what a finding offers, judged before it is offered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from schemareg.commands.fix import refusal_of
from schemareg.findings import Diagnostic, Fix
from schemareg.lazy_dataclass import dataclass
from schemareg.lsp.analysis import Analysis


@dataclass(frozen=True, slots=True)
class QuickFix:
    """The fix of `found`; with `refusal`, why the engine would not apply it."""

    found: Diagnostic
    fix: Fix
    refusal: str | None


def quick_fixes(
    analysis: Analysis, shown: str, line: int, last: int, today: date
) -> Iterator[QuickFix]:
    """The fixes of the findings in the file `shown` from `line` to `last`, both from 1."""
    for found in analysis.findings.get(shown, ()):
        if found.fix is None or not found.fix.edits or not line <= found.location.line <= last:
            continue
        refusal = refusal_of(analysis.config, analysis.read, analysis.state, found, today=today)
        yield QuickFix(found, found.fix, refusal)
