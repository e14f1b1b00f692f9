"""The settings of the linter: preset, severities, options, suppressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from schemareg.findings import Severity

OptionValue = bool | int | str | tuple[str, ...]
"""What an option of a rule may be; the type of its default decides."""


class Preset(StrEnum):
    """Which rules run: each preset holds the ones before it."""

    MINIMAL = "minimal"
    RECOMMENDED = "recommended"
    STRICT = "strict"
    ALL = "all"

    @property
    def rank(self) -> int:
        return ("minimal", "recommended", "strict", "all").index(self.value)


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """One rule as configured: `severity` None means the rule's own, `off` that it does not run."""

    severity: Severity | None = None
    off: bool = False
    options: Mapping[str, OptionValue] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ConfiguredSuppression:
    """Diagnostics of `rule` at `element` or in `path` are accepted, for `reason`.

    `element` is a dotted name (`*` matches any text), `path` a pattern over paths as they are
    shown; exactly one of the two is given.
    """

    rule: str
    reason: str
    element: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class LintSettings:
    """The `[lint]` table, rules by name; `path` is the file it came from (None: defaults).

    `baseline` is the file of the baseline, relative to the configuration file; None: the usual
    one, if there is one. `ratchet` are the rules that report only what a change adds or touches.
    `targets` are the languages for each rule that has them as an option and is given no others.
    """

    preset: Preset = Preset.RECOMMENDED
    rules: Mapping[str, RuleSetting] = field(default_factory=lambda: MappingProxyType({}))
    suppressions: tuple[ConfiguredSuppression, ...] = ()
    path: str | None = None
    baseline: str | None = None
    ratchet: frozenset[str] = frozenset()
    targets: tuple[str, ...] = ()
