"""Lint a project: every rule over every file, as one result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from schemareg import lint
from schemareg.commands.collector import without_collector
from schemareg.errors import ExitCode, UsageError
from schemareg.findings import BASELINE_REASON, BaselineMode, Diagnostic, Severity
from schemareg.fix.results import FixedFile, RefusedFix
from schemareg.lazy_dataclass import dataclass
from schemareg.lint.baseline import Baseline, baseline_text, read_baseline
from schemareg.lint.cache import (
    CachedFile,
    CachedProject,
    cache_key,
    load_cache,
    store_cache,
    to_lint_again,
)
from schemareg.lint.configuration import lint_settings, rules_of
from schemareg.lint.engine import (
    Judgement,
    Linted,
    file_reports,
    in_order,
    subject_facts,
)
from schemareg.lint.facts import SubjectFact
from schemareg.lint.plugins import plugin_versions
from schemareg.lint.policy import Policy
from schemareg.lint.ratchet import Ratchet, before
from schemareg.lint.rule import Rule
from schemareg.lint.settings import LintSettings
from schemareg.lint.sites import FileSite
from schemareg.places import Location
from schemareg.results import Case, Counts, Result
from schemareg.user_cache import digest_of
from schemareg.workspace import (
    Config,
    Project,
    ProjectTexts,
    build_project,
    project_of,
    read_texts,
    without_earlier,
)
from schemareg.workspace.files import FileError, bounds_of, exists, write_file
from schemareg.workspace.schema_paths import PassedOver
from schemareg.workspace.source_languages import read_source, source_tree

if TYPE_CHECKING:
    from schemareg.state import RegistryState

# linting this part of the files again costs less than writing the cache
_WORTH_STORING = 50


@dataclass(frozen=True, slots=True)
class LintResult(Result):
    """The diagnostics of `files` schema files, those at `paths`, in order of file and line.

    `baseline_written` is the file that accepts them from now on, where that was requested.
    `passed_over` are files that look like schemas and were not read. `fixed` are the files that
    `--fix` changed (`fixes_written`) or would change, `refused` the fixes that it did not apply;
    the diagnostics are those that remain.
    """

    command: ClassVar[str] = "lint"

    findings: tuple[Diagnostic, ...]
    files: int
    paths: tuple[str, ...] = field(default=(), metadata={"json": False})
    baseline_written: str | None = None
    passed_over: tuple[PassedOver, ...] = field(default=(), metadata={"json": False})
    fixed: tuple[FixedFile, ...] = ()
    refused: tuple[RefusedFix, ...] = ()
    fixes_written: bool = False
    sources: Mapping[str, bytes] = field(
        default_factory=dict, metadata={"json": False}, compare=False, repr=False
    )

    def texts(self) -> Mapping[str, bytes]:
        return self.sources

    def counting(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are not suppressed."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.counting())

    def suppressed(self) -> Iterator[Diagnostic]:
        return (finding for finding in self.findings if finding.suppressed is not None)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a diagnostic that counts weighs `fail_on` or more, or a fix is not written."""
        if self.fixed and not self.fixes_written:
            return ExitCode.NO
        failed = any(finding.severity.rank <= fail_on.rank for finding in self.counting())
        return ExitCode.NO if failed else ExitCode.YES

    def counts(self) -> Counts:
        passed_over = len(self.passed_over)
        return Counts("schema file", self.files + passed_over, self.files, passed_over)

    def cases(self) -> Iterator[Case]:
        by_path: dict[str, list[Diagnostic]] = {path: [] for path in self.paths}
        for finding in self.counting():
            by_path.setdefault(finding.location.path or finding.rule, []).append(finding)
        return (Case(path, tuple(own)) for path, own in by_path.items())


