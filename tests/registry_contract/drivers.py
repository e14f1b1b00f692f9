"""Ways to run the operations of a client against a registry of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import httpx
import pytest

from schemareg.registry import connect, connect_async
from schemareg.registry.client.operations import Scripts
from schemareg.registry.client.script import Script
from schemareg.registry.server.application import create_app
from schemareg.registry.server.embedded import EmbeddedRegistry
from schemareg.registry.store import Store
from schemareg.registry.store.sqlite_file import MEMORY

Run: TypeAlias = Callable[[Callable[[Scripts], Script[Any]]], Any]


@contextmanager
def _sync_over_a_socket() -> Iterator[Run]:
    with EmbeddedRegistry() as registry, connect(registry.url) as client:
        yield lambda script: client.run(script(client.operations))


@contextmanager
def _async_in_process() -> Iterator[Run]:
    store = Store(MEMORY)
    with asyncio.Runner() as runner:
        client = connect_async(
            "http://registry.test", transport=httpx.ASGITransport(create_app(store))
        )

        def run(script: Callable[[Scripts], Script[Any]]) -> Any:
            return runner.run(client.run(script(client.operations)))

        yield run
        runner.run(client.close())
    store.close()


OURS = pytest.mark.parametrize(
    "driver", [_sync_over_a_socket, _async_in_process], ids=["sync-socket", "async-in-process"]
)
