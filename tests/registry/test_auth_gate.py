"""The gate: who gets in with what, how often, and what a failure costs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from schemareg.registry.server.auth.authentication import Gate, OpenGate
from schemareg.registry.server.auth.identity import FAILURES_AT_ONCE, REMEMBER_S, Identities
from schemareg.registry.server.auth.passwords import password_fits
from tests.registry.gating import (
    ANNA,
    Behind,
    Clock,
    basic,
    file_in,
    gate_of,
    run,
)


def test_right_password_enters_with_the_roles_of_the_user(tmp_path: Path) -> None:
    with gate_of(file_in(tmp_path)) as (gate, behind):
        (answer,) = run(gate, ANNA)
    assert (answer.status_code, behind.seen) == (200, [("anna", True)])


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Credentials are needed"),
        (basic("anna", "password"), "Wrong user name or password"),
        (basic("anna", ""), "Wrong user name or password"),
        (basic("nobody", "pässword"), "Wrong user name or password"),
        (basic("build", "pässword"), "Wrong user name or password"),
        ({"Authorization": "Basic ???"}, "The Basic credentials are not readable"),
        ({"Authorization": "Basic /w=="}, "The Basic credentials are not readable"),
        ({"Authorization": "Basic YW5uYQ=="}, "The Basic credentials have no password"),
        ({"Authorization": "Digest abc"}, "Only Basic and Bearer are understood"),
        ({"Authorization": ""}, "Only Basic and Bearer are understood"),
        ({"Authorization": "Basic " + "a" * 9000}, "The Authorization header is too long"),
    ],
)
def test_wrong_credentials_are_401(tmp_path: Path, headers: dict[str, str], message: str) -> None:
    with gate_of(file_in(tmp_path)) as (gate, behind):
        (answer,) = run(gate, headers)
    assert answer.status_code == 401
    assert answer.json() == {"error_code": 401, "message": message}
    assert answer.headers.get_list("www-authenticate") == [
        'Basic realm="schemareg", charset="UTF-8"',
        'Bearer realm="schemareg"',
    ]
    assert behind.seen == []


def test_right_password_is_hashed_once_a_minute(tmp_path: Path) -> None:
    threads: list[str] = []

    def counted(password: str, password_hash: str | None) -> bool:
        threads.append(threading.current_thread().name)
        return password_fits(password, password_hash)

    clock = Clock()
    with gate_of(file_in(tmp_path), clock, counted) as (gate, behind):
        run(gate, *[ANNA] * 40, at_once=True)
        assert len(threads) == 1
        assert threads[0].startswith("schemareg-hash")
        clock.now_s += REMEMBER_S - 1
        run(gate, ANNA)
        assert len(threads) == 1
        clock.now_s += 1
        run(gate, ANNA)
        assert len(threads) == 2
    assert behind.seen == [("anna", True)] * 42


def test_remembered_credentials_hold_no_text_of_them(tmp_path: Path) -> None:
    identities = Identities(file_in(tmp_path), clock=Clock())
    credential = ANNA["Authorization"].encode()
    asyncio.run(identities.verified(credential, address="10.0.0.1"))
    kept = repr(vars(identities))
    identities.close()
    assert ANNA["Authorization"].removeprefix("Basic ") not in kept
    assert "pässword" not in kept


def test_failures_are_throttled_before_hashing(tmp_path: Path) -> None:
    tried: list[str] = []

    def never(password: str, password_hash: str | None) -> bool:
        tried.append(password)
        return False

    clock = Clock()
    with gate_of(file_in(tmp_path), clock, never) as (gate, _):
        answers = run(gate, *(basic("anna", f"guess-{i}") for i in range(FAILURES_AT_ONCE + 5)))
        statuses = [answer.status_code for answer in answers]
        assert statuses == [401] * FAILURES_AT_ONCE + [429] * 5
        assert len(tried) == FAILURES_AT_ONCE
        assert answers[-1].headers["retry-after"] == "2"
        clock.now_s += 2
        assert [a.status_code for a in run(gate, *[basic("anna", "again")] * 2)] == [401, 429]


def test_success_does_not_use_up_the_allowance(tmp_path: Path) -> None:
    clock = Clock()
    with gate_of(file_in(tmp_path), clock) as (gate, _):
        for _ in range(FAILURES_AT_ONCE + 5):
            clock.now_s += REMEMBER_S  # each one is hashed
            assert run(gate, ANNA)[0].status_code == 200


def test_health_needs_no_credentials_and_everything_else_does(tmp_path: Path) -> None:
    with gate_of(file_in(tmp_path)) as (gate, _):
        statuses = {
            path: run(gate, {}, path=path)[0].status_code
            for path in ("/health/live", "/health/ready", "/metrics", "/", "/ui", "/health/live/x")
        }
    assert statuses == {
        "/health/live": 200,
        "/health/ready": 200,
        "/metrics": 401,
        "/": 401,
        "/ui": 401,
        "/health/live/x": 401,
    }


def test_anonymous_section_lets_everybody_in_with_its_roles_only(tmp_path: Path) -> None:
    file = file_in(tmp_path, anonymous='[anonymous]\nroles = ["reader"]')
    with gate_of(file) as (gate, behind):
        answers = run(gate, {}, ANNA, basic("anna", "wrong"))
    assert [answer.status_code for answer in answers] == [200, 200, 401]
    assert behind.seen == [("anonymous", False), ("anna", True)]


def with_certificate(app: Gate | OpenGate, name: str) -> Callable[..., Awaitable[None]]:
    """`app` behind a TLS connection whose client showed a certificate for `name`."""

    async def secured(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {"tls": {"client_cert_name": name}}
        await app(scope, receive, send)

    return secured


def test_client_certificate_is_the_user_it_belongs_to(tmp_path: Path) -> None:
    with gate_of(file_in(tmp_path)) as (gate, behind):
        known = run(with_certificate(gate, "CN=build,O=Shop"), {})
        unknown = run(with_certificate(gate, "CN=stranger,O=Shop"), {}, ANNA)
    assert known[0].status_code == 200
    assert [answer.status_code for answer in unknown] == [401, 200]
    assert behind.seen == [("build", False), ("anna", True)]


def test_open_gate_names_the_certificate_only() -> None:
    behind = Behind()
    run(with_certificate(OpenGate(behind), "CN=build"), {})
    run(OpenGate(behind), {})
    assert behind.seen == [("CN=build", False), (None, False)]


def test_two_authorization_headers_are_401(tmp_path: Path) -> None:
    async def ask(gate: Gate) -> httpx.Response:
        transport = httpx.ASGITransport(gate)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            value = ANNA["Authorization"]
            return await client.get("/", headers=[("Authorization", value)] * 2)

    with gate_of(file_in(tmp_path)) as (gate, _):
        assert asyncio.run(ask(gate)).status_code == 401


def test_changed_file_counts_within_a_second_and_a_broken_one_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    file = file_in(tmp_path, clock=clock)
    path = tmp_path / "auth.toml"
    text = path.read_text(encoding="utf-8")
    with gate_of(file, clock) as (gate, behind):

        def status(new_text: str | None = None) -> int:
            if new_text is not None:
                path.write_text(new_text, encoding="utf-8")
            clock.now_s += 1
            return run(gate, ANNA)[0].status_code

        assert status() == 200
        assert status(text.replace('["orders"]', '["reader"]')) == 200
        assert status("[users") == 200
        assert "the rules from before stay in force" in caplog.text
        path.unlink()
        assert status() == 200
        assert status(text.replace("[users.anna]", "[users.ben]")) == 401
        assert status(text) == 200
    assert [may_write for _, may_write in behind.seen] == [True, False, False, False, True]


def test_unknown_name_costs_the_hash_of_a_known_one(tmp_path: Path) -> None:
    compared: list[str | None] = []

    def never(password: str, password_hash: str | None) -> bool:
        compared.append(password_hash)
        return True

    with gate_of(file_in(tmp_path), Clock(), never) as (gate, behind):
        (answer,) = run(gate, basic("nobody", "pässword"))
    assert (answer.status_code, behind.seen) == (401, [])
    assert compared[0] is not None
    assert compared[0].startswith("$2b$")
