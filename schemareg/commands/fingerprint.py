"""The identities of a project's schemas: canonical texts and what is computed from them."""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar, get_args

from schemareg.avro.canonical import Algorithm, fingerprint, parsing_canonical_form, to_text
from schemareg.errors import ExitCode
from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Counts, Result
from schemareg.workspace import Project


@dataclass(frozen=True, slots=True)
class Identity:
    """One file: its canonical texts, and a fingerprint (hex) by algorithm."""

    path: str
    fullname: str | None
    parsing_canonical_form: str = field(metadata={"whole": True})
    text: str = field(metadata={"whole": True})
    fingerprints: dict[str, str]


@dataclass(frozen=True, slots=True)
class FingerprintResult(Result):
    """The identities of the selected files."""

    command: ClassVar[str] = "fingerprint"

    identities: tuple[Identity, ...]
    passed_over: int = field(default=0, metadata={"json": False})

    def counts(self) -> Counts:
        judged = len(self.identities)
        return Counts("schema file", judged + self.passed_over, judged, self.passed_over)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.YES


def fingerprint_project(project: Project) -> FingerprintResult:
    """The identity of every selected file.

    Raises:
        SchemaParseError: a selected file, or one whose types it uses, is refused.
    """
    blamed = {by for path, by in project.blocked.items() if project.is_selected(path)}
    for failure in project.failures:
        path = failure.location.path if failure.location else None
        if path is not None and (project.is_selected(path) or path in blamed):
            raise failure
    return FingerprintResult(
        tuple(
            Identity(
                file.path,
                file.fullname,
                parsing_canonical_form(file.schema),
                to_text(file.schema),
                {name: fingerprint(file.schema, name) for name in get_args(Algorithm)},
            )
            for file in project.files
            if project.is_selected(file.path)
        ),
        len(project.passed_over),
    )
