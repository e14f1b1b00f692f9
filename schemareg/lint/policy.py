"""Which rules run for which file, and how heavy: presets, settings and overrides together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from schemareg.findings import Severity
from schemareg.lint.facts import SubjectFact
from schemareg.lint.rule import Check, Rule
from schemareg.lint.settings import LintSettings, Override, Preset, RuleSetting
from schemareg.lint.sites import Site
from schemareg.patterns import matches_glob
from schemareg.subjects import Subject


class Chosen(NamedTuple):
    """A rule that runs: the severity of its diagnostics, and its check with its options."""

    rule: Rule
    severity: Severity
    check: Check


class Checks:
    """Which of the chosen rules a site is for: remembered by its class and its traits."""

    def __init__(self, chosen: Iterable[Chosen]) -> None:
        self.chosen = {one.rule.name: one for one in chosen}
        self.known: dict[tuple[type, int], tuple[Chosen, ...]] = {}

    def of(self, site: Site) -> tuple[Chosen, ...]:
        key = (type(site), site.traits)
        chosen = self.known.get(key)
        if chosen is None:
            chosen = self.known[key] = tuple(
                one
                for one in self.chosen.values()
                if one.rule.site is type(site) and one.rule.traits & site.traits
            )
        return chosen


class Policy:
    """The rules that run for each file of a project with these `subjects`."""

    def __init__(
        self, rules: Sequence[Rule], settings: LintSettings, subjects: Iterable[SubjectFact]
    ) -> None:
        self.rules = rules
        self.settings = settings
        self.subjects: dict[str, list[Subject]] = {}
        for subject in subjects:
            if subject.path is not None:
                self.subjects.setdefault(subject.path, []).append(subject.subject)
        self.usual = Checks(_choose(rules, settings, settings.preset, settings.rules))
        self.checks: dict[tuple[Override, ...], Checks] = {(): self.usual}
        # a rule that compares files runs where any file wants it
        everywhere = dict(self.usual.chosen)
        for override in settings.overrides:
            for name, one in self._checks((override,)).chosen.items():
                everywhere.setdefault(name, one)
        self.everywhere = Checks(everywhere.values())

    def of(self, path: str | None) -> Checks:
        """The rules for the file shown as `path`; for what is no file, those without overrides."""
        if path is None or not self.settings.overrides:
            return self.usual
        return self._checks(overrides_of(self.settings, path, self.subjects.get(path, ())))

    def severity_of(self, rule: str, path: str | None) -> Severity | None:
        """The configured severity of `rule`, which reports always; None: its own."""
        overrides = () if path is None else overrides_of(self.settings, path, ())
        setting = effective(self.settings, overrides)[1].get(rule)
        return setting.severity if setting else None

    def _checks(self, overrides: tuple[Override, ...]) -> Checks:
        if overrides not in self.checks:
            preset, rules = effective(self.settings, overrides)
            self.checks[overrides] = Checks(_choose(self.rules, self.settings, preset, rules))
        return self.checks[overrides]


def overrides_of(
    settings: LintSettings, path: str, subjects: Sequence[Subject]
) -> tuple[Override, ...]:
    """The overrides for the file shown as `path`, which defines `subjects`, in their order."""
    return tuple(
        override
        for override in settings.overrides
        if any(settings.matches(glob, path) for glob in override.paths)
        or any(matches_glob(glob, s) for glob in override.subjects for s in subjects)
    )


def effective(
    settings: LintSettings, overrides: Iterable[Override]
) -> tuple[Preset, Mapping[str, RuleSetting]]:
    """The preset and the settings of rules after `overrides`, a later one before an earlier."""
    preset, rules = settings.preset, dict(settings.rules)
    for override in overrides:
        preset = override.preset or preset
        rules |= override.rules
    return preset, rules


def _choose(
    rules: Sequence[Rule],
    settings: LintSettings,
    preset: Preset,
    given: Mapping[str, RuleSetting],
) -> Iterator[Chosen]:
    for rule in rules:
        setting = given.get(rule.name)
        if rule.check is None or (setting is not None and setting.off):
            continue
        if setting is None and rule.preset.rank > preset.rank:
            continue
        severity = (setting.severity if setting else None) or rule.severity
        options = dict(setting.options) if setting else {}
        if settings.targets and "targets" in rule.options:
            options.setdefault("targets", settings.targets)
        yield Chosen(rule, severity, partial(rule.check, **options) if options else rule.check)
