"""While a slow request runs, another client is answered within a second."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.registry.slow_requests import ROWS, longest_wait, send_all

WAITS: dict[str, str] = {}
WAIT_MAX_S = 1.0
REQUEST_MAX_S = 40.0
SERVE = """
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
from schemareg.site.pages import Pages
serve(ServerSettings(port=0), announce=lambda url: print(url, flush=True), pages=Pages)
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of its own process: its interpreter lock is not the tests'."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield running.stdout.readline().strip()
        finally:
            running.kill()
            sys.stdout.write("\n".join(["", *WAITS.values(), ""]))


@pytest.mark.parametrize("name", ROWS)
def test_second_client_is_answered_within_a_second(url: str, name: str) -> None:
    slow = ROWS[name]
    with httpx.Client(base_url=url, timeout=60) as client:
        slow.prepare(client)
    with longest_wait(url) as wait:
        started = time.monotonic()
        statuses = send_all(url, slow, REQUEST_MAX_S)
        took_s = time.monotonic() - started
    WAITS[name] = f"{name}: {took_s:.2f} s, {statuses}, second client {wait():.2f} s"
    assert len(statuses) == slow.at_once
    assert set(statuses) <= set(slow.statuses)
    assert wait() < WAIT_MAX_S, WAITS[name]
