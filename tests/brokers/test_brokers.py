"""What every kind of broker promises, and how each says that it cannot."""

from __future__ import annotations

import gc
import os
import secrets
import socket
import time
from collections.abc import Iterator

import docker
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from schemareg.brokers import Broker, open_broker
from schemareg.brokers.channel import Channel, Message
from schemareg.brokers.clients import ask_cluster, client_config
from schemareg.brokers.container import ContainerBroker
from schemareg.brokers.embedded import EmbeddedBroker
from schemareg.brokers.external import ExternalBroker
from schemareg.brokers.opening import client_settings_of
from schemareg.brokers.topics import TemporaryTopics
from schemareg.errors import BrokerError, DockerError, UsageError


@pytest.fixture
def prefix() -> str:
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
def dead_address() -> str:
    """An address where nobody listens: bound once, closed again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def silent_address() -> Iterator[str]:
    """An address that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def topics_at(broker: Broker) -> frozenset[str]:
    return ask_cluster(broker.bootstrap_servers, broker.client_settings, timeout_s=10).topics


def left_of(topics: set[str], broker: Broker) -> set[str]:
    """Those of `topics` that stay: an acknowledged removal reaches the metadata a little later."""
    deadline = time.monotonic() + 20
    while (left := topics & topics_at(broker)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def numbered(count: int, *, topics: int = 3, size_bytes: int = 10) -> list[Message]:
    return [
        Message(f"t{i % topics}", f"{i:08}".encode().ljust(size_bytes, b"."), key=b"k%d" % i)
        for i in range(count)
    ]


def test_messages_come_back_as_sent_and_in_order(broker: Broker, prefix: str) -> None:
    batch = [
        Message("orders", b"first"),
        Message("payments", b"\x00\xff", key=b"k", headers=(("a", b"1"), ("a", b""))),
        Message("orders", b""),
        Message("orders", None, key=b"tombstone"),
        Message("payments", "ünï".encode()),
    ]
    with Channel(broker, prefix=prefix) as channel:
        assert channel.exchange(batch) == batch
        assert channel.exchange([]) == []
        assert channel.exchange(batch[::-1]) == batch[::-1]


def test_messages_beyond_one_fetch_come_back(broker: Broker, prefix: str) -> None:
    with Channel(broker, prefix=prefix) as channel:
        for _ in range(3):
            batch = numbered(4_000, size_bytes=200)
            assert channel.exchange(batch) == batch


def test_channel_leaves_no_topic_behind(broker: Broker, prefix: str) -> None:
    with Channel(broker, prefix=prefix) as channel:
        channel.exchange(numbered(6))
        made = {topic for topic in topics_at(broker) if topic.startswith(prefix)}
    assert made == {f"{prefix}-t0", f"{prefix}-t1", f"{prefix}-t2"}
    if not broker.topics_on_use:
        assert left_of(made, broker) == set()


def test_message_too_large_is_refused_with_its_size(broker: Broker, prefix: str) -> None:
    with (
        Channel(broker, prefix=prefix) as channel,
        pytest.raises(BrokerError, match=r"a message of 2000000 bytes for topic 'big'"),
    ):
        channel.exchange([Message("big", bytes(2_000_000))])


def test_clients_get_the_settings_of_the_cluster() -> None:
    broker = ExternalBroker("kafka:9093", settings={"security.protocol": "SASL_SSL"})
    assert client_config(broker, group_id="g", security_protocol="PLAINTEXT") == {
        "log_level": 0,
        "group.id": "g",
        "security.protocol": "SASL_SSL",
        "bootstrap.servers": "kafka:9093",
    }


def test_embedded_broker_is_gone_after_leaving() -> None:
    with EmbeddedBroker() as broker:
        address = broker.bootstrap_servers
    with pytest.raises(BrokerError, match=f"no Kafka broker answers at {address}"):
        ask_cluster(address, {}, timeout_s=5)


def test_two_embedded_brokers_share_nothing(prefix: str) -> None:
    with (
        EmbeddedBroker() as one,
        EmbeddedBroker() as other,
        Channel(one, prefix=prefix) as channel,
    ):
        channel.exchange(numbered(1))
        assert f"{prefix}-t0" in topics_at(one)
        assert f"{prefix}-t0" not in topics_at(other)


def test_slow_embedded_broker_loses_nothing(prefix: str) -> None:
    with EmbeddedBroker(rtt_ms=50) as broker, Channel(broker, prefix=prefix) as channel:
        batch = numbered(500)
        assert channel.exchange(batch) == batch


@pytest.mark.parametrize(
    "spec", ["kafka", "kafka:", ":9092", "kafka:99999", "http://kafka:9092", ""]
)
def test_spec_that_is_no_broker_is_a_usage_error(spec: str) -> None:
    with pytest.raises(UsageError, match="neither 'embedded' nor 'container' nor HOST:PORT"):
        open_broker(spec)


@pytest.mark.parametrize(
    ("spec", "servers"),
    [
        ("localhost:9092", "localhost:9092"),
        ("a:1, b:2", "a:1,b:2"),
        ("[::1]:9092", "[::1]:9092"),
    ],
)
def test_host_and_port_is_an_external_cluster(spec: str, servers: str) -> None:
    broker = open_broker(spec, environ={})
    assert (broker.bootstrap_servers, dict(broker.client_settings)) == (servers, {})


def test_environment_sets_client_settings() -> None:
    environ = {
        "SCHEMAREG_KAFKA_CLIENT_SASL_USERNAME": "reader",
        "SCHEMAREG_KAFKA_IMAGE": "kafka",
        "PATH": "/bin",
    }
    assert client_settings_of(environ) == {"sasl.username": "reader"}
    broker = open_broker("kafka:9092", settings={"sasl.username": "file", "x": 1}, environ=environ)
    assert dict(broker.client_settings) == {"sasl.username": "reader", "x": 1}


def test_broker_that_is_down_says_who_refused(dead_address: str) -> None:
    with (
        pytest.raises(
            BrokerError, match=f"no Kafka broker answers at {dead_address}: Connect to .* refused;"
        ),
        open_broker(dead_address),
    ):
        pass


def test_broker_that_never_answers_ends_at_the_deadline(silent_address: str) -> None:
    with (
        pytest.raises(BrokerError, match=f"no Kafka broker answers at {silent_address}"),
        ExternalBroker(silent_address, timeout_s=1.0),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("security.protocol", "NIX", 'Invalid value "NIX" for configuration property'),
        ("no.such.setting", "1", 'No such configuration property: "no.such.setting"'),
    ],
)
def test_settings_that_the_client_refuses_are_named(name: str, value: str, said: str) -> None:
    with (
        pytest.raises(BrokerError, match=f"Kafka client settings are refused: {said}"),
        ExternalBroker("127.0.0.1:9092", settings={name: value}),
    ):
        pass


