"""`schemareg fmt`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from schemareg.cli.inputs import note_passed_over, open_config
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Paths, Verbose
from schemareg.cli.output import finish, write
from schemareg.cli.parameters import Option
from schemareg.report import Format


def fmt(
    paths: Paths = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    check: Annotated[
        bool,
        Option("--check", help="Write nothing; exit 1 where a file has another layout."),
    ] = False,
    diff: Annotated[bool, Option("--diff", help="Write nothing; print what would change.")] = False,
    verbose: Verbose = False,
) -> None:
    """Lay out schema files: white space and, where configured, the order of keys.

    What a schema means stays, and so do comments and the spelling of numbers and texts.
    `-` reads one schema from stdin and writes it to stdout. [fmt] in schemareg.toml sets indent,
    width and key_order.
    """
    from schemareg.commands.fmt import format_files, formatted
    from schemareg.errors import UsageError
    from schemareg.fix.layout import layout_settings
    from schemareg.report.escape import exact

    if paths == [Path("-")]:
        if check or diff:
            raise UsageError("--check and --diff are for files, and `-` is stdin")
        settings = layout_settings(open_config(config, verbose=verbose).fmt)
        write(exact(formatted(sys.stdin.buffer.read(), settings)))
        return
    own = open_config(config, paths, verbose=verbose)
    result = format_files(own, paths, write=not (check or diff), shows_diff=diff)
    note_passed_over(result.passed_over)
    finish(result, format, verbose=verbose, outputs=outputs)
