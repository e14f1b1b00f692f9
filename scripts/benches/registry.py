"""The registry server under load, beside Apicurio Registry on the same cores in the same run.

Each server runs in a process of its own, ours as `schemareg serve` does with metrics and access
log on. The load comes from one process (http_load.py).
`cpu` is the server's own processor time for one request, which other work on the machine does not
blur; rates do suffer from it.

Why uvicorn: the application alone, ten ids, 32 connections, took 0.020 ms of processor time for a
request on uvicorn 0.54 with httptools and uvloop, 0.023 on granian 2.8 (one worker); on one
connection 0.024 against 0.038.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from schemareg.registry.api.contexts import qualified
from schemareg.registry.store import Content, Store, Tables
from schemareg.registry.store.identity import digest, semantic_digest
from schemareg.subjects import SchemaId
from scripts.http_load import Connection, cpu_s, load, memory_mb, request, switches_of
from tests.support.apicurio import Apicurio, UnavailableError

SERVE = """
import sys
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
settings = ServerSettings(port=0, db=sys.argv[1], access_log=sys.argv[2])
serve(settings, announce=lambda url: print(url, flush=True))
"""
SEED = 20261120


@dataclass(frozen=True, slots=True)
class Target:
    """A running server. `ids` and `subjects` are what it holds to ask for."""

    name: str
    url: str
    pid: int
    stored: int
    ids: list[int]
    start_s: float


def event_text(number: int, *extra: str) -> str:
    """A record schema of eight fields and the `extra` ones, which have defaults."""
    fields: list[dict[str, object]] = [
        {"name": f"field{n}", "type": ["null", "string"], "default": None} for n in range(8)
    ]
    fields += [{"name": name, "type": "long", "default": 0} for name in extra]
    return json.dumps(
        {
            "type": "record",
            "name": f"Event{number}",
            "namespace": "com.company.events",
            "fields": fields,
        },
        separators=(",", ":"),
    )


def subject_of(number: int) -> str:
    return f"topic-{number}-value"


# servers


def fill(tables: Tables, count: int) -> None:
    for number in range(count):
        text = event_text(number)
        content = tables.add_content(
            Content(0, ".", SchemaId(number + 1), digest(text), semantic_digest(text), text), ()
        )
        tables.put_version(qualified(subject_of(number)), 1, content, written_ms=0)


@contextmanager
def ours(stored: int) -> Iterator[Target]:
    with tempfile.TemporaryDirectory() as directory:
        db = f"{directory}/registry.db"
        with Store(db) as store:
            store.write(lambda tables: fill(tables, stored))
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, db, f"{directory}/access.log"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            wait_for(url, "/subjects?limit=1")
            took_s = time.perf_counter() - began
            wait_until_idle(process.pid)
            ids = list(range(1, stored + 1))
            yield Target("schemareg", url, process.pid, stored, ids, took_s)
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


@contextmanager
def apicurio(stored: int) -> Iterator[Target]:
    began = time.perf_counter()
    with Apicurio() as registry:
        took_s = time.perf_counter() - began
        connection = Connection(registry.url)
        ids = []
        for number in range(stored):
            body = json.dumps({"schema": event_text(number)}).encode()
            path = f"/subjects/{subject_of(number)}/versions"
            ids.append(json.loads(connection.ask(request(registry.url, "POST", path, body)))["id"])
        level = json.dumps({"compatibility": "BACKWARD"}).encode()
        connection.ask(request(registry.url, "PUT", "/config", level))
        connection.close()
        yield Target("Apicurio 3.0.9", registry.url, registry.pid, stored, ids, took_s)


def wait_for(url: str, path: str) -> None:
    connection = Connection(url)
    connection.ask(request(url, "GET", path))
    connection.close()


def wait_until_idle(pid: int) -> None:
    """Waits for the check of a large file, which the server makes beside its first requests."""
    deadline_s = time.monotonic() + 60
    spent_s = -1.0
    while cpu_s(pid) - spent_s > 0.01 and time.monotonic() < deadline_s:
        spent_s = cpu_s(pid)
        time.sleep(0.5)


# what is asked


def id_lookups(target: Target) -> Iterator[bytes]:
    chance = random.Random(SEED)
    while True:
        yield request(target.url, "GET", f"/schemas/ids/{chance.choice(target.ids)}")


def hot_id_lookups(target: Target) -> Iterator[bytes]:
    made = [request(target.url, "GET", f"/schemas/ids/{id}") for id in target.ids[:10]]
    return itertools.cycle(made)


def latest_versions(target: Target) -> Iterator[bytes]:
    chance = random.Random(SEED)
    while True:
        subject = subject_of(chance.randrange(target.stored))
        yield request(target.url, "GET", f"/subjects/{subject}/versions/latest")


def register_existing(target: Target) -> Iterator[bytes]:
    chance = random.Random(SEED)
    while True:
        number = chance.randrange(target.stored)
        body = json.dumps({"schema": event_text(number)}).encode()
        yield request(target.url, "POST", f"/subjects/{subject_of(number)}/versions", body)


def register_new(target: Target) -> Iterator[bytes]:
    for count in itertools.count():
        number = count % target.stored
        text = event_text(number, f"added{time.time_ns()}_{count}")
        body = json.dumps({"schema": text}).encode()
        yield request(target.url, "POST", f"/subjects/{subject_of(number)}/versions", body)


def checks(target: Target) -> Iterator[bytes]:
    body = json.dumps({"schema": event_text(0, "added")}).encode()
    path = f"/compatibility/subjects/{subject_of(0)}/versions/latest"
    return itertools.repeat(request(target.url, "POST", path, body))


def new_checks_of_any(target: Target) -> Iterator[bytes]:
    chance = random.Random(SEED)
    for count in itertools.count():
        number = chance.randrange(target.stored)
        body = json.dumps({"schema": event_text(number, f"added{count}")}).encode()
        path = f"/compatibility/subjects/{subject_of(number)}/versions/latest"
        yield request(target.url, "POST", path, body)


def new_checks(target: Target) -> Iterator[bytes]:
    path = f"/compatibility/subjects/{subject_of(0)}/versions/latest"
    for count in itertools.count():
        body = json.dumps({"schema": event_text(0, f"added{count}")}).encode()
        yield request(target.url, "POST", path, body)


SCENARIOS: dict[str, Callable[[Target], Iterator[bytes]]] = {
    "id, ten of them": hot_id_lookups,
    "id, any": id_lookups,
    "latest version, any": latest_versions,
    "check, one body": checks,
    "check, new bodies": new_checks,
    "check, new bodies, any": new_checks_of_any,
    "register existing, any": register_existing,
    "register new version": register_new,
}


def measure_registering(target: Target, seconds: float) -> None:
    """How registering does with few and many connections, how many versions share a commit, and
    how often the server's threads switch for one.
    """
    titles = ("per s", "p50 ms", "p99 ms", "first ms", "cpu ms", "batch", "switches")
    print(f"{'register new version':24}" + "".join(f"{title:>10}" for title in titles))
    for connections in (1, 32, 128):
        load(target.url, target.pid, connections, register_new(target), seconds / 2)
        switches, commits = switches_of(target.pid), commits_of(target)
        got = load(target.url, target.pid, connections, register_new(target), seconds)
        count = got.rate * seconds
        commits = commits_of(target) - commits
        batch = f"{count / commits:>10.1f}" if commits else f"{'-':>10}"
        print(
            f"{connections:>12} connections{got.rate:>10,.0f}{got.p50_ms:>10.1f}{got.p99_ms:>10.1f}"
            f"{got.first_ms:>10.1f}{got.cpu_ms:>10.3f}{batch}"
            f"{(switches_of(target.pid) - switches) / count:>10.1f}",
            flush=True,
        )


def commits_of(target: Target) -> int:
    """How often the server's store has committed; 0 for a server that does not count it."""
    if target.name != "schemareg":
        return 0
    connection = Connection(target.url)
    text = connection.ask(request(target.url, "GET", "/metrics")).decode()
    connection.close()
    counted = [line for line in text.splitlines() if line.startswith("schemareg_store_commits")]
    return int(float(counted[0].split()[1]))


