"""The `schemareg` command.

One file per command or group. A command parses its options, makes one library call, renders the
outcome and exits; `cli.app` is the only place that turns errors into lines and exit codes.
"""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command line and exit with one of `schemareg.errors.ExitCode`."""
    from schemareg.cli.app import app
    from schemareg.cli.commands import register

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal cannot show is told by its number, never a failure.
            stream.reconfigure(errors="backslashreplace")
    register(app)
    app(prog_name="schemareg")
