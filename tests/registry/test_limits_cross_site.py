"""A page of another site cannot change anything through a visitor's browser."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from schemareg.registry.server.settings import ServerSettings
from tests.registry.conftest import StartServer


@pytest.fixture(scope="module")
def client(start_server_for_session: StartServer) -> Iterator[httpx.Client]:
    server = start_server_for_session(ServerSettings(port=0))
    with httpx.Client(base_url=server.url) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 200),
        ("POST", {"Sec-Fetch-Site": "same-origin", "Origin": "{own}"}, 200),
        ("POST", {"Sec-Fetch-Site": "none"}, 200),
        ("POST", {"Origin": "{own}"}, 200),
        ("POST", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ("POST", {"Sec-Fetch-Site": "same-site", "Origin": "{own}"}, 403),
        ("POST", {"Origin": "https://evil.example"}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("POST", {"Origin": "http://[broken"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 200),
    ],
)
def test_change_asked_for_by_another_site_is_refused(
    client: httpx.Client, method: str, headers: dict[str, str], status: int
) -> None:
    own = str(client.base_url).rstrip("/")
    sent = {name: value.replace("{own}", own) for name, value in headers.items()}
    answer = client.request(
        method,
        "/subjects/s/versions" if method == "POST" else "/subjects",
        content=b'{"schema":"\\"string\\""}' if method == "POST" else None,
        headers=sent,
    )
    assert answer.status_code == status, answer.text


def test_removal_asked_for_by_another_site_is_refused(client: httpx.Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.delete("/subjects/s", headers=headers).status_code == 403
    assert client.put("/config", json={}, headers=headers).status_code == 403
