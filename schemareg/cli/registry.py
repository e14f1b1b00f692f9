"""`schemareg registry`: what a served registry's file holds, out and in again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from schemareg.cli.output import note

Db = Annotated[Path, typer.Option("--db", help="The file that `schemareg serve --db` keeps.")]


def backup(
    file: Annotated[str, typer.Argument(help="Where to write, - for stdout.")], db: Db
) -> None:
    """Write everything a registry holds as JSON lines; it may be running meanwhile."""
    from schemareg.registry.service.backup import backup_file

    lines = backup_file(str(db))
    with _opened(file, "w") as out:
        out.writelines(lines)


def restore(file: Annotated[str, typer.Argument(help="A backup, - for stdin.")], db: Db) -> None:
    """Fill a new registry's file from a backup: all of it, or nothing."""
    from schemareg.registry.service.backup import restore as take
    from schemareg.registry.store import Store

    with _opened(file, "r") as lines:
        store = Store(str(db))
        try:
            number = take(store, lines, path=None if file == "-" else file)
        finally:
            store.close()
    note(f"{number} lines restored into {db}")


@contextmanager
def _opened(file: str, mode: str) -> Iterator[TextIO]:
    from schemareg.errors import UsageError

    if file == "-":
        yield sys.stdout if mode == "w" else sys.stdin
        return
    try:
        with Path(file).open(mode, encoding="utf-8", newline="\n") as opened:
            yield opened  # type: ignore[misc]  # the mode is one of text
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
