"""The linter: rules, each with its reason and examples, and `run`."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.findings import Finding
from schemareg.lint import (
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
from schemareg.lint.rule import AnyRule, Hit, Rule, rules_in
from schemareg.lint.run import LintConfig, run_rules
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


def run(project: LintedProject, config: LintConfig) -> Iterator[Finding]:
    """What the rules chosen in `config` find in `project`, sorted by file and place.

    Findings that are suppressed come too, their reason in `suppressed`; they do not count. Only
    files that were asked for are told about, and every file that does not parse.
    """
    return run_rules(RULES, project, config)
