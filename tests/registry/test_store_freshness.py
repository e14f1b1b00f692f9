"""No client is given an older answer than one that it has: remembered answers end with the commit,
not a moment after it.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemareg.registry.server.routing_app import RegistryApp
from schemareg.registry.server.workers import RequestThreads
from schemareg.registry.service.session import Policy
from schemareg.registry.store import Store

CLIENTS = 6
ROUNDS = 25


class Pausing:
    """A connection whose commit is visible and not answered until `go_on`."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.is_visible = threading.Event()
        self.go_on = threading.Event()

    def execute(self, statement: str, *values: Any) -> Any:
        cursor = self._db.execute(statement, *values)
        if statement == "COMMIT":
            self.is_visible.set()
            assert self.go_on.wait(20)
        return cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "registry.db")) as store:
        yield store


@pytest.fixture
def app(store: Store) -> Iterator[RegistryApp]:
    threads = RequestThreads()
    yield RegistryApp(store, Policy(lambda: 0), threads)
    threads.close()


async def ask(app: RegistryApp, method: str, path: str, text: str | None = None) -> Any:
    body = b"" if text is None else json.dumps({"schema": text}).encode()
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [],
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 200, sent
    return json.loads(sent[1]["body"])


def schema(number: int) -> str:
    return json.dumps({"type": "record", "name": "R", "doc": str(number), "fields": []})


async def register(app: RegistryApp, number: int) -> int:
    answer = await ask(app, "POST", "/subjects/s/versions", schema(number))
    return int(answer["version"])


def test_what_a_running_commit_shows_is_shown_by_every_answer(
    store: Store, app: RegistryApp
) -> None:
    async def asked() -> tuple[Any, Any, int]:
        await register(app, 1)
        pausing = Pausing(store._at_once)
        store._at_once = pausing  # type: ignore[assignment]  # as much of one as is used
        assert (await ask(app, "GET", "/subjects/s/versions/latest"))["version"] == 1
        writing = asyncio.create_task(register(app, 2))
        await asyncio.to_thread(pausing.is_visible.wait, 20)
        seen = await ask(app, "GET", "/subjects/s/versions")
        latest = await ask(app, "GET", "/subjects/s/versions/latest")
        pausing.go_on.set()
        return seen, latest["version"], await writing

    assert asyncio.run(asked()) == ([1, 2], 2, 2)


def test_an_answer_of_a_running_commit_is_not_kept(store: Store, app: RegistryApp) -> None:
    async def asked() -> int | None:
        await register(app, 1)
        pausing = Pausing(store._at_once)
        store._at_once = pausing  # type: ignore[assignment]  # as much of one as is used
        writing = asyncio.create_task(register(app, 2))
        await asyncio.to_thread(pausing.is_visible.wait, 20)
        during = store.settled
        await ask(app, "GET", "/subjects/s/versions/latest")
        hits = app.hits
        await ask(app, "GET", "/subjects/s/versions/latest")
        assert app.hits == hits
        pausing.go_on.set()
        await writing
        assert store.settled == store.generation == 2
        return during

    assert asyncio.run(asked()) is None


def test_no_client_reads_back_in_time(app: RegistryApp) -> None:
    """Each client registers, and reads in three ways: never less than it has seen."""

    async def client(number: int) -> None:
        seen = 0
        for turn in range(ROUNDS):
            seen = max(seen, await register(app, number * ROUNDS + turn))
            for _ in range(2):
                latest = (await ask(app, "GET", "/subjects/s/versions/latest"))["version"]
                assert latest >= seen
                seen = latest
                numbers = await ask(app, "GET", "/subjects/s/versions")
                assert numbers[-1] >= seen
                seen = numbers[-1]
                await ask(app, "GET", f"/subjects/s/versions/{seen}")

    async def clients() -> None:
        await asyncio.gather(*(client(number) for number in range(CLIENTS)))

    asyncio.run(clients())
    assert app.hits > 0
