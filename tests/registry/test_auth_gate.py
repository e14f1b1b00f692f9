"""The gate: who gets in with what, how often, and what a failure costs."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import bcrypt
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.types import Receive, Scope, Send

from schemareg.errors import UsageError
from schemareg.registry.server.auth.file import AuthFile
from schemareg.registry.server.auth.gate import Gate, OpenGate
from schemareg.registry.server.auth.identity import FAILURES_AT_ONCE, REMEMBER_S, Identities
from schemareg.registry.server.auth.passwords import password_fits
from schemareg.registry.server.auth.rights import Right
from schemareg.subjects import Subject

ISSUER, AUDIENCE = "https://login.example.com", "schemareg"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def key_set() -> str:
    rsa_jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key()))
    ec_jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key()))
    return json.dumps({"keys": [{**rsa_jwk, "kid": "rsa"}, {**ec_jwk, "kid": "ec"}]})


@dataclass
class Clock:
    """Time that moves when told."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Behind:
    """What stands behind the gate: remembers whom it saw."""

    seen: list[tuple[str | None, bool]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.get("state", {})
        rights = state.get("rights")
        may_write = bool(rights and rights.allow(Right.WRITE, Subject("orders-value")))
        self.seen.append((state.get("principal"), may_write))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"in"})


def file_in(
    directory: Path,
    *,
    jwks: str = "keys.json",
    anonymous: str = "",
    clock: Callable[[], float] = time.monotonic,
) -> AuthFile:
    (directory / "keys.json").write_text(key_set(), encoding="utf-8")
    cheap = bcrypt.hashpw("pässword".encode(), bcrypt.gensalt(4)).decode()
    (directory / "auth.toml").write_text(
        f"""
        [roles.orders]
        grants = [{{ subjects = ["orders-*"], rights = ["read", "write"] }}]
        [users.anna]
        password = "{cheap}"
        roles = ["orders"]
        [users.build]
        certificate = "CN=build,O=Shop"
        roles = ["reader"]
        [jwt]
        jwks = "{jwks}"
        issuer = "{ISSUER}"
        audience = "{AUDIENCE}"
        {anonymous}
        """,
        encoding="utf-8",
    )
    return AuthFile(directory / "auth.toml", clock=clock)


@contextmanager
def gate_of(
    file: AuthFile,
    clock: Callable[[], float] = time.monotonic,
    fits: Callable[[str, str | None], bool] = password_fits,
) -> Iterator[tuple[Gate, Behind]]:
    identities = Identities(file, clock=clock, password_fits=fits)
    behind = Behind()
    try:
        yield Gate(behind, identities=identities), behind
    finally:
        identities.close()


def run(
    gate: Callable[[Scope, Receive, Send], Awaitable[None]],
    *headers: Mapping[str, str],
    path: str = "/subjects",
    at_once: bool = False,
) -> list[httpx.Response]:
    """The answers to one request per mapping, in one event loop."""

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(gate)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            if at_once:
                return await asyncio.gather(*(client.get(path, headers=h) for h in headers))
            return [await client.get(path, headers=h) for h in headers]

    return asyncio.run(ask())


def basic(name: str, password: str) -> dict[str, str]:
    value = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {value}"}


def bearer(
    *, key: object = RSA_KEY, kid: str | None = "rsa", algorithm: str = "RS256", **claims: object
) -> dict[str, str]:
    now = int(time.time())
    content: dict[str, object] = {
        "sub": "svc-orders",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": now + 600,
        "roles": ["orders"],
        **claims,
    }
    content = {name: value for name, value in content.items() if value is not None}
    token = jwt.encode(
        content,
        key,  # type: ignore[arg-type]  # keys of several kinds
        algorithm=algorithm,
        headers={"kid": kid} if kid else None,
    )
    return {"Authorization": f"Bearer {token}"}


ANNA = basic("anna", "pässword")


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
def served_keys() -> Iterator[tuple[str, list[str]]]:
    """A URL that serves the key set, and the requests it got."""
    asked: list[str] = []

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(key_set().encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever)
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


def test_right_password_is_hashed_once_a_minute(tmp_path: Path) -> None:
    threads: list[str] = []

    def counted(password: str, password_hash: str | None) -> bool:
        threads.append(threading.current_thread().name)
        return password_fits(password, password_hash)

    clock = Clock()
    with gate_of(file_in(tmp_path), clock, counted) as (gate, behind):
        run(gate, *[ANNA] * 40, at_once=True)
        assert len(threads) == 1
        assert threads[0].startswith("schemareg-auth")
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