def ratchet_of(config: Config, state: Callable[[], RegistryState | None]) -> Ratchet | None:
    """The ratchet of `config` against what `state` returns, which is called where there is one.

    Raises:
        UsageError: the settings cannot be read.
    """
    known = rules_of(config)
    rules = lint_settings(config, known).ratchet
    base = state() if rules else None
    if base is None:
        return None
    latest = (base.versions(subject)[-1:] for subject in base.subjects)
    texts = [stored.text for versions in latest for stored in versions]
    of_files = frozenset(rule.name for rule in known if rule.site is FileSite)
    return Ratchet(frozenset(rules), of_files, before(texts))


def lint_project(project: Project, config: Config, ratchet: Ratchet | None = None) -> LintResult:
    """Every diagnostic of every enabled rule, suppressed ones included.

    Raises:
        UsageError: the settings or the baseline cannot be read.
    """
    rules = rules_of(config)
    settings = lint_settings(config, rules)
    accepted = _Accepted(rules, _baseline(config, settings), ratchet)
    return _lint(project, config, settings, accepted)


class _Accepted(NamedTuple):
    """The rules that there are, and what of theirs does not count, beside the suppressions."""

    rules: tuple[Rule, ...]
    baseline: Baseline | None
    ratchet: Ratchet | None


def _lint(
    project: Project, config: Config, settings: LintSettings, accepted: _Accepted
) -> LintResult:
    version = config.avro_version
    found = lint.run(project, settings, avro_version=version, **accepted._asdict())
    known = [file.path for file in project.files]
    known += [error.location.path or "" for error in project.failures if error.location]
    paths = tuple(path for path in known if project.is_selected(path))
    files = len(project.files) + len(project.failures)
    return LintResult(
        tuple(found), files, paths, sources=project.texts, passed_over=project.passed_over
    )


def _baseline(config: Config, settings: LintSettings) -> Baseline | None:
    """The baseline of the project, None where it has none."""
    path = config.baseline
    if settings.baseline is None and not exists(path, config.shown(path)):
        return None
    return read_baseline(path, config.shown(path), within=bounds_of(config))


def lint_paths(
    config: Config,
    paths: Sequence[Path] | None = None,
    *,
    cache: Path | None = None,
    mode: BaselineMode = BaselineMode.USE,
    ratchet: Ratchet | None = None,
) -> LintResult:
    """As `lint_project`, of the project in the roots of `config` or under `paths`.

    With the folder `cache`, files that nothing changed for since the last time are not linted
    again. `mode` WRITE accepts everything that is reported, apart from files that do not parse.
    What `ratchet` accepts does not count.

    Raises:
        UsageError: as `load_project`; a baseline that cannot be read, or is to be written for a
            part of the project.
    """
    rules = rules_of(config)
    settings = lint_settings(config, rules)
    if mode is BaselineMode.WRITE and paths:
        raise UsageError(
            "a baseline is of the whole project, and paths are given",
            advice="run `schemareg lint --baseline write` without paths",
        )
    read = without_earlier(read_texts(config, paths), config)
    baseline = _baseline(config, settings) if mode is BaselineMode.USE else None
    accepted = _Accepted(rules, baseline, ratchet)
    with without_collector():
        plugins = plugin_versions(config) if rules is not lint.RULES else ()
        if cache is None or plugins is None:  # the code of a plugin may change
            result = _lint(project_of(read, config), config, settings, accepted)
        else:
            run = _CachedRun(config, settings, read, cache, accepted, plugins)
            result = run.again() or run.anew()
    return _written(result, config, settings, rules) if mode is BaselineMode.WRITE else result


def _written(
    result: LintResult, config: Config, settings: LintSettings, rules: Sequence[Rule]
) -> LintResult:
    """Writes the baseline that accepts `result`; what it cannot accept still counts."""
    path = config.baseline
    acceptable = {rule.code for rule in rules if rule.check is not None}
    text = baseline_text(d for d in result.findings if d.code in acceptable)
    try:
        write_file(path, text, config.shown(path), within=bounds_of(config))
    except FileError as error:
        raise UsageError(
            f"the baseline cannot be written: {error.reason}",
            location=Location(config.shown(path)),
            advice="check its folder, or set lint.baseline",
        ) from error
    findings = tuple(
        replace(d, suppressed=BASELINE_REASON)
        if d.suppressed is None and d.code in acceptable
        else d
        for d in result.findings
    )
    return replace(result, findings=findings, baseline_written=config.shown(path))


