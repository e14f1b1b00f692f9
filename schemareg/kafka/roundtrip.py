"""Real bytes, written with one schema and read with many, through a broker and compared.

The referee is `schemareg.avro.binary`, which follows the specification step by step: the codec
must write the bytes that it writes, and read from them what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from schemareg.avro.binary import decode, encode
from schemareg.avro.schema import Schema
from schemareg.codec import compile_decoder, compile_encoder, lift, lower
from schemareg.errors import DecodeError, EncodeError
from schemareg.kafka.broker import Broker
from schemareg.kafka.channel import Channel, Message
from schemareg.kafka.difference import first_difference
from schemareg.subjects import SchemaId, Subject, Version
from schemareg.wire import Framing, frame, guid_header, open_frame

_BATCH_MESSAGES = 5_000
_BATCH_BYTES = 1_000_000  # well under what the embedded broker retains of a partition


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads: `label` for reports (`version 2`, `billing-service`)."""

    label: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Writing:
    """Events of one registered version, on their way to all who read them.

    `events` are (name, event) with Python's logical types, as the codec takes them. They go once
    in each of `framings`; `guid` must be given where GUID is among them.
    """

    subject: Subject
    topic: str
    version: Version
    schema_id: SchemaId
    schema: Schema
    events: tuple[tuple[str, object], ...]
    readers: tuple[Reader, ...]
    is_key: bool = False
    framings: tuple[Framing, ...] = (Framing.ID,)
    guid: UUID | None = None


class Outcome(StrEnum):
    """What became of a cell's events; the gravest of them stands for the cell."""

    EQUAL = "equal"
    """Every event came back as it was written."""
    EVOLVED = "evolved"
    """Every event came back as schema resolution says, some not as written."""
    REFUSED = "refused"
    """Reader and referee both refuse some event: these two schemas do not fit."""
    DIFFERENT = "different"
    """Codec and referee do not agree, an event does not fit its own writer's schema, or the bytes
    are not those sent: a fault of ours, or of the event."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """The first event of a cell that was refused or came back different.

    `body` holds the Avro bytes as they came from the broker (empty if the event could not be
    written); `message` says in one line what is wrong.
    """

    event_name: str
    event: object
    body: bytes
    message: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One writer, one reader, one framing: how many events came back how."""

    subject: Subject
    version: Version
    reader: str
    is_key: bool
    framing: Framing
    equal: int
    evolved: int
    refused: int
    different: int
    trouble: Trouble | None

    @property
    def events(self) -> int:
        """How many events the cell holds."""
        return self.equal + self.evolved + self.refused + self.different

    @property
    def outcome(self) -> Outcome:
        """The gravest thing that happened."""
        if self.different:
            return Outcome.DIFFERENT
        if self.refused:
            return Outcome.REFUSED
        return Outcome.EVOLVED if self.evolved else Outcome.EQUAL


def round_trip(
    broker: Broker,
    writings: Iterable[Writing],
    *,
    run: str,
    timeout_s: float = 30.0,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Cell]:
    """One cell for each framing and reader of each writing, in order, once its events are back.

    `broker` is entered already. Topics of this run are named `schemareg-{run}-{topic}` and
    removed at the end. `writings` are taken lazily and sent in batches, so memory holds about
    one batch (a single writing is never split). `progress` hears how many events are through.

    Raises:
        BrokerError: the broker is down, refuses, or does not hand back in `timeout_s`.
    """
    with Channel(broker, prefix=f"schemareg-{run}", timeout_s=timeout_s) as channel:
        for batch in _batches(writings):
            messages = iter(channel.exchange([m for sending in batch for m in sending.messages]))
            for sending in batch:
                arrived = {
                    framing: tuple(_arrive(sending, framing, messages))
                    for framing in sending.writing.framings
                }
                yield from _judge(sending, arrived)
                if progress:
                    progress(len(sending.messages))


@dataclass(frozen=True, slots=True)
class _Written:
    """One event as bytes; `refusal` instead of them where the encoder or the referee objects."""

    name: str
    event: object
    body: bytes = b""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class _Sending:
    """A writing and its events as bytes."""

    writing: Writing
    written: tuple[_Written, ...]
    messages: tuple[Message, ...]


def _batches(writings: Iterable[Writing]) -> Iterator[list[_Sending]]:
    batch: list[_Sending] = []
    messages = size_bytes = 0
    for writing in writings:
        sending = _encode(writing)
        batch.append(sending)
        messages += len(sending.messages)
        size_bytes += sum(message.size_bytes for message in sending.messages)
        if messages >= _BATCH_MESSAGES or size_bytes >= _BATCH_BYTES:
            yield batch
            batch, messages, size_bytes = [], 0, 0
    if batch:
        yield batch


def _encode(writing: Writing) -> _Sending:
    compiled = compile_encoder(writing.schema)
    written: list[_Written] = []
    for name, event in writing.events:
        try:
            body = compiled(event)
            expected = encode(lower(event, writing.schema), writing.schema)
        except EncodeError as error:
            written.append(_Written(name, event, refusal=f"cannot be written: {error}"))
            continue
        wrong = f"was written as {body.hex()}, the specification says {expected.hex()}"
        written.append(_Written(name, event, body, "" if body == expected else wrong))
    messages = tuple(
        _message(writing, framing, w.body)
        for framing in writing.framings
        for w in written
        if not w.refusal
    )
    return _Sending(writing, tuple(written), messages)


