"""`schemareg metrics`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.inputs import open_config
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Option
from schemareg.report import Format


def metrics(
    commits: Annotated[
        int,
        Option("--commits", help="At most so many; of more the last of each month.", min=1),
    ] = 60,
    lines: Annotated[
        Path | None,
        Option("--lines", help="Write a line of JSON for each commit.", show_default=False),
    ] = None,
    textfile: Annotated[
        Path | None,
        Option(
            "--prometheus",
            help="Write the newest numbers for Prometheus' textfile collector.",
            show_default=False,
        ),
    ] = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Count subjects, fields, documentation, owners and lint findings over git's history."""
    from schemareg.commands.metrics import json_lines, prometheus
    from schemareg.commands.metrics import metrics as counted
    from schemareg.workspace.files import write_file

    settings = open_config(config, verbose=verbose)
    result = counted(settings, commits)
    for path, text in ((lines, json_lines), (textfile, prometheus)):
        if path is not None:
            place = settings.cwd / path
            write_file(place, text(result), settings.shown(place))
    finish(result, format, verbose=verbose, outputs=outputs)
