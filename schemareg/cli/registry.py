"""`schemareg registry`: back up, restore, move and probe a served registry."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
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

    _write(file, backup_file(str(db)))


def _write(file: str, lines: Iterator[str]) -> None:
    """`lines` on stdout, or in a file that only its owner may read; then how many they were."""
    number = 0

    def counted() -> Iterator[str]:
        nonlocal number
        for number, each in enumerate(lines, start=1):  # noqa: B007  # read at the end
            yield each

    if file == "-":
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        for each in counted():
            write(exact(each))
        note(f"{number} lines written")
        return
    try:
        _write_private(Path(file), counted())
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    note(f"{number} lines written")


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
    source: Annotated[
        str,
        Argument(
            help="JSON lines of key, value, timestamp; - for stdin; kafka://HOST:PORT/TOPIC; or"
            " a registry's URL."
        ),
    ],
    db: Db,
    pass_over: Annotated[
        bool,
        Option("--pass-over", help="Leave out records that cannot be taken, and list them."),
    ] = False,
) -> None:
    """Fill a new registry's file from the topic (`_schemas`) of another, or from its answers.

    The connection to Kafka has the settings of `schemareg serve --store`. What a registry
    answers is read again at the end, and compared with what was taken.
    """
    from schemareg.registry.api.address import is_registry_url
    from schemareg.registry.store import Store
    from schemareg.registry.topic.importing import import_lines, import_records
    from schemareg.registry.topic.opening import SCHEME, read_topic

    path = None if source == "-" else source
    with ExitStack() as stack:
        if source.startswith(SCHEME):
            from schemareg.registry.server.settings import settings_from
            from schemareg.registry.server.stores import kafka_security

            settings = settings_from(flags={}, environment=os.environ, table={})
            records = stack.enter_context(
                closing(read_topic(source, security=kafka_security(settings)))
            )
            store = stack.enter_context(closing(Store(str(db))))
            taken = import_records(store, records, pass_over=pass_over, path=path)
        elif is_registry_url(source):
            from schemareg.registry import connect_from_environment
            from schemareg.registry.topic.from_registry import (
                import_registry,
                records_of_registry,
            )

            registry = stack.enter_context(connect_from_environment(source, os.environ))
            answers = list(records_of_registry(registry))  # before there is a file
            store = stack.enter_context(closing(Store(str(db))))
            taken = import_registry(store, registry, answers, pass_over=pass_over)
            source = registry.shown_as
        else:
            lines = stack.enter_context(_opened(source))
            store = stack.enter_context(closing(Store(str(db))))
            taken = import_lines(store, lines, pass_over=pass_over, path=path)
    if taken is None:
        note(f"{db} holds all of {source} already")
        return
    for number, why in taken.passed_over.items():
        note(f"{source}:{number}: passed over: {why}")
    counted = ", ".join(f"{count} {effect}" for effect, count in sorted(taken.effects.items()))
    note(f"{sum(taken.effects.values())} records into {db}: {counted}")


def export_topic(
    file: Annotated[str, Argument(help="Where to write, - for stdout.")],
    db: Db,
    release: Annotated[
        str, Option("--profile", help="Write what Confluent's release line 8 or 7 writes.")
    ] = "8",
) -> None:
    """Write a registry as the records of a topic, on which Confluent's registry starts.

    Each line has key, value and timestamp as a producer sends them.
    """
    from schemareg.registry.topic.exporting import export_file

    if release not in ("7", "8"):
        raise UsageError(f"unknown release line {release!r}", advice="give 7 or 8")
    _write(file, export_file(str(db), names_avro=release == "8"))


def release(
    store: Annotated[str, Argument(help="The topic: kafka://HOST:PORT/TOPIC.")],
) -> None:
    """Make a topic ready for another kind of registry, after every node of ours was stopped.

    Appends one record that changes nothing, outside any transaction: older registries wait for
    ever on a topic that ends with a transaction. The connection to Kafka, and the group, have the
    settings of `schemareg serve --store`.
    """
    from schemareg.registry.server.settings import settings_from
    from schemareg.registry.server.stores import kafka_security
    from schemareg.registry.topic.opening import release_store

    settings = settings_from(flags={}, environment=os.environ, table={})
    offset = release_store(store, group=settings.kafka_group, security=kafka_security(settings))
    note(f"{store}: released at offset {offset}; the other registry can be started")


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


def health(
    url: Annotated[str, Argument(help="The registry.")] = "http://127.0.0.1:8081",
) -> None:
    """Ask a served registry whether it takes writes: 0 yes, 1 no with the reason.

    For probes of containers; needs no credentials. TLS files are those of
    SCHEMAREG_REGISTRY_CA and so on.
    """
    from schemareg.registry.client.environment import tls_in
    from schemareg.registry.client.health import check_ready

    note(f"{check_ready(url, tls=tls_in(os.environ))} is ready")
