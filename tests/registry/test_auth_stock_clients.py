"""Stock clients get in with their ordinary settings: password, token, certificate."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import bcrypt
import jwt
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError
from cryptography.hazmat.primitives.asymmetric import rsa

from schemareg.registry.server.settings import ServerSettings
from tests.registry.conftest import StartServer
from tests.registry.test_tls import Authority, authority

__all__ = ["authority"]

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ISSUER, AUDIENCE = "https://login.example.com", "schemareg"


@pytest.fixture
def auth_file(tmp_path: Path) -> Path:
    hashed = bcrypt.hashpw(b"secret:with colon", bcrypt.gensalt(4)).decode()
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{**public, "kid": "1"}]}))
    path = tmp_path / "auth.toml"
    path.write_text(
        f"""
        [roles.orders]
        grants = [{{ subjects = ["orders-*"], rights = ["read", "write"] }}]
        [users.anna]
        password = "{hashed}"
        roles = ["orders"]
        [users.build]
        certificate = "CN=build,O=Shop"
        roles = ["orders"]
        [jwt]
        jwks = "keys.json"
        issuer = "{ISSUER}"
        audience = "{AUDIENCE}"
        """,
        encoding="utf-8",
    )
    return path


def token() -> str:
    claims = {
        "sub": "svc",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + 600,
        "roles": ["orders"],
    }
    return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})


def credentials(kind: str, authority: Authority) -> Mapping[str, str]:
    match kind:
        case "password":
            return {"basic.auth.user.info": "anna:secret:with colon"}
        case "token":
            return {
                "bearer.auth.credentials.source": "STATIC_TOKEN",
                "bearer.auth.token": token(),
                "bearer.auth.logical.cluster": "lsrc-1",
                "bearer.auth.identity.pool.id": "pool-1",
            }
        case _:
            shown = authority.signs("build")
            return {
                "ssl.certificate.location": str(shown.certificate),
                "ssl.key.location": str(shown.key),
            }


@pytest.mark.parametrize("kind", ["password", "token", "certificate"])
def test_confluents_client_registers_and_reads_what_it_may(
    start_server: StartServer, authority: Authority, auth_file: Path, kind: str
) -> None:
    pem = authority.signs("server")
    server = start_server(
        ServerSettings(
            port=0,
            auth_file=auth_file,
            tls_certificate=pem.certificate,
            tls_key=pem.key,
            tls_client_ca=authority.certificate,
        )
    )
    settings = {
        "url": server.url,
        "ssl.ca.location": str(authority.certificate),
        "max.retries": 0,
        **credentials(kind, authority),
    }
    schema = Schema('{"type":"record","name":"OrderCreated","fields":[]}', "AVRO")
    with SchemaRegistryClient(settings) as client:
        schema_id = client.register_schema("orders-value", schema)
        assert client.get_latest_version("orders-value").schema_id == schema_id
        assert "OrderCreated" in str(client.get_schema(schema_id).schema_str)
        assert client.test_compatibility("orders-value", schema)
        assert client.get_subjects() == ["orders-value"]
        with pytest.raises(SchemaRegistryError) as denied:
            client.register_schema("payments-value", schema)
        assert (denied.value.http_status_code, denied.value.error_code) == (403, 40301)


def test_confluents_client_with_a_wrong_password_is_told(
    start_server: StartServer, auth_file: Path
) -> None:
    server = start_server(ServerSettings(port=0, auth_file=auth_file))
    settings = {"url": server.url, "basic.auth.user.info": "anna:wrong", "max.retries": 0}
    with (
        SchemaRegistryClient(settings) as client,
        pytest.raises(SchemaRegistryError) as refused,
    ):
        client.get_subjects()
    assert refused.value.http_status_code == 401
    assert "Wrong user name or password" in str(refused.value)
