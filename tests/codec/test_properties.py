"""Any schema, any event: the compiled codec beside the specification's resolver and fastavro."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemareg.avro import parse
from schemareg.avro.binary import decode as decode_by_the_book
from schemareg.avro.binary import encode as encode_by_the_book
from schemareg.codec import compile_decoder, compile_encoder, decode_slowly, lower
from schemareg.errors import ContentError, DecodeError, EncodeError
from schemareg.sampling.sample import same_event
from schemareg.sampling.strategies import events

SETTINGS = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL: list[dict[str, Any]] = [
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-micros"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 3},
]


REFUSED = object()


def outcome(call: Callable[[], Any]) -> Any:
    """What `call` comes to; REFUSED where it is an error about the event or the bytes."""
    try:
        return call()
    except (DecodeError, EncodeError):
        return REFUSED


def numbered(parsed: Any, names: Iterator[int]) -> Any:
    """The same schema with a fresh name for every named type."""
    if isinstance(parsed, list):
        return [numbered(branch, names) for branch in parsed]
    if not isinstance(parsed, dict):
        return parsed
    copy = {
        key: numbered(v, names) if key in ("items", "values") else v for key, v in parsed.items()
    }
    if "name" in copy:
        copy["name"] = f"T{next(names)}"
    if "fields" in copy:
        copy["fields"] = [
            {**field, "name": f"f{i}", "type": numbered(field["type"], names)}
            for i, field in enumerate(copy["fields"])
        ]
    return copy


def extended(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    record = st.lists(inner, max_size=4).map(
        lambda types: {"type": "record", "name": "", "fields": [{"type": t} for t in types]}
    )
    union = st.lists(inner, min_size=1, max_size=4, unique_by=branch_key).filter(
        lambda branches: not any(isinstance(branch, list) for branch in branches)
    )
    return st.one_of(
        record,
        union,
        inner.map(lambda items: {"type": "array", "items": items}),
        inner.map(lambda values: {"type": "map", "values": values}),
    )


def branch_key(branch: Any) -> str:
    """Two branches may not share it; named types get names of their own later."""
    kind = branch["type"] if isinstance(branch, dict) else branch
    return json.dumps(branch) if kind in ("record", "enum", "fixed") else str(kind)


LEAVES = st.one_of(
    st.sampled_from(PRIMITIVES),
    st.sampled_from(LOGICAL),
    st.integers(0, 20).map(lambda size: {"type": "fixed", "name": "", "size": size}),
    st.integers(1, 4).map(lambda n: {"type": "enum", "name": "", "symbols": list("ABCD"[:n])}),
)
SCHEMAS = st.recursive(LEAVES, extended, max_leaves=12).map(lambda s: numbered(s, count()))


@SETTINGS
@given(st.data())
def test_codec_agrees_with_the_specification_and_with_fastavro(data: st.DataObject) -> None:
    described = data.draw(SCHEMAS)
    schema = parse(json.dumps(described))
    event = data.draw(events(schema))
    written = compile_encoder(schema)(event)
    assert written == encode_by_the_book(lower(event, schema), schema)
    read = compile_decoder(writer=schema)(written)
    assert same_event(read, event)
    assert same_event(decode_slowly(written, writer=schema, reader=schema), event)
    named = compile_decoder(writer=schema, branch_names=True)(written)
    assert same_event(
        named, decode_slowly(written, writer=schema, reader=schema, branch_names=True)
    )
    assert compile_encoder(schema)(named) == written
    theirs = fastavro.parse_schema(json.loads(json.dumps(described)))
    got = fastavro.schemaless_reader(io.BytesIO(written), theirs, None)
    assert same_event(read, got)


@SETTINGS
@given(st.data())
def test_decoder_and_the_specification_agree_on_damaged_bytes(data: st.DataObject) -> None:
    schema = parse(json.dumps(data.draw(SCHEMAS)))
    event = data.draw(events(schema))
    damaged = damage(data, compile_encoder(schema)(event))
    decode = compile_decoder(writer=schema, logical=False)
    expected = outcome(lambda: decode_by_the_book(damaged, writer=schema, reader=schema))
    assert same_event(outcome(lambda: decode(damaged)), expected)


def damage(data: st.DataObject, written: bytes) -> bytes:
    at = data.draw(st.integers(0, len(written)))
    match data.draw(st.sampled_from(["cut", "change", "insert", "append"])):
        case "cut":
            return written[:at]
        case "change":
            return written[:at] + data.draw(st.binary(min_size=1, max_size=3)) + written[at + 1 :]
        case "insert":
            return written[:at] + data.draw(st.binary(min_size=1, max_size=3)) + written[at:]
        case _:
            return written + data.draw(st.binary(min_size=1, max_size=10))


@SETTINGS
@given(st.data())
def test_decoder_resolves_as_the_specification_does(data: st.DataObject) -> None:
    writer = parse(json.dumps(data.draw(SCHEMAS)))
    reader = parse(json.dumps(data.draw(SCHEMAS)))
    written = compile_encoder(writer)(data.draw(events(writer)))
    decode = compile_decoder(writer=writer, reader=reader, logical=False)
    expected = outcome(lambda: decode_by_the_book(written, writer=writer, reader=reader))
    assert same_event(outcome(lambda: decode(written)), expected)


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=3),
        st.binary(max_size=3),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["f0", "f1", "x"]), inner, max_size=2),
    ),
    max_leaves=4,
)


@SETTINGS
@given(SCHEMAS, ANYTHING)
def test_encoder_refuses_or_agrees_whatever_it_is_given(described: Any, value: Any) -> None:
    schema = parse(json.dumps(described))
    plain = outcome(lambda: lower(value, schema))
    written = outcome(lambda: compile_encoder(schema)(value))
    if plain is REFUSED:
        assert written is REFUSED
    else:
        assert written == encode_by_the_book(plain, schema)


def test_strategies_refuse_a_schema_without_a_finite_value() -> None:
    text = '{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}'
    with pytest.raises(ContentError, match="no finite value"):
        events(parse(text))