def measure(target: Target, seconds: float) -> None:
    print(f"\n{target.name}, {target.stored:,} schemas: ready in {target.start_s:.2f} s")
    print(f"{'':24}{'1 connection':>34}{'32 connections':>42}")
    titles = "".join(f"{title:>10}" for title in ("per s", "p50 ms", "p99 ms", "cpu ms"))
    print(f"{'':24}{titles}  {titles}")
    for name, make in SCENARIOS.items():
        row = f"{name:24}"
        for connections in (1, 32):
            load(target.url, target.pid, connections, make(target), seconds / 2)
            got = load(target.url, target.pid, connections, make(target), seconds)
            row += f"{got.rate:>10,.0f}{got.p50_ms:>10.2f}{got.p99_ms:>10.2f}{got.cpu_ms:>10.3f}  "
        print(row.rstrip(), flush=True)
    measure_registering(target, seconds)
    print(f"memory afterwards: {memory_mb(target.pid):.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each figure")
    parser.add_argument("--stored", type=int, nargs="*", default=[10, 100_000])
    parser.add_argument("--only-registering", action="store_true")
    parser.add_argument("--without-peer", action="store_true", help="ours alone")
    options = parser.parse_args()
    for stored in options.stored:
        with ours(stored) as target:
            if options.only_registering:
                measure_registering(target, options.seconds)
            else:
                measure(target, options.seconds)
    if options.without_peer:
        return
    try:
        with apicurio(10) as target:
            measure(target, options.seconds)
    except UnavailableError as error:
        print(f"\nApicurio is left out: {error}")


if __name__ == "__main__":
    main()
