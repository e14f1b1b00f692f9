"""The embedded broker: librdkafka's mock cluster in this process, with faults on request.

It speaks Kafka's protocol on a real socket. confluent-kafka starts mock clusters but has no
interface to their faults; those functions are called in the same library through ctypes.

Source: librdkafka, src/rdkafka_mock.h.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from contextlib import suppress
from enum import IntEnum
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import confluent_kafka
from confluent_kafka import cimpl

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


class EmbeddedBroker:
    """A mock cluster of one broker; its faults stay until the opposite is called.

    Topics are created on first use with four partitions each; a partition keeps about the last
    5 MB, so nobody should produce more than that before consuming. A group with one member gets
    its partitions at once. Every answer is delayed by `rtt_ms`.
    """

    name = "embedded"
    topics_on_use = True

    def __init__(self, *, rtt_ms: int = 0) -> None:
        self._rtt_ms = rtt_ms
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
        """Drop all connections and accept none until `come_up`; stored messages stay."""
        self._call("rd_kafka_mock_broker_set_down", ctypes.c_int32(_BROKER_ID))

    def come_up(self) -> None:
        """Accept connections again."""
        self._call("rd_kafka_mock_broker_set_up", ctypes.c_int32(_BROKER_ID))

    def answer_after(self, delay_ms: int) -> None:
        """Delay every answer by `delay_ms` from now on."""
        self._call(
            "rd_kafka_mock_broker_set_rtt", ctypes.c_int32(_BROKER_ID), ctypes.c_int(delay_ms)
        )

    def fail_next(self, request: Request, errors: Sequence[int]) -> None:
        """Answer the next requests of this kind with `errors` (KafkaError codes), one each."""
        codes = (ctypes.c_int * len(errors))(*errors)
        _library().rd_kafka_mock_push_request_errors_array(
            ctypes.c_void_p(self._running()),
            ctypes.c_int16(request),
            ctypes.c_size_t(len(errors)),
            codes,
        )

    def _call(self, function: str, *arguments: object) -> None:
        code = _library()[function](ctypes.c_void_p(self._running()), *arguments)
        if code:
            raise BrokerError(f"{function} failed: {confluent_kafka.KafkaError(code).str()}")

    def _running(self) -> int:
        if self._cluster is None:
            raise BrokerError("the embedded broker is not running")
        return self._cluster

    def __enter__(self) -> Self:
        library = _library()
        conf = ctypes.c_void_p(library.rd_kafka_conf_new())
        message = ctypes.create_string_buffer(_ERROR_SIZE_BYTES)
        size = ctypes.c_size_t(len(message))
        library.rd_kafka_conf_set(conf, b"log_level", b"0", message, size)
        self._client = library.rd_kafka_new(ctypes.c_int(_PRODUCER), conf, message, size)
        if not self._client:
            raise BrokerError(f"the embedded broker did not start: {message.value.decode()}")
        self._cluster = library.rd_kafka_mock_cluster_new(
            ctypes.c_void_p(self._client), ctypes.c_int(1)
        )
        # groups of tests have one member, for which nobody need wait three seconds
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(
            ctypes.c_void_p(self._cluster), ctypes.c_int32(0)
        )
        # without a controller, requests of an admin client wait for one until they time out;
        # older versions of librdkafka cannot name one
        with suppress(AttributeError):
            self._call("rd_kafka_mock_set_controller_id", ctypes.c_int32(_BROKER_ID))
        if self._rtt_ms:
            self.answer_after(self._rtt_ms)
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


@cache
def _library() -> ctypes.CDLL:
    """The librdkafka that confluent-kafka has loaded, with result types of what is called here."""
    library = ctypes.CDLL(str(_library_path()))
    try:
        library.rd_kafka_conf_new.restype = ctypes.c_void_p
        library.rd_kafka_new.restype = ctypes.c_void_p
        library.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
        library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        library.rd_kafka_mock_cluster_destroy.restype = None
        library.rd_kafka_mock_group_initial_rebalance_delay_ms.restype = None
        library.rd_kafka_mock_push_request_errors_array.restype = None
        library.rd_kafka_destroy.restype = None
    except AttributeError as error:
        raise UsageError(
            f"the embedded broker needs a newer librdkafka: {error}",
            advice="run: pip install -U confluent-kafka, or use a broker in a container",
        ) from error
    return library


def _library_path() -> Path:
    # elsewhere, a symbol of a module's own libraries is found through the module
    if sys.platform == "win32":
        bundled = Path(confluent_kafka.__file__).parent.parent
        return next(iter(bundled.glob("confluent_kafka.libs/librdkafka*.dll")))
    return Path(cimpl.__file__)
