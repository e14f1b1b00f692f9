"""`schemareg registry`: back up the file of a served registry, and restore it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated, TextIO

from schemareg.cli.output import note, write
from schemareg.cli.parameters import Argument, Option
from schemareg.errors import UsageError
from schemareg.report.escape import exact

Db = Annotated[Path, Option("--db", help="The file that `schemareg serve --db` keeps.")]


def backup(file: Annotated[str, Argument(help="Where to write, - for stdout.")], db: Db) -> None:
    """Write everything a registry holds as JSON lines; it may be running meanwhile."""
    from schemareg.registry.service.backup import backup_file

    lines = backup_file(str(db))
    if file == "-":
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        for each in lines:
            write(exact(each))
        return
    try:
        _write_private(Path(file), lines)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def _write_private(path: Path, lines: Iterator[str]) -> None:
    """A file for its owner alone; an earlier backup stays whole until the new one is."""
    number, part = mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as out:
            out.writelines(lines)
            out.flush()
            os.fsync(out.fileno())
        Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)


def restore(file: Annotated[str, Argument(help="A backup, - for stdin.")], db: Db) -> None:
    """Fill a new registry's file from a backup: all of it, or nothing."""
    from schemareg.registry.service.restoring import restore as take
    from schemareg.registry.store import Store

    with _opened(file) as lines:
        store = Store(str(db))
        try:
            number = take(store, lines, path=None if file == "-" else file)
        finally:
            store.close()
    note(f"{number} lines restored into {db}")


def import_topic(
    file: Annotated[
        str, Argument(help="The records as JSON lines of key, value, timestamp; - for stdin.")
    ],
    db: Db,
    pass_over: Annotated[
        bool,
        Option("--pass-over", help="Leave out records that cannot be taken, and list them."),
    ] = False,
) -> None:
    """Fill a new registry's file from the topic of a Confluent registry (`_schemas`)."""
    from schemareg.registry.store import Store
    from schemareg.registry.topic.importing import import_topic as take

    path = None if file == "-" else file
    with _opened(file) as lines:
        store = Store(str(db))
        try:
            imported = take(store, lines, pass_over=pass_over, path=path)
        finally:
            store.close()
    for number, why in imported.passed_over.items():
        note(f"{file}:{number}: passed over: {why}")
    counted = ", ".join(f"{count} {effect}" for effect, count in sorted(imported.effects.items()))
    note(f"{sum(imported.effects.values())} records into {db}: {counted}")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", newline="\n")
        yield sys.stdin
        return
    try:
        with Path(file).open(encoding="utf-8", newline="\n") as opened:
            yield opened
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
