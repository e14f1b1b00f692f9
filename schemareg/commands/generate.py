"""Write typed models of the project's schemas, or check that those in a file are up to date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.generate.python import Style, python_source
from schemareg.places import Location
from schemareg.results import Counts, Result
from schemareg.workspace import Config, Project
from schemareg.workspace.files import is_regular, read_bytes, write_file


@dataclass(frozen=True, slots=True)
class GenerateResult(Result):
    """The file at `path` has the models of `schemas` schema files, or did when `differs` is false.

    `written`: it has them now.
    """

    command: ClassVar[str] = "generate"

    path: str
    schemas: int
    differs: bool
    written: bool

    def annotations(self) -> Iterator[Diagnostic]:
        if self.differs and not self.written:
            yield Diagnostic(
                rule="generated-models-differ",
                severity=Severity.ERROR,
                message="the file is not what the schemas of today give",
                location=Location(self.path, 1, 1),
                advice=f"run `schemareg generate python {self.path}`, and commit the file",
            )

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when the file has to be generated anew."""
        return ExitCode.NO if self.differs and not self.written else ExitCode.YES

    def counts(self) -> Counts:
        return Counts("schema file", self.schemas, self.schemas)


def generate_python(
    project: Project, config: Config, file: Path, *, style: Style, check: bool
) -> GenerateResult:
    """The models of the events of `project` in `file`; with `check` nothing is written.

    Raises:
        SchemaParseError: a schema is refused.
        UsageError: a schema has no form in Python, or the file cannot be read or written.
    """
    for failure in project.failures:
        raise failure
    text = python_source((schema.schema for schema in project.files), style)
    path, shown = config.cwd / file, config.shown(file)
    differs = not is_regular(path, shown) or read_bytes(path, shown) != text.encode()
    if differs and not check:
        write_file(path, text, shown)
    return GenerateResult(shown, len(project.files), differs, differs and not check)
