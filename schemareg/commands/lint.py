"""Lint a project: every rule over every file, as one result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from schemareg import lint
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.lint.configuration import lint_settings
from schemareg.workspace import Config, Project


@dataclass(frozen=True, slots=True)
class LintResult:
    """The diagnostics of `files` schema files, in order of file and line."""

    command: ClassVar[str] = "lint"

    findings: tuple[Diagnostic, ...]
    files: int

    def counting(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are not suppressed."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.counting())

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when a diagnostic that counts weighs `fail_on` or more."""
        failed = any(finding.severity.rank <= fail_on.rank for finding in self.counting())
        return ExitCode.NO if failed else ExitCode.YES


def lint_project(project: Project, config: Config) -> LintResult:
    """Every diagnostic of every enabled rule, suppressed ones included."""
    found = lint.run(project, lint_settings(config.lint), avro_version=config.avro_version)
    return LintResult(tuple(found), len(project.files) + len(project.failures))
