"""A registry over a log answers as one over a file does, and its log holds all that it knows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.backup import backup
from schemareg.registry.service.profile import PROFILES
from schemareg.registry.store import Store
from schemareg.registry.topic.log import MemoryLog
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_transcripts import DEVIATIONS, ask, difference, requests_of


def lines_of(store: Store) -> list[str]:
    with store.reading() as tables:
        return list(backup(tables))


@pytest.mark.parametrize("line", [8, 7])
def test_a_log_gives_the_recorded_answers_and_the_same_state_again(line: int) -> None:
    async def run() -> dict[int, str]:
        found: dict[int, str] = {}
        log = MemoryLog()
        store: TopicStore | None = None
        app: Any = None
        for request in requests_of(line):
            if app is None or request.get("fresh"):
                if store is not None:
                    check_rebuilt(log, store)
                log = MemoryLog()
                store = TopicStore(log, names_avro=line == 8)
                app = create_app(store, ServerSettings(profile=PROFILES[line].name))
            differs = difference(request, await ask(app, request))
            if differs:
                found[request["n"]] = f"{request['method']} {request['path']}: {differs}"
        assert store is not None
        check_rebuilt(log, store)
        return found

    found = asyncio.run(run())
    assert {n: text for n, text in found.items() if n not in DEVIATIONS[line]} == {}


def check_rebuilt(log: MemoryLog, store: TopicStore) -> None:
    expected = lines_of(store)
    store.close()
    log.seek(0)
    again = TopicStore(log)
    try:
        assert again.is_caught_up.wait(10)
        assert lines_of(again) == expected
    finally:
        again.close()
