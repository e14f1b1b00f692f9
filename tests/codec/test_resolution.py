"""A decoder that resolves a writer's schema into a reader's."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from schemareg.avro import parse
from schemareg.codec import compile_decoder, compile_encoder, decode_slowly
from schemareg.errors import DecodeError
from tests.codec.schemas import LIST, record

EVOLUTIONS: dict[str, tuple[Any, Any, list[Any]]] = {
    "promotions": (
        record("R", ("a", "int"), ("b", "long"), ("c", "float"), ("d", "string"), ("e", "bytes")),
        record(
            "R", ("a", "long"), ("b", "double"), ("c", "double"), ("d", "bytes"), ("e", "string")
        ),
        [
            {"a": 1, "b": 2, "c": 0.5, "d": "x", "e": b"y"},
            {"a": -1, "b": -2, "c": 0.0, "d": "", "e": b""},
        ],
    ),
    "field gone, field new": (
        record("R", ("a", "int"), ("b", {"type": "array", "items": "string"})),
        {
            "type": "record",
            "name": "R",
            "fields": [
                {"name": "c", "type": {"type": "array", "items": "int"}, "default": [1]},
                {"name": "a", "type": "int"},
            ],
        },
        [{"a": 1, "b": ["x"]}],
    ),
    "renamed by alias": (
        record("Old", ("a", "int")),
        {
            "type": "record",
            "name": "New",
            "aliases": ["Old"],
            "fields": [{"name": "b", "aliases": ["a"], "type": "int"}],
        },
        [{"a": 5}],
    ),
    "nullable now": (record("R", ("a", "int")), record("R", ("a", ["null", "int"])), [{"a": 5}]),
    "not nullable any more": (
        record("R", ("a", ["null", "int"])),
        record("R", ("a", "int")),
        [{"a": 5}],
    ),
    "branch by best match": (["int", "string"], ["double", "long", "int", "bytes"], [1, "x"]),
    "enum default": (
        {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]},
        {"type": "enum", "name": "E", "symbols": ["C", "A"], "default": "A"},
        ["A", "B", "C"],
    ),
    "recursive": (
        LIST,
        {
            "type": "record",
            "name": "List",
            "fields": [
                {"name": "next", "type": ["null", "List"]},
                {"name": "value", "type": "long"},
                {"name": "note", "type": "string", "default": ""},
            ],
        },
        [{"value": 1, "next": {"value": 2, "next": None}}],
    ),
}


@pytest.mark.parametrize("evolution", EVOLUTIONS)
def test_decoder_resolves_as_the_specification_says(evolution: str) -> None:
    old, new, events = EVOLUTIONS[evolution]
    writer, reader = parse(json.dumps(old)), parse(json.dumps(new))
    decode = compile_decoder(writer=writer, reader=reader)
    for event in events:
        data = compile_encoder(writer)(event)
        expected = decode_slowly(data, writer=writer, reader=reader)
        assert decode(data) == expected


@pytest.mark.parametrize(
    ("old", "new", "data", "says"),
    [
        ('"string"', '"int"', "02 61", "cannot be read as int"),
        ('["null","int"]', '"int"', "00", "cannot be read as int"),
        (
            '{"type":"enum","name":"E","symbols":["A","B"]}',
            '{"type":"enum","name":"E","symbols":["A"]}',
            "02",
            "no symbol 'B' and no default",
        ),
        (
            '{"type":"record","name":"R","fields":[]}',
            '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}',
            "",
            "R.a: the writer's R has no such field, and there is no default",
        ),
    ],
)
def test_decoder_refuses_what_does_not_resolve(old: str, new: str, data: str, says: str) -> None:
    decode = compile_decoder(writer=parse(old), reader=parse(new))
    with pytest.raises(DecodeError) as refused:
        decode(bytes.fromhex(data))
    assert says in str(refused.value)


def test_decoder_makes_a_default_anew_for_every_event() -> None:
    reader = parse(
        '{"type":"record","name":"R","fields":'
        '[{"name":"a","type":{"type":"array","items":"int"},"default":[1]}]}'
    )
    decode = compile_decoder(
        writer=parse('{"type":"record","name":"R","fields":[]}'), reader=reader
    )
    decode(b"")["a"].append(2)
    assert decode(b"") == {"a": [1]}


def test_decoder_lifts_a_default_of_a_logical_type() -> None:
    reader = parse(
        '{"type":"record","name":"R","fields":[{"name":"id","default":'
        '"00000000-0000-0000-0000-000000000001","type":{"type":"string","logicalType":"uuid"}}]}'
    )
    decode = compile_decoder(
        writer=parse('{"type":"record","name":"R","fields":[]}'), reader=reader
    )
    assert decode(b"") == {"id": UUID(int=1)}
