"""`schemareg fixtures generate` and `schemareg fixtures check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from schemareg.cli.inputs import open_project
from schemareg.cli.options import SOURCES, ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Option
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.state import RegistryState
    from schemareg.workspace import Project

Folder: TypeAlias = Annotated[
    Path | None,
    Option(
        "--folder",
        help="Where the golden events are; `fixtures` beside the snapshot by default.",
        show_default=False,
    ),
]
Against: TypeAlias = Annotated[
    str,
    Option(
        "--against",
        "-a",
        envvar="SCHEMAREG_AGAINST",
        help=f"Where the registered versions are: {SOURCES}.",
    ),
]


def generate(
    folder: Folder = None,
    against: Against = "snapshot",
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Write golden events of every version.

    Committed bytes stay as they are where they can still be read.
    """
    from schemareg.golden import generate_fixtures

    project, state, place, _ = _inputs(folder, against, config, verbose=verbose)
    finish(generate_fixtures(project, state, place), format, outputs=outputs)


def check(
    folder: Folder = None,
    against: Against = "snapshot",
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Check that the committed golden events still hold.

    A change that alters the bytes, or the meaning of bytes written before, changes a file.
    """
    from schemareg.golden import check_fixtures

    project, state, place, shown = _inputs(folder, against, config, verbose=verbose)
    finish(check_fixtures(project, state, place, shown=shown), format, outputs=outputs)


def _inputs(
    folder: Path | None, against: str, config: Path | None, *, verbose: bool
) -> tuple[Project, RegistryState, Path, str]:
    from schemareg.state import open_state, subjects_of_interest

    project, settings = open_project(None, config, verbose=verbose)
    for failure in project.failures:
        raise failure
    place = settings.cwd / (folder or settings.snapshot.parent / "fixtures")
    wanted = subjects_of_interest(project, settings)
    state = open_state(against, config=settings, project=project, wanted=wanted)
    return project, state, place, settings.shown(place)
