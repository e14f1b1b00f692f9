"""A real server that does what it is asked and then loses its answer: what the client makes of it.

The answers of the first write of each kind are lost, by a gateway's 504 or by a cut connection.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemareg.errors import RegistryUnavailableError
from schemareg.registry import (
    AsyncRegistryClient,
    Patience,
    RegistryClient,
    Retry,
    connect,
    connect_async,
)
from schemareg.registry.api.types import ConfigChange, Mode
from schemareg.registry.server.embedded import EmbeddedRegistry
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version

S = Subject("s")
PATIENCE = Patience(
    timeout_s=5.0, retry=Retry(rounds=3, first_pause_s=0.001), circuit_threshold=100
)
V1 = '{"type":"record","name":"R","fields":[]}'
V2 = '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":0}]}'


class LosesAnswers:
    """Runs every request; loses the answers to the first `losses` writes that match `method`."""

    def __init__(self, app: ASGIApp, *, method: str, how: str, losses: int) -> None:
        self._app = app
        self._method = method
        self._how = how
        self.left = losses
        self.seen: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.seen.append(f"{scope['method']} {scope['path']}")
        is_lookup = scope["method"] == "POST" and not scope["path"].endswith("/versions")
        if self.left == 0 or scope["method"] != self._method or is_lookup:
            await self._app(scope, receive, send)
            return
        self.left -= 1
        await self._app(scope, receive, _nowhere)
        if self._how == "504":
            await send({"type": "http.response.start", "status": 504, "headers": []})
            await send({"type": "http.response.body", "body": b"gateway"})
        else:
            headers = [(b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def _nowhere(_message: Message) -> None:
    pass


@contextmanager
def losing(method: str, how: str, losses: int = 1) -> Iterator[tuple[RegistryClient, LosesAnswers]]:
    made: list[LosesAnswers] = []

    def wrap(app: ASGIApp) -> ASGIApp:
        made.append(LosesAnswers(app, method=method, how=how, losses=0))
        return made[0]

    with (
        EmbeddedRegistry(wrappers=[wrap]) as registry,
        connect(registry.url, patience=PATIENCE) as client,
    ):
        client.register(S, V1)
        client.register(S, V2)
        made[0].left = losses
        made[0].seen.clear()
        yield client, made[0]


HOW = pytest.mark.parametrize("how", ["504", "cut"])


@HOW
def test_register_whose_answer_is_lost(how: str) -> None:
    with losing("POST", how) as (client, server):
        registered = client.register(Subject("new"), V1)
        assert (registered.version, registered.id) == (1, 1)
        assert client.get_versions(Subject("new")) == (1,)
        assert server.seen[:2] == ["POST /subjects/new/versions", "POST /subjects/new"]


@HOW
def test_delete_of_a_version_whose_answer_is_lost(how: str) -> None:
    with losing("DELETE", how) as (client, server):
        assert client.delete_version(S, Version(1)) == 1
        assert client.get_versions(S) == (2,)
        assert len([line for line in server.seen if line.startswith("DELETE")]) == 1


@HOW
def test_delete_of_latest_whose_answer_is_lost_deletes_one_version(how: str) -> None:
    with losing("DELETE", how) as (client, _):
        with pytest.raises(RegistryUnavailableError, match="is not known"):
            client.delete_version(S, "latest")
        assert client.get_versions(S) == (1,)


@HOW
@pytest.mark.parametrize("permanent", [False, True])
def test_delete_of_a_subject_whose_answer_is_lost(how: str, permanent: bool) -> None:
    with losing("DELETE", how, losses=0) as (client, server):
        if permanent:
            client.delete_subject(S)
        server.left = 1
        assert client.delete_subject(S, permanent=permanent) == (1, 2)
        assert client.get_subjects() == ()
        assert client.get_subjects(deleted=True) == (() if permanent else (S,))


WRITES: list[tuple[Callable[[RegistryClient], Any], Callable[[RegistryClient], Any]]] = [
    (
        lambda c: c.set_level(CompatibilityLevel.FULL, S),
        lambda c: c.get_level(S) is CompatibilityLevel.FULL,
    ),
    (
        lambda c: c.set_config(ConfigChange(normalize=True, compatibility_group="g")),
        lambda c: c.get_config().compatibility_group == "g",
    ),
    (lambda c: c.set_mode(Mode.READONLY, S), lambda c: c.get_mode(S) is Mode.READONLY),
]


@HOW
@pytest.mark.parametrize(("write", "has_taken"), WRITES, ids=["level", "config", "mode"])
def test_setting_whose_answer_is_lost(
    write: Callable[[RegistryClient], Any], has_taken: Callable[[RegistryClient], bool], how: str
) -> None:
    with losing("PUT", how) as (client, server):
        write(client)
        assert has_taken(client)
        assert [line.split()[0] for line in server.seen[:2]] == ["PUT", "GET"]


def test_write_whose_answers_are_all_lost_says_so() -> None:
    with losing("DELETE", "504", losses=100) as (client, server):
        client.set_config(ConfigChange(normalize=True), S)
        with pytest.raises(RegistryUnavailableError, match="is not known"):
            client.delete_config(S)
        assert server.seen.count("DELETE /config/s") == 1


# Other ways in which a real peer misbehaves


@contextmanager
def peer(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A peer that treats every connection with `answer`."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                with suppress(OSError):
                    answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _drips(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n[")
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda c: c.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"), "illegal status line"),
        (lambda c: None, "disconnected without sending a response"),
        (lambda c: c.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n["), "closed"),
        (_drips, "the deadline passed before the answer was whole"),
    ],
    ids=["another_protocol", "nothing", "half_an_answer", "drop_by_drop"],
)
def test_peer_that_is_no_registry(answer: Callable[[socket.socket], None], words: str) -> None:
    patience = Patience(timeout_s=5.0, deadline_s=0.3, retry=Retry(rounds=1))
    with (
        peer(answer) as url,
        connect(url, patience=patience) as client,
        pytest.raises(RegistryUnavailableError, match=words),
    ):
        client.get_subjects()


def test_connection_that_the_server_has_closed_since_is_no_failure() -> None:
    with EmbeddedRegistry() as first, connect(first.url, patience=PATIENCE) as client:
        client.register(S, V1)
        # what a server does to a connection that was idle for too long
        pool = client._http._transport
        assert isinstance(pool, httpx.HTTPTransport)
        for connection in pool._pool.connections:
            stream = connection._connection._network_stream  # type: ignore[attr-defined]  # httpcore's inside
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        assert client.register(S, V2).version == 2


def test_failover_from_a_server_that_has_died() -> None:
    with EmbeddedRegistry() as living:
        with EmbeddedRegistry() as dying:
            client = connect([dying.url, living.url], patience=PATIENCE)
            client.register(S, V1)
            assert client.get_subjects() == (S,)
        with client:
            assert client.get_subjects() == ()
            assert client.register(S, V2).version == 1


def test_one_client_in_many_threads() -> None:
    def life(n: int) -> tuple[int, SchemaId]:
        subject = Subject(f"s{n % 10}")
        registered = client.register(subject, V1)
        assert client.get_schema(registered.id).text == registered.text
        assert client.get_version(subject, "latest").version == 1
        return registered.version, registered.id

    with EmbeddedRegistry() as registry, connect(registry.url) as client:
        with ThreadPoolExecutor(8) as threads:
            lives = list(threads.map(life, range(100)))
        assert set(lives) == {(1, 1)}
        assert len(client.get_subjects()) == 10


def test_one_async_client_in_many_tasks() -> None:
    async def life(client: AsyncRegistryClient, n: int) -> tuple[int, SchemaId]:
        registered = await client.register(Subject(f"s{n % 10}"), V1)
        content = await client.get_schema(registered.id)
        assert content.text == registered.text
        return registered.version, registered.id

    async def lives(url: str) -> set[tuple[int, SchemaId]]:
        async with connect_async(url) as client:
            return set(await asyncio.gather(*(life(client, n) for n in range(200))))

    with EmbeddedRegistry() as registry:
        assert asyncio.run(lives(registry.url)) == {(1, 1)}


def test_call_that_is_cancelled_leaves_its_client_usable() -> None:
    async def cancelled(url: str, silent: str) -> tuple[Subject, ...]:
        async with connect_async([silent, url], patience=PATIENCE) as client:
            call = asyncio.create_task(client.get_subjects())
            await asyncio.sleep(0.05)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            return await client.get_subjects()

    def says_nothing_for_a_while(_connection: socket.socket) -> None:
        time.sleep(0.2)

    with (
        EmbeddedRegistry() as registry,
        peer(says_nothing_for_a_while) as silent,
    ):
        assert asyncio.run(cancelled(registry.url, silent)) == ()
