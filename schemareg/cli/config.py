"""`schemareg config show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.inputs import open_config
from schemareg.cli.options import ConfigFile, OutputFormat, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Argument
from schemareg.report import Format


def show(
    file: Annotated[
        Path | None,
        Argument(help="A schema file: show what is in force for it, its subjects and overrides."),
    ] = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    verbose: Verbose = False,
) -> None:
    """Show the settings and rules in force, and where each value comes from."""
    from schemareg.commands.config import effective_config

    settings = open_config(config, [file] if file else None)
    finish(effective_config(settings, file), format, verbose=verbose)
