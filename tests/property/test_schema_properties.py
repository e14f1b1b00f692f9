from __future__ import annotations

import io
import json
from typing import Any

import fastavro
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from schemareg.avro import Schema, parse
from schemareg.avro.binary import Branch, decode, encode
from schemareg.avro.canonical import parsing_canonical_form, to_text
from schemareg.avro.schema import Array, Map, NamedType, Node, Record, Union, resolve
from schemareg.compat import Direction, Kind, can_read
from schemareg.compat.hazard import AGREED, HazardKind
from schemareg.compat.hazards.pairs import hazards
from schemareg.compat.proof.prove import Grade, prove
from schemareg.diff import diff
from schemareg.errors import DecodeError
from tests.property.schemas import Evolution, bare, evolutions, schemas, values

# the same examples at every run: what fails here fails everywhere
bounded = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@bounded
@given(schemas())
def test_schema_reads_itself(schema: Schema) -> None:
    again = parse(schema.text)
    assert list(can_read(reader=again, writer=schema)) == []
    assert list(hazards(reader=again, writer=schema)) == []
    assert list(diff(schema, again)) == []


@bounded
@given(schemas())
def test_parse_of_a_rendered_schema_is_that_schema(schema: Schema) -> None:
    again = parse(to_text(schema))
    assert to_text(again) == to_text(schema)
    assert parsing_canonical_form(again) == parsing_canonical_form(schema)
    assert list(diff(schema, again)) == []


@bounded
@given(st.data(), schemas())
def test_encode_then_decode_gives_the_value(data: st.DataObject, schema: Schema) -> None:
    value = data.draw(values(schema))
    assert decode(encode(value, schema), writer=schema, reader=schema) == bare(value)


@bounded
@given(st.data(), schemas())
def test_encode_as_fastavro(data: st.DataObject, schema: Schema) -> None:
    value = data.draw(values(schema))
    written = io.BytesIO()
    parsed = fastavro.parse_schema(json.loads(schema.text))
    fastavro.schemaless_writer(written, parsed, for_fastavro(schema.root, value))
    assert encode(value, schema) == written.getvalue()


@bounded
@given(st.binary(max_size=40), evolutions())
def test_decode_any_bytes_gives_a_value_or_a_refusal(data: bytes, evolution: Evolution) -> None:
    try:
        decode(data, writer=evolution.old, reader=evolution.new)
    except DecodeError:
        event("refused")


@bounded
@given(st.data(), evolutions())
def test_decode_wherever_can_read_and_hazards_are_silent(
    data: st.DataObject, evolution: Evolution
) -> None:
    reader, writer = evolution.new, evolution.old
    if list(can_read(reader=reader, writer=writer)):
        event("incompatible")
        return
    if any(hazard.kind not in AGREED for hazard in hazards(reader=reader, writer=writer)):
        event("hazardous")
        return
    event("compatible")
    written = encode(data.draw(values(writer)), writer)
    ours = decode(written, writer=writer, reader=reader)
    theirs = fastavro.schemaless_reader(
        io.BytesIO(written),
        fastavro.parse_schema(json.loads(writer.text)),
        fastavro.parse_schema(json.loads(reader.text)),
    )
    assert ours == theirs


@bounded
@given(evolutions())
def test_prove_whatever_can_read_finds(evolution: Evolution) -> None:
    for found in can_read(reader=evolution.new, writer=evolution.old):
        proof = prove(found, reader=evolution.new, writer=evolution.old)
        event(proof.grade)
        note(f"reader {evolution.new.text}, writer {evolution.old.text}: {found}")
        # every type here has values, and none is renamed; of two sources each decoder takes another
        ambiguous = found.kind is Kind.AMBIGUOUS_FIELD
        assert proof.grade is (Grade.UNPROVED if ambiguous else Grade.PROVED)


@bounded
@given(evolutions())
def test_diff_breaks_where_readers_fail(evolution: Evolution) -> None:
    old, new = evolution.old, evolution.new
    note(f"old {old.text}, new {new.text}")
    broken = {direction for change in diff(old, new) for direction in change.breaks}
    assert (Direction.BACKWARD in broken) == fails(reader=new, writer=old)
    assert (Direction.FORWARD in broken) == fails(reader=old, writer=new)


def fails(*, reader: Schema, writer: Schema) -> bool:
    """Java says so, or says nothing although every decoder refuses."""
    found = hazards(reader=reader, writer=writer)
    return any(can_read(reader=reader, writer=writer)) or any(
        hazard.kind is HazardKind.DECODER_REFUSES for hazard in found
    )


def for_fastavro(node: Node, value: Any) -> Any:
    """A union's value as the pair (branch name, value), as fastavro's writer takes it."""
    match resolve(node):
        case Union() as union:
            assert isinstance(value, Branch)
            branch = resolve(union.branches[value.index])
            name = branch.fullname if isinstance(branch, NamedType) else branch.kind
            return (name, for_fastavro(branch, value.value))
        case Array() as array:
            return [for_fastavro(array.items, item) for item in value]
        case Map() as map_:
            return {key: for_fastavro(map_.values, item) for key, item in value.items()}
        case Record() as record:
            return {
                field.name: for_fastavro(field.type, value[field.name]) for field in record.fields
            }
        case _:
            return value
