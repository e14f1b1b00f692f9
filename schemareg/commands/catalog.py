"""Build the catalog: pages about everything that a project has, as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from schemareg.commands.catalog_cache import CatalogCache, SubjectFiles
from schemareg.commands.lint import lint_project
from schemareg.commands.metrics import metrics
from schemareg.commands.parallel import in_processes
from schemareg.errors import ContentError, ExitCode, GitError, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.lint import RULES
from schemareg.lint.configuration import lint_settings
from schemareg.lint.policy import Policy
from schemareg.registry.api.state import RegistryState, SubjectState
from schemareg.results import Counts, Result
from schemareg.services.changes import changes_of
from schemareg.services.deployments import Deployments
from schemareg.services.graph import graph_of
from schemareg.services.order import Order, order_of
from schemareg.services.platform import Platform
from schemareg.site.catalog.model import Catalog
from schemareg.site.catalog.pages import RECENT, Content, Pages
from schemareg.site.catalog.trends import Trend
from schemareg.site.catalog.views import (
    Step,
    SubjectSummary,
    recent_steps,
    subject_page,
    summary_of,
)
from schemareg.site.rendering import Rendering
from schemareg.site.state_source import StateSource
from schemareg.state import Schemas
from schemareg.subjects import CompatibilityLevel, Subject
from schemareg.workspace import Config, Project
from schemareg.workspace.files import (
    file_times,
    has_content,
    is_folder,
    is_regular,
    names_in,
    read_bytes,
    replace_files,
)

LISTING = "catalog-files.txt"
"""The files of a catalog: what an earlier build made and this one does not is removed."""
_BATCH = 500
_TEAM_STEPS = 100
"""Steps in the feed of a team."""
_TRENDS = (
    ("subjects", "Subjects"),
    ("types", "Types"),
    ("fields", "Fields"),
    ("documented_fields", "Documented fields"),
    ("owned_subjects", "Subjects with an owner"),
    ("covered_subjects", "Subjects with a producer and a consumer"),
    ("contract_subjects", "Subjects with a contract"),
    ("strict_subjects", "Subjects with a level above BACKWARD"),
    ("drifting_subjects", "Subjects that differ from the snapshot"),
    ("deprecated_fields", "Deprecated fields"),
    ("overdue_fields", "Deprecated fields past their removal"),
    ("deprecation_days_max", "Age of the oldest deprecation in days"),
)
_SUBJECTS_PER_PROCESS = 100
"""Fewer are built sooner than a process is started and its result received."""


@dataclass(frozen=True, slots=True)
class CatalogResult(Result):
    """What was built: `files` in all, of which `written` differ from what was there.

    `refused` are the schema files that cannot be read, and so have no page of their own.
    """

    command: ClassVar[str] = "catalog"

    folder: str
    subjects: int
    files: int
    written: int
    removed: int
    refused: int = 0

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES

    def counts(self) -> Counts:
        return Counts("subject", self.subjects + self.refused, self.subjects, self.refused)


def catalog_of(
    project: Project,
    config: Config,
    state: RegistryState,
    *,
    platform: Platform | None,
    dates: Mapping[tuple[str, int], int],
    title: str,
    base_url: str = "",
    trends: tuple[Trend, ...] = (),
    deployments: Deployments | None = None,
) -> Catalog:
    """Everything that the pages show, of the project, a state and the services.

    Raises:
        UsageError: the settings of the linter cannot be read.
    """
    # texts are parsed once: the services' schemas are those of the pages
    schemas = (
        platform.schemas
        if platform is not None and platform.schemas.state is state
        else Schemas(state, avro_version=project.avro_version, files=project.files)
    )
    level = config.level or CompatibilityLevel.BACKWARD
    findings: dict[str, tuple[Diagnostic, ...]] = {}
    for finding in lint_project(project, config).counting():
        path = finding.location.path or ""
        findings[path] = (*findings.get(path, ()), finding)
    chosen = Policy(RULES, lint_settings(config), ()).everywhere.chosen.values()
    rules = tuple(one.rule for one in chosen)
    order, since = _order(platform) if platform else None, None
    if platform is not None and order is not None and not order.register and dates:
        since = max(dates.values())
        order = _order(_before(platform, project, config, dates, since))
    return Catalog(
        title=title,
        source=StateSource(schemas, project.subjects, dates, level),
        project=project,
        platform=platform,
        graph=graph_of(platform.manifest) if platform else None,
        findings=findings,
        rules=rules,
        trends=trends,
        order=order,
        order_since_ms=since,
        deployments=deployments or Deployments(),
        # a recipe joins the address of a site and the folder in it, which may be "."
        base_url=base_url and base_url.removesuffix("/.").rstrip("/") + "/",
    )


@dataclass(slots=True)
class _Part:
    """What was built of a catalog: the paths of its files, and what other pages show of it."""

    paths: list[str] = field(default_factory=list)
    written: int = 0
    summaries: list[SubjectSummary] = field(default_factory=list)
    recent: list[Step] = field(default_factory=list)
    team_steps: dict[str, list[Step]] = field(default_factory=dict)


def _order(platform: Platform) -> Order | None:
    try:
        return order_of(tuple(changes_of(platform)))
    except ContentError:
        return None


def _before(
    platform: Platform,
    project: Project,
    config: Config,
    dates: Mapping[tuple[str, int], int],
    since_ms: int,
) -> Platform:
    """The services with what was registered before `since_ms`, so that the rest is proposed."""
    state = platform.schemas.state
    subjects: dict[Subject, SubjectState] = {}
    for name, held in state.subjects.items():
        older = tuple(v for v in held.versions if dates.get((name, v.version), 0) < since_ms)
        if older:
            subjects[name] = replace(held, versions=older)
    return Platform.of(platform.manifest, project, config, RegistryState(subjects, state.origin))


def trends_of(config: Config, most: int) -> tuple[Trend, ...]:
    """The numbers of at most `most` commits over time; none where there is no git history."""
    try:
        numbers = metrics(config, most).numbers if most else ()
    except (UsageError, GitError):
        return ()
    rows = [(one, asdict(one)) for one in numbers]
    trends = [
        Trend(text, tuple((one.at[:10], row[name]) for one, row in rows if row[name] is not None))
        for name, text in _TRENDS
    ]
    trends.append(
        Trend("Lint findings", tuple((n.at[:10], sum(n.findings.values())) for n in numbers))
    )
    for rule in sorted({rule for one in numbers for rule in one.findings}):
        found = tuple((one.at[:10], one.findings.get(rule, 0)) for one in numbers)
        trends.append(Trend(f"Findings of {rule}", found))
    return tuple(trend for trend in trends if trend.points)


def build_catalog(
    catalog: Catalog,
    folder: Path,
    shown: str,
    *,
    reload: bool = False,
    processes: int = 1,
    more: Mapping[str, bytes] | None = None,
    cache: CatalogCache | None = None,
) -> CatalogResult:
    """The catalog's files are in `folder`; those that are as they should be are not written.

    With `reload` they are for a server that reports each build to open pages. Subjects are split
    over `processes`, where there are many. `more` are further files by their path. With a `cache`
    the pages of subjects that nothing changed for are not rendered again.

    Raises:
        UsageError: the folder holds something else.
        FileError: a file cannot be written.
    """
    before = _listed(folder, shown)
    names = catalog.source.names
    count = min(processes, max(1, len(names) // _SUBJECTS_PER_PROCESS))
    pages = Pages(catalog, Rendering(), reload)
    parts = in_processes(
        [names[n::count] for n in range(count)],
        lambda part: _build_subjects(pages, part, folder, cache),
    )
    summaries = sorted((s for part in parts for s in part.summaries), key=lambda s: s.subject)
    recent = recent_steps((step for part in parts for step in part.recent), RECENT)
    teams = {team for part in parts for team in part.team_steps}
    team_steps = {
        team: recent_steps((s for p in parts for s in p.team_steps.get(team, ())), _TEAM_STEPS)
        for team in sorted(teams)
    }
    pages = replace(pages, summaries=summaries, recent=recent, team_steps=team_steps)
    files = list(pages.files())
    files += [(path, partial(bytes, data)) for path, data in (more or {}).items()]
    _ = pages.contracts, catalog.used_by  # what every process would compute
    parts += in_processes(
        [files[n::count] for n in range(count)], lambda part: _build(part, folder, _Part())
    )
    paths = sorted(path for part in parts for path in part.paths)
    if catalog.base_url:
        parts.append(_build([("sitemap.xml", lambda: pages.site_map(paths))], folder, _Part()))
        paths = sorted([*paths, "sitemap.xml"])
    listing = "".join(f"{path}\n" for path in paths).encode()
    gone = [folder / path for path in sorted(before - set(paths))]
    gone = [path for path in gone if is_regular(path, path.as_posix())]
    same = has_content(folder / LISTING, listing)
    _write({} if same else {folder / LISTING: listing}, folder, gone)
    refused = len(catalog.project.failures)
    written = sum(part.written for part in parts)
    return CatalogResult(shown, len(names), len(paths), written, len(gone), refused)


def _build_subjects(
    pages: Pages, subjects: Iterable[str], folder: Path, cache: CatalogCache | None
) -> _Part:
    part = _Part()
    steps: list[Step] = []

    def files() -> Iterator[tuple[str, Content]]:
        for subject in subjects:
            built = _subject_files(pages, subject, cache)
            part.summaries.append(built.summary)
            steps.extend(built.steps)
            for team in built.owners:
                part.team_steps.setdefault(team, []).extend(built.steps)
            yield from ((path, partial(bytes, data)) for path, data in built.files.items())

    _build(files(), folder, part)
    if cache is not None:
        cache.flush()
    part.recent = recent_steps(steps, RECENT)
    for team, own in part.team_steps.items():
        part.team_steps[team] = recent_steps(own, _TEAM_STEPS)
    return part


def _subject_files(pages: Pages, subject: str, cache: CatalogCache | None) -> SubjectFiles:
    known = cache.load(subject) if cache is not None else None
    if known is not None:
        return known
    page = subject_page(pages.catalog, subject)
    files = {path: content() for path, content in pages.subject_files(page)}
    built = SubjectFiles(files, summary_of(page), page.steps, page.owners)
    if cache is not None:
        cache.keep(subject, built)
    return built


def _build(files: Iterable[tuple[str, Content]], folder: Path, part: _Part) -> _Part:
    """`part`, in which all of `files` are counted; those that differ are written."""
    changed: dict[Path, bytes] = {}
    for path, content in files:
        part.paths.append(path)
        data = content()
        if not has_content(at := folder / path, data):
            changed[at] = data
            part.written += 1
        if len(changed) >= _BATCH:
            _write(changed, folder)
    _write(changed, folder)
    return part


def watched(config: Config, also: Iterable[Path] = ()) -> Mapping[str, tuple[int, int]]:
    """Time and size of every file that a catalog is made of, by path; to see that one changed."""
    return file_times(
        [*config.roots, config.snapshot, *also, *([config.source] if config.source else [])]
    )


def _write(changed: dict[Path, bytes], folder: Path, removed: Iterable[Path] = ()) -> None:
    # what an earlier build left may be a stranger's: a link in it reaches nothing outside
    within = (folder.resolve(),)
    replace_files(
        changed, lambda path: path.as_posix(), within=within, removed=removed, flush=False
    )
    changed.clear()


def _listed(folder: Path, shown: str) -> set[str]:
    """The files that an earlier build made."""
    if not is_folder(folder, shown):
        return set()
    listing = folder / LISTING
    if is_regular(listing, shown):
        lines = read_bytes(listing, shown).decode("utf-8", "replace").splitlines()
        return {line for line in lines if line and not line.startswith("/") and ".." not in line}
    if names_in(folder, shown):
        raise UsageError(
            f"{shown} holds something else than a catalog", advice="name a new or an empty folder"
        )
    return set()
