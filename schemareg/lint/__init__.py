"""The linter: rules, each with its reason and examples, and `run`."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.findings import Diagnostic
from schemareg.lint import problems
from schemareg.lint.baseline import Baseline
from schemareg.lint.engine import run_rules
from schemareg.lint.linted import LintedProject
from schemareg.lint.ratchet import Ratchet
from schemareg.lint.rule import Issue, Rule, rules_in
from schemareg.lint.rules import (
    aliases,
    defaults,
    documentation,
    events,
    evolution,
    java,
    logical,
    namespaces,
    naming,
    numbers,
    reserved,
    sharing,
    structure,
    suppressions,
    times,
    validity,
)
from schemareg.lint.settings import ConfiguredSuppression, LintSettings, Preset, RuleSetting

__all__ = [
    "RULES",
    "ConfiguredSuppression",
    "Issue",
    "LintSettings",
    "Preset",
    "Rule",
    "RuleSetting",
    "run",
]

RULES: tuple[Rule, ...] = problems.RULES + rules_in(
    validity,
    defaults,
    logical,
    times,
    java,
    numbers,
    documentation,
    evolution,
    naming,
    namespaces,
    reserved,
    structure,
    sharing,
    aliases,
    events,
    suppressions,
)


def run(
    project: LintedProject,
    settings: LintSettings,
    *,
    avro_version: str = "1.12",
    baseline: Baseline | None = None,
    ratchet: Ratchet | None = None,
    rules: tuple[Rule, ...] = RULES,
) -> Iterator[Diagnostic]:
    """The diagnostics in `project` of the `rules` chosen in `settings`, by file and position.

    Suppressed ones, and those that `baseline` or `ratchet` accepts, are included with the reason
    in `suppressed`; they do not count. Only selected files are reported, and every file that does
    not parse.
    """
    return run_rules(rules, project, settings, avro_version, baseline, ratchet)
