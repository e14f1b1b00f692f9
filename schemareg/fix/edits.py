"""Fixes of diagnostics applied to texts: which go together, and which have to be given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from schemareg.findings import Diagnostic, Fix
from schemareg.lazy_dataclass import dataclass
from schemareg.syntax.edits import TextEdit, apply

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fix that may be applied to the file at `path`, and the diagnostic that it removes."""

    path: str
    fix: Fix
    diagnostic: Diagnostic


Refusal = Callable[[Texts, Sequence[Candidate]], str | None]
"""Why the files must not have the texts that the fixes give them; None where they may."""


def together(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those of `candidates`, by file and position, whose edits do not touch each other.

    Of two that do, the first in the text stays; the other one belongs to the next pass.
    """
    result: list[Candidate] = []
    path, end = "", -1
    for one in sorted(candidates, key=lambda c: (c.path, _start(c.fix), _end(c.fix))):
        if one.path != path:
            path, end = one.path, -1
        if _start(one.fix) > end:
            result.append(one)
            end = _end(one.fix)
    return result


def applied(texts: Texts, candidates: Iterable[Candidate]) -> dict[str, str]:
    """The texts of the files of `candidates` after their fixes, which go together."""
    edits: dict[str, list[TextEdit]] = {}
    for one in candidates:
        edits.setdefault(one.path, []).extend(one.fix.edits)
    return {path: apply(texts[path], own) for path, own in edits.items()}


def accepted(
    texts: Texts, candidates: Sequence[Candidate], refusal: Refusal
) -> tuple[list[Candidate], list[tuple[Candidate, str]]]:
    """The fixes that may be applied at once, and the others with the reason.

    All are tried together, and where they are refused in halves, down to the single ones that
    are the reason: for few bad ones among many that takes few trials.
    """
    good: list[Candidate] = []
    bad: list[tuple[Candidate, str]] = []
    waiting = [list(candidates)] if candidates else []
    while waiting:
        group = waiting.pop()
        trial = [*good, *group]
        reason = refusal(applied(texts, trial), trial)
        if reason is None:
            good = sorted([*good, *group], key=lambda c: (c.path, _start(c.fix)))
        elif len(group) == 1:
            bad.append((group[0], reason))
        else:
            half = len(group) // 2
            waiting += [group[half:], group[:half]]
    return good, bad


def _start(fix: Fix) -> int:
    return fix.edits[0].range.start if fix.edits else 0


def _end(fix: Fix) -> int:
    return fix.edits[-1].range.end if fix.edits else 0
