"""Every rule that is chosen, run over a project; suppressions applied and judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import NamedTuple

from schemareg.findings import Diagnostic, Severity, parse_diagnostics
from schemareg.lint.facts import FileFacts, ProjectSite, SubjectFact, file_fact
from schemareg.lint.rule import Check, Issue, Rule, rules_by_word
from schemareg.lint.settings import ConfiguredSuppression, LintSettings
from schemareg.lint.sites import (
    SUPPRESSION_PROPERTY,
    At,
    LintedFile,
    LintedProject,
    Site,
    Spot,
    Suppression,
    SuppressionSite,
    file_sites,
    suppressions_at,
)
from schemareg.places import ROOT, Location, child
from schemareg.suggestions import did_you_mean
from schemareg.syntax import parse_text


class _Chosen(NamedTuple):
    """A rule that runs: the severity of its diagnostics, and its check with its options."""

    rule: Rule
    severity: Severity
    check: Check


class _Draft(NamedTuple):
    """A diagnostic without its line and its suppression."""

    chosen: _Chosen
    issue: Issue
    at: Spot


def run_rules(
    rules: tuple[Rule, ...], project: LintedProject, settings: LintSettings, avro_version: str
) -> Iterator[Diagnostic]:
    """The diagnostics of `rules` in `project` under `settings`, by file and position.

    Suppressed ones are included, with the reason in `suppressed`. Only selected files are
    reported, and every file that does not parse.
    """
    run = _Run(rules, project, settings, avro_version)
    yield from sorted(run.diagnostics(), key=_order)


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    at = diagnostic.location
    return (at.path or "", at.line, at.column, diagnostic.rule, diagnostic.message)


def _choose(rules: Sequence[Rule], settings: LintSettings) -> Iterator[_Chosen]:
    for rule in rules:
        setting = settings.rules.get(rule.name)
        if rule.check is None or (setting is not None and setting.off):
            continue
        if setting is None and rule.preset.rank > settings.preset.rank:
            continue
        severity = (setting.severity if setting else None) or rule.severity
        options = setting.options if setting else {}
        yield _Chosen(rule, severity, partial(rule.check, **options) if options else rule.check)


class _Run:
    """One run: its drafts, and the suppressions that it applied."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        project: LintedProject,
        settings: LintSettings,
        avro_version: str,
    ) -> None:
        self.by_word = rules_by_word(rules)
        self.chosen = tuple(_choose(rules, settings))
        self.project = project
        self.settings = settings
        self.avro_version = avro_version
        self.texts = {file.path: file.text for file in project.files}
        self.declared: dict[str | None, list[Suppression]] = {}
        self.used: set[tuple[str | None, Suppression]] = set()
        self.used_configured: set[int] = set()

    def diagnostics(self) -> Iterator[Diagnostic]:
        for failure in self.project.failures:
            for diagnostic in parse_diagnostics(failure):
                setting = self.settings.rules.get(diagnostic.rule)
                severity = setting.severity if setting else None
                yield replace(diagnostic, severity=severity) if severity else diagnostic
        drafts = list(self.drafts())
        reasons = [self.reason(draft) for draft in drafts]
        late = list(self.suppression_drafts())
        yield from self.located([*drafts, *late], [*reasons, *(None for _ in late)])

    def drafts(self) -> Iterator[_Draft]:
        """Whatever the rules report of files, and then of the project as a whole."""
        checks = _Checks(self.chosen)
        events = {s.file.path for s in self.project.subjects if s.role == "value" and s.file}
        facts: list[FileFacts] = []
        for file in self.project.files:
            own = FileFacts(file_fact(file))
            facts.append(own)
            yield from self.file_drafts(file, own, checks, is_event=file.path in events)
        subjects = [
            SubjectFact(s.subject, s.file.path if s.file else None, s.role, s.topic, s.level)
            for s in self.project.subjects
        ]
        whole = ProjectSite(
            facts,
            subjects,
            avro_version=self.avro_version,
            is_complete=not self.project.failures,
        )
        for draft in _drafts(checks.of(whole), whole):
            if draft.at.path is None or self.project.is_selected(draft.at.path):
                yield draft

    def file_drafts(
        self, file: LintedFile, facts: FileFacts, checks: _Checks, *, is_event: bool
    ) -> Iterator[_Draft]:
        is_selected = self.project.is_selected(file.path)
        has_suppressions = SUPPRESSION_PROPERTY in file.text
        declared: list[Suppression] = []
        for site in file_sites(file, is_event=is_event):
            facts.add(site)
            if has_suppressions:
                declared.extend(suppressions_at(site))
            if is_selected:
                for one in checks.of(site):
                    for issue in one.check(site):
                        yield _Draft(one, issue, issue.at or site)
        if declared:
            self.declared[file.path] = declared

    def reason(self, draft: _Draft) -> str | None:
        """Why the draft is accepted: the innermost suppression's reason; None where it counts."""
        rule, at = draft.chosen.rule, draft.at
        own = [
            s
            for s in self.declared.get(at.path, ())
            if s.word in (rule.name, rule.code)
            and (at.pointer == s.owner or at.pointer.startswith(f"{s.owner}/"))
        ]
        if own:
            nearest = max(own, key=lambda s: len(s.owner))
            self.used.add((at.path, nearest))
            return nearest.reason or "(no reason given)"
        for index, configured in enumerate(self.settings.suppressions):
            if configured.rule == rule.name and _covers(configured, at):
                self.used_configured.add(index)
                return configured.reason
        return None

    def suppression_drafts(self) -> Iterator[_Draft]:
        """Judges every suppression of the selected files and of the configuration.

        One of the configuration is judged only when all that it could be for was linted.
        """
        checks = _Checks(self.chosen)
        ran = {chosen.rule.name for chosen in self.chosen}
        for path, declared in self.declared.items():
            for own in declared if self.project.is_selected(path) else ():
                pointer = child(own.owner, SUPPRESSION_PROPERTY, own.word)
                used = (path, own) in self.used
                site = self.suppression_site(
                    own.word, own.reason, At(path, pointer, own.element), ran, used=used
                )
                yield from _drafts(checks.of(site), site)
        if self.project.is_whole and not self.project.failures:
            for index, configured in enumerate(self.settings.suppressions):
                at = At(self.settings.path, ROOT, configured.element or "")
                used = index in self.used_configured
                site = self.suppression_site(configured.rule, configured.reason, at, ran, used=used)
                yield from _drafts(checks.of(site), site)

    def suppression_site(
        self, word: str, reason: str, at: Spot, ran: set[str], *, used: bool
    ) -> SuppressionSite:
        rule = self.by_word.get(word)
        return SuppressionSite(
            at,
            rule=word,
            reason=reason,
            known=rule is not None,
            ran=rule is not None and rule.name in ran,
            used=used,
            nearest="" if rule else did_you_mean(word, self.by_word),
        )

    def located(
        self, drafts: Sequence[_Draft], reasons: Sequence[str | None]
    ) -> Iterator[Diagnostic]:
        """The drafts with lines and columns; each text is read once for all of its drafts."""
        by_path: dict[str | None, list[int]] = {}
        for index, draft in enumerate(drafts):
            by_path.setdefault(draft.at.path, []).append(index)
        for path, indexes in by_path.items():
            text = self.texts.get(path or "")
            tree = parse_text(text or "")
            for index in indexes:
                draft = drafts[index]
                position = draft.issue.position or tree.locate(draft.at.pointer)
                yield Diagnostic(
                    rule=draft.chosen.rule.name,
                    severity=draft.chosen.severity,
                    message=draft.issue.message,
                    location=Location(path, *position, draft.at.pointer),
                    element=draft.at.element,
                    advice=draft.issue.advice,
                    suppressed=reasons[index],
                    code=draft.chosen.rule.code,
                )


class _Checks:
    """Which of the chosen rules a site is for: remembered by its class and its traits."""

    def __init__(self, chosen: Iterable[_Chosen]) -> None:
        self.chosen = tuple(chosen)
        self.known: dict[tuple[type, int], tuple[_Chosen, ...]] = {}

    def of(self, site: Site) -> tuple[_Chosen, ...]:
        key = (type(site), site.traits)
        chosen = self.known.get(key)
        if chosen is None:
            chosen = self.known[key] = tuple(
                one
                for one in self.chosen
                if one.rule.site is type(site) and one.rule.traits & site.traits
            )
        return chosen


def _drafts(chosen: Iterable[_Chosen], site: Site) -> Iterator[_Draft]:
    for one in chosen:
        for issue in one.check(site):
            yield _Draft(one, issue, issue.at or site)


def _covers(suppression: ConfiguredSuppression, at: Spot) -> bool:
    if suppression.element is not None:
        return fnmatchcase(at.element, suppression.element)
    return suppression.path is not None and fnmatchcase(at.path or "", suppression.path)
