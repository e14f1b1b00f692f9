"""The edge of every command: what is printed, where, and with which exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from schemareg.commands.progress import Progress, silent
from schemareg.errors import ExternalFailureError
from schemareg.findings import Severity
from schemareg.report import Format, Output, render

if TYPE_CHECKING:
    from schemareg.report.escape import Safe
    from schemareg.report.page import Page
    from schemareg.results import Result

_FILE_WIDTH = 100
# What names the top of the checkout in a job: GitHub, GitLab, Azure Pipelines.
_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY")

# What names the commit in a job: GitHub, GitLab, Azure Pipelines.
_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION")
_WITH_COMMIT = {Format.JSON, Format.HTML}


def finish(
    result: Result,
    format: Format,
    fail_on: Severity = Severity.ERROR,
    *,
    verbose: bool = False,
    outputs: Sequence[Output] | None = None,
) -> NoReturn:
    """Print `result` on stdout in `format` and exit with its code.

    With `verbose` text includes what did not change. `outputs` are written before.

    Raises:
        UsageError: a file of `outputs` cannot be written.
        ExternalFailureError: stdout is closed or full.
    """
    show(result, format, fail_on, verbose=verbose, outputs=outputs)
    raise click.exceptions.Exit(result.exit_code(fail_on))


def show(
    result: Result,
    format: Format,
    fail_on: Severity = Severity.ERROR,
    *,
    verbose: bool = False,
    outputs: Sequence[Output] | None = None,
) -> None:
    """Print `result` as `finish` does, and go on.

    Raises:
        UsageError: a file of `outputs` cannot be written.
        ExternalFailureError: stdout is closed or full.
    """
    wanted = {format, *(output.format for output in outputs or ())}
    from dataclasses import replace

    shown_on = replace(page(), verbose=verbose, commit=_commit() if wanted & _WITH_COMMIT else "")
    for output in outputs or ():
        _write(result, output, shown_on, fail_on)
    write(render(result, format, shown_on, fail_on=fail_on))
    from schemareg.report.counted import counted

    # on stderr: what is on stdout belongs to a format, and to whoever reads it
    note(counted(result))


def write(text: Safe) -> None:
    """Print `text` on stdout: the one place where a command does.

    Raises:
        ExternalFailureError: stdout is closed or full.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except AttributeError as error:  # Python has no stdout where the shell closed it
        raise ExternalFailureError("the result cannot be written: stdout is closed") from error
    except OSError as error:
        # Python's own flush at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # `| head` has what it wanted
            raise ExternalFailureError(f"the result cannot be written: {error.strerror}") from error


def _write(result: Result, output: Output, shown_on: Page, fail_on: Severity) -> None:
    """Writes `result` to a file: UTF-8, without colours, for no terminal's width."""
    from dataclasses import replace

    from schemareg.workspace.files import write_file

    layout = replace(shown_on, width=_FILE_WIDTH, colours=False, ascii=False)
    text = render(result, output.format, layout, fail_on=fail_on)
    write_file(Path.cwd() / output.file, text, output.file.as_posix())


def page() -> Page:
    """The page that stdout is: its width (80 where unknown), colours on a terminal.

    `NO_COLOR` switches colours off, `FORCE_COLOR` on (no-color.org, force-color.org).
    """
    colours = bool(sys.stdout) and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        colours = True
    if os.environ.get("NO_COLOR"):
        colours = False
    from schemareg.report.page import Page

    encoding = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "")
    return Page(
        width=_width(),
        colours=colours,
        root=_below_checkout(),
        ascii=not encoding.startswith("utf"),
    )


def _commit() -> str:
    """The id of the commit that is checked out: a CI job's variable, else what git has here."""
    for variable in _COMMITS:
        if named := os.environ.get(variable):
            return named
    from schemareg.workspace.git import commit_checked_out

    return commit_checked_out(Path.cwd())


def _width() -> int:
    """The columns of stdout: `COLUMNS`, else those of the terminal, else 80."""
    # as shutil.get_terminal_size, without the archive formats that importing shutil costs
    try:
        if (columns := int(os.environ.get("COLUMNS", ""))) > 0:
            return columns
    except ValueError:
        pass
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ else 80
    except (AttributeError, ValueError, OSError):  # closed, detached, or no terminal
        return 80


def _below_checkout() -> str:
    """The path from the top of a CI's checkout, or of the git repository, down to here.

    "" at the top, and outside of both.
    """
    here = Path.cwd()
    named = (Path(os.environ[name]) for name in _CHECKOUTS if os.environ.get(name))
    repositories = (folder for folder in (here, *here.parents) if (folder / ".git").exists())
    for top in (*named, *repositories):
        if here.is_relative_to(top):
            return "" if here == top else here.relative_to(top).as_posix() + "/"
    return ""


def note(text: str) -> None:
    """A line about what happens, on stderr; where nobody reads that, it is lost, and no more."""
    from schemareg.report.escape import line, terminal

    try:
        click.echo(terminal(f"schemareg: {line(text)}"), err=True)
    except OSError:
        # Python's own flush at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on stderr while it is a terminal; silence where it is not."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(doing: str, done: int, total: int) -> None:
            if doing not in tasks:
                tasks[doing] = bar.add_task(doing, total=total)
            bar.update(tasks[doing], completed=done, total=total)

        yield show
