"""A leader's transactional producer: every write is one transaction, fenced by its id.

Any error but a commit that is still on its way means that this node no longer leads: the producer
is dropped, never initialised again by itself, and the group decides anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from schemareg.errors import RegistryError
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.kafka_clients import TopicAddress, words
from schemareg.registry.topic.node import Origin

_CALL_TIMEOUT_S = 5.0
COMMIT_TIMEOUT_S = 8.0
_NO_LOG = logging.Logger("librdkafka", logging.CRITICAL + 1)
"""A producer's fatal errors come as exceptions, and would be written to stderr once more."""


class LeadershipLostError(Exception):
    """The node may not write any more, and why; `refusal` is what its client gets."""

    def __init__(self, why: str, code: ErrorCode = ErrorCode.STORE_FAILED) -> None:
        super().__init__(why)
        self.refusal: RegistryError = code.refusal(why)


class KafkaWriter:
    """The producer of one term; of no use any more once it raised.

    `begins_at` is the offset below which it writes nothing: what lies there, others wrote.

    Raises (all): `LeadershipLostError`.
    """

    def __init__(self, address: TopicAddress) -> None:
        self._address = address
        self._topic = address.topic
        self._was_refused = False
        self.begins_at = 0
        self._producer = Producer(address.writer(), logger=_NO_LOG)
        try:
            self._producer.init_transactions(2 * _CALL_TIMEOUT_S)
        except KafkaException as error:
            raise LeadershipLostError(self._words(error)) from error

    def write(self, records: Sequence[Record], origin: Origin, *, membership: Any = None) -> int:
        """The offset of the last record, once all are committed.

        `membership` is the group's metadata of this node: a commit with one that is out of date
        fails, which keeps a node that slept through an election from taking over.
        """
        offsets, failures = self._produce(records, origin, membership)
        if self._was_refused and any(map(_is_purged, failures)):
            # librdkafka never sends what comes first after a refused record: its number has a gap
            self._abort(failures[0].str())
            offsets, failures = self._produce(records, origin, membership)
        self._was_refused = False
        if failures or len(offsets) < len(records):
            # one record too large takes the others of its transaction with it, each by its own code
            worst = next(filter(_is_too_large, failures), failures[0] if failures else None)
            why = "not acknowledged in time"
            if worst is not None:
                why = self._why_aborted() if _is_purged(worst) else worst.str()
            self._give_up(why, worst)
        if offsets[0] < self.begins_at:
            # a topic that was made anew within the time of one write takes what the old one awaited
            why = f"topic {self._topic} has an offset {offsets[0]} again: it was made anew"
            self._abort(why)
            raise LeadershipLostError(why)
        self._commit()
        self.begins_at = offsets[-1] + 1
        return offsets[-1]

    def _produce(
        self, records: Sequence[Record], origin: Origin, membership: Any
    ) -> tuple[list[int], list[KafkaError]]:
        """The offsets of the records that the broker has, and why it has not the others."""
        offsets: list[int] = []
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                failures.append(error)
            else:
                offsets.append(message.offset() or 0)

        try:
            self._producer.begin_transaction()
            for record in records:
                self._producer.produce(
                    self._topic,
                    key=record.key,
                    value=record.value,
                    partition=0,
                    headers=[origin.header()],
                    on_delivery=delivered,
                )
            if membership is not None:
                position = TopicPartition(self._topic, 0, 0)
                self._producer.send_offsets_to_transaction([position], membership, _CALL_TIMEOUT_S)
            self._producer.flush(_CALL_TIMEOUT_S)
        except (KafkaException, BufferError, SystemError) as error:
            # librdkafka's fatal errors come as a SystemError where a callback was running
            inner = _error_of(error)
            is_aborted = inner is not None and inner.code() == KafkaError._STATE
            why = self._why_aborted() if is_aborted else self._words(error)
            self._give_up(why, inner, error)
        return offsets, failures

    def _why_aborted(self) -> str:
        """The error that ended the transaction, which a commit gives and what fails after it does
        not.
        """
        try:
            self._producer.commit_transaction(_CALL_TIMEOUT_S)
        except (KafkaException, SystemError) as error:
            return self._words(error)
        return "nothing was sent"

    def _words(self, error: BaseException) -> str:
        inner = _error_of(error)
        return words(error) if inner is None else self._address.words(inner, "Write")

    def _give_up(
        self, why: str, error: KafkaError | None, cause: BaseException | None = None
    ) -> None:
        """Nothing was committed. A record that is too large costs no leadership."""
        if error is not None and _is_too_large(error):
            self._abort(why)
            self._was_refused = True
            raise ErrorCode.TOO_LARGE.refusal() from cause
        raise LeadershipLostError(why) from cause

    def _abort(self, why: str) -> None:
        try:
            self._producer.abort_transaction(_CALL_TIMEOUT_S)
        except (KafkaException, SystemError) as failure:
            raise LeadershipLostError(f"{why}; {self._words(failure)}") from failure

    def _commit(self) -> None:
        deadline = time.monotonic() + COMMIT_TIMEOUT_S
        while True:
            try:
                self._producer.commit_transaction(_CALL_TIMEOUT_S)
            except SystemError as error:
                raise LeadershipLostError(words(error), ErrorCode.OPERATION_TIMED_OUT) from error
            except KafkaException as error:
                inner = error.args[0]
                if inner.retriable() and time.monotonic() < deadline:
                    continue
                is_settled = inner.txn_requires_abort() or inner.fatal()
                code = ErrorCode.STORE_FAILED if is_settled else ErrorCode.OPERATION_TIMED_OUT
                raise LeadershipLostError(self._words(error), code) from error
            return

    def close(self) -> None:
        """Drops what is not sent; a producer that was fenced has only its error left to give."""
        with suppress(KafkaException, SystemError):
            self._producer.purge()
            self._producer.flush(1.0)


def _is_too_large(error: KafkaError) -> bool:
    return bool(error.code() == KafkaError.MSG_SIZE_TOO_LARGE)


def _is_purged(error: KafkaError) -> bool:
    """It never left this process."""
    return bool(error.code() == KafkaError._PURGE_QUEUE)


def _error_of(failure: BaseException) -> KafkaError | None:
    inner = failure.args[0] if isinstance(failure, KafkaException) and failure.args else None
    return inner if isinstance(inner, KafkaError) else None
