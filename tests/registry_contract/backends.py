"""Who is held to the contract: one row per registry.

The stories run over a backend's `httpx.Client` with paths appended to its base URL.
SCHEMAREG_TEST_REGISTRY=URL adds a registry that runs already; it must be one to throw away, for
the stories leave subjects behind and set its global level. It is held to the core, and with
SCHEMAREG_TEST_REGISTRY_IN_FULL=1 (a Confluent one) to everything that needs no empty registry.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal

import httpx
import pytest
from starlette.types import ASGIApp

from schemareg.registry.server.application import create_app
from schemareg.registry.server.embedded import EmbeddedRegistry
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store import Store
from schemareg.registry.store.sqlite_file import MEMORY
from schemareg.site.pages import Pages
from tests.registry_contract.contract import Story
from tests.support.apicurio import Apicurio, UnavailableError, fetch, java
from tests.support.asgi import AsgiTransport
from tests.support.follower import follower_app, leader_app

EXTERNAL_URL = os.environ.get("SCHEMAREG_TEST_REGISTRY", "")
EXTERNAL_IN_FULL = os.environ.get("SCHEMAREG_TEST_REGISTRY_IN_FULL") == "1"
LINE_7 = "line-7"
LINE_7_WITH_RULES = "line-7-with-rules"


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

    A backend that is `ours` is made anew for each story that wants it fresh; others tell all
    their stories in one run. Only one that is held `in_full` keeps more than the core. A `whole`
    one is a server as people run it, the others of ours are the registry alone. One with `rules`
    keeps rule sets, and tells the stories about them alone. One on a `log` has no associations,
    for which others have no record.
    """

    name: str
    open: Callable[[], AbstractContextManager[Running]]
    ours: bool = False
    in_full: bool = False
    whole: bool = False
    needs_java: bool = False
    rules: bool = False
    log: bool = False

    def tells(self, story: Story) -> bool:
        """Whether `story` is part of what this backend promises."""
        if story.only_7:
            return self.name == LINE_7
        if self.log and story.associations:
            return False
        if self.rules or story.rules:
            return self.rules and story.rules and (story.both or self.name != LINE_7_WITH_RULES)
        return (
            (self.in_full or story.core or (story.both and self.name == LINE_7))
            and (self.ours or not story.fresh)
            and (self.whole or not story.whole)
        )

    def deviates_as(self, running: Running) -> str:
        """The name its deviations stand under: an external registry may be of a known line."""
        if self.name != "external":
            return self.name
        answer = running.http.get(f"{running.url}/v1/metadata/version")
        line_7 = answer.status_code == 200 and answer.json().get("version", "").startswith("7.")
        return LINE_7 if line_7 else self.name


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
    with Apicurio() as registry, _of_others(registry.url) as running:
        yield running


@contextmanager
def _of_others(url: str) -> Iterator[Running]:
    with _at(url) as running:
        # Apicurio's own default is NONE; the stories are told under the protocol's default
        running.http.put(f"{running.url}/config", json={"compatibility": "BACKWARD"})
        yield running


@contextmanager
def _in_process(
    profile: Literal["8", "7"] = "8", *, keep_rule_sets: bool = False
) -> Iterator[Running]:
    store = Store(MEMORY)
    base = "http://registry.test"
    try:
        settings = ServerSettings(profile=profile, keep_rule_sets=keep_rule_sets)
        app = create_app(store, settings, pages=Pages)
        transport = AsgiTransport(app)
        with httpx.Client(transport=transport) as http:
            yield Running(http, base, transport)
    finally:
        store.close()


@contextmanager
def _over_a_socket() -> Iterator[Running]:
    with EmbeddedRegistry() as registry, _at(registry.url) as running:
        yield running


@contextmanager
def _on_a_log(opened: Callable[..., AbstractContextManager[ASGIApp]]) -> Iterator[Running]:
    with opened(pages=Pages) as app:
        transport = AsgiTransport(app)
        with httpx.Client(transport=transport) as http:
            yield Running(http, "http://registry.test", transport)


BACKENDS = [
    Backend("in-process", _in_process, ours=True, in_full=True, whole=True),
    Backend("socket", _over_a_socket, ours=True, in_full=True, whole=True),
    Backend(
        "on-a-log", lambda: _on_a_log(leader_app), ours=True, in_full=True, whole=True, log=True
    ),
    Backend(
        "follower", lambda: _on_a_log(follower_app), ours=True, in_full=True, whole=True, log=True
    ),
    Backend(LINE_7, lambda: _in_process("7"), ours=True),
    Backend("with-rules", lambda: _in_process(keep_rule_sets=True), ours=True, rules=True),
    Backend(
        LINE_7_WITH_RULES,
        lambda: _in_process("7", keep_rule_sets=True),
        ours=True,
        rules=True,
    ),
    Backend("apicurio", _apicurio, needs_java=True),
]
if EXTERNAL_URL:
    BACKENDS.append(
        Backend(
            "external",
            lambda: _of_others(EXTERNAL_URL),
            in_full=EXTERNAL_IN_FULL,
            whole=EXTERNAL_IN_FULL,
        )
    )


class Runs:
    """The backends that run until the end of the tests, each started when it is first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, Running] = {}

    def shared(self, backend: Backend) -> Running:
        if backend.name not in self._running:
            if backend.needs_java:
                require_java()
            self._running[backend.name] = self._stack.enter_context(backend.open())
        return self._running[backend.name]
