"""Equal shapes only ever spare work: the answers are those of a walk through everything."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemareg.avro import Schema, parse, structural_hash
from schemareg.avro.schema import walk
from schemareg.compat import can_read
from schemareg.errors import SchemaParseError

GOLDEN = Path(__file__).parent.parent / "golden" / "avro-java-1.12.1-pairs.jsonl.gz"


def without_shapes(text: str) -> Schema:
    schema = parse(text)
    structural_hash.forget(schema)
    return schema


def answers(reader: Schema, writer: Schema) -> list[object]:
    return list(can_read(reader=reader, writer=writer))


def recorded() -> Iterator[str]:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        for line in map(json.loads, file):
            for role in ("reader", "writer"):
                text = json.dumps(line[role])
                try:
                    parse(text)
                except SchemaParseError:
                    continue
                yield text


def grown(parts: list[str], seed: int) -> tuple[str, str]:
    """Two large records of recorded parts, each part alone in a namespace; most are equal."""
    chance = random.Random(seed)

    def field(i: int, part: str) -> dict[str, Any]:
        value = json.loads(part)
        return {"name": f"f{i}", "type": {"type": "array", "items": value}}

    chosen = [chance.choice(parts) for _ in range(chance.randint(1, 4))]
    reader = [field(i, part) for i, part in enumerate(chosen)]
    writer = [
        field(i, chance.choice(parts) if chance.random() < 0.3 else part)
        for i, part in enumerate(chosen)
    ]
    if chance.random() < 0.5:
        chance.shuffle(writer)
    return tuple(  # type: ignore[return-value]  # two of them
        json.dumps({"type": "record", "name": "zz.Top", "fields": fields})
        for fields in (reader, writer)
    )


def test_shapes_change_no_answer_on_pairs_of_equal_and_unequal_parts() -> None:
    parts = [*dict.fromkeys(recorded())]
    compared = told = spared = 0
    for seed in range(1500):
        texts = grown(parts, seed)
        try:
            reader, writer = map(parse, texts)
        except SchemaParseError:
            continue
        compared += 1
        found = answers(reader, writer)
        assert found == answers(*map(without_shapes, texts)), texts
        told += len(found)
        spared += reader.root.shape is not None and reader.root.shape == writer.root.shape
    assert compared > 600
    assert told > 200
    assert spared > 100


RECURSIVE = """{"type":"record","name":"Node","fields":[
  {"name":"next","type":["null","Node"]},
  {"name":"leaf","type":{"type":"record","name":"Leaf","fields":[
     {"name":"up","type":{"type":"array","items":"Node"}},
     {"name":"value","type":"VALUE"}]}}]}"""


def test_a_recursive_type_has_a_shape_of_all_that_it_reaches() -> None:
    one, same, other = (parse(RECURSIVE.replace("VALUE", v)) for v in ("int", "int", "long"))
    assert one.root.shape is not None
    assert one.root.shape == same.root.shape
    shapes = [
        (mine.shape, theirs.shape) for mine, theirs in zip(walk(one), walk(other), strict=True)
    ]
    # everything but the bare null reaches the value
    assert [mine == theirs for mine, theirs in shapes] == [
        kind == "null" for kind in (node.kind for node in walk(one))
    ]


@pytest.mark.parametrize(
    "text",
    [
        # a branch behind a named one leaves an attempt in Java's memo
        '[{"type":"fixed","name":"A","size":1},{"type":"fixed","name":"B","size":1}]',
        '[{"type":"fixed","name":"A","size":1},"null"]',
        # Java throws on a record that is ambiguous against itself
        '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},'
        '{"name":"b","type":"int","aliases":["a"]}]}',
        # and on what holds it
        '{"type":"map","values":{"type":"record","name":"R","fields":['
        '{"name":"b","type":"int","aliases":["b"]}]}}',
    ],
)
def test_what_equality_does_not_settle_has_no_shape(text: str) -> None:
    assert parse(text).root.shape is None


def record(*fields: str) -> Schema:
    return parse(f'{{"type":"record","name":"R","fields":[{",".join(fields)}]}}')


A, B, OLD_B = (
    '{"name":"a","type":"string"}',
    '{"name":"b","type":["null","int"],"default":null}',
    '{"name":"b","type":"int","aliases":["c"]}',
)


@pytest.mark.parametrize(
    ("reader", "writer", "missing"),
    [
        ((A, B), (A,), []),
        ((B, A), (A,), []),
        ((A,), (A, B), []),
        ((A,), (B, A), []),
        ((A, B), (B,), ["a"]),
        ((B, A), (B,), ["a"]),
        ((A, OLD_B), (A,), ["b"]),
        ((A,), (A, OLD_B), []),
        ((A,), (), ["a"]),
        ((), (A,), []),
    ],
)
def test_fields_that_come_and_go(
    reader: tuple[str, ...], writer: tuple[str, ...], missing: list[str]
) -> None:
    found = can_read(reader=record(*reader), writer=record(*writer))
    assert [i.message for i in found] == missing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            '{"type":"record","name":"R","doc":"a","fields":[{"name":"a","type":"int"}]}',
            '{"type":"record","name":"R","x":1,"fields":[{"name":"a","type":"int","default":1}]}',
        ),
        (
            '{"type":"record","name":"R","fields":[{"name":"a","type":"int","aliases":["b"]}]}',
            '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}',
        ),
    ],
)
def test_what_cannot_matter_is_not_in_the_shape(one: str, other: str) -> None:
    assert parse(one).root.shape == parse(other).root.shape


def test_names_that_could_be_taken_for_a_shape_leave_none() -> None:
    text = '{"type":"record","name":"R","fields":[{"name":"a:int;b","type":"int"}]}'
    schema = parse(text, names="none")
    assert [node.shape for node in walk(schema)] == [None, "int"]
    twin = parse('{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}')
    assert [i.message for i in can_read(reader=schema, writer=twin)] == ["a:int;b"]
    grown = parse(
        '{"type":"record","name":"R","fields":'
        '[{"name":"a","type":"int"},{"name":"b","type":"int","default":1}]}'
    )
    assert [i.message for i in can_read(reader=grown, writer=schema)] == ["a"]
