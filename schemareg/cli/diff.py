"""`schemareg diff`."""

from __future__ import annotations

from typing import Annotated

from schemareg.cli.inputs import open_config, open_project
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Argument
from schemareg.report import Format


def diff(
    old: Annotated[str, Argument(help="A file, SUBJECT@VERSION of the snapshot, or a SUBJECT.")],
    new: Annotated[str, Argument(help="The same; a SUBJECT is the project's own schema.")],
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """List what changed between two schemas.

    Field by field, with the class of each change: major, minor or patch.
    """
    from schemareg.commands.diff import diff_schemas
    from schemareg.errors import NoSchemasError
    from schemareg.workspace import build_project
    from schemareg.workspace.files import is_regular

    try:
        project, settings = open_project(None, config, verbose=verbose)
    except NoSchemasError:
        settings = open_config(config)
        if not all(is_regular(settings.cwd / spec, spec) for spec in (old, new)):
            raise
        project = build_project([], settings)  # two files need no project around them
    finish(diff_schemas(old, new, project, settings), format, outputs=outputs)
