"""Messages made to hurt: refused as DecodeError, with a short message, in linear time."""

from __future__ import annotations

import json
import time
import tracemalloc
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from schemareg.avro import parse
from schemareg.avro.binary import decode
from schemareg.codec import compile_decoder
from schemareg.codec.varint import long_bytes
from schemareg.errors import DecodeError

DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
DIGIT = {"type": "bytes", "logicalType": "decimal", "precision": 1}
TWELVE_DIGITS = {"type": "bytes", "logicalType": "decimal", "precision": 12}
UUID_TEXT = {"type": "string", "logicalType": "uuid"}
ARRAY = {"type": "array", "items": "int"}
MAP = {"type": "map", "values": "int"}
LIST = {
    "type": "record",
    "name": "L",
    "fields": [{"name": "v", "type": "int"}, {"name": "n", "type": ["null", "L"]}],
}


def sized(data: bytes) -> bytes:
    return long_bytes(len(data)) + data


ROWS: list[tuple[str, Any, bytes, str]] = [
    (
        "a decimal of a megabyte",
        DECIMAL,
        sized(b"\x7f" * 1_000_000),
        "has more than the 4 digits of its precision",
    ),
    (
        "a decimal just beyond its precision",
        DECIMAL,
        sized((10_000).to_bytes(2, "big")),
        "has more than the 4 digits of its precision",
    ),
    (
        "a negative decimal just beyond its precision",
        DECIMAL,
        sized((-10_000).to_bytes(2, "big", signed=True)),
        "has more than the 4 digits of its precision",
    ),
    ("hyphens last", UUID_TEXT, sized(b"0" * 32 + b"----"), "is not a UUID in its canonical"),
    (
        "an underscore",
        UUID_TEXT,
        sized(b"0" * 8 + b"-0000" * 3 + b"-00000000000_"),
        "is not a UUID",
    ),
    (
        "a blank",
        UUID_TEXT,
        sized(b"0" * 8 + b"-0000" * 3 + b"-00000000000 "),
        "is not a UUID",
    ),
    (
        "one hyphen more",
        UUID_TEXT,
        sized(b"0" * 8 + b"-0000" * 3 + b"-00000000000-"),
        "is not a UUID",
    ),
    (
        "a digit of another script",
        UUID_TEXT,
        sized(b"0" * 8 + b"-0000" * 3 + b"-00000000000" + "\N{ARABIC-INDIC DIGIT ONE}".encode()),
        "is not a UUID",
    ),
    (
        "a decimal of one digit, of one byte",
        DIGIT,
        sized(b"\x0a"),
        "has more than the 1 digits of its precision",
    ),
    (
        "a decimal of as many bytes as some of its precision have",
        TWELVE_DIGITS,
        sized((10**12).to_bytes(6, "big")),
        "has more than the 12 digits of its precision",
    ),
    (
        "a block that is smaller than it says",
        ARRAY,
        b"\x03\x0a\x02\x04\x00",
        "a block claims 5 bytes",
    ),
    ("a block larger than it says", ARRAY, b"\x03\x02\x02\x04\x00", "a block claims 1 bytes"),
    ("a block of negative size", ARRAY, b"\x03\x03\x02\x04\x00", "a block claims -2 bytes"),
    ("a map's block that lies", MAP, b"\x01\x0a\x02a\x02\x00", "a block claims 5 bytes"),
    ("a text of a megabyte that is not UTF-8", "string", sized(b"\xff" * 1_000_000), "ffff…"),
    (
        "a map's key of a megabyte",
        {"type": "map", "values": "boolean"},
        b"\x02" + sized(b"k" * 1_000_000) + b"\x02\x00"[:0] + b"\x07\x00",
        "the byte 7 is no boolean",
    ),
]


@pytest.mark.parametrize(("what", "schema", "data", "message"), ROWS, ids=[r[0] for r in ROWS])
def test_hostile_bytes_are_refused(what: str, schema: Any, data: bytes, message: str) -> None:
    decode = compile_decoder(writer=parse(json.dumps(schema)))
    with pytest.raises(DecodeError) as refusal:
        decode(data)
    assert message in str(refusal.value)
    assert len(str(refusal.value)) < 300


GOOD: list[tuple[str, Any, bytes, object]] = [
    ("the largest decimal", DECIMAL, sized((9_999).to_bytes(2, "big")), Decimal("99.99")),
    ("the least decimal of one digit", DIGIT, sized(b"\xf7"), Decimal(-9)),
    (
        "the largest decimal of twelve digits",
        TWELVE_DIGITS,
        sized((10**12 - 1).to_bytes(6, "big")),
        Decimal(999_999_999_999),
    ),
    (
        "a UUID with capitals",
        UUID_TEXT,
        sized(b"6EC9D286-63ca-428d-95f4-b3b2e4b06ce6"),
        UUID("6ec9d286-63ca-428d-95f4-b3b2e4b06ce6"),
    ),
    ("a block with its true size", ARRAY, b"\x03\x04\x02\x04\x00", [1, 2]),
    ("a map's block with its true size", MAP, b"\x01\x06\x02a\x02\x00", {"a": 1}),
]


