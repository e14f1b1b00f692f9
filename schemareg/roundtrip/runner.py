"""Real bytes, written with one schema and read with many, through a broker and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from schemareg.avro.binary import encode
from schemareg.brokers.broker import Broker
from schemareg.brokers.channel import Channel, Message
from schemareg.codec import compile_encoder, lower
from schemareg.errors import DecodeError, EncodeError
from schemareg.lazy_dataclass import dataclass
from schemareg.roundtrip.cells import Cell, CellVerdict, Reader, Trouble, Writing
from schemareg.roundtrip.judging import Written, judge
from schemareg.wire import Framing, frame, guid_header, open_frame

__all__ = ["Cell", "CellVerdict", "Reader", "Trouble", "Writing", "round_trip"]

_BATCH_MESSAGES = 5_000
_BATCH_BYTES = 1_000_000  # well under what the embedded broker retains of a partition


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
    one batch, or one writing where that is more. `progress` is called with the number of events
    that are done.

    Raises:
        BrokerError: the broker is down, refuses, or does not return the messages in `timeout_s`.
    """
    with Channel(broker, prefix=f"schemareg-{run}", timeout_s=timeout_s) as channel:
        for batch in _batches(writings):
            messages = _through(channel, [m for sending in batch for m in sending.messages])
            for sending in batch:
                arrived = {
                    framing: tuple(_arrive(sending, framing, messages))
                    for framing in sending.writing.framings
                }
                yield from judge(sending.writing, sending.written, arrived)
                if progress:
                    progress(len(sending.messages))


@dataclass(frozen=True, slots=True)
class _Sending:
    """A writing and its events as bytes."""

    writing: Writing
    written: tuple[Written, ...]
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


def _through(channel: Channel, messages: Sequence[Message]) -> Iterator[Message]:
    """`messages` as they came back, passed in parts that the embedded broker can hold."""
    start = size_bytes = 0
    for end, message in enumerate(messages, start=1):
        size_bytes += message.size_bytes
        if size_bytes >= _BATCH_BYTES or end - start >= _BATCH_MESSAGES or end == len(messages):
            yield from channel.exchange(messages[start:end])
            start, size_bytes = end, 0


def _encode(writing: Writing) -> _Sending:
    compiled = compile_encoder(writing.schema)
    written: list[Written] = []
    for name, event in writing.events:
        try:
            body = compiled(event)
            expected = encode(lower(event, writing.schema), writing.schema)
        except EncodeError as error:
            written.append(Written(name, event, refusal=f"cannot be written: {error}"))
            continue
        wrong = f"was written as {body.hex()}, the specification requires {expected.hex()}"
        written.append(Written(name, event, body, "" if body == expected else wrong))
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


def _arrive(sending: _Sending, framing: Framing, messages: Iterator[Message]) -> Iterator[Written]:
    """The events as they came back: with a refusal where frame or bytes are not those sent."""
    for written in sending.written:
        if written.refusal:
            yield written
            continue
        wrong = _transport_error(next(messages), written.body, sending.writing, framing)
        yield replace(written, refusal=wrong) if wrong else written


def _transport_error(message: Message, body: bytes, writing: Writing, framing: Framing) -> str:
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
