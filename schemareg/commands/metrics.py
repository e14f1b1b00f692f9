"""Numbers about a project's schemas, commit by commit, out of the history of git."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar

from schemareg.avro.canonical import to_text
from schemareg.avro.deprecation import PROPERTY, Deprecation, day_of, deprecation
from schemareg.avro.schema import Enum, Field, Fixed, NamedType, Record, walk
from schemareg.commands.lint import lint_project
from schemareg.compat.same_content import Contents
from schemareg.errors import ExitCode, SchemaregError
from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.state import RegistryState
from schemareg.results import Counts, Result
from schemareg.services.manifest_file import parse_manifest
from schemareg.services.manifest_place import find_manifest
from schemareg.services.platform import Platform
from schemareg.state import Schemas
from schemareg.state.git import snapshot_at
from schemareg.state.history import commits_of, projects_of, sampled
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, Project

_ABOVE = (
    CompatibilityLevel.BACKWARD_TRANSITIVE,
    CompatibilityLevel.FULL,
    CompatibilityLevel.FULL_TRANSITIVE,
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one commit.

    `documented_fields` and `deprecated_fields` are of the `fields`; `owned_subjects` have a
    producer with an owner, `contract_subjects` a consumer that declares what it needs,
    `strict_subjects` a level above BACKWARD, `covered_subjects` a producer and a consumer in the
    manifest. `overdue_fields` are deprecated and their day of removal is past. The age of a
    deprecation is in days since its `since`, or else since the first commit counted that has it;
    None where nothing is deprecated. `drifting_subjects` differ from their newest version in the
    commit's own snapshot, or are not in it; None where there is no snapshot. `findings` counts the
    linter's by rule; `failures` are files that could not be read and count nowhere else.
    """

    commit: str
    at: str
    subjects: int
    types: int
    fields: int
    documented_fields: int
    deprecated_fields: int
    owned_subjects: int
    contract_subjects: int
    strict_subjects: int
    failures: int
    covered_subjects: int = 0
    overdue_fields: int = 0
    deprecation_days_mean: int | None = None
    deprecation_days_max: int | None = None
    drifting_subjects: int | None = None
    findings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MetricsResult(Result):
    """Numbers per commit, oldest first; of `commits` in all that changed a schema."""

    command: ClassVar[str] = "metrics"

    numbers: tuple[Numbers, ...]
    commits: int

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES

    def counts(self) -> Counts:
        shown = len(self.numbers)
        return Counts("commit", self.commits, shown, self.commits - shown)