def test_broker_that_goes_away_is_told_within_the_deadline(prefix: str) -> None:
    broker = EmbeddedBroker()
    with broker, Channel(broker, prefix=prefix, timeout_s=2.0) as channel:
        channel.exchange(numbered(3))
        broker.__exit__(None, None, None)
        with pytest.raises(BrokerError, match="3 of 3 messages were not acknowledged"):
            channel.exchange(numbered(3))


# docker-py leaves the socket that finds no engine to Python's collector
@pytest.mark.filterwarnings("ignore:unclosed <socket.socket fd=[0-9]+, family=1,:ResourceWarning")
def test_missing_engine_says_what_else_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such/engine.sock")
    with (
        pytest.raises(DockerError, match=r"no Docker engine answers; .*--broker embedded"),
        open_broker("container", environ={}),
    ):
        pass
    gc.collect()


@pytest.mark.docker
def test_missing_image_says_how_to_get_it() -> None:
    environ = {"SCHEMAREG_KAFKA_IMAGE": "schemareg/no-such-image:1"}
    with (
        pytest.raises(
            DockerError,
            match=r"no image schemareg/no-such-image:1; run: docker pull .*build-kafka-image",
        ),
        open_broker("container", environ=environ),
    ):
        pass


def containers_of_this_process() -> set[str]:
    client = docker.from_env()
    try:
        found = client.containers.list(
            all=True, filters={"label": f"{LABEL_SESSION_ID}={SESSION_ID}"}
        )
        return {container.id for container in found}
    finally:
        client.close()


@pytest.mark.docker
def test_container_that_does_not_start_says_why_and_is_removed() -> None:
    before = containers_of_this_process()
    image = os.environ.get("SCHEMAREG_KAFKA_IMAGE")
    with (
        pytest.raises(DockerError, match=r"did not start; the end of its log: .*nonsense"),
        ContainerBroker(image, server_settings={"process.roles": "nonsense"}),
    ):
        pass
    assert containers_of_this_process() == before


@pytest.mark.docker
def test_topic_that_is_there_already_is_not_taken_over(
    container_broker: ContainerBroker, prefix: str
) -> None:
    admin = AdminClient(client_config(container_broker))
    foreign = f"{prefix}-orders"
    admin.create_topics([NewTopic(foreign, num_partitions=1, replication_factor=1)])[
        foreign
    ].result(10)
    try:
        with (
            pytest.raises(BrokerError, match=f"topic '{foreign}' cannot be created .*exists"),
            TemporaryTopics(container_broker, prefix) as topics,
        ):
            topics.ensure(["payments", "orders"])
        assert left_of({f"{prefix}-payments"}, container_broker) == set()
        assert foreign in topics_at(container_broker)
    finally:
        admin.delete_topics([foreign])[foreign].result(10)
