"""Findings as lines a person reads and an editor jumps to."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from schemareg.commands.lint import LintResult
from schemareg.findings import Finding, Severity
from schemareg.report.page import Colour, Page

_COLOUR: dict[Severity, Colour] = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}


def lint(result: LintResult, page: Page) -> str:
    """Every counting finding with its way out, then one line that sums up."""
    counting = result.counting()
    lines = [finding(f, page) for f in counting]
    lines.append(_summary(result, page))
    return "\n".join(lines) + "\n"


def finding(told: Finding, page: Page) -> str:
    """Place, severity and rule; what is wrong; what to do."""
    severity = page.paint(told.severity.value, _COLOUR[told.severity])
    lines = [f"{told.location}: {severity} {page.paint(told.rule, 'bold')}"]
    message = f"{told.element}: {told.message}" if told.element else told.message
    lines.append(page.wrap(message, "    "))
    if told.advice:
        lines.append(page.wrap(told.advice, "        ", first="    do: "))
    return "\n".join(lines)


def counts(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`; "" for none."""
    by_weight = sorted(findings, key=lambda f: f.severity.rank)
    told = []
    for severity, group in groupby(by_weight, key=lambda f: f.severity):
        told.append(many(sum(1 for _ in group), severity.value))
    return ", ".join(told)


def many(number: int, noun: str) -> str:
    """`1 error`, `2 errors`, `3 notes`; infos are called notes."""
    noun = "note" if noun == "info" else noun
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


def _summary(result: LintResult, page: Page) -> str:
    suppressed = len(result.findings) - len(result.counting())
    aside = f" ({suppressed} suppressed, with reasons)" if suppressed else ""
    told = counts(result.counting())
    files = many(result.files, "schema file")
    if not told:
        return page.paint("clean", "green") + f": {files}{aside}"
    return f"{told} in {files}{aside}"
