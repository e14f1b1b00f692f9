"""Bearer tokens: which count, whose keys, and for how long."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from schemareg.errors import UsageError
from schemareg.limits import LIMITS
from schemareg.registry.server.auth.file import AuthFile
from schemareg.registry.server.auth.identity import Identities
from schemareg.registry.server.auth.tokens import FETCH_TIMEOUT_S
from tests.registry.gating import (
    ANNA,
    AUDIENCE,
    EC_KEY,
    ISSUER,
    OTHER_RSA_KEY,
    Clock,
    bearer,
    file_in,
    gate_of,
    key_set,
    run,
)


@pytest.mark.parametrize(
    ("token", "may_write"),
    [
        (bearer(), True),
        (bearer(key=EC_KEY, kid="ec", algorithm="ES256"), True),
        (bearer(roles="reader orders"), True),
        (bearer(roles=["reader", "unknown", 3]), False),
        (bearer(roles=None), False),
        (bearer(roles={"orders": True}), False),
        (bearer(aud=["other", AUDIENCE]), True),
    ],
)
def test_valid_token_enters_with_the_roles_it_names(
    tmp_path: Path, token: dict[str, str], may_write: bool
) -> None:
    with gate_of(file_in(tmp_path)) as (gate, behind):
        (answer,) = run(gate, token)
    assert (answer.status_code, behind.seen) == (200, [("svc-orders", may_write)])


def unsigned() -> dict[str, str]:
    header, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in (
            {"alg": "none", "kid": "rsa"},
            {"sub": "svc", "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600},
        )
    )
    return {"Authorization": f"Bearer {header}.{body}."}


@pytest.mark.parametrize(
    "token",
    [
        bearer(exp=int(time.time()) - 60),
        bearer(exp=None),
        bearer(nbf=int(time.time()) + 600),
        bearer(iss="https://other.example.com"),
        bearer(aud="other"),
        bearer(aud=None),
        bearer(sub=None),
        bearer(key=OTHER_RSA_KEY),
        bearer(kid="unknown"),
        bearer(sub=""),
        bearer(sub=" "),
        bearer(typ="secevent+jwt"),
        bearer(typ="id_token+jwt"),
        bearer(kid=None),
        bearer(algorithm="PS256"),
        bearer(key="a" * 32, algorithm="HS256"),
        unsigned(),
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer ~~~"},
    ],
)
def test_token_that_does_not_count_is_401(tmp_path: Path, token: dict[str, str]) -> None:
    with gate_of(file_in(tmp_path)) as (gate, behind):
        (answer,) = run(gate, token)
    assert (answer.status_code, behind.seen) == (401, [])
    assert "the token does not count" in answer.json()["message"]


def test_key_set_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    file_in(tmp_path)
    (tmp_path / "keys.json").write_text("[]", encoding="utf-8")
    with pytest.raises(UsageError, match=r"keys\.json: not a JSON Web Key Set"):
        AuthFile(tmp_path / "auth.toml", clock=time.monotonic)
    (tmp_path / "keys.json").unlink()
    with pytest.raises(UsageError, match=r"keys\.json: the key set cannot be read"):
        AuthFile(tmp_path / "auth.toml", clock=time.monotonic)


@contextmanager
def served_keys(text: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """A URL that serves the key set, or another text, and the requests it got."""
    asked: list[str] = []

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write((key_set() if text is None else text).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/keys", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_key_set_of_a_url_is_fetched_once_even_for_unknown_keys(tmp_path: Path) -> None:
    with served_keys() as (url, asked), gate_of(file_in(tmp_path, jwks=url)) as (gate, _):
        answers = run(
            gate, bearer(), bearer(jti="2"), *(bearer(kid=f"guess-{i}") for i in range(5))
        )
        assert [answer.status_code for answer in answers] == [200, 200, 401, 401, 401, 401, 401]
        assert len(asked) <= 2


def test_key_set_that_cannot_be_fetched_is_503(tmp_path: Path) -> None:
    with served_keys() as (url, _):
        pass
    with gate_of(file_in(tmp_path, jwks=url)) as (gate, behind):
        (answer,) = run(gate, bearer())
    assert (answer.status_code, behind.seen) == (503, [])


@pytest.mark.parametrize("text", ["<html>Welcome</html>", "[]", '{"keys": 7}', "[" * 100_000])
def test_page_in_place_of_the_key_set_is_503(text: str, tmp_path: Path) -> None:
    with served_keys(text) as (url, _), gate_of(file_in(tmp_path, jwks=url)) as (gate, behind):
        (answer,) = run(gate, bearer())
    assert (answer.status_code, behind.seen) == (503, [])


def test_key_set_that_is_too_large_is_503(tmp_path: Path) -> None:
    text = json.dumps({**json.loads(key_set()), "padding": "x" * LIMITS.key_set_bytes})
    with served_keys(text) as (url, _), gate_of(file_in(tmp_path, jwks=url)) as (gate, behind):
        (answer,) = run(gate, bearer())
    assert (answer.status_code, behind.seen) == (503, [])


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "http://[::1"])
def test_key_set_of_this_machine_is_fetched_beside_a_proxy(
    proxy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with served_keys() as (url, _), gate_of(file_in(tmp_path, jwks=url)) as (gate, _):
        (answer,) = run(gate, bearer())
    assert answer.status_code == 200


def test_token_is_not_remembered_beyond_its_own_end(tmp_path: Path) -> None:
    clock = Clock()
    token = bearer(exp=int(time.time()) + 5)
    credential = token["Authorization"].encode()
    identities = Identities(file_in(tmp_path), clock=clock)
    asyncio.run(identities.verified(credential, address="10.0.0.1"))
    assert identities.remembered(credential) is not None
    clock.now_s += 5
    assert identities.remembered(credential) is None
    identities.close()


def test_key_set_in_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    with gate_of(file_in(tmp_path)) as (gate, _):
        assert run(gate, bearer())[0].status_code == 200
        (tmp_path / "keys.json").write_text(key_set(OTHER_RSA_KEY), encoding="utf-8")
        removed, added = run(gate, bearer(jti="2"), bearer(key=OTHER_RSA_KEY))
    assert (removed.status_code, added.status_code) == (401, 200)


@contextmanager
def silent_url() -> Iterator[str]:
    """A URL that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/keys"


def test_a_silent_key_url_holds_up_no_password(tmp_path: Path) -> None:
    with silent_url() as url, gate_of(file_in(tmp_path, jwks=url)) as (gate, _):

        async def ask() -> tuple[float, int]:
            transport = httpx.ASGITransport(gate)
            async with httpx.AsyncClient(transport=transport, base_url="http://r") as client:
                forged = [
                    asyncio.create_task(client.get("/subjects", headers=bearer(kid=f"k{i}")))
                    for i in range(10)
                ]
                await asyncio.sleep(0.1)
                begun = time.monotonic()
                answer = await client.get("/subjects", headers=ANNA)
                waited_s = time.monotonic() - begun
                statuses = {f.status_code for f in await asyncio.gather(*forged)}
                assert statuses == {503}
                return waited_s, answer.status_code

        waited_s, status = asyncio.run(ask())
    assert status == 200
    assert waited_s < FETCH_TIMEOUT_S / 2


def test_an_unreachable_key_set_uses_up_no_allowance(tmp_path: Path) -> None:
    with served_keys() as (url, _):
        pass
    with gate_of(file_in(tmp_path, jwks=url)) as (gate, _):
        answers = run(gate, *(bearer(kid=f"k{i}") for i in range(30)), ANNA)
    assert [answer.status_code for answer in answers] == [503] * 30 + [200]
