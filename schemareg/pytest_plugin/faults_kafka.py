"""Faults of the broker (cut off, slow, restarted), and messages that break a reader."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import pytest

from schemareg.brokers.broker import Broker
from schemareg.brokers.embedded import EmbeddedBroker
from schemareg.errors import UsageError
from schemareg.integers import INT_MAX
from schemareg.pytest_plugin.events import EventMaker
from schemareg.pytest_plugin.faults import Faults, check_known, check_positive
from schemareg.pytest_plugin.kafka import TestKafka
from schemareg.subjects import SchemaId
from schemareg.wire import frame, unframe

if TYPE_CHECKING:
    from schemareg.brokers.container import ContainerBroker
    from schemareg.pytest_plugin.session import Session

Poison: TypeAlias = Literal["magic-byte", "unknown-id", "cut-off", "empty"]

POISONS: tuple[Poison, ...] = ("magic-byte", "unknown-id", "cut-off", "empty")
_UNREGISTERED_ID = SchemaId(INT_MAX)
_FOREIGN_MAGIC = b"\x7b"
_RUNNING_S = 0.1
"""How long a slow container runs between two pauses."""


class _Steering(Protocol):
    """How one kind of broker brings about each fault."""

    def cut_off(self) -> None: ...

    def delay(self, seconds: float) -> None: ...

    def restart(self) -> None: ...

    def heal(self) -> None: ...


class KafkaFaults(Faults):
    """Breaks the broker of the fixture `kafka`, and sends messages that break a reader.

    The broker is one that only tests with faults use. An external cluster is never harmed: a test
    that would is skipped there. The faults also affect the test's own `kafka.send` and
    `published`: heal before they are used.
    """

    def __init__(
        self,
        broker: Broker,
        steering: _Steering | str,
        kafka: Callable[[], TestKafka],
        make: Callable[[], EventMaker],
    ) -> None:
        super().__init__()
        self.broker = broker
        self._steering = steering
        self._kafka = kafka
        self._make = make

    def unreachable(self, *, for_s: float | None = None) -> AbstractContextManager[object]:
        """Nothing answers: the embedded broker accepts no connection, the container is paused.

        Acknowledged messages stay.
        """
        check_positive(for_s=for_s)
        self._steered().cut_off()
        return self._begun(for_s)

    def slow(self, seconds: float, *, for_s: float | None = None) -> AbstractContextManager[object]:
        """Answers take `seconds` longer; the container's take up to that."""
        check_positive(seconds=seconds, for_s=for_s)
        self._steered().delay(seconds)
        return self._begun(for_s)

    def restarted(self) -> None:
        """Stop the broker as a power cut would, and start it at its address, with its data.

        Raises: BrokerError when it does not answer again.
        """
        self._steered().restart()

    def poison(
        self, topic: str, type: str, *, kinds: Iterable[Poison] = POISONS, key: str | None = None
    ) -> Mapping[Poison, bytes]:
        """Put messages that no reader of `type` can read on the test's topic, and return them.

        `magic-byte`: not framed; `unknown-id`: of a schema that is not registered; `cut-off`: an
        event of `type` without its second half; `empty`: no byte at all.

        Raises: UsageError for no kinds, and for `cut-off` of an event that has no bytes.
        """
        kafka = self._kafka()
        whole = kafka.payload(topic, type, self._make()(type)).data or b""
        schema_id, body = unframe(whole)
        all_kinds: dict[Poison, bytes] = {
            "magic-byte": _FOREIGN_MAGIC + whole[1:],
            "unknown-id": frame(_UNREGISTERED_ID, body),
            "cut-off": frame(schema_id, body[: len(body) // 2]),
            "empty": b"",
        }
        for kind in kinds:
            check_known(kind, POISONS)
        chosen = {kind: all_kinds[kind] for kind in kinds}
        if not chosen:
            raise UsageError("no kinds of poison", advice=f"give one of {', '.join(POISONS)}")
        if "cut-off" in chosen and not body:
            raise UsageError(
                f"an event of {type} has no bytes that could be cut off", advice="give other kinds"
            )
        for value in chosen.values():
            kafka.send_raw(topic, value, key=key)
        return chosen

    def duplicates(
        self, topic: str, type: str, event: object, *, times: int = 2, key: str | None = None
    ) -> None:
        """Put the same message on the test's topic `times` times, as after a retry."""
        check_positive(times=times)
        for _ in range(times):
            self._kafka().send(topic, type, event, key=key)

    def reordered(
        self, topic: str, events: Sequence[tuple[str, object]], *, key: str | None = None
    ) -> None:
        """Put `events`, each with its type, on the test's topic, the last of them first."""
        for type, event in reversed(events):
            self._kafka().send(topic, type, event, key=key)

    def _steered(self) -> _Steering:
        if isinstance(self._steering, str):
            pytest.skip(self._steering)
        self.heal()
        return self._steering

    def _heal(self) -> None:
        if not isinstance(self._steering, str):
            self._steering.heal()


@contextmanager
def open_faults(
    session: Session, kafka: Callable[[], TestKafka], make: Callable[[], EventMaker]
) -> Iterator[KafkaFaults]:
    """Faults for the broker of this run; healed when the block ends.

    Raises: BrokerError, DockerError.
    """
    spec = session.settings.kafka_option
    broker = session.fragile_broker
    if broker is None:
        why = f"the broker at {spec} is not ours to harm; embedded and container are"
        yield KafkaFaults(session.broker, why, kafka, make)
        return
    steering = _Embedded(broker) if isinstance(broker, EmbeddedBroker) else _Container(broker)
    faults = KafkaFaults(broker, steering, kafka, make)
    try:
        yield faults
    finally:
        faults.heal()


class _Embedded:
    def __init__(self, broker: EmbeddedBroker) -> None:
        self._broker = broker

    def cut_off(self) -> None:
        self._broker.go_down()

    def delay(self, seconds: float) -> None:
        self._broker.answer_after(round(seconds * 1000))

    def restart(self) -> None:
        self._broker.go_down()
        self._broker.come_up()

    def heal(self) -> None:
        self._broker.come_up()
        self._broker.answer_after(0)


class _Container:
    """Slow means paused most of the time: the image has no tool that delays packets."""

    def __init__(self, broker: ContainerBroker) -> None:
        self._broker = broker
        self._paused = False
        self._down = False
        self._enough = threading.Event()
        self._pausing: threading.Thread | None = None

    def cut_off(self) -> None:
        self._broker.pause()
        self._paused = True

    def delay(self, seconds: float) -> None:
        self._enough.clear()
        self._pausing = threading.Thread(
            target=self._pause_and_go_on, args=(seconds,), name="schemareg-slow-kafka", daemon=True
        )
        self._pausing.start()

    def restart(self) -> None:
        self._broker.kill()
        self._down = True
        self._broker.start_again()
        self._down = False

    def heal(self) -> None:
        pausing, self._pausing = self._pausing, None
        if pausing is not None:
            self._enough.set()
            pausing.join()
        self._unpause()
        if self._down:
            self._broker.start_again()
            self._down = False

    def _unpause(self) -> None:
        if self._paused:
            self._broker.unpause()
            self._paused = False

    def _pause_and_go_on(self, seconds: float) -> None:
        while not self._enough.is_set():
            self.cut_off()
            self._enough.wait(seconds)
            self._unpause()
            self._enough.wait(_RUNNING_S)
