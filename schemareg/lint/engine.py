"""Every rule that is chosen, run over a project; suppressions applied and judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from schemareg.avro.parse import source
from schemareg.findings import Finding, Severity
from schemareg.lint.rule import AnyRule, Hit
from schemareg.lint.settings import Ignore, LintSettings
from schemareg.lint.sites import (
    LintedProject,
    Place,
    ProblemSite,
    Site,
    SuppressionSite,
    project_sites,
)
from schemareg.places import Location
from schemareg.suggestions import did_you_mean


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A rule that runs, with the severity and options asked for."""

    rule: AnyRule
    severity: Severity
    options: dict[str, object]


def run_rules(
    rules: Sequence[AnyRule], project: LintedProject, settings: LintSettings, avro_version: str
) -> Iterator[Finding]:
    """The findings of `rules` in `project` under `settings`, by file and position.

    Findings that are suppressed come too, with the reason in `suppressed`. Only files that were
    asked for are told about, and every file that does not parse.
    """
    run = _Run(rules, project, settings, avro_version)
    findings = sorted(run.findings(), key=_place_of)
    yield from findings


def _place_of(finding: Finding) -> tuple[str, int, int, str, str]:
    place = finding.location
    return (place.path or "", place.line, place.column, finding.rule, finding.message)


def _choose(rules: Sequence[AnyRule], settings: LintSettings) -> Iterator[_Chosen]:
    for rule in rules:
        setting = settings.rules.get(rule.id)
        if setting is not None and setting.off:
            continue
        if setting is None and rule.preset.rank > settings.preset.rank:
            continue
        severity = (setting.severity if setting else None) or rule.severity
        yield _Chosen(rule, severity, {**rule.options, **(setting.options if setting else {})})


class _Run:
    """One run: what it finds, and which suppressions it used on the way."""

    def __init__(
        self,
        rules: Sequence[AnyRule],
        project: LintedProject,
        settings: LintSettings,
        avro_version: str,
    ) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self.chosen = tuple(_choose(rules, settings))
        self.project = project
        self.settings = settings
        self.avro_version = avro_version
        self.used: set[tuple[str, str | None, str]] = set()
        self.used_ignores: set[int] = set()

    def findings(self) -> Iterator[Finding]:
        sites = tuple(project_sites(self.project, avro_version=self.avro_version))
        yield from self.at(sites)
        yield from self.at(tuple(self.suppressions(sites)))

    def at(self, sites: Sequence[Site]) -> Iterator[Finding]:
        by_class: dict[type[Site], list[Site]] = {}
        for site in sites:
            by_class.setdefault(type(site), []).append(site)
        for chosen in self.chosen:
            for site in by_class.get(chosen.rule.site, ()):
                for hit in chosen.rule.check(site, **chosen.options):
                    place = hit.at or site.place
                    reason = self.reason(chosen.rule, place)
                    if self.is_asked_for(place):
                        yield _finding(chosen, hit, place, reason)

    def is_asked_for(self, place: Place) -> bool:
        # a place without a text is a file that did not parse, or the configuration
        return not place.text or self.project.is_selected(place.path)

    def reason(self, rule: AnyRule, place: Place) -> str | None:
        """Why a finding of `rule` at `place` is lived with; None when it is not."""
        if rule.site in (SuppressionSite, ProblemSite):
            return None
        own = place.ignores.get(rule.id)
        if own is not None:
            self.used.add((rule.id, place.path, own.pointer))
            return own.reason or "(no reason given)"
        for index, ignore in enumerate(self.settings.ignores):
            if ignore.rule == rule.id and _covers(ignore, place):
                self.used_ignores.add(index)
                return ignore.reason
        return None

    def suppressions(self, sites: Sequence[Site]) -> Iterator[SuppressionSite]:
        """Every suppression that was declared, in schemas and in the configuration.

        One of the configuration is judged only when all that it could be for is there.
        """
        ran = {chosen.rule.id for chosen in self.chosen}
        seen: set[tuple[str, str | None, str]] = set()
        for site in sites:
            for rule, own in site.place.ignores.items():
                key = (rule, site.place.path, own.pointer)
                if key not in seen:
                    seen.add(key)
                    place = replace(site.place, pointer=own.pointer, element=own.element)
                    yield self.suppression(rule, own.reason, place, ran, key in self.used)
        if self.project.is_whole and not self.project.failures:
            for index, ignore in enumerate(self.settings.ignores):
                place = Place(self.settings.path, "", element=ignore.element or "")
                used = index in self.used_ignores
                yield self.suppression(ignore.rule, ignore.reason, place, ran, used)

    def suppression(
        self, rule: str, reason: str, place: Place, ran: set[str], used: bool
    ) -> SuppressionSite:
        known = rule in self.rules
        return SuppressionSite(
            place,
            rule=rule,
            reason=reason,
            known=known,
            ran=rule in ran,
            used=used,
            nearest="" if known else did_you_mean(rule, self.rules),
        )


def _covers(ignore: Ignore, place: Place) -> bool:
    if ignore.element is not None:
        return fnmatchcase(place.element, ignore.element)
    return ignore.path is not None and fnmatchcase(place.path or "", ignore.path)


def _finding(chosen: _Chosen, hit: Hit, place: Place, suppressed: str | None) -> Finding:
    line, column = place.line, place.column
    if not line and place.text:
        line, column = source.locate(place.text, place.pointer)
    return Finding(
        rule=chosen.rule.id,
        severity=chosen.severity,
        message=hit.message,
        location=Location(place.path, line, column, place.pointer),
        element=place.element,
        advice=hit.advice,
        suppressed=suppressed,
    )
