"""The linter: rules, each with its reason and examples, and `run`."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.findings import Finding
from schemareg.lint.engine import run_rules
from schemareg.lint.rule import AnyRule, Hit, Rule, rules_in
from schemareg.lint.rules import (
    aliases,
    documentation,
    events,
    evolution,
    logical,
    naming,
    numbers,
    reserved,
    sharing,
    structure,
    suppressions,
    validity,
)
from schemareg.lint.settings import Ignore, LintSettings, Preset, RuleSetting
from schemareg.lint.sites import LintedProject

__all__ = [
    "RULES",
    "Hit",
    "Ignore",
    "LintSettings",
    "Preset",
    "Rule",
    "RuleSetting",
    "run",
]

RULES: tuple[AnyRule, ...] = rules_in(
    validity,
    logical,
    numbers,
    documentation,
    evolution,
    naming,
    reserved,
    structure,
    sharing,
    aliases,
    events,
    suppressions,
)


def run(
    project: LintedProject, settings: LintSettings, *, avro_version: str = "1.12"
) -> Iterator[Finding]:
    """The findings in `project` of the rules chosen in `settings`, sorted by file and position.

    Findings that are suppressed come too, their reason in `suppressed`; they do not count. Only
    files that were asked for are told about, and every file that does not parse.
    """
    return run_rules(RULES, project, settings, avro_version)
