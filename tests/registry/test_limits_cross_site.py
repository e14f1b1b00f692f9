"""A page of another site cannot change anything through a visitor's browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example:8081", 403),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example:8081", 403),
        ("10.0.0.1:8081", 403),
        ("localhost", 200),
        ("LOCALHOST:8081", 200),
        ("127.0.0.1:8081", 200),
        ("127.1.2.3", 200),
        ("[::1]:8081", 200),
        ("[::1]", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_open_server_on_this_machine_answers_to_its_own_names(
    client: httpx.Client, method: str, host: str, status: int
) -> None:
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    body = b'{"schema":"\\"string\\""}' if method == "POST" else None
    path = "/subjects/s/versions" if method == "POST" else "/subjects"
    answer = client.request(method, path, content=body, headers=headers)
    assert answer.status_code == status, answer.text


def test_server_that_is_told_to_be_open_answers_to_any_name(start_server: StartServer) -> None:
    url = start_server(ServerSettings(port=0, insecure=True)).url
    answer = httpx.get(f"{url}/subjects", headers={"Host": "registry.example"})
    assert answer.status_code == 200


def test_every_answer_forbids_guessing_its_type(client: httpx.Client) -> None:
    for path in ("/subjects", "/subjects/none/versions", "/metrics", "/ui", "/health/live"):
        answer = client.get(path)
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"], path


TOOLS = "https://tools.example.com"


@pytest.fixture(scope="module")
def sharing(start_server_for_session: StartServer) -> Iterator[httpx.Client]:
    server = start_server_for_session(ServerSettings(port=0, cors_origins=(TOOLS,)))
    with httpx.Client(base_url=server.url) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "origin", "status", "allowed"),
    [
        ("GET", TOOLS, 200, TOOLS),
        ("POST", TOOLS, 200, TOOLS),
        ("GET", "https://evil.example", 200, None),
        ("POST", "https://evil.example", 403, None),
        ("POST", "null", 403, None),
        ("GET", f"{TOOLS}.evil.example", 200, None),
        ("GET", None, 200, None),
    ],
)
def test_pages_of_a_named_origin_may_read_and_change(
    sharing: httpx.Client, method: str, origin: str | None, status: int, allowed: str | None
) -> None:
    answer = sharing.request(
        method,
        "/subjects/s/versions" if method == "POST" else "/subjects",
        json={"schema": '"string"'} if method == "POST" else None,
        headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"} if origin else {},
    )
    assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (
        status,
        allowed,
    )
    assert "access-control-allow-credentials" not in answer.headers
    assert status == 403 or answer.headers["vary"] == "origin"


def test_preflight_of_a_named_origin_is_answered_without_credentials(
    start_server: StartServer, tmp_path: Path
) -> None:
    auth = tmp_path / "auth.toml"
    auth.write_text('[users.a]\ncertificate = "CN=a"\nroles = ["admin"]\n', encoding="utf-8")
    url = start_server(ServerSettings(port=0, auth_file=auth, cors_origins=("*",))).url
    asks = {"Origin": TOOLS, "Access-Control-Request-Method": "PUT"}
    answer = httpx.options(f"{url}/config", headers=asks)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"]
    refused = httpx.put(f"{url}/config", json={}, headers={"Origin": TOOLS})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "*")
