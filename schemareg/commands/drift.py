"""Compare a registry with the files that describe it, and report every difference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import ClassVar

from schemareg.commands.state_notes import files_without_subject
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.plan.diff import PlanOptions
from schemareg.plan.drift import Drift, DriftKind, drift
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.results import Case, Counts, Result
from schemareg.state import state_of_project
from schemareg.subjects import Subject
from schemareg.workspace import Project

_ADVICE = {
    DriftKind.LEVEL: "run `schemareg plan` and apply it, or change the configuration",
    DriftKind.MODE: "run `schemareg plan` and apply it, or change the configuration",
    DriftKind.CONFIG: "run `schemareg plan` and apply it, or change the configuration",
    DriftKind.NOT_REGISTERED: "run `schemareg plan` and apply it",
    DriftKind.NEWER_VERSION: "find out who registered it, and take its schema over into this"
    " project or register this one as a newer version",
    DriftKind.UNKNOWN_VERSION: "run `schemareg pull` and review what it writes",
    DriftKind.MISSING_VERSION: "find out who deleted it; `schemareg pull` accepts it",
    DriftKind.OTHER_SCHEMA_TYPE: "register the Avro schema under another subject",
    DriftKind.UNMANAGED: "add its schema to this project, or accept that others use the registry",
}


@dataclass(frozen=True, slots=True)
class DriftResult(Result):
    """The differences between a registry and the files; `subjects` were compared.

    `notes` name the files that belong to no subject.
    """

    command: ClassVar[str] = "drift"

    registry: str
    subjects: tuple[Subject, ...]
    findings: tuple[Diagnostic, ...]
    notes: tuple[Diagnostic, ...] = ()

    def annotations(self) -> Iterator[Diagnostic]:
        return chain(self.findings, self.notes)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a difference weighs `fail_on` or more."""
        heavy = any(finding.severity.rank <= fail_on.rank for finding in self.findings)
        return ExitCode.NO if heavy else ExitCode.YES

    def counts(self) -> Counts:
        judged, passed_over = len(self.subjects), len(self.notes)
        return Counts("subject", judged + passed_over, judged, passed_over)

    def cases(self) -> Iterator[Case]:
        for subject in dict.fromkeys(
            [*self.subjects, *(Subject(f.element) for f in self.findings)]
        ):
            yield Case(subject, tuple(f for f in self.findings if f.element == subject))
        yield from (Case(note.location.path or note.rule, (note,)) for note in self.notes)

    def compared_with(self) -> str:
        return self.registry


def drift_of_project(
    project: Project,
    state: RegistryState,
    snapshot: RegistryState | None,
    *,
    registry: str,
    options: PlanOptions | None = None,
    unmanaged: Collection[Subject] = (),
) -> DriftResult:
    """Every difference between `state`, which `registry` holds, and `project` and its snapshot.

    Raises:
        SchemaParseError: a schema is refused.
    """
    desired = state_of_project(project, Origin("this project"), state)
    places = {s.subject: s.file.path for s in project.subjects if s.file is not None}
    found = drift(
        desired,
        state,
        snapshot,
        options=options,
        unmanaged=unmanaged,
        avro_version=project.avro_version,
    )
    known = snapshot.subjects.keys() if snapshot else set()
    subjects = tuple(sorted(desired.subjects.keys() | known))
    findings = tuple(_as_finding(difference, places) for difference in found)
    return DriftResult(registry, subjects, findings, tuple(files_without_subject(project)))


def _as_finding(difference: Drift, places: Mapping[Subject, str]) -> Diagnostic:
    unmanaged = difference.kind is DriftKind.UNMANAGED
    return Diagnostic(
        rule=difference.kind.value,
        severity=Severity.WARNING if unmanaged else Severity.ERROR,
        message=difference.message,
        location=Location(places.get(difference.subject)),
        element=difference.subject,
        advice=_ADVICE[difference.kind],
    )
