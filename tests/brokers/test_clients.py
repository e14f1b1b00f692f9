"""Clients of a broker: closing them, and what the embedded broker answers to an admin client."""

from __future__ import annotations

import subprocess
import sys

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemareg.brokers.clients import client_config, close_consumer
from schemareg.brokers.embedded import EmbeddedBroker
from schemareg.errors import BrokerError


def test_consumers_close_while_their_first_rebalance_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.brokers.closing", "100"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout == "100 consumers closed in children of 100: 0 deadlocks\n"


def test_close_commits_only_what_was_returned() -> None:
    with EmbeddedBroker() as broker:
        producer = Producer(client_config(broker))
        for number in range(100):
            producer.produce("orders", b"%d" % number, partition=0)
        assert producer.flush(10) == 0
        settings = client_config(broker, group_id="g", auto_offset_reset="earliest")
        consumer = Consumer(settings)
        consumer.subscribe(["orders"])
        assert [m.value() for m in consumer.consume(3, timeout=10)] == [b"0", b"1", b"2"]
        close_consumer(consumer)
        again = Consumer(settings)
        (committed,) = again.committed([TopicPartition("orders", 0)], timeout=10)
        again.close()
        assert committed.offset == 3


def test_admin_client_of_the_embedded_broker_is_answered_at_once() -> None:
    with EmbeddedBroker() as broker:
        admin = AdminClient(client_config(broker))
        created = admin.create_topics([NewTopic("orders", num_partitions=1)], request_timeout=20)
        with pytest.raises(KafkaException, match=r"Topic Admin API .* not supported by broker"):
            created["orders"].result(3)


def test_fault_of_a_broker_that_is_not_running_is_refused() -> None:
    with pytest.raises(BrokerError, match="the embedded broker is not running"):
        EmbeddedBroker().go_down()
