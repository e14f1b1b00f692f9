"""Findings as lines a person reads and an editor jumps to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from schemareg.findings import BASELINE_REASON, RATCHET_REASON, Diagnostic, Severity
from schemareg.fix.results import RefusedFix
from schemareg.report.escape import line
from schemareg.report.page import Colour, Page
from schemareg.report.text.excerpt import excerpt

if TYPE_CHECKING:
    from schemareg.commands.check_result import CheckResult
    from schemareg.commands.lint import LintResult

# so many diagnostics of one rule in a file are still shown one by one
_FEW = 3
_COLOUR: dict[Severity, Colour] = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}


def lint(result: LintResult, page: Page) -> str:
    """Every diagnostic that counts with its advice, then one line that sums up.

    Unless the page is verbose, many diagnostics of one rule in a file are one block.
    """
    counting = result.counting()
    blocks = [(d,) for d in counting] if page.verbose else _blocks(counting)
    lines = [*fixes(result, page)]
    lines += [finding(block[0], page, also=block[1:]) for block in blocks]
    lines.append(_summary(result, page))
    if (fixable := sum(1 for d in counting if d.fix is not None)) and not result.refused:
        lines.append(f"({many(fixable, 'fix')} proposed: --diff shows them)")
    if any(len(block) > 1 for block in blocks):
        lines.append("(--verbose shows each with its advice)")
    return "\n".join(lines) + "\n"


def fixes(result: LintResult | CheckResult, page: Page) -> Iterator[str]:
    """What was fixed or would be, and what was not, with the reason."""
    for file in result.fixed:
        if not result.fixes_written:
            yield diff_lines(file.diff, page)
            continue
        times = Counter(file.titles)
        for title, count in times.items():
            often = f" ({count} times)" if count > 1 else ""
            yield f"{line(file.path)}: fixed{often}: {line(title)}"
    reasons: dict[tuple[str, str, str], list[RefusedFix]] = {}
    for fix in result.refused:
        key = (fix.location.path or "", fix.title, fix.reason)
        reasons.setdefault(key, []).append(fix)
    for (_, title, reason), fixes in reasons.items():
        times_ = f" ({len(fixes)} times)" if len(fixes) > 1 else ""
        yield f"{line(str(fixes[0].location))}: not fixed{times_}: {line(title)}"
        yield page.wrap(reason, "        ", first="    why: ")


def diff_lines(diff: str, page: Page) -> str:
    """A unified diff, removed and added lines in colour."""
    colours: dict[str, Colour] = {"-": "red", "+": "green"}
    return "\n".join(
        page.paint(text, colours[text[0]]) if text[:1] in colours else line(text)
        for text in diff.removesuffix("\n").split("\n")
    )


def _blocks(diagnostics: Sequence[Diagnostic]) -> list[tuple[Diagnostic, ...]]:
    """`diagnostics`, those of one rule in one file together where they are more than a few."""
    groups: dict[tuple[str | None, str, Severity], list[int]] = {}
    for index, one in enumerate(diagnostics):
        groups.setdefault((one.location.path, one.rule, one.severity), []).append(index)
    blocks = [
        block
        for group in groups.values()
        for block in ([group] if len(group) > _FEW else [[index] for index in group])
    ]
    return [tuple(diagnostics[index] for index in block) for block in sorted(blocks)]


def finding(diagnostic: Diagnostic, page: Page, *, also: Sequence[Diagnostic] = ()) -> str:
    """Place, severity and rule; what is wrong; what to do.

    `also` are further diagnostics of the same rule in the same file.
    """
    severity = page.paint(diagnostic.severity.value, _COLOUR[diagnostic.severity])
    where = diagnostic.location
    place = f"{line(str(where))}: " if where.path or where.line else ""
    times = f" ({1 + len(also)} times)" if also else ""
    lines = [f"{place}{severity} {page.paint(diagnostic.rule, 'bold')}{times}"]
    lines += excerpt(where, page, _COLOUR[diagnostic.severity])
    about = f"{diagnostic.element}: " if diagnostic.element else ""
    lines.append(page.wrap(about + diagnostic.message, "    "))
    if also:
        lines.append(page.wrap(", ".join(map(_briefly, also)), "        ", first="    also: "))
    if diagnostic.advice:
        lines.append(page.wrap(diagnostic.advice, "        ", first="    do: "))
    return "\n".join(lines)


def _briefly(diagnostic: Diagnostic) -> str:
    """`total (line 12)`: what it is about, without the names around."""
    name = diagnostic.element.rpartition(".")[2]
    place = f"line {diagnostic.location.line}"
    return f"{name} ({place})" if name else place


def counts(findings: Iterable[Diagnostic]) -> str:
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
    ending = "es" if head.endswith("x") else "s"
    plural = (head[:-1] + "ies" if head.endswith("y") else head + ending) + of + rest
    return f"{number} {noun if number == 1 else plural}"


def _summary(result: LintResult, page: Page) -> str:
    accepted = sum(1 for d in result.findings if d.suppressed == BASELINE_REASON)
    untouched = sum(1 for d in result.findings if d.suppressed == RATCHET_REASON)
    suppressed = len(result.findings) - len(result.counting()) - accepted - untouched
    asides = [f"{suppressed} suppressed, with reasons"] if suppressed else []
    if accepted and result.baseline_written is None:
        asides.append(f"{accepted} accepted in the baseline")
    if untouched:
        asides.append(f"{untouched} as before the change")
    aside = f" ({'; '.join(asides)})" if asides else ""
    if result.baseline_written is not None:
        aside += f"; {many(accepted, 'diagnostic')} accepted in {line(result.baseline_written)}"
    text = counts(result.counting())
    files = many(result.files, "schema file")
    if not text:
        return page.paint("clean", "green") + f": {files}{aside}"
    return f"{text} in {files}{aside}"
