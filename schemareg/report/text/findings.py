"""Findings as lines a person reads and an editor jumps to."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from schemareg.commands.lint import LintResult
from schemareg.findings import BASELINE_REASON, Finding, Severity
from schemareg.report.escape import line
from schemareg.report.page import Colour, Page

_COLOUR: dict[Severity, Colour] = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}


def lint(result: LintResult, page: Page) -> str:
    """Every counting finding with its advice, then one line that sums up."""
    counting = result.counting()
    lines = [finding(f, page) for f in counting]
    lines.append(_summary(result, page))
    return "\n".join(lines) + "\n"


def finding(diagnostic: Finding, page: Page) -> str:
    """Place, severity and rule; what is wrong; what to do."""
    severity = page.paint(diagnostic.severity.value, _COLOUR[diagnostic.severity])
    place = line(str(diagnostic.location))
    lines = [f"{place}: {severity} {page.paint(diagnostic.rule, 'bold')}"]
    about = f"{diagnostic.element}: " if diagnostic.element else ""
    lines.append(page.wrap(about + diagnostic.message, "    "))
    if diagnostic.advice:
        lines.append(page.wrap(diagnostic.advice, "        ", first="    do: "))
    return "\n".join(lines)


def counts(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`; "" for none."""
    by_weight = sorted(findings, key=lambda f: f.severity.rank)
    text = []
    for severity, group in groupby(by_weight, key=lambda f: f.severity):
        text.append(many(sum(1 for _ in group), severity.value))
    return ", ".join(text)


def many(number: int, noun: str) -> str:
    """`1 error`, `2 errors`, `3 notes`; infos are called notes."""
    noun = "note" if noun == "info" else noun
    head, of, rest = noun.partition(" of ")
    plural = (head[:-1] + "ies" if head.endswith("y") else head + "s") + of + rest
    return f"{number} {noun if number == 1 else plural}"


def _summary(result: LintResult, page: Page) -> str:
    accepted = sum(1 for d in result.findings if d.suppressed == BASELINE_REASON)
    suppressed = len(result.findings) - len(result.counting()) - accepted
    asides = [f"{suppressed} suppressed, with reasons"] if suppressed else []
    if accepted and result.baseline_written is None:
        asides.append(f"{accepted} accepted in the baseline")
    aside = f" ({'; '.join(asides)})" if asides else ""
    if result.baseline_written is not None:
        aside += f"; {many(accepted, 'diagnostic')} accepted in {result.baseline_written}"
    text = counts(result.counting())
    files = many(result.files, "schema file")
    if not text:
        return page.paint("clean", "green") + f": {files}{aside}"
    return f"{text} in {files}{aside}"