def _message(writing: Writing, framing: Framing, body: bytes) -> Message:
    headers: tuple[tuple[str, bytes], ...] = ()
    if framing is Framing.GUID:
        if writing.guid is None:
            raise ValueError(f"{writing.subject}: framing by GUID without a GUID")
        headers = (guid_header(writing.guid, is_key=writing.is_key),)
    else:
        body = frame(writing.schema_id, body)
    if writing.is_key:
        return Message(writing.topic, value=None, key=body, headers=headers)
    return Message(writing.topic, value=body, headers=headers)


def _arrive(sending: _Sending, framing: Framing, messages: Iterator[Message]) -> Iterator[_Written]:
    """The events as they came back: with a refusal where frame or bytes are not those sent."""
    for written in sending.written:
        if written.refusal:
            yield written
            continue
        wrong = _wrong_on_the_way(next(messages), written.body, sending.writing, framing)
        yield replace(written, refusal=wrong) if wrong else written


def _wrong_on_the_way(message: Message, body: bytes, writing: Writing, framing: Framing) -> str:
    payload = message.key if writing.is_key else message.value
    if payload is None:
        return "came back empty"
    try:
        framed = open_frame(payload, message.headers, is_key=writing.is_key)
    except DecodeError as error:
        return str(error)
    if framed.schema != (writing.guid if framing is Framing.GUID else writing.schema_id):
        return f"came back framed with {framed.schema}"
    if framed.body != body:
        return f"bytes {body.hex()} came back as {framed.body.hex()}"
    return ""


def _judge(sending: _Sending, arrived: Mapping[Framing, Sequence[_Written]]) -> Iterator[Cell]:
    writing = sending.writing
    own = [_Reading.of_referee(w.body, writing.schema, writing.schema) for w in sending.written]
    by_reader = [_verdicts(sending, own, reader) for reader in writing.readers]
    for framing, events in arrived.items():
        for reader, verdicts in zip(writing.readers, by_reader, strict=True):
            yield _cell(writing, framing, reader, events, verdicts)


def _verdicts(
    sending: _Sending, as_written: Sequence[_Reading], reader: Reader
) -> list[tuple[Outcome, str]]:
    """For each event the outcome, and in words what is wrong with it ("" if nothing).

    They depend on the bytes alone, so they hold for every framing that brought these bytes.
    """
    writer = sending.writing.schema
    read = compile_decoder(writer=writer, reader=reader.schema)
    verdicts = []
    for written, own in zip(sending.written, as_written, strict=True):
        if written.refusal:
            verdicts.append((Outcome.DIFFERENT, written.refusal))
            continue
        expected = (
            own
            if reader.schema is writer
            else _Reading.of_referee(written.body, writer, reader.schema)
        )
        verdicts.append(_compare(expected, _Reading.of(read, written.body), own))
    return verdicts


def _cell(
    writing: Writing,
    framing: Framing,
    reader: Reader,
    events: Sequence[_Written],
    verdicts: Sequence[tuple[Outcome, str]],
) -> Cell:
    counts = dict.fromkeys(Outcome, 0)
    troubles: dict[Outcome, Trouble] = {}
    for event, (outcome, message) in zip(events, verdicts, strict=True):
        if event.refusal:
            outcome, message = Outcome.DIFFERENT, event.refusal
        counts[outcome] += 1
        if message and outcome not in troubles:
            troubles[outcome] = Trouble(event.name, event.event, event.body, message)
    return Cell(
        subject=writing.subject,
        version=writing.version,
        reader=reader.label,
        is_key=writing.is_key,
        framing=framing,
        equal=counts[Outcome.EQUAL],
        evolved=counts[Outcome.EVOLVED],
        refused=counts[Outcome.REFUSED],
        different=counts[Outcome.DIFFERENT],
        trouble=troubles.get(Outcome.DIFFERENT) or troubles.get(Outcome.REFUSED),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What somebody made of bytes: an event, or a refusal."""

    event: object = None
    refusal: str | None = None

    @classmethod
    def of(cls, read: Callable[[bytes], object], body: bytes) -> _Reading:
        try:
            return cls(read(body))
        except DecodeError as error:
            return cls(refusal=str(error))

    @classmethod
    def of_referee(cls, body: bytes, writer: Schema, reader: Schema) -> _Reading:
        return cls.of(lambda data: lift(decode(data, writer=writer, reader=reader), reader), body)


def _compare(expected: _Reading, got: _Reading, as_written: _Reading) -> tuple[Outcome, str]:
    """The outcome for one event, and in words what is wrong with it ("" if nothing)."""
    match expected.refusal, got.refusal:
        case None, None:
            difference = first_difference(expected.event, got.event)
            if difference:
                return Outcome.DIFFERENT, str(difference)
            evolved = first_difference(as_written.event, got.event)
            return (Outcome.EVOLVED if evolved else Outcome.EQUAL), ""
        case None, refusal:
            return Outcome.DIFFERENT, f"{refusal}; the specification's resolution reads it"
        case refusal, None:
            return (
                Outcome.DIFFERENT,
                f"was read as {got.event!r}, but the specification says: {refusal}",
            )
        case refusal, _:
            return Outcome.REFUSED, str(refusal)
