"""The compiled codec beside bytes written by hand, fastavro, and the specification's resolver."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import fastavro
import pytest

from schemareg.avro import parse
from schemareg.avro.binary import encode as encode_by_the_book
from schemareg.avro.schema import Schema
from schemareg.codec import compile_decoder, compile_encoder, decode_slowly, lower
from schemareg.errors import SchemaParseError
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.sample import same_event, sample
from tests.codec.schemas import INNER, LIST, OTHER, record
from tests.support.schemas import logical

SCHEMAS = Path(__file__).parents[2] / "schemas"
SHAPES: dict[str, Any] = {
    "strings": record("R", ("a", "string"), ("b", {"type": "array", "items": "string"})),
    "numbers": record("R", ("a", "int"), ("b", "long"), ("c", "float"), ("d", "double")),
    "map of maps": {"type": "map", "values": {"type": "map", "values": ["null", "long"]}},
    "many branches": ["null", "boolean", "int", "long", "float", "double", "string", "bytes"],
    "records in a union": ["null", INNER, OTHER],
    "enum beside string": [{"type": "enum", "name": "E", "symbols": ["A", "B"]}, "string"],
    "recursive": LIST,
    "empty record": record("R"),
    "logical": record(
        "R",
        ("a", logical("long", "timestamp-millis")),
        ("b", logical("long", "timestamp-micros")),
        ("c", logical("long", "local-timestamp-millis")),
        ("d", logical("long", "local-timestamp-micros")),
        ("e", logical("int", "date")),
        ("f", logical("int", "time-millis")),
        ("g", logical("long", "time-micros")),
        ("h", logical("string", "uuid")),
        ("i", logical("bytes", "decimal", precision=38, scale=9)),
        ("j", logical("fixed", "decimal", name="F", size=8, precision=18, scale=4)),
        ("k", ["null", logical("bytes", "decimal", precision=4, scale=0)]),
    ),
    "arrays ten deep": "int",
}
for _ in range(10):
    SHAPES["arrays ten deep"] = {"type": "array", "items": SHAPES["arrays ten deep"]}


def shop_schemas() -> list[Schema]:
    """Every event and shared type of the shop; those come first that others use."""
    waiting = [
        path.read_text(encoding="utf-8")
        for path in sorted(SCHEMAS.rglob("*.avsc"))
        if "registered" not in path.parts
    ]
    known: list[Schema] = []
    for _ in range(len(waiting) ** 2):
        if not waiting:
            break
        text = waiting.pop(0)
        try:
            known.append(parse(text, references=known))
        except SchemaParseError:
            waiting.append(text)
    assert waiting == []
    return known


@pytest.mark.parametrize("shape", SHAPES)
def test_codec_and_the_specification_write_and_read_the_same(shape: str) -> None:
    schema = parse(json.dumps(SHAPES[shape]))
    assert_as_by_the_book(schema)


def test_codec_reads_every_edge_of_every_event_of_the_shop() -> None:
    schemas = shop_schemas()
    assert len(schemas) >= 12
    for schema in schemas:
        assert_as_by_the_book(schema)


def assert_as_by_the_book(schema: Schema) -> None:
    encode, decode = compile_encoder(schema), compile_decoder(writer=schema)
    events = [*sample(schema, seed=7, count=10), *(case.event for case in edge_cases(schema))]
    assert len(events) > 10
    for event in events:
        data = encode(event)
        assert data == encode_by_the_book(lower(event, schema), schema)
        assert same_event(decode(data), event)


@pytest.mark.parametrize("shape", [s for s in SHAPES if s != "enum beside string"])
def test_codec_writes_the_bytes_that_fastavro_writes(shape: str) -> None:
    schema = parse(json.dumps(SHAPES[shape]))
    encode = compile_encoder(schema)
    theirs = fastavro.parse_schema(json.loads(json.dumps(SHAPES[shape])))
    for event in [*sample(schema, seed=3, count=20), *(c.event for c in edge_cases(schema))]:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, theirs, event)
        assert encode(event) == out.getvalue()


@pytest.mark.parametrize(
    ("schema", "event", "data"),
    [
        ('"null"', None, ""),
        ('"boolean"', True, "01"),
        ('"int"', 0, "00"),
        ('"int"', -1, "01"),
        ('"int"', 64, "80 01"),
        ('"long"', -8192, "ff 7f"),
        ('"long"', 8192, "80 80 01"),
        ('"long"', 1767323045678, "dc bc cc ca ef 66"),
        ('"long"', 2**63 - 1, "fe ff ff ff ff ff ff ff ff 01"),
        ('"long"', -(2**63), "ff ff ff ff ff ff ff ff ff 01"),
        ('{"type":"array","items":"long"}', [3600000000, 3], "04 80 90 9d e9 1a 06 00"),
        (
            '{"type":"array","items":"long"}',
            [2**34, -(2**40)],
            "04 80 80 80 80 80 01 ff ff ff ff ff 3f 00",
        ),
        ('"float"', 1.5, "00 00 c0 3f"),
        ('"double"', -2.0, "00 00 00 00 00 00 00 c0"),
        ('"double"', 3, "00 00 00 00 00 00 08 40"),
        ('"string"', "foo", "06 66 6f 6f"),
        ('{"type":"array","items":"long"}', [3, 27], "04 06 36 00"),
        ('{"type":"array","items":"long"}', [], "00"),
        ('{"type":"array","items":"null"}', [None, None], "04 00"),
        ('{"type":"map","values":"int"}', {"a": 1}, "02 02 61 02 00"),
        ('["null","string"]', "a", "02 02 61"),
        ('["null","string"]', ("string", "a"), "02 02 61"),
        ('["null","string"]', None, "00"),
        ('["double","long"]', 3, "02 06"),
        ('["float","double"]', 0.5, "00 00 00 00 3f"),
        ('["float","double"]', 0.1, "02 9a 99 99 99 99 99 b9 3f"),
        ('["string",{"type":"enum","name":"E","symbols":["A"]}]', "A", "00 02 41"),
        ('["string",{"type":"enum","name":"n.E","symbols":["A"]}]', ("n.E", "A"), "02 00"),
        ('["string",{"type":"enum","name":"n.E","symbols":["A"]}]', ("E", "A"), "02 00"),
        ('{"type":"int","logicalType":"date"}', date(1969, 12, 31), "01"),
        ('{"type":"long","logicalType":"timestamp-micros"}', datetime.fromtimestamp(0, UTC), "00"),
        ('{"type":"int","logicalType":"time-millis"}', time(0, 0, 1), "d0 0f"),
        (
            '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}',
            Decimal("-1.28"),
            "02 80",
        ),
        (
            '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}',
            Decimal("1.28"),
            "04 00 80",
        ),
    ],
)
def test_codec_writes_and_reads_the_bytes_of_the_specification(
    schema: str, event: Any, data: str
) -> None:
    parsed = parse(schema)
    assert compile_encoder(parsed)(event).hex(" ") == data
    bare = event[1] if isinstance(event, tuple) else event
    assert compile_decoder(writer=parsed)(bytes.fromhex(data)) == bare


@dataclass
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Paid:
    order: str
    money: Money
    tags: list[str]


class Currency(StrEnum):
    EUR = "EUR"


PAID = record(
    "Paid",
    ("order", "string"),
    (
        "money",
        record(
            "Money",
            ("amount", logical("bytes", "decimal", precision=9, scale=2)),
            ("currency", "string"),
        ),
    ),
    ("tags", {"type": "array", "items": "string"}),
)


@pytest.mark.parametrize(
    "event",
    [
        Paid("o-1", Money(Decimal("9.90"), "EUR"), ["a"]),
        {"order": "o-1", "money": Money(Decimal("9.90"), Currency.EUR), "tags": ("a",)},
        OrderedDict(order="o-1", money={"amount": Decimal("9.90"), "currency": "EUR"}, tags=["a"]),
    ],
    ids=["dataclasses", "a dataclass, an enum and a tuple inside", "an ordered dict"],
)
def test_encoder_takes_what_is_a_record_in_other_clothes(event: Any) -> None:
    schema = parse(json.dumps(PAID))
    plain = {"order": "o-1", "money": {"amount": Decimal("9.90"), "currency": "EUR"}, "tags": ["a"]}
    assert compile_encoder(schema)(event) == compile_encoder(schema)(plain)


def test_encoder_takes_a_dataclass_for_the_record_of_its_name() -> None:
    schema = parse(json.dumps([record("A", ("x", "int")), record("B", ("x", "int"))]))

    @dataclass
    class B:
        x: int

    assert compile_encoder(schema)(B(1)) == b"\x02\x02"


def test_codec_leaves_logical_types_alone_when_told() -> None:
    schema = parse(json.dumps(record("R", ("at", logical("long", "timestamp-millis")))))
    data = compile_encoder(schema, logical=False)({"at": 5})
    assert data == b"\x0a"
    assert compile_decoder(writer=schema, logical=False)(data) == {"at": 5}


def test_decoder_reads_what_other_writers_may_write() -> None:
    """Blocks with a size, several blocks, and numbers longer than they need be."""
    ints = compile_decoder(writer=parse('{"type":"array","items":"int"}'))
    assert ints(bytes.fromhex("03 04 02 04 02 06 00")) == [1, 2, 3]
    assert compile_decoder(writer=parse('"int"'))(bytes.fromhex("82 00")) == 1


def test_codec_takes_deep_schemas() -> None:
    node: Any = "int"
    for i in range(60):
        node = record(f"R{i}", ("f", {"type": "array", "items": node}))
    schema = parse(json.dumps(node))
    event: Any = 1
    for _ in range(60):
        event = {"f": [event]}
    assert compile_decoder(writer=schema)(compile_encoder(schema)(event)) == event


DATE = {"type": "int", "logicalType": "date"}
INSTANT = {"type": "long", "logicalType": "timestamp-millis"}
MONEY = {
    "type": "fixed",
    "name": "Money",
    "size": 4,
    "logicalType": "decimal",
    "precision": 9,
    "scale": 2,
}
COLOR = {"type": "enum", "name": "Color", "symbols": ["RED"]}
WHEN = datetime(2026, 1, 2, tzinfo=UTC)

SAME_PRIMITIVE: list[tuple[list[Any], Any]] = [
    ([INSTANT, DATE], date(2026, 1, 2)),
    ([DATE, INSTANT], WHEN),
    (["bytes", MONEY], Decimal("1.50")),
    ([MONEY, "bytes"], b"abcd"),
    ([{"type": "string", "logicalType": "uuid"}, COLOR], "RED"),
    ([COLOR, {"type": "string", "logicalType": "uuid"}], UUID(int=7)),
    (["int", INSTANT], WHEN),
    ([{"type": "array", "items": INSTANT}, {"type": "map", "values": DATE}], [WHEN]),
    ([{"type": "array", "items": [INSTANT, DATE]}, "null"], [WHEN, date(2026, 1, 2)]),
]


@pytest.mark.parametrize(("union", "value"), SAME_PRIMITIVE)
def test_branches_of_one_primitive_are_told_apart_by_their_bytes(
    union: list[Any], value: Any
) -> None:
    schema = parse(
        json.dumps({"type": "record", "name": "E", "fields": [{"name": "f", "type": union}]})
    )
    data = compile_encoder(schema)({"f": value})
    assert compile_decoder(writer=schema)(data) == {"f": value}
    assert decode_slowly(data, writer=schema, reader=schema) == {"f": value}
