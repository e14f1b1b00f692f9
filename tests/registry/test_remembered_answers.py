"""What the server remembers of answers is bounded with all that a request makes it keep."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from schemareg.registry.server import routing_app
from schemareg.registry.server.routing_app import RegistryApp
from schemareg.registry.server.workers import RequestThreads
from schemareg.registry.service.session import Policy
from schemareg.registry.store import Store

BOUND_BYTES = 256 * 1024
LONG = "x" * 6_000


@pytest.mark.parametrize("where", ["accept", "query", "path"])
def test_long_requests_count_with_their_answers(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(routing_app, "_REMEMBERED_BYTES", BOUND_BYTES)

    async def ask(app: RegistryApp) -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            for number in range(300):  # 1.8 MB of requests, whose answers are a few bytes each
                odd = f"{LONG}{number}"
                path = f"/subjects/{odd}/versions" if where == "path" else "/subjects"
                answer = await client.get(
                    f"{path}?odd={odd}" if where == "query" else path,
                    headers={"accept": f"application/json;odd={odd}"} if where == "accept" else {},
                )
                assert answer.status_code in (200, 404)

    with Store() as store:
        threads = RequestThreads()
        app = RegistryApp(store, Policy(lambda: 0), threads)
        asyncio.run(ask(app))
        threads.close()
        kept_bytes = sum(
            len(part) for key in app._remembered for part in key if isinstance(part, bytes)
        )
    assert kept_bytes <= BOUND_BYTES
    assert len(app._remembered) <= BOUND_BYTES // len(LONG)