@pytest.mark.parametrize(("what", "schema", "data", "value"), GOOD, ids=[r[0] for r in GOOD])
def test_its_harmless_neighbour_is_read(what: str, schema: Any, data: bytes, value: object) -> None:
    assert compile_decoder(writer=parse(json.dumps(schema)))(data) == value


def test_a_skipped_block_must_not_lie() -> None:
    """Who jumps by the size would read another event than who reads the items."""
    fields = [{"name": "a", "type": ARRAY}, {"name": "b", "type": "int"}]
    writer = parse(json.dumps({"type": "record", "name": "R", "fields": fields}))
    reader = parse(json.dumps({"type": "record", "name": "R", "fields": fields[1:]}))
    decode = compile_decoder(writer=writer, reader=reader)
    assert decode(b"\x03\x04\x02\x04\x00\x0e") == {"b": 7}
    with pytest.raises(DecodeError, match="a block claims 6 bytes, and its items take 2"):
        decode(b"\x03\x0c\x02\x04\x00\x0e")


NULLS = {"type": "array", "items": "null"}
NOTHING = {"type": "record", "name": "Nothing", "fields": []}


@pytest.mark.parametrize(
    "items",
    [
        NULLS,
        {"type": "array", "items": NOTHING},
        {"type": "array", "items": {**NOTHING, "type": "fixed", "size": 0}},
    ],
    ids=["nulls", "empty records", "empty fixed"],
)
def test_items_without_bytes_have_one_budget_per_event(items: Any) -> None:
    """242 bytes once gave 60 million items: each inner array had a budget of its own."""
    schema = parse(json.dumps({"type": "array", "items": items}))
    inner = long_bytes(1_000_000) + b"\x00"
    data = long_bytes(60) + inner * 60 + b"\x00"
    assert len(data) == 242
    for read in (
        compile_decoder(writer=schema),
        lambda data: decode(data, writer=schema, reader=schema),
    ):
        tracemalloc.start()
        with pytest.raises(
            DecodeError, match="more than 100,000 values in items that take no bytes"
        ):
            read(data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000


WIDE: dict[str, Any] = {
    "type": "record",
    "name": "Wide",
    "fields": [{"name": f"f{i}", "type": "null"} for i in range(200)],
}
DEFAULTS = {**WIDE, "fields": [{**field, "default": None} for field in WIDE["fields"]]}
EMPTY_WIDE = {**WIDE, "fields": []}


@pytest.mark.parametrize(
    ("items", "read_as", "data"),
    [
        (WIDE, WIDE, long_bytes(50_000) + b"\x00"),
        (EMPTY_WIDE, DEFAULTS, long_bytes(50_000) + b"\x00"),
        (WIDE, EMPTY_WIDE, long_bytes(50_000) + b"\x00"),
        ("null", "null", long_bytes(64) * 2_000 + b"\x00"),
    ],
    ids=["wide records", "the reader's defaults", "skipped fields", "many small blocks"],
)
def test_values_without_bytes_count_with_those_inside(
    items: Any, read_as: Any, data: bytes
) -> None:
    """Three bytes once made ten million values, and small blocks passed the compiled decoder."""
    writer = parse(json.dumps({"type": "array", "items": items}))
    reader = parse(json.dumps({"type": "array", "items": read_as}))
    for read in (
        compile_decoder(writer=writer, reader=reader),
        lambda data: decode(data, writer=writer, reader=reader),
    ):
        started = time.process_time()
        with pytest.raises(DecodeError, match="more than 100,000 values in items that take no"):
            read(data)
        assert time.process_time() - started < 10  # of CPU; about 1 on an idle machine


def test_records_that_hold_each_other_many_times_are_compiled_at_once() -> None:
    """Each is looked at once; else 12 records of 10 fields are 10^12 of them."""
    inner: Any = "null"
    for level in range(12):
        fields = [{"name": f"f{i}", "type": f"R{level}" if i else inner} for i in range(10)]
        if not level:
            fields = [{"name": "f", "type": "null"}]
        inner = {"type": "record", "name": f"R{level + 1}", "fields": fields}
    fields = [{"name": "rows", "type": {"type": "array", "items": inner}}]
    schema = parse(json.dumps({"type": "record", "name": "Top", "fields": fields}))
    started = time.process_time()
    assert compile_decoder(writer=schema)(b"\x00") == {"rows": []}
    assert time.process_time() - started < 2


@pytest.mark.parametrize("count", [0, 1, 64, 65, 1_000])
def test_some_items_without_bytes_are_read(count: int) -> None:
    schema = parse(json.dumps({"type": "array", "items": NULLS}))
    inner = (long_bytes(count) if count else b"") + b"\x00"
    assert compile_decoder(writer=schema)(b"\x04" + inner * 2 + b"\x00") == [[None] * count] * 2


@pytest.mark.parametrize("levels", [1_000, 5_000])
def test_a_deep_list_is_read_or_refused(levels: int) -> None:
    data = b"\x02\x02" * levels + b"\x02\x00"
    for logical in (True, False):
        try:
            value = compile_decoder(writer=parse(json.dumps(LIST)), logical=logical)(data)
        except DecodeError as refused:
            assert "nested too deeply" in str(refused)  # noqa: PT017  # either answer is right
        else:
            assert value["n"]["n"]["v"] == 1
