"""Who is held to the contract: one row per registry.

The stories run over a backend's `httpx.Client` with paths appended to its base URL.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import httpx
import pytest

from schemareg.registry.server.app import create_app
from schemareg.registry.server.embedded import EmbeddedRegistry
from schemareg.registry.store import Store
from schemareg.registry.store.opening import MEMORY
from tests.registry_contract.contract import Story
from tests.support.apicurio import Apicurio, UnavailableError, fetch, java
from tests.support.asgi import AsgiTransport

EXTERNAL_URL = os.environ.get("SCHEMAREG_TEST_REGISTRY", "")


@dataclass(frozen=True)
class Running:
    """A registry that answers: `http` sends to it, `url` is its base URL.

    `transport` reaches it where a socket does not.
    """

    http: httpx.Client
    url: str
    transport: httpx.BaseTransport | None = None


@dataclass(frozen=True)
class Backend:
    """`open` runs an empty registry for as long as its block lasts.

    A backend that is `ours` keeps the whole contract and can be made anew for each story; others
    keep the core, in one run for all.
    """

    name: str
    open: Callable[[], AbstractContextManager[Running]]
    ours: bool
    needs_java: bool = False

    def tells(self, story: Story) -> bool:
        """Whether `story` is part of what this backend promises."""
        return self.ours or (story.core and not story.fresh)


def require_java() -> None:
    """Skips, or where Java is required fails, what cannot run a Java registry here."""
    try:
        java()
        fetch()
    except UnavailableError as error:
        if os.environ.get("SCHEMAREG_REQUIRE_JAVA") == "1":
            pytest.fail(f"SCHEMAREG_REQUIRE_JAVA=1, but {error}")
        pytest.skip(str(error))


@contextmanager
def _at(url: str) -> Iterator[Running]:
    with httpx.Client(timeout=30.0) as http:
        yield Running(http, url.rstrip("/"))


@contextmanager
def _apicurio() -> Iterator[Running]:
    with Apicurio() as registry, _at(registry.url) as running:
        # its own default is NONE, and the core stories are told under the protocol's default
        running.http.put(f"{running.url}/config", json={"compatibility": "BACKWARD"})
        yield running


@contextmanager
def _in_process() -> Iterator[Running]:
    store = Store(MEMORY)
    base = "http://registry.test"
    try:
        transport = AsgiTransport(create_app(store))
        with httpx.Client(transport=transport) as http:
            yield Running(http, base, transport)
    finally:
        store.close()


@contextmanager
def _over_a_socket() -> Iterator[Running]:
    with EmbeddedRegistry() as registry, _at(registry.url) as running:
        yield running


BACKENDS = [
    Backend("in-process", _in_process, ours=True),
    Backend("socket", _over_a_socket, ours=True),
    Backend("apicurio", _apicurio, ours=False, needs_java=True),
    *([Backend("external", lambda: _at(EXTERNAL_URL), ours=False)] if EXTERNAL_URL else []),
]
