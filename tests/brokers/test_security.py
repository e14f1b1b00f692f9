"""A cluster that demands TLS and a password, and clients whose settings come from outside."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from schemareg.brokers import Broker, open_broker
from schemareg.brokers.channel import Channel, Message
from schemareg.brokers.container import ContainerBroker
from schemareg.errors import BrokerError

pytestmark = pytest.mark.docker

USER = "reader"
PASSWORD = "only-for-this-test"
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


def one_line(pem: bytes) -> str:
    """As a properties file spells line ends."""
    return pem.decode("ascii").replace("\n", "\\n")


def in_pkcs8(pem: bytes) -> bytes:
    """The one form of a private key that Kafka reads."""
    key = load_pem_private_key(pem, password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="module")
def settings(ca_file: Path) -> dict[str, str]:
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": USER,
        "sasl.password": PASSWORD,
        "ssl.ca.location": str(ca_file),
    }


@pytest.fixture(scope="module")
def guarded(authority: trustme.CA, settings: dict[str, str]) -> Iterator[ContainerBroker]:
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    listener = "listener.name.clients."
    server_settings = {
        "listener.security.protocol.map": "CLIENTS:SASL_SSL,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        f"{listener}sasl.enabled.mechanisms": "PLAIN",
        f"{listener}plain.sasl.jaas.config": f'{LOGIN} required user_{USER}="{PASSWORD}";',
        f"{listener}ssl.keystore.type": "PEM",
        f"{listener}ssl.keystore.certificate.chain": one_line(chain),
        f"{listener}ssl.keystore.key": one_line(in_pkcs8(certificate.private_key_pem.bytes())),
    }
    with ContainerBroker(
        os.environ.get("SCHEMAREG_KAFKA_IMAGE"),
        server_settings=server_settings,
        client_settings=settings,
    ) as broker:
        yield broker


def as_variables(settings: dict[str, str]) -> dict[str, str]:
    return {
        f"SCHEMAREG_KAFKA_CLIENT_{name.upper().replace('.', '_')}": value
        for name, value in settings.items()
    }


def assert_serves(broker: Broker) -> None:
    batch = [Message("orders", b"%d" % number) for number in range(100)]
    with broker, Channel(broker, prefix=f"test-{secrets.token_hex(4)}") as channel:
        assert channel.exchange(batch) == batch


def test_settings_from_configuration_reach_every_client(
    guarded: ContainerBroker, settings: dict[str, str]
) -> None:
    assert_serves(open_broker(guarded.bootstrap_servers, settings=settings, environ={}))


def test_settings_from_the_environment_reach_every_client(
    guarded: ContainerBroker, settings: dict[str, str]
) -> None:
    assert_serves(open_broker(guarded.bootstrap_servers, environ=as_variables(settings)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sasl.password": "guessed"}, "SASL authentication error: Authentication failed"),
        ({"ssl.ca.location": ""}, "certificate verify failed"),
        ({"security.protocol": "SASL_PLAINTEXT"}, "."),
        ({"security.protocol": "PLAINTEXT"}, "."),
        ({"sasl.mechanism": "SCRAM-SHA-256"}, "Unsupported SASL mechanism"),
    ],
)
def test_client_that_is_not_let_in_hears_why(
    guarded: ContainerBroker, settings: dict[str, str], wrong: dict[str, str], said: str
) -> None:
    theirs = {name: value for name, value in {**settings, **wrong}.items() if value}
    with (
        pytest.raises(BrokerError, match=f"no Kafka broker answers at .*{said}") as caught,
        open_broker(guarded.bootstrap_servers, settings=theirs, environ={}),
    ):
        pass
    assert PASSWORD not in str(caught.value)
