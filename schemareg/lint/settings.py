"""The settings of the linter: preset, severities, options, suppressions."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location

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
    origin: Location | None = field(default=None, compare=False, repr=False)


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
class Override:
    """Other settings for the files that match one of `paths`, or define one of `subjects`.

    Both are patterns; paths are relative to the configuration file. `number` counts overrides
    from 1, in the order of the file; `preset` None: as elsewhere.
    """

    number: int
    paths: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    preset: Preset | None = None
    rules: Mapping[str, RuleSetting] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )
    origin: Location | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LintSettings:
    """The `[lint]` table, rules by name; `path` is the file it came from (None: defaults).

    `baseline` is the file of the baseline, relative to the configuration file; None: the usual
    one, if there is one. `ratchet` are the rules that report only what a change adds or touches.
    `targets` are the languages for each rule that has them as an option and is given no others.
    `origins` has where the preset, the targets and the ratchet are given, where they are.
    `cwd` and `home` are where the command is run and where the configuration is, absolute and with
    forward slashes.
    """

    preset: Preset = Preset.RECOMMENDED
    rules: Mapping[str, RuleSetting] = field(default_factory=lambda: MappingProxyType({}))
    suppressions: tuple[ConfiguredSuppression, ...] = ()
    path: str | None = None
    baseline: str | None = None
    ratchet: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    origins: Mapping[str, Location] = field(
        default_factory=lambda: MappingProxyType({}), compare=False, repr=False
    )
    cwd: str = ""
    home: str = ""

    def matches(self, glob: str, shown: str) -> bool:
        """Whether the file shown as `shown` matches `glob`, a pattern of the configuration.

        It does as it is shown, and relative to the configuration, wherever the command is run.
        """
        if fnmatchcase(shown, glob):
            return True
        if self.cwd == self.home:
            return False
        absolute = posixpath.join(self.cwd, shown)
        return absolute.startswith(f"{self.home}/") and fnmatchcase(
            absolute[len(self.home) + 1 :], glob
        )
