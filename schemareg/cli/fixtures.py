"""`schemareg fixtures generate` and `schemareg fixtures check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from schemareg.cli.inputs import open_project
from schemareg.cli.options import ConfigFile, OutputFormat, Verbose
from schemareg.cli.output import finish
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.state import Base
    from schemareg.workspace import Project

Folder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        help="Where the golden events are; `fixtures` beside the snapshot by default.",
        show_default=False,
    ),
]
Against: TypeAlias = Annotated[
    str,
    typer.Option(
        "--against",
        "-a",
        envvar="SCHEMAREG_AGAINST",
        help="Which versions are registered: snapshot, git:REF, a directory, or a registry's URL.",
    ),
]


def generate(
    folder: Folder = None,
    against: Against = "snapshot",
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    verbose: Verbose = False,
) -> None:
    """Write golden events of every version.

    Bytes that are there already stay, where they still can be read.
    """
    from schemareg.golden import generate_fixtures

    project, base, place, _ = _inputs(folder, against, config, verbose=verbose)
    finish(generate_fixtures(project, base, place), format)


def check(
    folder: Folder = None,
    against: Against = "snapshot",
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    verbose: Verbose = False,
) -> None:
    """Say whether the committed golden events still hold.

    A change that alters the wire, or what is on it already, does not pass unseen.
    """
    from schemareg.golden import check_fixtures

    project, base, place, shown = _inputs(folder, against, config, verbose=verbose)
    finish(check_fixtures(project, base, place, shown=shown), format)


def _inputs(
    folder: Path | None, against: str, config: Path | None, *, verbose: bool
) -> tuple[Project, Base, Path, str]:
    from schemareg.state import open_base

    project, settings = open_project(None, config, verbose=verbose)
    for failure in project.failures:
        raise failure
    place = settings.cwd / (folder or settings.snapshot.parent / "fixtures")
    base = open_base(against, config=settings, project=project)
    return project, base, place, settings.shown(place)
