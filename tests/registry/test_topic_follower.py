"""A follower answers the recorded requests as the leader would: writes passed on, reads its own."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from typing import Any, Literal

import pytest
from starlette.types import Receive, Scope, Send

from schemareg.registry.server.forwarding import Forwarding
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.log import Chunk
from schemareg.registry.topic.node import Origin
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_transcripts import DEVIATIONS, ask, difference, requests_of
from tests.support.follower import follower_app
from tests.support.memory_log import MemoryLog

LINES: dict[int, Literal["8", "7"]] = {8: "8", 7: "7"}


@pytest.mark.parametrize("line", LINES)
def test_the_recorded_requests_are_answered_through_a_follower(line: int) -> None:
    async def run() -> dict[int, str]:
        found: dict[int, str] = {}
        with ExitStack() as stack:
            app: Any = None
            for request in requests_of(line):
                if app is None or request.get("fresh"):
                    stack.close()
                    app = stack.enter_context(follower_app(LINES[line]))
                differs = difference(request, await ask(app, request))
                if differs:
                    found[request["n"]] = f"{request['method']} {request['path']}: {differs}"
        return found

    found = asyncio.run(run())
    assert {n: text for n, text in found.items() if n not in DEVIATIONS[line]} == {}


def test_a_follower_has_what_it_wrote_before_it_answers() -> None:
    async def run() -> list[tuple[int, Any]]:
        with follower_app() as app:
            answers = []
            for number in range(20):
                subject = f"s{number}"
                requests: list[dict[str, Any]] = [
                    {
                        "method": "POST",
                        "path": f"/subjects/{subject}/versions",
                        "body": {"schema": '"int"'},
                    },
                    {"method": "GET", "path": f"/subjects/{subject}/versions", "body": None},
                ]
                for request in requests:
                    status, _, body = await ask(app, request)
                    answers.append((status, json.loads(body)))
            return answers

    answers = asyncio.run(run())
    assert [status for status, _ in answers] == [200] * 40
    assert [body for _, body in answers[1::2]] == [[1]] * 20


class OneEnd(MemoryLog):
    """As a broker, it gives an end once, and not again before more was written."""

    given = -1

    def poll(self, timeout_s: float) -> Chunk:
        chunk = super().poll(timeout_s)
        is_new, self.given = chunk.position != self.given, chunk.position
        return Chunk(chunk.entries, chunk.position, at_end=chunk.at_end and is_new)


def test_an_idle_log_is_known_to_be_read_to_its_end() -> None:
    log = OneEnd()
    store = TopicStore(log)
    try:
        assert store.is_caught_up.wait(10)
        assert store.catch_up(1)
        log.append([Record(b'{"keytype":"NOOP","magic":0}', None)])
        assert store.catch_up(10)
        assert store.position == 2
        log.is_held = True
        log.append([Record(b'{"keytype":"NOOP","magic":0}', None)])
        assert not store.catch_up(0.1)
        log.is_held = False
    finally:
        store.close()


def test_a_miss_is_looked_up_again_when_its_record_came_meanwhile() -> None:
    """The record comes between the first answer and the look at the log's end."""
    log = MemoryLog()
    store = TopicStore(log.followed(Origin("leader", "http://leader.test", 1)))
    statuses = iter((404, 200))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        status = next(statuses)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        if status == 404:
            last = log.append([Record(b'{"keytype":"NOOP","magic":0}', None)])
            assert store.wait_for(last, 10)

    try:
        assert store.is_caught_up.wait(10)
        request = {"method": "GET", "path": "/schemas/ids/1", "body": None}
        status, _, _ = asyncio.run(ask(Forwarding(app, store), request))
    finally:
        store.close()
    assert status == 200
