"""Every rule on its own examples and on its table of cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.findings import INVALID_SCHEMA, PROBLEM_RULES
from schemareg.lint import RULES, Rule, problems
from tests.lint.rule_cases import Case, cases, diagnostics, report

RELEASED = Path(__file__).parent.parent / "golden" / "lint-rules.txt"
BY_NAME = {rule.name: rule for rule in RULES}
CASES = list(cases())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_reports_its_bad_example(rule: Rule) -> None:
    found = [d for d in diagnostics(rule, rule.text.bad) if d.suppressed is None]
    assert found, f"{rule.name} reports nothing in its bad example"
    for diagnostic in found:
        assert diagnostic.code == rule.code
        if str(diagnostic.location.path).endswith(".avsc"):
            assert diagnostic.location.line >= 1
            assert diagnostic.location.column >= 1
        assert "\n" not in diagnostic.message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_accepts_its_good_example(rule: Rule) -> None:
    assert diagnostics(rule, rule.text.good) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_case_of_a_rule(case: Case) -> None:
    assert report(BY_NAME[case.rule], case.given) == case.expected


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_table(rule: Rule) -> None:
    own = [case for case in CASES if (case.code, case.rule) == (rule.code, rule.name)]
    assert sum(1 for case in own if case.expected) >= 2
    assert sum(1 for case in own if not case.expected) >= 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_documented(rule: Rule) -> None:
    assert rule.text.summary.endswith(".")
    assert rule.text.bad
    assert rule.text.good
    assert rule.text.bad != rule.text.good


def test_codes_and_names_are_as_released() -> None:
    """A new rule is added to the list; a rule that goes leaves its line there, as retired."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    released = [line for line in lines if not line.startswith(("#", "retired "))]
    assert sorted(f"{rule.code} {rule.name}" for rule in RULES) == released
    words = [word for line in lines if line[:1] != "#" for word in line.split()[-2:]]
    assert len(words) == len(set(words))


def test_problems_of_the_parser_have_rules() -> None:
    known = {(rule.code, rule.name) for rule in problems.RULES}
    assert {*PROBLEM_RULES.values(), INVALID_SCHEMA} == known
