"""`schemareg lint`."""

from __future__ import annotations

from schemareg.cli.inputs import open_project
from schemareg.cli.options import ConfigFile, FailOn, OutputFormat, Paths, Verbose
from schemareg.cli.output import finish
from schemareg.findings import Severity
from schemareg.report import Format


def lint(
    paths: Paths = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Judge schema files by the lint rules.

    No registry and no network is needed.
    """
    from schemareg.commands.lint import lint_project

    finish(lint_project(*open_project(paths, config, verbose=verbose)), format, fail_on)
