"""A registry on a log in this process, asked at its leader or through a follower of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from schemareg.registry.server import create_app
from schemareg.registry.server.application import PagesFactory
from schemareg.registry.server.leader_connections import Headers, LeaderAnswer
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.topic.node import Origin
from schemareg.registry.topic.store import TopicStore
from tests.support.memory_log import MemoryLog

LEADER = "http://leader.test"


class ToLeader:
    """Passes requests to `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def ask(
        self, url: str, method: str, target: bytes, headers: Headers, body: bytes
    ) -> LeaderAnswer:
        path, _, query = target.partition(b"?")
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": list(headers),
            "server": ("leader.test", 80),
            "client": ("127.0.0.1", 1),
        }
        await self._app(scope, receive, send)
        start, *parts = sent
        content = b"".join(part.get("body", b"") for part in parts)
        return LeaderAnswer(start["status"], dict(start["headers"]), content)


def loaded(log: MemoryLog, *, names_avro: bool) -> TopicStore:
    """A node's store, once it has the whole log."""
    store = TopicStore(log, names_avro=names_avro)
    assert store.is_caught_up.wait(30)
    return store


@contextmanager
def follower_app(
    line: Literal["8", "7"] = "8", *, pages: PagesFactory | None = None
) -> Iterator[ASGIApp]:
    """The application of a node that follows an empty log, whose leader it reaches."""
    log = MemoryLog()
    leader = loaded(log, names_avro=line == "8")
    follower = loaded(log.followed(Origin("leader", LEADER, 1)), names_avro=line == "8")
    settings = ServerSettings(profile=line)
    try:
        over = ToLeader(create_app(leader, settings))
        yield create_app(follower, settings, pages=pages, leader=over)
    finally:
        follower.close()
        leader.close()


@contextmanager
def leader_app(
    line: Literal["8", "7"] = "8", *, pages: PagesFactory | None = None
) -> Iterator[ASGIApp]:
    """The application of the node that leads an empty log."""
    store = loaded(MemoryLog(), names_avro=line == "8")
    try:
        yield create_app(store, ServerSettings(profile=line), pages=pages)
    finally:
        store.close()
