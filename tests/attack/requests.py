"""Hostile clients of the registry server: odd requests, and slow ones beside a second client."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import httpx

from schemareg.errors import ContentError
from schemareg.registry.server import create_app
from schemareg.registry.server.routes import ROUTES
from schemareg.registry.store import Store
from tests.attack.frame import Attack, Shot, Shots, ViolatedError
from tests.attack.mutating import ODD_JSON, damaged
from tests.attack.registries import SCHEMAS, value
from tests.registry.slow_requests import ROWS, longest_wait, send_all
from tests.support.asgi import AsgiTransport

SEGMENTS = (
    "s", "s", "s", "t", "1", "1", "2", "latest", "-1", "0", "99999999999", "%2e%2e", "%2F", "%00",
    "%FF", "%ED%A0%80", "%zz", "*", ":.:", ":.ctx:", ":.ctx:s", ":*:", ".ctx", "__GLOBAL", "a" * 99,
    "%0d%0a", "%C3%A9", "{subject}", ":.::.eu:x", "+",
)  # fmt: skip
QUERY_VALUES = ("true", "false", "1", "-1", "0", "9" * 20, "%00", ":.ctx:", "", "x" * 500, "*")
_PARAMETER = re.compile(r"\{[^}]*\}")


@contextmanager
def opened() -> Iterator[Shots]:
    """The whole application in this process, on a store of its own."""
    store = Store(":memory:")
    with httpx.Client(
        transport=AsgiTransport(create_app(store)), base_url="http://127.0.0.1"
    ) as client:
        yield lambda rng: _shots(rng, client)
    store.close()


def _shots(rng: Random, client: httpx.Client) -> Iterator[Shot]:
    while True:
        route = rng.choice(ROUTES)
        path = _PARAMETER.sub(lambda _: rng.choice(SEGMENTS), route.path)
        pairs = [f"{p.name}={rng.choice(QUERY_VALUES)}" for p in route.query if rng.random() < 0.4]
        body = _body(rng) if route.method in ("POST", "PUT") else None

        def shot(
            method: str = route.method,
            path: str = f"{path}?{'&'.join(pairs)}",
            body: bytes | None = body,
        ) -> str:
            answer = client.request(
                method, path, content=body, headers={"content-type": "application/json"}
            )
            if answer.status_code >= 500 and answer.status_code != 503:
                raise ViolatedError(f"{method} {path} {body!r:.200}: {answer.text[:200]!r}")
            if not answer.is_success:
                raise ContentError(f"refused with {answer.status_code}")
            return ""

        yield shot


def _body(rng: Random) -> bytes:
    made = value(rng)
    if rng.random() < 0.6:
        made = {"schema": rng.choice(SCHEMAS), **(made if isinstance(made, dict) else {})}
    raw = json.dumps(made).encode()
    return damaged(rng, raw, ODD_JSON) if rng.random() < 0.2 else raw


_SERVE = """
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
from schemareg.site.pages import Pages
serve(ServerSettings(port=0), announce=lambda url: print(url, flush=True), pages=Pages)
"""
WAIT_MAX_S = 1.0
_REQUEST_MAX_S = 60.0
waits: dict[str, float] = {}
"""The longest that a second client waited beside each slow request, in seconds."""


@contextmanager
def opened_slow() -> Iterator[Shots]:
    """A server in a process of its own, so that its interpreter lock is not ours."""
    command = [sys.executable, "-c", _SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            url = running.stdout.readline().strip()
            yield lambda _: (_slow_shot(url, name) for name in ROWS)
        finally:
            running.kill()


def _slow_shot(url: str, name: str) -> Shot:
    def shot() -> str:
        slow = ROWS[name]
        with httpx.Client(base_url=url, timeout=120) as client:
            slow.prepare(client)
        with longest_wait(url) as wait:
            statuses = send_all(url, slow, _REQUEST_MAX_S)
        waits[name] = wait()
        if len(statuses) != slow.at_once or not set(statuses) <= set(slow.statuses):
            raise ViolatedError(f"{name}: answered with {statuses}")
        if waits[name] > WAIT_MAX_S:
            raise ViolatedError(f"{name}: a second client waited {waits[name]:.2f} s")
        return ""

    return shot


ATTACKS = (
    Attack("requests", opened, weight=20, most=200_000, rise_mib=500),
    Attack("slow requests", opened_slow, most=len(ROWS), least_run=100_000, cpu_s=60.0),
)
