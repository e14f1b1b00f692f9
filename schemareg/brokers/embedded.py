"""The embedded broker: librdkafka's mock cluster, a broker of the real protocol in this process."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException, Producer

from schemareg.brokers.broker import Settings
from schemareg.brokers.clients import reason
from schemareg.errors import BrokerError


class EmbeddedBroker:
    """librdkafka's mock cluster, held up by a producer that configures it.

    Topics come up on first use with four partitions each; a partition keeps about the last 5 MB,
    so nobody should produce more than that before consuming. `rtt_ms` delays every answer.

    Source: librdkafka, CONFIGURATION.md (`test.mock.num.brokers`, `test.mock.broker.rtt`).
    """

    name = "embedded"
    topics_on_use = True

    def __init__(self, *, rtt_ms: int = 0) -> None:
        self._rtt_ms = rtt_ms
        self._holder: Producer | None = None
        self._bootstrap_servers = ""

    @property
    def bootstrap_servers(self) -> str:
        return self._bootstrap_servers

    @property
    def client_settings(self) -> Settings:
        return {}

    def __enter__(self) -> Self:
        try:
            self._holder = Producer(
                {
                    "test.mock.num.brokers": 1,
                    "test.mock.broker.rtt": self._rtt_ms,
                    "log_level": 0,
                }
            )
            brokers = self._holder.list_topics(timeout=5).brokers.values()
        except KafkaException as error:
            self._holder = None
            raise BrokerError(f"the embedded broker did not start: {reason(error)}") from error
        self._bootstrap_servers = ",".join(f"{b.host}:{b.port}" for b in brokers)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # the mock cluster ends with the client that configured it
        self._holder = None
        self._bootstrap_servers = ""
