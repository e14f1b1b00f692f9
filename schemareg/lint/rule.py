"""A rule is one decorated generator; its id, options, doc and examples derive from it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from schemareg.findings import Severity
from schemareg.lint.settings import OptionValue, Preset
from schemareg.lint.sites import Place, Site

S = TypeVar("S", bound=Site)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule says at a site: the message, the way out, and where if not at the site."""

    message: str
    advice: str | None = None
    at: Place | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """One thing that is checked.

    `id` is stable and reads in "allow <id>"; `family` is the file it stands in; `site` the class
    of what `check` is called with; `preset` the smallest preset that runs it. `options` are its
    options with their defaults, `choices` the words of those that may not hold any word.
    `summary` is one sentence, `reason` the rest of the doc, `bad` and `good` are examples: one or
    several schema texts that the rule reports or accepts.
    """

    id: str
    family: str
    site: type[S]
    severity: Severity
    preset: Preset
    check: Callable[..., Iterator[Hit]]
    options: Mapping[str, OptionValue]
    choices: Mapping[str, tuple[str, ...]]
    summary: str
    reason: str
    bad: str
    good: str


AnyRule = Rule[Site]


def rule(
    site: type[S],
    *,
    severity: Severity,
    preset: Preset = Preset.RECOMMENDED,
    choices: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Callable[..., Iterator[Hit]]], Rule[S]]:
    """The decorator that makes a `Rule` of a generator of hits.

    The generator takes the site and, keyword-only, its options; its docstring holds a summary,
    the reason, and the sections `Bad:` and `Good:` with schema texts.
    """

    def decorate(check: Callable[..., Iterator[Hit]]) -> Rule[S]:
        doc = inspect.cleandoc(check.__doc__ or "")
        prose, _, examples = doc.partition("\nBad:\n")
        bad, _, good = examples.partition("\nGood:\n")
        summary, _, reason = prose.strip().partition("\n\n")
        return Rule(
            id=check.__name__.replace("_", "-"),
            family=check.__module__.rpartition(".")[2],
            site=site,
            severity=severity,
            preset=preset,
            check=check,
            options=_options(check),
            choices=choices or {},
            summary=" ".join(summary.split()),
            reason=" ".join(reason.split()),
            bad=textwrap.dedent(bad).strip(),
            good=textwrap.dedent(good).strip(),
        )

    return decorate


def _options(check: Callable[..., Iterator[Hit]]) -> Mapping[str, OptionValue]:
    return {
        p.name: cast(OptionValue, p.default)
        for p in inspect.signature(check).parameters.values()
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    }


def rules_in(*families: object) -> tuple[AnyRule, ...]:
    """Every rule that the modules `families` define, in the order of their text."""
    return tuple(
        value for family in families for value in vars(family).values() if isinstance(value, Rule)
    )
