"""The `schemareg` command.

One file per command or group. A command parses its options, makes one library call, renders the
result and exits; `cli.failures` is the only place that turns errors into lines and exit codes.
"""

from __future__ import annotations

import io
import signal
import sys

_SIGNALLED = 128  # what shells add to the number of the signal that ended a process


def main() -> None:
    """Run the command line and exit with one of `schemareg.errors.ExitCode`."""
    try:
        _run()
    except KeyboardInterrupt:  # before a command runs, which has its own end for it
        sys.stderr.write("schemareg: interrupted\n")
        sys.exit(_SIGNALLED + signal.SIGINT)


def _run() -> None:
    from schemareg.cli.commands import application

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a character that the terminal cannot show is written by its number
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    application()(prog_name="schemareg")


def _terminate(number: int, _frame: object) -> None:
    """End as after Ctrl+C: what was started, such as a container, is stopped."""
    raise SystemExit(_SIGNALLED + number)
