"""The `schemareg` command.

One file per command or group. A command parses its options, makes one library call, renders the
result and exits; `cli.failures` is the only place that turns errors into lines and exit codes.
"""

from __future__ import annotations

import gc
import io
import signal
import sys

# Cycles are looked for after so many new objects. With Python's 700 that was 53 times in the start
# of a command, which with four more at its end was a tenth of its time (docs/performance.md).
_COLLECTED_OBJECTS = 100_000
_SIGNALLED = 128  # what shells add to the number of the signal that ended a process


def main() -> None:
    """Run the command line and exit with one of `schemareg.errors.ExitCode`."""
    gc.set_threshold(_COLLECTED_OBJECTS, *gc.get_threshold()[1:])
    try:
        _run()
    except KeyboardInterrupt:  # before a command runs, which has its own end for it
        sys.stderr.write("schemareg: interrupted\n")
        sys.exit(_SIGNALLED + signal.SIGINT)
    finally:
        gc.freeze()  # the process ends: what is left needs no search for cycles


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
