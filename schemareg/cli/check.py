"""`schemareg check`."""

from __future__ import annotations

from typing import Annotated

import typer

from schemareg.cli.inputs import open_project
from schemareg.cli.options import ConfigFile, FailOn, OutputFormat, Paths, Verbose
from schemareg.cli.output import finish, progress_bar
from schemareg.findings import Severity
from schemareg.report import Format
from schemareg.subjects import CompatibilityLevel


def check(
    paths: Paths = None,
    against: Annotated[
        str,
        typer.Option(
            "--against",
            "-a",
            envvar="SCHEMAREG_AGAINST",
            help="What to compare with: snapshot, git:REF, a directory, or a registry's URL.",
        ),
    ] = "snapshot",
    level: Annotated[
        CompatibilityLevel | None,
        typer.Option(
            "--level",
            help="Judge by this level, whatever configuration and registry say.",
            case_sensitive=False,
            show_default=False,
        ),
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="Show an event that a reader would choke on.")
    ] = False,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Say whether schemas may follow what is there.

    Every clash names the version, the place, and what to do about it.
    """
    from schemareg.commands.check import check_project
    from schemareg.state import open_base

    project, settings = open_project(paths, config, verbose=verbose)
    base = open_base(against, config=settings, project=project)
    with progress_bar() as progress:
        result = check_project(project, base, level=level, with_proofs=prove, progress=progress)
    finish(result, format, fail_on)
