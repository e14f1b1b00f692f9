"""Temporary topics: created under a prefix, removed again."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from schemareg.brokers.broker import Broker
from schemareg.brokers.clients import client_config, reason
from schemareg.errors import BrokerError


class TemporaryTopics:
    """Topics of `broker` named `PREFIX-NAME`; leaving removes those created here and no others.

    Where topics are created on use (`Broker.topics_on_use`) nothing is created or removed.
    """

    def __init__(
        self, broker: Broker, prefix: str, *, timeout_s: float = 15.0, partitions: int = 1
    ) -> None:
        self._broker = broker
        self._prefix = prefix
        self._timeout_s = timeout_s
        self.partitions = partitions
        self._admin: AdminClient | None = None
        self._made: list[str] = []

    def name(self, topic: str) -> str:
        """What `topic` is called here."""
        return f"{self._prefix}-{topic}"

    def ensure(self, topics: Iterable[str]) -> None:
        """Every one of `topics` exists, with `partitions`.

        Raises:
            BrokerError: the cluster refuses, for example because the topic exists.
        """
        if self._admin is None:
            return
        new = [name for name in map(self.name, dict.fromkeys(topics)) if name not in self._made]
        if not new:
            return
        answers = self._admin.create_topics(
            [NewTopic(name, num_partitions=self.partitions) for name in new],
            operation_timeout=self._timeout_s,
            request_timeout=self._timeout_s,
        )
        refusals = []
        for name, answer in answers.items():
            try:
                answer.result(self._timeout_s + 1)
            except (KafkaException, TimeoutError) as error:
                refusals.append((name, error))
            else:
                self._made.append(name)
        for name, refusal in refusals:
            raise BrokerError(
                f"topic {name!r} cannot be created on {self._broker.name}: {reason(refusal)}",
                advice="check that this client may create topics there",
            ) from refusal

    def __enter__(self) -> Self:
        if not self._broker.topics_on_use:
            self._admin = AdminClient(client_config(self._broker))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._admin is None or not self._made:
            return
        made, self._made = self._made, []
        failures = []
        for name, answer in self._admin.delete_topics(
            made, operation_timeout=self._timeout_s, request_timeout=self._timeout_s
        ).items():
            try:
                answer.result(self._timeout_s + 1)
            except TimeoutError:
                failures.append(f"{name}: no answer")
            except KafkaException as refusal:
                if refusal.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    failures.append(f"{name}: {reason(refusal)}")
        # an error in flight explains more than the topics that remain because of it
        if failures and error is None:
            raise BrokerError(
                f"topics remain on {self._broker.name}: {', '.join(failures)}",
                advice="delete them with an admin client",
            )
