"""librdkafka's mock cluster by its C interface: a broker that fails, lags and dies on request.

confluent-kafka starts mock clusters but has no way to disturb them; the functions for that are in
the library that it bundles, and are called here through ctypes.

Source: librdkafka, src/rdkafka_mock.h.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import confluent_kafka

from schemareg.brokers.broker import Settings
from schemareg.errors import BrokerError, UsageError

_PRODUCER = 0
_BROKER_ID = 1
_ERROR_SIZE_BYTES = 512


class Request(IntEnum):
    """Kinds of request, by their number in Kafka's protocol.

    Source: Kafka, "Protocol guide", API keys.
    """

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3


class MockClusterBroker:
    """A mock cluster of one broker whose faults are steered: up from entering to leaving.

    Like `EmbeddedBroker`, it makes topics on use and keeps about the last 5 MB of a partition.
    """

    name = "embedded"
    topics_on_use = True

    def __init__(self) -> None:
        self._bootstrap_servers = ""
        self._client: int | None = None
        self._cluster: int | None = None

    @property
    def bootstrap_servers(self) -> str:
        return self._bootstrap_servers

    @property
    def client_settings(self) -> Settings:
        return {}

    def go_down(self) -> None:
        """Drop all connections and take none, until `come_up`; what was stored stays."""
        self._call("rd_kafka_mock_broker_set_down", ctypes.c_int32(_BROKER_ID))

    def come_up(self) -> None:
        """Take connections again."""
        self._call("rd_kafka_mock_broker_set_up", ctypes.c_int32(_BROKER_ID))

    def answer_after(self, delay_ms: int) -> None:
        """Let every answer wait `delay_ms` from now on."""
        self._call(
            "rd_kafka_mock_broker_set_rtt", ctypes.c_int32(_BROKER_ID), ctypes.c_int(delay_ms)
        )

    def fail_next(self, request: Request, errors: Sequence[int]) -> None:
        """Answer the next requests of this kind with `errors` (KafkaError codes), one each."""
        codes = (ctypes.c_int * len(errors))(*errors)
        _library().rd_kafka_mock_push_request_errors_array(
            ctypes.c_void_p(self._cluster),
            ctypes.c_int16(request),
            ctypes.c_size_t(len(errors)),
            codes,
        )

    def _call(self, function: str, *arguments: object) -> None:
        if self._cluster is None:
            raise BrokerError("the mock cluster is not up")
        code = _library()[function](ctypes.c_void_p(self._cluster), *arguments)
        if code:
            raise BrokerError(f"{function} failed: {confluent_kafka.KafkaError(code).str()}")

    def __enter__(self) -> Self:
        library = _library()
        conf = ctypes.c_void_p(library.rd_kafka_conf_new())
        said = ctypes.create_string_buffer(_ERROR_SIZE_BYTES)
        library.rd_kafka_conf_set(conf, b"log_level", b"0", said, ctypes.c_size_t(len(said)))
        self._client = library.rd_kafka_new(
            ctypes.c_int(_PRODUCER), conf, said, ctypes.c_size_t(len(said))
        )
        if not self._client:
            raise BrokerError(f"the mock cluster did not start: {said.value.decode()}")
        self._cluster = library.rd_kafka_mock_cluster_new(
            ctypes.c_void_p(self._client), ctypes.c_int(1)
        )
        # groups of tests have one member, for which nobody need wait three seconds
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(
            ctypes.c_void_p(self._cluster), ctypes.c_int32(0)
        )
        servers = library.rd_kafka_mock_cluster_bootstraps(ctypes.c_void_p(self._cluster))
        self._bootstrap_servers = servers.decode("ascii")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        library = _library()
        if self._cluster:
            library.rd_kafka_mock_cluster_destroy(ctypes.c_void_p(self._cluster))
        if self._client:
            library.rd_kafka_destroy(ctypes.c_void_p(self._client))
        self._cluster = self._client = None
        self._bootstrap_servers = ""


def is_steerable() -> bool:
    """Whether this build of confluent-kafka brings the library that is needed here."""
    return next(_bundled(), None) is not None


def _library() -> ctypes.CDLL:
    """The library that confluent-kafka has loaded, with the results of what is called here."""
    path = next(_bundled(), None)
    if path is None:
        raise UsageError(
            "this build of confluent-kafka brings no librdkafka of its own to steer",
            advice="use the wheel from PyPI, or a broker in a container",
        )
    library = ctypes.CDLL(str(path))
    library.rd_kafka_conf_new.restype = ctypes.c_void_p
    library.rd_kafka_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    library.rd_kafka_mock_cluster_destroy.restype = None
    library.rd_kafka_mock_group_initial_rebalance_delay_ms.restype = None
    library.rd_kafka_mock_push_request_errors_array.restype = None
    library.rd_kafka_destroy.restype = None
    return library


def _bundled() -> Iterator[Path]:
    """Where wheels keep the library, by platform."""
    package = Path(confluent_kafka.__file__).parent
    if sys.platform == "darwin":
        yield from package.glob(".dylibs/librdkafka*.dylib")
    else:
        yield from package.parent.glob("confluent_kafka.libs/librdkafka*")
