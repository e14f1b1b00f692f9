"""Kill a registry at random instants under concurrent writers, and look whether anything is lost.

`python -m tests.registry.kill [KILLS] [SEED]` says what it found; exit 1 when something was lost.
"""

from __future__ import annotations

import http.client
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from schemareg.registry.store import Store

WRITERS = 8
SHARED_SUBJECTS = 4
LONGEST_RUN_S = 0.4
UNSET = "(none)"
SERVER = """
import sys
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
serve(ServerSettings(port=0, db=sys.argv[1]), announce=lambda url: print(url, flush=True))
"""


@dataclass(slots=True)
class Ledger:
    """What the server said it had done, and what it may have done unsaid."""

    registered: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    deleted: set[tuple[str, int]] = field(default_factory=set)
    maybe_deleted: set[tuple[str, int]] = field(default_factory=set)
    levels: dict[str, set[str]] = field(default_factory=dict)
    """The levels that a subject may have: one, unless an answer was outstanding."""

    def __len__(self) -> int:
        return len(self.registered) + len(self.deleted) + len(self.levels)


@contextmanager
def running_server(db: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL and the process; killed at the end, if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(db)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the server did not start; it says why above")
        yield url, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Writer(threading.Thread):
    """Registers, deletes and configures until the server is gone."""

    def __init__(self, name: str, url: str, seed: str, ledger: Ledger) -> None:
        super().__init__(name=name, daemon=True)
        self._address = urlsplit(url)
        self._random = random.Random(seed)
        self._salt = seed
        self._ledger = ledger
        self._count = 0

    def run(self) -> None:
        assert self._address.hostname is not None
        connection = http.client.HTTPConnection(
            self._address.hostname, self._address.port, timeout=20
        )
        try:
            while True:
                self._write(connection)
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()

    def _write(self, connection: http.client.HTTPConnection) -> None:
        self._count += 1
        own = f"own-{self.name}"
        chance = self._random.random()
        if chance < 0.75:
            shared = f"shared-{self._random.randrange(SHARED_SUBJECTS)}"
            self._register(connection, self._random.choice([own, shared]))
        elif chance < 0.9:
            self._delete_latest(connection, own)
        else:
            level = self._random.choice(["FULL", "FORWARD", "NONE"])
            self._ledger.levels.setdefault(own, {UNSET}).add(level)
            _ask(connection, "PUT", f"/config/{own}-level", {"compatibility": level})
            self._ledger.levels[own] = {level}

    def _register(self, connection: http.client.HTTPConnection, subject: str) -> None:
        text = json.dumps(
            {"type": "fixed", "name": "F", "size": 1, "salt": f"{self._salt}-{self._count}"},
            separators=(",", ":"),
        )
        answer = _ask(connection, "POST", f"/subjects/{subject}/versions", {"schema": text})
        self._ledger.registered[subject, answer["version"]] = answer["id"], answer["schema"]

    def _delete_latest(self, connection: http.client.HTTPConnection, subject: str) -> None:
        registered = list(self._ledger.registered)  # the other writers go on adding to it
        mine = [version for name, version in registered if name == subject]
        alive = [v for v in mine if (subject, v) not in self._ledger.deleted]
        if len(alive) < 2:
            return
        chosen = subject, alive[0]
        self._ledger.maybe_deleted.add(chosen)
        _ask(connection, "DELETE", f"/subjects/{subject}/versions/{chosen[1]}", None)
        self._ledger.deleted.add(chosen)


def _ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any) -> Any:
    connection.request(
        method,
        path,
        None if body is None else json.dumps(body),
        {"Content-Type": "application/json"},
    )
    response = connection.getresponse()
    answer = json.loads(response.read())
    assert response.status in (200, 404), answer
    return answer


def lost(db: Path, ledger: Ledger) -> list[str]:
    """What the ledger has and the file has not, and what is wrong with the file in itself."""
    connection = sqlite3.connect(db)
    (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    found = [] if integrity == "ok" else [f"integrity: {integrity}"]
    texts: dict[tuple[str, int], str] = {}
    with Store(str(db)) as store, store.reading() as tables:
        for subject, _ in tables.subjects(None, ""):
            versions = list(tables.newest_first(subject, deleted=True))
            numbers = sorted(version.version for version in versions)
            if numbers != list(range(1, len(numbers) + 1)):
                found.append(f"{subject}: versions {numbers}")
            for version in versions:
                content = version.content
                if texts.setdefault((content.context, content.id), content.text) != content.text:
                    found.append(f"id {content.id} has two texts")
        for (subject, number), (id, text) in ledger.registered.items():
            stored = tables.version(subject, number, deleted=True)
            if stored is None or (stored.content.id, stored.content.text) != (id, text):
                found.append(f"{subject} version {number}: lost, or another")
            elif stored.deleted and (subject, number) not in ledger.maybe_deleted:
                found.append(f"{subject} version {number}: deleted by nobody")
        for subject, number in ledger.deleted:
            stored = tables.version(subject, number, deleted=True)
            if stored and not stored.deleted:
                found.append(f"{subject} version {number}: its deletion is lost")
        for subject, levels in ledger.levels.items():
            config = tables.config(f"{subject}-level")
            if (config["compatibility"] if config else UNSET) not in levels:
                found.append(f"{subject}: its level is lost")
    return found


def kill_again_and_again(kills: int, seed: int, directory: Path) -> tuple[Ledger, list[str]]:
    """All that was acknowledged before any of the kills, and what of it was lost."""
    db = directory / "registry.db"
    ledger = Ledger()
    chance = random.Random(seed)
    with running_server(db) as (url, process):
        _set_level_none(url)
    for number in range(kills):
        with running_server(db) as (url, process):
            writers = [Writer(f"{w}", url, f"{seed}-{number}-{w}", ledger) for w in range(WRITERS)]
            for writer in writers:
                writer.start()
            time.sleep(chance.uniform(0.01, LONGEST_RUN_S))
            process.kill()
            for writer in writers:
                writer.join()
        found = lost(db, ledger)
        if found:
            return ledger, [f"after kill {number + 1}: {what}" for what in found]
    return ledger, []


def _set_level_none(url: str) -> None:
    address = urlsplit(url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    _ask(connection, "PUT", "/config", {"compatibility": "NONE"})
    connection.close()


def main(arguments: list[str]) -> int:
    kills = int(arguments[0]) if arguments else 25
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    with tempfile.TemporaryDirectory() as directory:
        ledger, found = kill_again_and_again(kills, seed, Path(directory))
    summary = f"{kills} kills, {len(ledger)} acknowledged writes, {len(found)} lost"
    sys.stdout.write("\n".join([*found, summary, ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
