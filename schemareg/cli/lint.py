"""`schemareg lint`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from schemareg.cli.inputs import note_passed_over, open_config
from schemareg.cli.options import ConfigFile, FailOn, OutputFormat, Outputs, Paths, Verbose
from schemareg.cli.output import finish
from schemareg.findings import BaselineMode, Severity
from schemareg.report import Format


def lint(
    paths: Paths = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    baseline: Annotated[
        BaselineMode,
        typer.Option(
            "--baseline",
            help="use: report only what the baseline does not accept; write: accept everything"
            " that is reported now; ignore: report that, too.",
        ),
    ] = BaselineMode.USE,
    no_cache: Annotated[
        bool,
        typer.Option(
            "--no-cache",
            envvar="SCHEMAREG_NO_CACHE",
            help="Lint every file again, and keep nothing for the next time.",
        ),
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Judge schema files by the lint rules.

    No registry and no network is needed. What did not change since the last time is not linted
    again; what is remembered for that is in the user's cache directory.
    """
    from schemareg.commands.lint import lint_paths
    from schemareg.lint.cache import cache_folder

    settings = open_config(config, paths, verbose=verbose)
    folder = None if no_cache else cache_folder(os.environ)
    result = lint_paths(settings, paths, cache=folder, mode=baseline)
    note_passed_over(result.passed_over)
    finish(result, format, fail_on, verbose=verbose, outputs=outputs)
