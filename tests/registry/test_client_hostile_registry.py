"""Registries that never end an answer, or give far more than was requested, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from schemareg.errors import RegistryUnavailableError
from schemareg.registry import NO_RETRY, OAuthCredentials, Patience, connect, connect_async
from schemareg.registry.api.types import ConfigChange, Mode
from schemareg.subjects import CompatibilityLevel, Subject, Version
from tests.registry.client_wire import Wire, answer, ask_async, ask_sync

DRIVERS = pytest.mark.parametrize("ask", [ask_sync, ask_async], ids=["sync", "async"])
PATIENCE = Patience(retry=NO_RETRY, timeout_s=1.0, deadline_s=1.5)
Peer = Callable[[socket.socket], None]


@contextmanager
def serving(*peers: Peer) -> Iterator[list[str]]:
    """Base URLs of servers whose every connection one of `peers` speaks with."""
    stop = threading.Event()
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in peers]

    def serve(listener: socket.socket, peer: Peer) -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(65536)
                    peer(connection)
                except OSError:
                    pass

    threads = [
        threading.Thread(target=serve, args=pair, daemon=True)
        for pair in zip(listening, peers, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield [f"http://127.0.0.1:{each.getsockname()[1]}" for each in listening]
    finally:
        stop.set()
        for each in listening:
            each.shutdown(socket.SHUT_RDWR)  # close() alone does not wake a thread in accept()
            each.close()


def head(*headers: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode()


def drip_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(head("Content-Length: 100000"))
    while True:
        connection.sendall(b" ")
        time.sleep(0.1)


def endless(connection: socket.socket) -> None:
    connection.sendall(head())
    while True:
        connection.sendall(b" " * 65536)


def silent(connection: socket.socket) -> None:
    time.sleep(4)


def whole(body: bytes, *headers: str) -> Peer:
    def speak(connection: socket.socket) -> None:
        connection.sendall(head(f"Content-Length: {len(body)}", *headers) + body)

    return speak


TOKEN = whole(b'{"access_token":"t","expires_in":3600}')
EMPTY = whole(b"[]")


def subjects(url: str, token_url: str | None, *, is_async: bool) -> Any:
    credentials = None
    if token_url is not None:
        credentials = OAuthCredentials(f"{token_url}/token", "me", "secret")
    if not is_async:
        with connect(url, patience=PATIENCE, credentials=credentials) as client:
            return client.get_subjects()

    async def run() -> Any:
        async with connect_async(url, patience=PATIENCE, credentials=credentials) as client:
            return await client.get_subjects()

    return asyncio.run(run())


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    ("registry", "token", "words"),
    [
        (drip_head, None, "the deadline passed before the answer was whole"),
        (drip_body, None, "the deadline passed before the answer was whole"),
        (drip_head, TOKEN, "the deadline passed before the answer was whole"),
        (drip_body, TOKEN, "the deadline passed before the answer was whole"),
        (EMPTY, drip_head, "no token from http://.*: the deadline passed before the answer"),
        (EMPTY, drip_body, "no token from http://.*: the deadline passed before the answer"),
        (EMPTY, endless, "no token from http://.*: the answer is longer than 1048576 bytes"),
        (endless, TOKEN, "the answer is longer than 16777216 bytes"),
        (silent, None, "no answer within 1 s"),
        (EMPTY, silent, "no token from http://.*: no answer within 1 s"),
    ],
)
def test_answer_without_end_ends_with_the_deadline(
    registry: Peer, token: Peer | None, words: str, is_async: bool
) -> None:
    peers = [registry] if token is None else [registry, token]
    begun = time.monotonic()
    with serving(*peers) as urls, pytest.raises(RegistryUnavailableError, match=words):
        subjects(urls[0], urls[1] if token else None, is_async=is_async)
    assert time.monotonic() - begun < 4.0


BOMB = gzip.compress(b"[" + b"[]," * 20_000_000 + b"[]]")
MANY = b"[" + b"0," * 5_000_000 + b"0]"


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    ("peer", "words"),
    [
        (whole(BOMB, "Content-Encoding: gzip"), "the answer is longer than 16777216 bytes"),
        (whole(MANY), "without at most 2000000 values"),
        (whole(b"x", "Content-Encoding: br"), "encoded as 'br', which nobody requested"),
        (whole(b"[]", "Content-Encoding: gzip"), "cannot be unpacked"),
        (whole(gzip.compress(b"[]")[:-9], "Content-Encoding: gzip"), "ended before it was whole"),
    ],
)
def test_answer_that_is_too_much_is_refused(peer: Peer, words: str, is_async: bool) -> None:
    with serving(peer) as urls, pytest.raises(RegistryUnavailableError, match=words):
        subjects(urls[0], None, is_async=is_async)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_packed_answer_is_read(is_async: bool) -> None:
    with serving(whole(gzip.compress(b'["a"]'), "Content-Encoding: gzip")) as urls:
        assert subjects(urls[0], None, is_async=is_async) == ("a",)


def test_many_commas_in_texts_are_not_many_values() -> None:
    with serving(whole(b'["' + b"\\\\," * 2_000_000 + b'"]')) as urls:
        (subject,) = subjects(urls[0], None, is_async=False)
    assert len(subject) == 4_000_000


# answers that do not fit the question

S = Subject("s")
VERSION_7 = answer(200, {"subject": "s", "version": 7, "id": 1, "schema": '"int"'})


@DRIVERS
@pytest.mark.parametrize(
    ("said", "call", "words"),
    [
        (VERSION_7, lambda c: c.get_version(S, Version(3)), "without version 3"),
        (VERSION_7, lambda c: c.get_tags(S, Version(3)), "without version 3"),
        (answer(200, {"mode": "READWRITE"}), lambda c: c.set_mode(Mode.IMPORT), "the mode IMPORT"),
        (
            answer(200, {"compatibility": "NONE"}),
            lambda c: c.set_config(ConfigChange(level=CompatibilityLevel.FULL), S),
            "without the level FULL",
        ),
        (answer(200, [1, -2]), lambda c: c.get_versions(S), "without a version from 1 on"),
        (answer(200, [2**40]), lambda c: c.get_versions(S), "without a version from 1 on"),
        (answer(200, {"id": 2**31}), lambda c: c.register(S, '"int"'), "without an id of 32 bits"),
    ],
)
def test_answer_to_another_question_is_an_error(said: Any, call: Any, words: str, ask: Any) -> None:
    with pytest.raises(RegistryUnavailableError, match=words):
        ask(Wire([said]), call, patience=replace(PATIENCE, deadline_s=60.0))


@DRIVERS
def test_path_that_is_not_there_is_no_missing_setting(ask: Any) -> None:
    wrong = answer(404, {"error_code": 404, "message": "HTTP 404 Not Found"})
    with pytest.raises(Exception, match="HTTP 404 Not Found"):
        ask(Wire([wrong]), lambda c: c.or_none(c.get_config(S)))
    absent = answer(404, {"error_code": 40408, "message": "no"})
    assert ask(Wire([absent]), lambda c: c.or_none(c.get_config(S))) is None