def metrics(config: Config, most: int) -> MetricsResult:
    """The numbers of at most `most` commits; where there are more, of the last of each month.

    Raises:
        UsageError: there is no repository.
        GitError: git is missing or failed.
    """
    manifest = find_manifest(config)
    commits = commits_of(config, manifest)
    numbers = []
    seen: dict[tuple[str, str], date] = {}
    for commit, project, then, text in projects_of(sampled(commits, most), config, manifest):
        at = datetime.fromtimestamp(commit.at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        one = _numbers(commit.id, at, project, then, text, config)
        day = datetime.fromtimestamp(commit.at_s, UTC).date()
        ages = _ages(_types(project), day, seen)
        numbers.append(
            replace(
                one,
                overdue_fields=_overdue(_types(project), day),
                deprecation_days_mean=round(sum(ages) / len(ages)) if ages else None,
                deprecation_days_max=max(ages, default=None),
                drifting_subjects=_drifting(project, snapshot_at(commit.id, then, config)),
            )
        )
    return MetricsResult(tuple(numbers), len(commits))


def _numbers(
    commit: str, at: str, project: Project, then: Config, manifest: bytes | None, today: Config
) -> Numbers:
    # the linter runs as it does today, so that its numbers can be compared
    types = _types(project)
    fields = [f for node in types.values() if isinstance(node, Record) for f in node.fields]
    owned, contracts, covered = _services(project, then, manifest)
    default = then.level or CompatibilityLevel.BACKWARD
    return Numbers(
        commit=commit,
        at=at,
        subjects=len(project.subjects),
        types=len(types),
        fields=len(fields),
        documented_fields=sum(bool(f.doc) for f in fields),
        deprecated_fields=sum(deprecation(f.props) is not None for f in fields),
        owned_subjects=len(owned),
        contract_subjects=len(contracts),
        strict_subjects=sum((s.level or default) in _ABOVE for s in project.subjects),
        failures=len(project.failures),
        covered_subjects=len(covered),
        findings=_findings(project, today),
    )


def _types(project: Project) -> Mapping[str, NamedType]:
    return {
        node.fullname: node
        for subject in project.subjects
        for node in walk(subject.schema)
        if isinstance(node, Record | Enum | Fixed)
    }


def _findings(project: Project, config: Config) -> Mapping[str, int]:
    counting = lint_project(project, config).counting()
    return dict(sorted(Counter(finding.rule for finding in counting).items()))


def _deprecated(types: Mapping[str, NamedType]) -> Iterator[tuple[str, Field, Deprecation]]:
    for name, node in types.items():
        for one in node.fields if isinstance(node, Record) else ():
            if (mark := deprecation(one.props)) is not None:
                yield name, one, mark


def _overdue(types: Mapping[str, NamedType], day: date) -> int:
    marks = [mark for _, _, mark in _deprecated(types)]
    return sum(mark.removal is not None and mark.removal <= day for mark in marks)


def _ages(
    types: Mapping[str, NamedType], day: date, seen: dict[tuple[str, str], date]
) -> list[int]:
    """The age of each deprecation in days; `seen` remembers the first day of each."""
    now = {(name, one.name): one for name, one, _ in _deprecated(types)}
    for gone in seen.keys() - now.keys():
        del seen[gone]
    ages = []
    for key, one in now.items():
        mark = one.props[PROPERTY]
        since = day_of(mark.get("since")) if isinstance(mark, dict) else None
        ages.append(max(0, (day - (since or seen.setdefault(key, day))).days))
    return ages


def _drifting(project: Project, state: RegistryState | None) -> int | None:
    """The subjects that a registration of `project` would change; None where nobody knows."""
    if state is None:
        return None
    schemas = Schemas(state, avro_version=project.avro_version, files=project.files)
    contents = Contents(to_text)
    drifting = 0
    for subject in project.subjects:
        history = schemas.history(subject.subject)
        same = history and contents.number(history[-1].schema) == contents.number(subject.schema)
        drifting += not same
    return drifting


def _services(
    project: Project, config: Config, text: bytes | None
) -> tuple[set[str], set[str], set[str]]:
    """The subjects with an owner, with a reader that declares what it needs, with both sides."""
    if text is None:
        return set(), set(), set()
    known = {str(subject.subject) for subject in project.subjects}
    try:
        manifest = parse_manifest(text, Path("services.toml"), config).manifest
        platform = Platform.of(manifest, project, config, RegistryState({}))
    except SchemaregError:
        return set(), set(), set()
    services = manifest.services.values()
    owned = {platform.subject(p.event, p.topic) for s in services if s.owner for p in s.produces}
    contracts = {
        platform.subject(c.event, c.topic) for s in services for c in s.consumes if c.has_contract
    }
    produced = {platform.subject(p.event, p.topic) for s in services for p in s.produces}
    consumed = {platform.subject(c.event, c.topic) for s in services for c in s.consumes}
    owned_, contracts_, covered = (
        known & set(map(str, found)) for found in (owned, contracts, produced & consumed)
    )
    return owned_, contracts_, covered


def json_lines(result: MetricsResult) -> str:
    """One line of JSON for each commit."""
    return "".join(f"{json.dumps(asdict(numbers))}\n" for numbers in result.numbers)


def prometheus(result: MetricsResult) -> str:
    """The newest numbers in the text format of Prometheus; for a textfile collector.

    Source: Prometheus, "Exposition formats", text-based format.
    """
    return "".join(f"{line}\n" for line in _exposed(result))


def _exposed(result: MetricsResult) -> Iterator[str]:
    if not result.numbers:
        return
    values = asdict(result.numbers[-1])
    for name in Numbers.__slots__:
        if isinstance(values[name], int):
            yield f"# TYPE schemareg_{name} gauge"
            yield f"schemareg_{name} {values[name]}"
    yield "# TYPE schemareg_findings gauge"
    for rule, count in values["findings"].items():
        yield f'schemareg_findings{{rule="{_label(rule)}"}} {count}'


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
