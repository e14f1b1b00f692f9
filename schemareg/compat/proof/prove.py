"""A concrete event for an incompatibility: bytes that a deployed reader would choke on.

The event is built along the decoder's own path to the refusal, everything beside it as small as
its type allows. Our resolver of the specification decides; fastavro is the cross-check where it is
installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum

from schemareg.avro.binary import Branch, Plain, decode_node, encode_node
from schemareg.avro.binary.decoding import Source, read
from schemareg.avro.binary.values import RefusedError, label
from schemareg.avro.depth import with_room
from schemareg.avro.schema import Enum, Field, JsonValue, Record, Schema, resolve
from schemareg.compat.incompatibility import Incompatibility, Kind
from schemareg.compat.proof.fastavro_check import CrossCheck, fastavro_check
from schemareg.compat.proof.smallest_values import SmallestValues
from schemareg.compat.resolution_walk import Stage, stages, start_of, stop, unknown_symbols
from schemareg.errors import DecodeError
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS


class Grade(StrEnum):
    """How far an incompatibility is shown."""

    PROVED = "proved"
    """The event is refused by every decoder that tried it."""
    NAME_ONLY = "name-only"
    """Only the name of a record differs: Avro Java reads on, others refuse."""
    VACUOUS = "vacuous"
    """No event can get there: the writer's type has no value at that place."""
    UNPROVED = "unproved"
    """No event was found that every decoder refuses."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. `event` is JSON (bytes as ISO-8859-1 text), None without a witness.

    `data` are the writer's bytes, `refusal` is our decoder's reason at the place that the
    incompatibility is about, `fastavro` the cross-check of the whole.
    """

    grade: Grade
    event: JsonValue = field(default=None, metadata={"whole": True})
    data: bytes | None = None
    refusal: str = ""
    fastavro: CrossCheck = CrossCheck.ABSTAINS


def prove(incompatibility: Incompatibility, *, reader: Schema, writer: Schema) -> Proof:
    """The event that shows `incompatibility` of these two schemas, or why there is none."""
    if incompatibility.kind is Kind.AMBIGUOUS_FIELD:
        return Proof(Grade.UNPROVED, refusal="decoders differ on a field with two sources")
    return with_room(lambda: _prove(incompatibility, reader=reader, writer=writer))


def _prove(incompatibility: Incompatibility, *, reader: Schema, writer: Schema) -> Proof:
    smallest_values = SmallestValues()
    if smallest_values.has(writer.root) and smallest_values.size(writer.root) > LIMITS.event_values:
        return Proof(
            Grade.UNPROVED, refusal=f"every event has more than {LIMITS.event_values:,} values"
        )
    best: Proof | None = None
    witnesses = tuple(_witnesses(incompatibility, reader=reader, writer=writer))
    # several may share a pointer: what a referenced schema holds is pointed at by its use
    for stage in sorted(witnesses, key=lambda stage: not _is_at(stage, incompatibility)):
        if not smallest_values.allow(writer.root, stage.steps):
            continue
        proof = _judge(stage, incompatibility, smallest_values, reader=reader, writer=writer)
        if proof.grade is Grade.PROVED:
            return proof
        if best is None or best.grade is Grade.UNPROVED:
            best = proof
    if best is not None:
        return best
    if witnesses:
        return Proof(Grade.VACUOUS, refusal="the writer's type has no value at that place")
    return Proof(Grade.UNPROVED, refusal="no decoder reaches that place")


def _is_at(stage: Stage, incompatibility: Incompatibility) -> bool:
    """Whether the stage is at the very path: one pair of types may be met at several."""
    field = _field_of(stage, incompatibility)
    below = stage.trail if field is None else f"{stage.trail}.{field.name}".removeprefix(".")
    return below == incompatibility.path


def _field_of(stage: Stage, incompatibility: Incompatibility) -> Field | None:
    """The field of the stage's reader that the incompatibility is about, if it is a field."""
    facts = incompatibility.facts
    return facts.field if resolve(stage.reader) is facts.record else None


def _judge(
    stage: Stage,
    incompatibility: Incompatibility,
    smallest_values: SmallestValues,
    *,
    reader: Schema,
    writer: Schema,
) -> Proof:
    leaf = _leaf(stage, smallest_values)
    value = smallest_values.along(writer.root, stage.steps, leaf)
    data = encode_node(value, writer.root)
    event = as_json(value)
    if not _refuses(data, reader=reader, writer=writer, any_record_name=False):
        return Proof(Grade.UNPROVED, event, data, "our decoder reads it")
    second = fastavro_check(data, writer=writer, reader=reader)
    only_name = not _refuses(data, reader=reader, writer=writer, any_record_name=True)
    refusal = _reason(stage, leaf, _field_of(stage, incompatibility), any_record_name=not only_name)
    if only_name:
        return Proof(Grade.NAME_ONLY, event, data, refusal, second)
    grade = Grade.UNPROVED if second is CrossCheck.READS else Grade.PROVED
    return Proof(grade, event, data, refusal, second)


def _refuses(data: bytes, *, reader: Schema, writer: Schema, any_record_name: bool) -> bool:
    try:
        decode_node(data, writer=writer.root, reader=reader.root, any_record_name=any_record_name)
    except DecodeError:
        return True
    return False


def _reason(stage: Stage, leaf: Plain, field: Field | None, *, any_record_name: bool) -> str:
    """What the decoder reports at this place; of a whole event it reports only what comes first."""
    reader = resolve(stage.reader)
    if field is not None and isinstance(reader, Record):
        alone = Record(reader.name, reader.namespace, reader.aliases)
        alone.fields = (field,)
        reader = alone
    source = Source(encode_node(leaf, stage.writer), any_record_name=any_record_name)
    try:
        read(source, stage.writer, reader)
    except RefusedError as refused:
        return refused.render(stage.trail or label(reader))
    return "the reader refuses it"


def _leaf(stage: Stage, smallest_values: SmallestValues) -> Plain:
    writer, reader = resolve(stage.writer), resolve(stage.reader)
    if isinstance(writer, Enum) and isinstance(reader, Enum):
        unknown = unknown_symbols(writer, reader)
        if unknown:
            return unknown[0]
    return smallest_values.smallest(stage.writer)


def _witnesses(
    incompatibility: Incompatibility, *, reader: Schema, writer: Schema
) -> Iterator[Stage]:
    """Refusals at or below the pair of types that the incompatibility is about, nearest first."""
    facts = incompatibility.facts
    # the type of an absent field is compared with a whole record: a decoder stops at its own
    read = facts.record if incompatibility.is_absent_field else facts.reader
    for stage in stages(start_of(writer.root, reader.root)):
        if resolve(stage.reader) is read and resolve(stage.writer) is facts.writer:
            yield from (below for below in stages(stage) if stop(below) is not None)


def as_json(value: Plain) -> JsonValue:
    """A plain value as JSON: bytes as ISO-8859-1 text, a union's value bare."""
    match value:
        case Branch():
            return as_json(value.value)
        case bytes():
            return value.decode("latin-1")
        case list():
            return [as_json(item) for item in value]
        case dict():
            return {key: as_json(item) for key, item in value.items()}
        case _:
            plain: JsonValue = value
            return plain
