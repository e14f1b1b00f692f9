"""The lint rules, told for people who met one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Finding, Severity
from schemareg.lint import RULES
from schemareg.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class RuleDoc:
    """One rule: its default severity, the smallest preset that runs it, options with defaults."""

    id: str
    family: str
    severity: Severity
    preset: str
    summary: str
    reason: str
    bad: str
    good: str
    options: dict[str, object]


@dataclass(frozen=True, slots=True)
class RulesResult:
    """The rules asked for; `in_full` with reasons and examples."""

    command: ClassVar[str] = "rules"

    rules: tuple[RuleDoc, ...]
    in_full: bool

    def annotations(self) -> Iterator[Finding]:
        return iter(())

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def describe_rules(ids: Sequence[str] = ()) -> RulesResult:
    """Every rule in short, or the rules called `ids` in full.

    Raises:
        UsageError: there is no such rule.
    """
    docs = {
        rule.id: RuleDoc(
            rule.id,
            rule.family,
            rule.severity,
            rule.preset.value,
            rule.summary,
            rule.reason,
            rule.bad,
            rule.good,
            dict(rule.options),
        )
        for rule in RULES
    }
    for id in ids:
        if id not in docs:
            raise UsageError(f"there is no rule {id!r}", advice=did_you_mean(id, docs))
    chosen = [docs[id] for id in ids] if ids else list(docs.values())
    return RulesResult(tuple(chosen), in_full=bool(ids))
