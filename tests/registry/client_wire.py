"""A scripted wire for the registry client: what it answers is given, what was sent is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import httpx
import pytest

from schemareg.registry import Credentials, Patience, Retry, connect, connect_async
from schemareg.registry.client.connect import World
from schemareg.registry.client.operations import Scripts
from schemareg.registry.client.script import Script

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What the wire says to one request."""

    status: int
    content: bytes
    headers: Mapping[str, str]


Said: TypeAlias = Answer | type[httpx.RequestError]


def answer(status: int, body: object = None, **headers: str) -> Answer:
    """An answer with a JSON body; header names are written with underscores."""
    return Answer(
        status,
        json.dumps(body).encode(),
        {name.replace("_", "-"): value for name, value in headers.items()},
    )


@dataclass
class Wire(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers requests in the order of `says`; time passes only in pauses."""

    says: Sequence[Said]
    sent: list[str] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    now: float = 1000.0
    each_takes_s: float = 0.0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.now += self.each_takes_s
        self.requests.append(request)
        self.sent.append(f"{request.method} {request.url.host}{request.url.raw_path.decode()}")
        said = self.says[len(self.sent) - 1]
        if isinstance(said, Answer):
            return httpx.Response(said.status, content=said.content, headers=dict(said.headers))
        raise said("no luck", request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)

    def pause(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 6))
        self.now += seconds

    async def pause_async(self, seconds: float) -> None:
        self.pause(seconds)

    @property
    def world(self) -> World:
        return World(
            clock=lambda: self.now,
            epoch_s=lambda: 1_700_000_000.0,
            random=lambda: 0.5,
            pause=self.pause,
            pause_async=self.pause_async,
        )


PATIENCE = Patience(
    retry=Retry(rounds=3, first_pause_s=1.0, longest_pause_s=10.0),
    deadline_s=60.0,
    circuit_threshold=100,
)

Ask: TypeAlias = Callable[[Scripts], Script[T]]


def ask_sync(
    wire: Wire,
    ask: Ask[T],
    *,
    url: str | Sequence[str] = "http://one",
    patience: Patience = PATIENCE,
    credentials: Credentials | None = None,
) -> T:
    """What the sync client answers over `wire`."""
    with connect(
        url, patience=patience, transport=wire, world=wire.world, credentials=credentials
    ) as client:
        return client.run(ask(client.operations))


def ask_async(
    wire: Wire,
    ask: Ask[T],
    *,
    url: str | Sequence[str] = "http://one",
    patience: Patience = PATIENCE,
    credentials: Credentials | None = None,
) -> T:
    """What the async client answers over `wire`."""

    async def asked() -> T:
        async with connect_async(
            url, patience=patience, transport=wire, world=wire.world, credentials=credentials
        ) as client:
            return await client.run(ask(client.operations))

    return asyncio.run(asked())


DRIVERS = pytest.mark.parametrize("ask", [ask_sync, ask_async], ids=["sync", "async"])
