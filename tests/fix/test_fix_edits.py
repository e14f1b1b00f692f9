"""Fixes that go together, and the search for those that are refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schemareg.findings import Diagnostic, Fix, Severity
from schemareg.fix.edits import Candidate, Texts, accepted, applied, together
from schemareg.places import Location, Range
from schemareg.syntax import TextEdit

TEXTS = {"a": "0123456789" * 10, "b": "0123456789"}


def fix(path: str, start: int, end: int, text: str = "") -> Candidate:
    own = Fix("t", (TextEdit(Range(start, end), text),))
    return Candidate(path, own, Diagnostic("r", Severity.INFO, "m", Location(path), fix=own))


@pytest.mark.parametrize(
    ("ranges", "kept"),
    [
        ([(5, 6), (1, 2)], [(1, 2), (5, 6)]),
        ([(1, 4), (3, 6)], [(1, 4)]),
        ([(3, 3), (3, 3)], [(3, 3)]),
        ([(1, 3), (3, 3)], [(1, 3)]),
        ([(0, 1)], [(0, 1)]),
    ],
)
def test_edits_that_touch_wait_for_the_next_pass(
    ranges: list[tuple[int, int]], kept: list[tuple[int, int]]
) -> None:
    chosen = together(fix("a", start, end) for start, end in ranges)
    assert [(c.fix.edits[0].range.start, c.fix.edits[0].range.end) for c in chosen] == kept


def test_files_have_characters_of_their_own() -> None:
    chosen = together([fix("a", 0, 5, "x"), fix("b", 0, 5, "y")])
    assert applied({"a": "0123456", "b": "0123456"}, chosen) == {"a": "x56", "b": "y56"}


def test_few_trials_find_the_bad_one_among_many() -> None:
    candidates = [fix("a", at, at + 1, "!" if at == 42 else "x") for at in range(0, 100, 2)]
    trials = 0

    def refusal(texts: Texts, fixes: Sequence[Candidate]) -> str | None:
        nonlocal trials
        trials += 1
        return "no" if "!" in "".join(texts.values()) else None

    good, bad = accepted(TEXTS, candidates, refusal)
    assert len(good) == 49
    assert [(c.fix.edits[0].range.start, reason) for c, reason in bad] == [(42, "no")]
    assert trials < 20
