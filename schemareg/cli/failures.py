"""The edge of every command: what an error becomes."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import ParamSpec

import click

from schemareg.cli.output import note
from schemareg.errors import ExitCode, FileUsageError, SchemaParseError, SchemaregError

P = ParamSpec("P")

# Modules that only an extra brings, and which extra.
EXTRAS = {
    "uvicorn": "server",
    "jinja2": "server",
    "prometheus_client": "server",
    "argon2": "server",
    "bcrypt": "server",
    "jwt": "server",
    "confluent_kafka": "kafka",
    "fastavro": "kafka",
    "testcontainers": "kafka",
    "docker": "kafka",
    "pygls": "lsp",
    "lsprotocol": "lsp",
    "ruamel": "exchange",
    "scipy": "canary",
}


def _report(error: SchemaregError) -> None:
    """One line for an error; for a file with several problems one line each."""
    if isinstance(error, FileUsageError):
        for each in error.errors:
            note(f"error: {each}")
    elif isinstance(error, SchemaParseError) and error.location is not None:
        for problem in error.problems:
            place = f"{error.location.path or '<text>'}:{problem.line}:{problem.column}"
            advice = f"; {problem.advice}" if problem.advice else ""
            note(f"error: {place}: {problem.message}{advice}")
    else:
        note(f"error: {error}")


def _missing_extra(error: Exception) -> str | None:
    """What to install, where `error` is an import that an extra would satisfy."""
    if not isinstance(error, ModuleNotFoundError):
        return None
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        return None
    return (
        f"error: this needs the Python module {error.name!r}, which is not installed; "
        f"run: pip install 'schemareg[{extra}]'"
    )


def _bug(error: Exception) -> str:
    return (
        f"bug: {type(error).__name__}: {error}; please report it with the output of the same "
        "command under SCHEMAREG_TRACEBACK=1"
    )


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """`command` with every failure turned into one line on stderr and its exit code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SchemaregError as error:
            _report(error)
            raise click.exceptions.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            note("interrupted")
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except Exception as error:  # the edge: whatever it is, a user gets one line
            missing = _missing_extra(error)
            if missing is None and os.environ.get("SCHEMAREG_TRACEBACK"):
                raise
            note(missing or _bug(error))
            raise click.exceptions.Exit(
                ExitCode.ASKED_WRONGLY if missing else ExitCode.BUG
            ) from None

    return run