class _CachedRun:
    """One run with a cache: of what changed, or where that cannot be said, of everything."""

    def __init__(
        self,
        config: Config,
        settings: LintSettings,
        read: ProjectTexts,
        folder: Path,
        accepted: _Accepted,
        plugins: tuple[str, ...],
    ) -> None:
        self.config = config
        self.settings = settings
        self.accepted = accepted
        self.read = read
        self.texts = dict(read.texts)
        chosen = (config.cwd, config.roots, config.root_patterns, config.modules)
        about = (
            *chosen,
            config.topics_by_file,
            config.versions,
            config.avro_version,
            config.level,
            config.strategy,
        )
        named = (config.topics, dict(config.subjects), config.settings)
        self.key = cache_key(about, named, settings, read.is_whole, plugins)
        home = config.source or config.cwd
        self.path = folder / f"{digest_of(repr((home, config.roots)).encode())[:32]}.json"

    def again(self) -> LintResult | None:
        """The result where the cache helps: nothing failed then or now, and the same files use
        each other and define the same events.
        """
        cached = load_cache(self.path, self.key)
        again = to_lint_again(cached, self.texts) if cached else None
        if cached is None or again is None:
            return None
        files = dict(cached.files)
        if again.dirty:
            texts = [(path, raw) for path, raw in self.read.texts if path in again.needed]
            project = build_project(texts, self.config, complete=False)
            if project.failures:
                return None
            dirty = [file for file in project.files if file.path in again.dirty]
            policy = Policy(self.accepted.rules, self.settings, cached.subjects)
            for report in file_reports(project, dirty, policy):
                old = files[report.path].report.facts.file
                new = report.facts.file
                if (new.element, new.uses) != (old.element, old.uses):
                    return None
                files[report.path] = CachedFile(digest_of(self.texts[report.path]), report)
            if len(again.dirty) * _WORTH_STORING > len(files):
                store_cache(self.path, self.key, CachedProject(files, cached.subjects))
        return self.result(files, cached.subjects)

    def anew(self) -> LintResult:
        project = project_of(self.read, self.config)
        if project.failures or project.selected is not None:
            return _lint(project, self.config, self.settings, self.accepted)
        subjects = tuple(subject_facts(project))
        reports = file_reports(
            project, project.files, Policy(self.accepted.rules, self.settings, subjects)
        )
        files = {r.path: CachedFile(digest_of(self.texts[r.path]), r) for r in reports}
        store_cache(self.path, self.key, CachedProject(files, subjects))
        return self.result(files, subjects)

    def result(
        self, files: Mapping[str, CachedFile], subjects: tuple[SubjectFact, ...]
    ) -> LintResult:
        selected = self.read.selected
        linted = Linted(
            reports=[own.report for own in files.values()],
            subjects=subjects,
            text_of=lambda path: read_source(path, self.texts[path]).text,
            tree_of=lambda path: source_tree(read_source(path, self.texts[path])),
            is_selected=lambda path: selected is None or path in selected,
            is_whole=self.read.is_whole,
            is_complete=True,
        )
        version = self.config.avro_version
        policy = Policy(self.accepted.rules, self.settings, subjects)
        accepted = self.accepted
        judgement = Judgement(policy, version, accepted.baseline, accepted.ratchet)
        diagnostics = tuple(in_order(judgement.diagnostics(linted)))
        paths = tuple(filter(linted.is_selected, files))
        return LintResult(
            diagnostics,
            len(files),
            paths,
            sources=self.texts,
            passed_over=self.read.passed_over,
        )
