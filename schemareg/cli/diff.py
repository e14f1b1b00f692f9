"""`schemareg diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from schemareg.cli.inputs import note_passed_over, open_config
from schemareg.cli.options import SOURCES, ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish, note
from schemareg.cli.parameters import Argument
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.workspace import Config, Project


def diff(
    old: Annotated[
        str,
        Argument(
            help="A schema: a file, SUBJECT@VERSION of the snapshot, or a SUBJECT. "
            f"Or a project: {SOURCES}."
        ),
    ],
    new: Annotated[
        str | None,
        Argument(
            help="The same; a SUBJECT is the project's own schema. For a project the default is"
            " the files here.",
        ),
    ] = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """List what changed between two schemas, or two states of a project.

    Field by field, with the class of each change: major, minor or patch. `diff git:main...` is
    the changelog of a pull request.
    """
    from schemareg.commands.diff import (
        diff_projects,
        diff_schemas,
        is_here,
        looks_like_a_file,
        names_a_project,
    )
    from schemareg.errors import UsageError
    from schemareg.workspace.files import is_regular

    # a file belongs to the project around it, which may be another than the one here
    named = [Path(spec) for spec in (old, new) if spec and is_regular(Path(spec), spec)]
    settings = open_config(config, named, verbose=verbose)
    if new is not None and names_a_project(old, settings) and is_here(new, settings):
        new = None  # the files here, as without it
    of_projects = [names_a_project(spec, settings) for spec in (old, new) if spec is not None]
    if any(of_projects) and not all(of_projects):
        raise UsageError(
            "one of the two is a schema, and the other a whole project",
            advice="name two schemas, or two projects",
        )
    if new is None and not all(of_projects):
        raise UsageError(
            f"{old!r} is one schema, and a second one to compare it with is not named",
            advice="name two schemas, or one state of the project, such as git:main",
        )
    specs = [spec for spec in (old, new) if spec is not None]
    # a path that leads nowhere is refused as such, with or without a project around it
    files = all(looks_like_a_file(spec, settings) for spec in specs)
    project = _project(settings, alone=files or (len(specs) > 1 and all(of_projects)))
    if all(of_projects):
        result = diff_projects(old, new, project, settings)
    else:
        result = diff_schemas(old, new or "", project, settings)
    for text in result.notes:
        note(text)
    finish(result, format, outputs=outputs)


def _project(settings: Config, *, alone: bool) -> Project:
    """The project here; with `alone` none at all will do, too."""
    from schemareg.errors import UsageError
    from schemareg.workspace import build_project, load_project

    try:
        project = load_project(settings)
    except UsageError:
        if not alone:
            raise
        return build_project([], settings, complete=False)
    note_passed_over(project.passed_over)
    return project
