"""A gate to test: its auth file, what stands behind it, and ways to ask."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import bcrypt
import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.types import Receive, Scope, Send

from schemareg.registry.server.auth.authentication import Gate
from schemareg.registry.server.auth.file import AuthFile
from schemareg.registry.server.auth.identity import Identities
from schemareg.registry.server.auth.passwords import password_fits
from schemareg.registry.server.auth.rights import Right
from schemareg.subjects import Subject

ISSUER, AUDIENCE = "https://login.example.com", "schemareg"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def key_set(rsa_key: rsa.RSAPrivateKey = RSA_KEY) -> str:
    rsa_jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key.public_key()))
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
    *,
    key: object = RSA_KEY,
    kid: str | None = "rsa",
    algorithm: str = "RS256",
    typ: str | None = None,
    **claims: object,
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
        headers={**({"kid": kid} if kid else {}), **({"typ": typ} if typ else {})},
    )
    return {"Authorization": f"Bearer {token}"}


ANNA = basic("anna", "pässword")
