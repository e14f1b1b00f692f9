"""Write typed models of the project's schemas, or check that those in a file are up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from schemareg.errors import ExitCode, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.generate.python import Style, python_source
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.results import Counts, Result
from schemareg.suggestions import did_you_mean
from schemareg.workspace import Config, Project, SchemaFile
from schemareg.workspace.clashes import clashes
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
    project: Project,
    config: Config,
    file: Path,
    *,
    style: Style,
    check: bool,
    module: str | None = None,
) -> GenerateResult:
    """The models of the events of `project` in `file`; with `check` nothing is written.

    `module` limits them to the schemas of that module of the project, and what those use.

    Raises:
        SchemaParseError: a schema is refused.
        UsageError: a schema has no form in Python, two modules define one name, or the file cannot
            be read or written.
    """
    for failure in project.failures:
        raise failure
    files = project.files if module is None else _files_of(module, project, config)
    for clash in clashes(files) if config.modules else ():
        raise UsageError(
            f"{clash.name!r} means two types, that of {clash.path} and that of {clash.other}",
            advice="generate a file for each module: --module NAME",
        )
    text = python_source((schema.schema for schema in files), style)
    path, shown = config.cwd / file, config.shown(file)
    differs = not is_regular(path, shown) or read_bytes(path, shown) != text.encode()
    if differs and not check:
        write_file(path, text, shown)
    return GenerateResult(shown, len(files), differs, differs and not check)


def _files_of(module: str, project: Project, config: Config) -> tuple[SchemaFile, ...]:
    """The files of `module`, and those that they use, in dependency order."""
    names = [known.name for known in config.modules]
    if module not in names:
        raise UsageError(f"there is no module {module!r}", advice=did_you_mean(module, names))
    wanted: dict[str, SchemaFile] = {}
    waiting = [file for file in project.files if file.modules[0] == module]
    while waiting:
        file = waiting.pop()
        if file.path not in wanted:
            wanted[file.path] = file
            waiting += file.uses
    return tuple(file for file in project.files if file.path in wanted)
