"""What a team asks of the linter: preset, severities, options, and what it lives with."""

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
    """One rule as configured: `severity` None leaves the rule's own, `off` silences it."""

    severity: Severity | None = None
    off: bool = False
    options: Mapping[str, OptionValue] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Ignore:
    """What the team lives with: findings of `rule` at `element` or in `path`, for `reason`.

    `element` is a dotted name (a `*` stands for anything), `path` a pattern over paths as they
    are shown; one of the two is given.
    """

    rule: str
    reason: str
    element: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class LintSettings:
    """The `[lint]` table; `path` names the file it came from (None: defaults)."""

    preset: Preset = Preset.RECOMMENDED
    rules: Mapping[str, RuleSetting] = field(default_factory=lambda: MappingProxyType({}))
    ignores: tuple[Ignore, ...] = ()
    path: str | None = None
