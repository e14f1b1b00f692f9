"""A rule is one decorated generator; its name, options, doc and examples derive from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, TypeAlias, cast

from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.lint.settings import OptionValue, Preset
from schemareg.lint.sites import ALL_TRAITS, Spot
from schemareg.places import Position
from schemareg.syntax.edits import Edit

NO_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a rule would remove an issue: edits of the syntax tree of the issue's file.

    `title` is in the imperative. `is_safe` is False where a person should look at the result.
    """

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool = True


@dataclass(frozen=True, slots=True)
class Issue:
    """What a rule reports: the message, the advice, and where if not at the site itself.

    `position` is the line and column where these are not those of the value at the pointer; `fix`
    is how a machine can remove the issue.
    """

    message: str
    advice: str | None = None
    at: Spot | None = None
    position: Position | None = None
    fix: Proposal | None = None


Check: TypeAlias = Callable[..., Iterator[Issue]]


@dataclass(frozen=True, slots=True)
class RuleText:
    """The documentation of a rule.

    `summary` is one sentence, `reason` the rest; `bad` and `good` are examples: one or several
    schema texts that the rule reports or accepts.
    """

    summary: str
    reason: str
    bad: str
    good: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is checked.

    `code` and `name` are stable, and both are accepted wherever a rule is named. `family` is the
    module that defines it, `preset` the smallest preset that runs it. `check` is called with
    each site of the class `site` that has one of the `traits`; both are None for a problem that
    the parser reports. `choices` are the words of the options that accept no others. `doc` holds
    a summary, the reason, and the sections `Bad:` and `Good:` with schema texts.
    """

    code: str
    name: str
    family: str
    severity: Severity
    preset: Preset
    doc: str
    site: type | None = None
    check: Check | None = None
    traits: int = ALL_TRAITS
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_CHOICES)

    @property
    def options(self) -> Mapping[str, OptionValue]:
        """The options with their defaults: the keyword-only parameters of `check`."""
        defaults = cast(Any, self.check).__kwdefaults__ if self.check else None
        return cast("Mapping[str, OptionValue]", defaults or {})

    @property
    def text(self) -> RuleText:
        from textwrap import dedent  # costs start-up time that only documentation should pay

        first, _, rest = self.doc.partition("\n")
        prose, _, examples = f"{first}\n{dedent(rest)}".partition("\nBad:\n")
        bad, _, good = examples.partition("\nGood:\n")
        summary, _, reason = prose.strip().partition("\n\n")
        return RuleText(
            summary=" ".join(summary.split()),
            reason=" ".join(reason.split()),
            bad=dedent(bad).strip(),
            good=dedent(good).strip(),
        )


def rule(
    code: str,
    site: type,
    *,
    severity: Severity,
    preset: Preset = Preset.RECOMMENDED,
    traits: int = ALL_TRAITS,
    choices: Mapping[str, tuple[str, ...]] = NO_CHOICES,
) -> Callable[[Check], Rule]:
    """The decorator that makes a `Rule` of a generator of issues.

    The generator takes the site and, keyword-only, its options.
    """

    def decorate(check: Check) -> Rule:
        return Rule(
            code=code,
            name=check.__name__.replace("_", "-"),
            family=check.__module__.rpartition(".")[2],
            severity=severity,
            preset=preset,
            doc=check.__doc__ or "",
            site=site,
            check=check,
            traits=traits,
            choices=choices,
        )

    return decorate


def rules_in(*families: object) -> tuple[Rule, ...]:
    """Every rule that the modules `families` define, by family, in the order of their text."""
    return tuple(
        value for family in families for value in vars(family).values() if isinstance(value, Rule)
    )


def rules_by_word(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    """Each rule by its name and by its code."""
    return {word: rule for rule in rules for word in (rule.name, rule.code)}
