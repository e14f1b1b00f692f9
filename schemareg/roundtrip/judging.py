"""The verdict on bytes that came back, by comparison with the reference decoder.

The codec must read from them what `schemareg.avro.binary` reads, and refuse what it refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from schemareg.avro.schema import Schema
from schemareg.codec import compile_decoder, decode_slowly
from schemareg.codec.difference import first_difference
from schemareg.errors import DecodeError
from schemareg.lazy_dataclass import dataclass
from schemareg.roundtrip.cells import Cell, CellVerdict, Reader, Trouble, Writing
from schemareg.wire import Framing


@dataclass(frozen=True, slots=True)
class Written:
    """One event as bytes; or a `refusal` where the encoder fails or its bytes are wrong."""

    name: str
    event: object
    body: bytes = b""
    refusal: str = ""


def judge(
    writing: Writing, sent: Sequence[Written], arrived: Mapping[Framing, Sequence[Written]]
) -> Iterator[Cell]:
    """One cell for each framing and reader of `writing`.

    `sent` are its events as bytes, `arrived` the same in each framing as they came back.
    """
    own = [_Reading.of_reference(w.body, writing.schema, writing.schema) for w in sent]
    by_reader = [_verdicts(writing, sent, own, reader) for reader in writing.readers]
    for framing, events in arrived.items():
        for reader, verdicts in zip(writing.readers, by_reader, strict=True):
            yield _cell(writing, framing, reader, events, verdicts)


def _verdicts(
    writing: Writing, sent: Sequence[Written], as_written: Sequence[_Reading], reader: Reader
) -> list[tuple[CellVerdict, str]]:
    """For each event the verdict, and a message on what is wrong with it ("" if nothing).

    They depend on the bytes alone, so they hold for every framing that brought these bytes.
    """
    writer = writing.schema
    read = compile_decoder(writer=writer, reader=reader.schema)
    verdicts = []
    for written, own in zip(sent, as_written, strict=True):
        if written.refusal:
            verdicts.append((CellVerdict.DIFFERENT, written.refusal))
            continue
        expected = (
            own
            if reader.schema is writer
            else _Reading.of_reference(written.body, writer, reader.schema)
        )
        verdicts.append(_compare(expected, _Reading.of(read, written.body), own))
    return verdicts


def _cell(
    writing: Writing,
    framing: Framing,
    reader: Reader,
    events: Sequence[Written],
    verdicts: Sequence[tuple[CellVerdict, str]],
) -> Cell:
    counts = dict.fromkeys(CellVerdict, 0)
    troubles: dict[CellVerdict, Trouble] = {}
    for event, (verdict, message) in zip(events, verdicts, strict=True):
        if event.refusal:
            verdict, message = CellVerdict.DIFFERENT, event.refusal
        counts[verdict] += 1
        if message and verdict not in troubles:
            troubles[verdict] = Trouble(event.name, event.event, event.body, message)
    return Cell(
        subject=writing.subject,
        version=writing.version,
        reader=reader.label,
        is_key=writing.is_key,
        framing=framing,
        equal=counts[CellVerdict.EQUAL],
        evolved=counts[CellVerdict.EVOLVED],
        refused=counts[CellVerdict.REFUSED],
        different=counts[CellVerdict.DIFFERENT],
        trouble=troubles.get(CellVerdict.DIFFERENT) or troubles.get(CellVerdict.REFUSED),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """The result of one decoder: an event, or a refusal."""

    event: object = None
    refusal: str | None = None

    @classmethod
    def of(cls, read: Callable[[bytes], object], body: bytes) -> _Reading:
        try:
            return cls(read(body))
        except DecodeError as error:
            return cls(refusal=str(error))

    @classmethod
    def of_reference(cls, body: bytes, writer: Schema, reader: Schema) -> _Reading:
        return cls.of(lambda data: decode_slowly(data, writer=writer, reader=reader), body)


def _compare(expected: _Reading, got: _Reading, as_written: _Reading) -> tuple[CellVerdict, str]:
    """The verdict for one event, and a message on what is wrong with it ("" if nothing)."""
    match expected.refusal, got.refusal:
        case None, None:
            difference = first_difference(expected.event, got.event)
            if difference:
                return CellVerdict.DIFFERENT, str(difference)
            evolved = first_difference(as_written.event, got.event)
            return (CellVerdict.EVOLVED if evolved else CellVerdict.EQUAL), ""
        case None, refusal:
            return CellVerdict.DIFFERENT, f"{refusal}; the specification's resolution reads it"
        case refusal, None:
            return (
                CellVerdict.DIFFERENT,
                f"was read as {got.event!r}, but the specification refuses it: {refusal}",
            )
        case refusal, _:
            return CellVerdict.REFUSED, str(refusal)
