"""Avro's JSON encoding of events: literal rows of the specification, and fastavro beside."""

from __future__ import annotations

import io
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from schemareg.avro import parse
from schemareg.codec.json_encoding import json_encoding
from schemareg.errors import EncodeError
from schemareg.sampling.edges import edge_cases

CARD = {"type": "record", "name": "Card", "fields": [{"name": "id", "type": "long"}]}
BANK = {"type": "record", "name": "Bank", "fields": [{"name": "id", "type": "long"}]}


@pytest.mark.parametrize(
    ("schema", "event", "encoded"),
    [
        ("null", None, None),
        ("long", 2**62, 2**62),
        ("bytes", b"\x00\x7f\x80\xff", "\x00\x7f\u0080\u00ff"),
        ("double", math.inf, "Infinity"),
        ("double", -math.inf, "-Infinity"),
        ("float", math.nan, "NaN"),
        ({"type": "fixed", "name": "F", "size": 2}, b"\xc3\xa9", "\u00c3\u00a9"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "B", "B"),
        (["null", "string"], None, None),
        (["null", "string"], "a", {"string": "a"}),
        (["null", {"type": "array", "items": "int"}], [1], {"array": [1]}),
        (
            ["null", {"type": "map", "values": ["int", "null"]}],
            {"k": 1},
            {"map": {"k": {"int": 1}}},
        ),
        ([CARD, BANK], ("Bank", {"id": 7}), {"Bank": {"id": 7}}),
        (["null", {**CARD, "namespace": "a.b"}], {"id": 7}, {"a.b.Card": {"id": 7}}),
        (
            ["null", {"type": "long", "logicalType": "timestamp-millis"}],
            datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
            {"long": 1000},
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
            Decimal("-0.01"),
            "\u00ff",
        ),
    ],
)
def test_json_encoding_of_an_event(schema: Any, event: object, encoded: object) -> None:
    assert json_encoding(event, parse(json.dumps(schema))) == encoded


def test_json_encoding_refuses_what_does_not_fit() -> None:
    schema = parse(json.dumps({**CARD, "name": "Paid"}))
    with pytest.raises(EncodeError, match="Paid"):
        json_encoding({"id": "seven"}, schema)


WIDE = {
    "type": "record",
    "name": "Wide",
    "namespace": "shop",
    "fields": [
        {"name": "number", "type": "double"},
        {"name": "raw", "type": ["null", "bytes"]},
        {"name": "paid", "type": {"type": "array", "items": ["null", CARD, BANK]}},
        {"name": "by", "type": {"type": "map", "values": ["int", "string"]}},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 4}},
    ],
}


def test_json_encoding_is_the_one_that_fastavro_writes() -> None:
    schema = parse(json.dumps(WIDE))
    compared = 0
    for case in edge_cases(schema):
        if not math.isfinite(case.event["number"]):  # fastavro has Python's own words for those
            continue
        out = io.StringIO()
        fastavro.json_writer(out, WIDE, [case.event])
        assert json_encoding(case.event, schema) == json.loads(out.getvalue()), case.name
        compared += 1
    assert compared > 10
