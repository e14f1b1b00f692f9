"""A broker that fails, lags, dies and comes back: nothing acknowledged is lost, nothing hangs."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from confluent_kafka import KafkaError, Producer

from schemareg.avro import parse
from schemareg.brokers.broker import Broker
from schemareg.brokers.channel import Channel, Message
from schemareg.brokers.clients import client_config
from schemareg.brokers.container import ContainerBroker
from schemareg.brokers.embedded import EmbeddedBroker, Request
from schemareg.errors import BrokerError, DockerError
from schemareg.roundtrip import runner as roundtrip
from schemareg.roundtrip.runner import CellVerdict, Reader, Writing, round_trip
from schemareg.subjects import SchemaId, Subject, Version

BATCH = [Message("orders", b"%d" % number, key=b"k") for number in range(200)]


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture
def prefix() -> str:
    return f"test-{secrets.token_hex(4)}"


def not_for_long(error: int, request: Request) -> Callable[[EmbeddedBroker], None]:
    return lambda broker: broker.fail_next(request, [error] * 3)


def down_for_a_moment(broker: EmbeddedBroker) -> None:
    broker.go_down()
    threading.Timer(0.3, broker.come_up).start()


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(
            not_for_long(KafkaError.NOT_LEADER_FOR_PARTITION, Request.PRODUCE), id="leader"
        ),
        pytest.param(not_for_long(KafkaError.REQUEST_TIMED_OUT, Request.PRODUCE), id="time-out"),
        pytest.param(not_for_long(KafkaError.NOT_ENOUGH_REPLICAS, Request.PRODUCE), id="replicas"),
        pytest.param(not_for_long(KafkaError.LEADER_NOT_AVAILABLE, Request.FETCH), id="fetch"),
        pytest.param(
            not_for_long(KafkaError.LEADER_NOT_AVAILABLE, Request.METADATA), id="metadata"
        ),
        pytest.param(lambda broker: broker.answer_after(100), id="slow"),
        pytest.param(down_for_a_moment, id="down-for-a-moment"),
    ],
)
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_passing_fault_loses_nothing(
    embedded: EmbeddedBroker,
    prefix: str,
    disturb: Callable[[EmbeddedBroker], None],
    warm: bool,
) -> None:
    with Channel(embedded, prefix=prefix, timeout_s=20) as channel:
        if warm:
            channel.exchange(BATCH)
        disturb(embedded)
        assert channel.exchange(BATCH) == BATCH
        assert channel.exchange(BATCH) == BATCH


def test_refused_message_is_told_with_the_brokers_reason(
    embedded: EmbeddedBroker, prefix: str
) -> None:
    with Channel(embedded, prefix=prefix, timeout_s=5) as channel:
        # the client may split the batch over as many requests as there are messages
        embedded.fail_next(Request.PRODUCE, [KafkaError.TOPIC_AUTHORIZATION_FAILED] * len(BATCH))
        with pytest.raises(
            BrokerError,
            match=r"200 of 200 messages were not acknowledged: Broker: Topic authorization failed$",
        ):
            channel.exchange(BATCH)


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_broker_down_for_good_ends_at_the_deadline(
    embedded: EmbeddedBroker, prefix: str, warm: bool
) -> None:
    with Channel(embedded, prefix=prefix, timeout_s=1) as channel:
        if warm:
            channel.exchange(BATCH)
        embedded.go_down()
        with pytest.raises(BrokerError, match="200 of 200 messages were not acknowledged"):
            channel.exchange(BATCH)


def test_consumer_cut_off_from_what_was_acknowledged_says_how_much(
    embedded: EmbeddedBroker, prefix: str
) -> None:
    with Channel(embedded, prefix=prefix, timeout_s=1) as channel:
        channel.exchange(BATCH[:1])
        embedded.fail_next(Request.FETCH, [KafkaError.TOPIC_AUTHORIZATION_FAILED] * 10_000)
        with pytest.raises(BrokerError, match=r"\d+ of 200 messages did not come back within 1 s"):
            channel.exchange(BATCH)


def send_raw(broker: Broker, topic: str, messages: Sequence[tuple[bytes, str | None]]) -> None:
    producer = Producer(client_config(broker))
    for value, index in messages:
        headers: dict[str, str | bytes | None] = {"schemareg-index": index} if index else {}
        producer.produce(topic, value=value, key=b"k", partition=0, headers=headers)
    assert producer.flush(10) == 0


def test_foreign_message_on_a_topic_is_passed_over(broker: Broker, prefix: str) -> None:
    with Channel(broker, prefix=prefix) as channel:
        channel.exchange(BATCH)
        send_raw(broker, f"{prefix}-orders", [(b"poison", None), (b"", None)])
        assert channel.exchange(BATCH) == BATCH


def test_message_that_comes_twice_and_out_of_order_counts_once(broker: Broker, prefix: str) -> None:
    with Channel(broker, prefix=prefix) as channel:
        channel.exchange(BATCH)
        again = [(message.value or b"", str(200 + at)) for at, message in enumerate(BATCH)]
        send_raw(broker, f"{prefix}-orders", again[::-1])
        assert channel.exchange(BATCH) == BATCH


ORDER = parse('{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}')
WRITING = Writing(
    subject=Subject("orders-value"),
    topic="orders",
    version=Version(1),
    schema_id=SchemaId(7),
    schema=ORDER,
    events=(("one", {"id": "o-1"}), ("two", {"id": "o-2"})),
    readers=(Reader("v1", ORDER),),
)


@pytest.mark.parametrize(
    ("tampered", "said"),
    [
        (b"\x00\x00\x00\x00\x07\x06o-9", "bytes 066f2d31 came back as 066f2d39"),
        (b"\x00\x00\x00\x00\x08\x06o-1", "came back framed with 8"),
        (b"\x07\x06o-1...", "unknown magic byte 0x07"),
        (b"\x00\x00", "shorter than its frame"),
        (None, "came back empty"),
    ],
)
def test_tampered_message_makes_its_cell_different(
    monkeypatch: pytest.MonkeyPatch,
    embedded: EmbeddedBroker,
    tampered: bytes | None,
    said: str,
) -> None:
    class TamperedChannel(Channel):
        def exchange(self, batch: Sequence[Message]) -> list[Message]:
            first, *rest = super().exchange(batch)
            return [Message(first.topic, tampered), *rest]

    monkeypatch.setattr(roundtrip, "Channel", TamperedChannel)
    (cell,) = round_trip(embedded, [WRITING], run="tampered")
    assert (cell.verdict, cell.equal, cell.different) == (CellVerdict.DIFFERENT, 1, 1)
    assert cell.trouble is not None
    assert cell.trouble.event_name == "one"
    assert said in cell.trouble.message


@pytest.fixture(scope="module")
def fragile() -> Iterator[ContainerBroker]:
    """A container of its own for tests that break it and mend it."""
    with ContainerBroker(os.environ.get("SCHEMAREG_KAFKA_IMAGE")) as broker:
        yield broker


@pytest.mark.docker
@pytest.mark.parametrize("way", ["kill", "stop"])
def test_restarted_container_has_all_that_was_acknowledged(
    fragile: ContainerBroker, prefix: str, way: str
) -> None:
    with Channel(fragile, prefix=prefix, timeout_s=60) as channel:
        assert channel.exchange(BATCH) == BATCH
        (fragile.kill if way == "kill" else fragile.stop)()
        fragile.start_again()
        assert channel.exchange(BATCH) == BATCH
    with Channel(fragile, prefix=f"{prefix}-again", timeout_s=60) as channel:
        assert channel.exchange(BATCH) == BATCH


@pytest.mark.docker
def test_container_killed_while_messages_are_under_way_loses_none(
    fragile: ContainerBroker, prefix: str
) -> None:
    def break_and_mend() -> None:
        fragile.kill()
        fragile.start_again()

    with Channel(fragile, prefix=prefix, timeout_s=60) as channel:
        channel.exchange(BATCH)
        breaker = threading.Timer(0.05, break_and_mend)
        breaker.start()
        for _ in range(20):
            assert channel.exchange(BATCH) == BATCH
        breaker.join()
        assert channel.exchange(BATCH) == BATCH


@pytest.mark.docker
def test_paused_container_is_told_at_the_deadline_and_serves_again(
    fragile: ContainerBroker, prefix: str
) -> None:
    with Channel(fragile, prefix=prefix, timeout_s=60) as channel:
        channel.exchange(BATCH)
        fragile.pause()
        try:
            with (
                pytest.raises(
                    BrokerError, match=r"messages were not acknowledged|cannot be created"
                ),
                Channel(fragile, prefix=f"{prefix}-paused", timeout_s=1) as cut_off,
            ):
                cut_off.exchange(BATCH)
        finally:
            fragile.unpause()
        assert channel.exchange(BATCH) == BATCH


@pytest.mark.docker
def test_engine_that_refuses_a_fault_is_told_in_our_words(fragile: ContainerBroker) -> None:
    with pytest.raises(DockerError, match="the broker's container does not unpause"):
        fragile.unpause()
