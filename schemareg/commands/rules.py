"""The lint rules, described for people who met one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.lint import RULES, Rule
from schemareg.results import Counts, Result
from schemareg.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class RuleDoc:
    """One rule: its default severity, the smallest preset that runs it, options with defaults.

    `id` is the rule's name.
    """

    id: str
    family: str
    severity: Severity
    preset: str
    summary: str
    reason: str
    bad: str
    good: str
    options: dict[str, object]
    code: str


@dataclass(frozen=True, slots=True)
class RulesResult(Result):
    """The rules requested; `in_full` with reasons and examples."""

    command: ClassVar[str] = "rules"

    rules: tuple[RuleDoc, ...]
    in_full: bool

    def counts(self) -> Counts:
        return Counts("rule", len(self.rules), len(self.rules))

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def describe_rules(ids: Sequence[str] = (), rules: Sequence[Rule] = RULES) -> RulesResult:
    """Every one of `rules` in short, or those with the names or codes `ids` in full.

    Raises:
        UsageError: there is no such rule.
    """
    docs = [_described(rule) for rule in rules]
    if not ids:
        return RulesResult(tuple(docs), in_full=False)
    by_word = {word: doc for doc in docs for word in (doc.id, doc.code)}
    for id in ids:
        if id not in by_word:
            raise UsageError(f"there is no rule {id!r}", advice=did_you_mean(id, by_word))
    return RulesResult(tuple(by_word[id] for id in ids), in_full=True)


def _described(rule: Rule) -> RuleDoc:
    text = rule.text
    return RuleDoc(
        rule.name,
        rule.family,
        rule.severity,
        rule.preset.value,
        text.summary,
        text.reason,
        text.bad,
        text.good,
        dict(rule.options),
        rule.code,
    )
