"""Every rule that is chosen, run over a project; suppressions applied and judged.

First file by file, each result a value of its own that a cache may keep; then the rules that
compare files and the suppressions, over the results of all files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial

from schemareg.findings import Diagnostic, Fix, parse_diagnostics
from schemareg.lazy_dataclass import dataclass
from schemareg.lint.baseline import Baseline
from schemareg.lint.facts import FileFacts, ProjectSite, SubjectFact, file_fact
from schemareg.lint.file_report import Draft, FileReport
from schemareg.lint.linted import LintedFile, LintedProject
from schemareg.lint.policy import Checks, Chosen, Policy
from schemareg.lint.ratchet import Ratchet
from schemareg.lint.rule import Issue, Proposal, Rule, rules_by_word
from schemareg.lint.settings import ConfiguredSuppression, LintSettings
from schemareg.lint.sites import (
    SUPPRESSION_PROPERTY,
    At,
    BaselineSite,
    Site,
    Spot,
    Suppression,
    SuppressionSite,
    file_sites,
    suppressions_at,
)
from schemareg.places import NO_POSITION, ROOT, Location, child
from schemareg.suggestions import did_you_mean
from schemareg.syntax import Tree, parse_text


@dataclass(frozen=True, slots=True)
class Linted:
    """What a project gave so far: the reports of its files, and what else the rest needs.

    `text_of` returns the schema text of a file, `tree_of` the tree with its places,
    `is_selected` whether it is reported, `is_whole` that all files of the project are here,
    `is_complete` that all of them parsed.
    """

    reports: Sequence[FileReport]
    subjects: Sequence[SubjectFact]
    text_of: Callable[[str], str]
    tree_of: Callable[[str], Tree]
    is_selected: Callable[[str], bool]
    is_whole: bool
    is_complete: bool

    def reports_everything(self) -> bool:
        """Whether an acceptance that nothing needed has really nothing left to be for."""
        complete = self.is_whole and self.is_complete
        return complete and all(self.is_selected(report.path) for report in self.reports)


def run_rules(
    rules: tuple[Rule, ...],
    project: LintedProject,
    settings: LintSettings,
    avro_version: str,
    baseline: Baseline | None = None,
    ratchet: Ratchet | None = None,
) -> Iterator[Diagnostic]:
    """The diagnostics of `rules` in `project` under `settings`, by file and position.

    Suppressed ones are included, with the reason in `suppressed`. Only selected files are
    reported, and every file that does not parse.
    """
    subjects = subject_facts(project)
    policy = Policy(rules, settings, subjects)
    texts = {file.path: file.text for file in project.files}
    trees = {file.path: file.schema for file in project.files}
    linted = Linted(
        reports=tuple(file_reports(project, project.files, policy)),
        subjects=subjects,
        text_of=texts.__getitem__,
        tree_of=lambda path: trees[path].tree,
        is_selected=project.is_selected,
        is_whole=project.is_whole,
        is_complete=not project.failures,
    )
    problems = problem_diagnostics(project, policy)
    judgement = Judgement(policy, avro_version, baseline, ratchet)
    found = judgement.diagnostics(linted)
    yield from in_order([*problems, *found])


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """`diagnostics` by file, position and rule."""
    return sorted(
        diagnostics,
        key=lambda d: (
            d.location.path or "",
            d.location.line,
            d.location.column,
            d.rule,
            d.message,
        ),
    )


def problem_diagnostics(project: LintedProject, policy: Policy) -> Iterator[Diagnostic]:
    """The problems of the files that do not parse, with the severities of `policy`."""
    for failure in project.failures:
        for diagnostic in parse_diagnostics(failure):
            severity = policy.severity_of(diagnostic.rule, diagnostic.location.path)
            yield replace(diagnostic, severity=severity) if severity else diagnostic


def subject_facts(project: LintedProject) -> list[SubjectFact]:
    return [
        SubjectFact(s.subject, s.file.path if s.file else None, s.role, s.topic, s.level)
        for s in project.subjects
    ]


def file_reports(
    project: LintedProject, files: Iterable[LintedFile], policy: Policy
) -> Iterator[FileReport]:
    """The report of each of `files`; without drafts for those that are not selected."""
    events = {s.file.path for s in project.subjects if s.role == "value" and s.file}
    for file in files:
        own = policy.of(file.path) if project.is_selected(file.path) else None
        yield _file_report(file, own, is_event=file.path in events)


def _file_report(file: LintedFile, checks: Checks | None, *, is_event: bool) -> FileReport:
    facts = FileFacts(file_fact(file))
    issues: list[tuple[Chosen, Issue, Spot]] = []
    suppressions: list[Suppression] = []
    has_suppressions = SUPPRESSION_PROPERTY in file.text
    for site in file_sites(file, is_event=is_event):
        facts.add(site)
        if has_suppressions:
            suppressions.extend(suppressions_at(site))
        if checks is not None:
            for one in checks.of(site):
                for issue in one.check(site):
                    issues.append((one, issue, issue.at or site))
    return FileReport(facts, tuple(_drafts(issues, lambda: file.schema.tree)), tuple(suppressions))


def _drafts(
    issues: Sequence[tuple[Chosen, Issue, Spot]], tree_of: Callable[[], Tree]
) -> Iterator[Draft]:
    """`issues` with lines and columns, for which their text is read once."""
    if not issues:
        return
    tree = tree_of()
    for one, issue, at in issues:
        start = end = issue.position or NO_POSITION
        if issue.position is None and (node := tree.find(at.pointer)) is not None:
            start, end = tree.position(node.start), tree.position(node.end)
        yield Draft(
            one.rule.name,
            issue.message,
            issue.advice,
            at.path,
            at.pointer,
            at.element,
            *start,
            *end,
            _fix(tree, issue.fix) if issue.fix is not None else None,
        )


def _fix(tree: Tree, proposal: Proposal) -> Fix | None:
    """The proposal as edits of characters; None where the text is not as its rule expects."""
    try:
        return Fix(proposal.title, tuple(tree.text_edits(proposal.edits)), proposal.is_safe)
    except (LookupError, ValueError):
        return None


class Judgement:
    """The rules that look at more than one file, and the suppressions, for one run."""

    def __init__(
        self,
        policy: Policy,
        avro_version: str,
        baseline: Baseline | None = None,
        ratchet: Ratchet | None = None,
    ) -> None:
        self.policy = policy
        self.by_word = rules_by_word(policy.rules)
        self.settings = policy.settings
        self.avro_version = avro_version
        self.baseline = baseline
        self.ratchet = ratchet
        self.used: set[tuple[str | None, Suppression]] = set()
        self.used_configured: set[int] = set()

    def diagnostics(self, linted: Linted) -> Iterator[Diagnostic]:
        used: Counter[tuple[str, str]] = Counter()
        found = self.found(linted)
        if self.baseline:
            found = self.baseline.accept(in_order(found), used)
        yield from self.ratchet.accept(found, linted.text_of) if self.ratchet else found
        late = [*self.suppression_sites(linted), *self.baseline_sites(linted, used)]
        for draft in self.drafts_of(late, linted):
            yield from self.diagnostic(draft, {})

    def found(self, linted: Linted) -> Iterator[Diagnostic]:
        """What the rules report of files and of the project."""
        declared = {report.path: report.suppressions for report in linted.reports}
        for report in linted.reports:
            for draft in report.drafts if linted.is_selected(report.path) else ():
                yield from self.diagnostic(draft, declared)
        site = ProjectSite(
            [report.facts for report in linted.reports],
            linted.subjects,
            avro_version=self.avro_version,
            is_complete=linted.is_complete,
        )
        for draft in self.drafts_of([site], linted):
            if draft.path is None or linted.is_selected(draft.path):
                yield from self.diagnostic(draft, declared)

    def drafts_of(self, sites: Iterable[Site], linted: Linted) -> Iterator[Draft]:
        by_path: dict[str | None, list[tuple[Chosen, Issue, Spot]]] = {}
        for site in sites:
            for one in self.policy.everywhere.of(site):
                for issue in one.check(site):
                    at = issue.at or site
                    by_path.setdefault(at.path, []).append((one, issue, at))
        known = {report.path for report in linted.reports}
        for path, issues in by_path.items():
            yield from _drafts(
                issues,
                partial(linted.tree_of, path) if path in known else partial(parse_text, ""),
            )

    def diagnostic(
        self, draft: Draft, declared: Mapping[str, Sequence[Suppression]]
    ) -> Iterator[Diagnostic]:
        """The diagnostic of `draft`; none where the rule does not run for its file."""
        one = self.policy.of(draft.path).chosen.get(draft.rule)
        if one is None:
            return
        is_late = one.rule.site in (SuppressionSite, BaselineSite)
        yield Diagnostic(
            rule=draft.rule,
            severity=one.severity,
            message=draft.message,
            location=Location(draft.path, draft.line, draft.column, draft.pointer),
            element=draft.element,
            advice=draft.advice,
            suppressed=None if is_late else self.reason(one.rule, draft, declared),
            code=one.rule.code,
            end_line=draft.end_line,
            end_column=draft.end_column,
            fix=draft.fix,
        )

    def reason(
        self, rule: Rule, draft: Draft, declared: Mapping[str, Sequence[Suppression]]
    ) -> str | None:
        """Why the draft is accepted: the innermost suppression's reason; None where it counts."""
        own = [
            s
            for s in declared.get(draft.path or "", ())
            if s.word in (rule.name, rule.code)
            and (draft.pointer == s.owner or draft.pointer.startswith(f"{s.owner}/"))
        ]
        if own:
            nearest = max(own, key=lambda s: len(s.owner))
            self.used.add((draft.path, nearest))
            return nearest.reason or "(no reason given)"
        for index, configured in enumerate(self.settings.suppressions):
            if configured.rule == rule.name and self.covers(configured, draft):
                self.used_configured.add(index)
                return configured.reason
        return None

    def covers(self, suppression: ConfiguredSuppression, draft: Draft) -> bool:
        if suppression.element is not None:
            return fnmatchcase(draft.element, suppression.element)
        return self.settings.matches(suppression.path or "", draft.path or "")

    def suppression_sites(self, linted: Linted) -> Iterator[SuppressionSite]:
        """Every suppression of the selected files and of the configuration.

        One of the configuration is judged only when all that it could be for was linted.
        """
        for report in linted.reports:
            for own in report.suppressions if linted.is_selected(report.path) else ():
                pointer = child(own.owner, SUPPRESSION_PROPERTY, own.word)
                used = (report.path, own) in self.used
                at = At(report.path, pointer, own.element)
                yield self.suppression_site(own.word, own.reason, at, used=used)
        if linted.reports_everything():
            for index, configured in enumerate(self.settings.suppressions):
                at = At(self.settings.path, ROOT, configured.element or "")
                used = index in self.used_configured
                yield self.suppression_site(configured.rule, configured.reason, at, used=used)

    def baseline_sites(
        self, linted: Linted, used: Counter[tuple[str, str]]
    ) -> Iterator[BaselineSite]:
        """The baseline, where everything that it could be for was linted."""
        if self.baseline and linted.reports_everything():
            ran = {one.rule.code for one in self.policy.everywhere.chosen.values()}
            accepted = self.baseline.accepted.items()
            gone = sum(count - used[key] for key, count in accepted if key[0] in ran)
            yield BaselineSite(self.baseline.path, gone=gone)

    def suppression_site(self, word: str, reason: str, at: Spot, *, used: bool) -> SuppressionSite:
        rule = self.by_word.get(word)
        return SuppressionSite(
            at,
            rule=word,
            reason=reason,
            known=rule is not None,
            ran=rule is not None and rule.name in self.policy.of(at.path).chosen,
            used=used,
            nearest="" if rule else did_you_mean(word, self.by_word),
        )
