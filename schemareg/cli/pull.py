"""`schemareg pull`."""

from __future__ import annotations

from typing import Annotated

import typer

from schemareg.cli.inputs import open_config, open_project, registry_named
from schemareg.cli.options import ConfigFile, OutputFormat, Verbose
from schemareg.cli.output import finish
from schemareg.report import Format


def pull(
    registry: Annotated[
        str | None,
        typer.Option("--registry", envvar="SCHEMAREG_REGISTRY", help="URL of the registry."),
    ] = None,
    all: Annotated[
        bool, typer.Option("--all", help="Every subject of the registry, not only this project's.")
    ] = False,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    verbose: Verbose = False,
) -> None:
    """Write what a registry holds into the snapshot.

    Commit it, and checks need no registry.
    """
    from schemareg.commands.pull import pull as pull_from
    from schemareg.errors import UsageError
    from schemareg.state import open_base

    project = None
    if all:
        settings = open_config(config, verbose=verbose)
    else:
        project, settings = open_project(None, config, verbose=verbose)
    url = registry_named(registry, settings)
    if not url or not url.startswith(("http://", "https://")):
        raise UsageError(
            "pull needs a registry to read from", advice="give --registry URL, or set registry"
        )
    finish(pull_from(open_base(url, config=settings), settings, project), format)
