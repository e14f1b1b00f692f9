"""Bytes that the specification spells out, and refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import parse
from schemareg.avro.binary import Branch, decode, encode
from schemareg.errors import DecodeError, EncodeError
from tests.support.schemas import field

NODE = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "label", "type": "string"}, {"name": "next", "type": ["null", "Node"]}],
}
SUIT = {"type": "enum", "name": "Foo", "symbols": ["A", "B", "C", "D"]}

# (schema, value, bytes in hex); the first block are the specification's own examples
WRITTEN: list[tuple[Any, Any, str]] = [
    ("long", 0, "00"),
    ("long", -1, "01"),
    ("long", 1, "02"),
    ("long", -2, "03"),
    ("long", 2, "04"),
    ("long", -64, "7f"),
    ("long", 64, "8001"),
    ("string", "foo", "06666f6f"),
    (
        {
            "type": "record",
            "name": "test",
            "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}],
        },
        {"a": 27, "b": "foo"},
        "3606666f6f",
    ),
    (SUIT, "D", "06"),
    ({"type": "array", "items": "long"}, [3, 27], "04063600"),
    (["null", "string"], None, "00"),
    (["null", "string"], "a", "020261"),
    ("null", None, ""),
    ("boolean", True, "01"),
    ("boolean", False, "00"),
    ("int", -(2**31), "ffffffff0f"),
    ("int", 2**31 - 1, "feffffff0f"),
    ("long", -(2**63), "ffffffffffffffffff01"),
    ("long", 2**63 - 1, "feffffffffffffffff01"),
    ("float", 1.5, "0000c03f"),
    ("double", 1.5, "000000000000f83f"),
    ("bytes", b"\x00\xff", "0400ff"),
    ("string", "é😀", "0cc3a9f09f9880"),
    ({"type": "fixed", "name": "F", "size": 2}, b"\x01\x02", "0102"),
    ({"type": "map", "values": "int"}, {"a": 1}, "0202610200"),
    ({"type": "array", "items": "long"}, [], "00"),
    (NODE, {"label": "a", "next": {"label": "b", "next": None}}, "026102026200"),
    (["int", "long"], Branch(1, 5), "020a"),
    (["double", "long"], 3, "0206"),
]


def schema_of(value: Any) -> Any:
    return parse(json.dumps(value))


def without_branch(value: Any) -> Any:
    return value.value if isinstance(value, Branch) else value


@pytest.mark.parametrize(("schema", "value", "data"), WRITTEN, ids=lambda v: str(v)[:40])
def test_encode_and_decode_value(schema: Any, value: Any, data: str) -> None:
    parsed = schema_of(schema)
    assert encode(value, parsed).hex() == data
    assert decode(bytes.fromhex(data), writer=parsed, reader=parsed) == without_branch(value)


def record(*fields: dict[str, Any], name: str = "R", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


# (writer, reader, bytes in hex, what the reader sees)
RESOLVED: list[tuple[Any, Any, str, Any]] = [
    ("int", "long", "02", 1),
    ("int", "double", "02", 1.0),
    # 2**24 + 1 lies between two floats; the even one is chosen
    ("int", "float", "82808010", 16777216.0),
    # to a double first this would be a tie, and come out one float too low
    ("long", "float", "828080809080808001", 36028801313931264.0),
    ("long", "float", "818080809080808001", -36028801313931264.0),
    ("float", "double", "0000c03f", 1.5),
    ("string", "bytes", "04c3a9", b"\xc3\xa9"),
    ("bytes", "string", "04c3a9", "é"),
    ("bytes", "string", "02ff", "�"),
    (["null", "int"], "long", "0202", 1),
    ("int", ["null", "long"], "02", 1),
    # an exact branch goes before an earlier promotion
    ("int", ["double", "int"], "02", 1),
    (["string", "int"], ["int", "string"], "000261", "a"),
    (
        record(field("a", "int"), field("gone", NODE), field("b", "string")),
        record(field("b", "string"), field("c", "int", default=7)),
        "02026100" + "0262",
        {"b": "b", "c": 7},
    ),
    (record(field("a", "int")), record(field("b", "long", aliases=["a"])), "02", {"b": 1}),
    (
        record(field("a", "int"), name="x.Old"),
        record(field("a", "int"), name="y.New", aliases=["x.Old"]),
        "02",
        {"a": 1},
    ),
    # an alias takes the writer's field away from a reader's field of that name
    (
        record(field("a", "int")),
        record(field("a", "int", default=0), field("b", "int", aliases=["a"])),
        "02",
        {"a": 0, "b": 1},
    ),
    (SUIT, SUIT | {"symbols": ["A", "X"], "default": "X"}, "06", "X"),
    (SUIT, SUIT | {"symbols": ["D"]}, "06", "D"),
    (
        record(field("x", "string"), name="S"),
        [
            record(field("x", "int"), name="n1.S"),
            record(field("x", "string"), name="n2.S"),
        ],
        "0261",
        {"x": "a"},
    ),
    # blocks with a size in front, as Java's blocking encoder writes them
    (
        {"type": "array", "items": "long"},
        {"type": "array", "items": "long"},
        "03040636" + "00",
        [3, 27],
    ),
]

DEFAULTS: list[tuple[Any, Any, Any]] = [
    ("null", None, None),
    ("double", "NaN", "nan"),
    ("float", 0.1, 0.10000000149011612),
    ("bytes", "ÿ", b"\xff"),
    ("bytes", "€", b"?"),
    ({"type": "fixed", "name": "F", "size": 1}, "a", b"a"),
    # Java cuts and fills
    ({"type": "fixed", "name": "F", "size": 2}, "abc", b"ab"),
    ({"type": "fixed", "name": "F", "size": 2}, "a", b"a\x00"),
    (["null", "string"], "a", "a"),
    ({"type": "array", "items": "int"}, [1], [1]),
    ({"type": "map", "values": "int"}, {"k": 1}, {"k": 1}),
    (record(field("x", "int", default=3), field("y", "int"), name="S"), {"y": 1}, {"x": 3, "y": 1}),
]


@pytest.mark.parametrize(("writer", "reader", "data", "value"), RESOLVED, ids=lambda v: str(v)[:40])
def test_decode_with_another_schema(writer: Any, reader: Any, data: str, value: Any) -> None:
    seen = decode(bytes.fromhex(data), writer=schema_of(writer), reader=schema_of(reader))
    assert seen == value
    assert type(seen) is type(value)


@pytest.mark.parametrize(("type_", "default", "value"), DEFAULTS, ids=lambda v: str(v)[:40])
def test_decode_absent_field_by_its_default(type_: Any, default: Any, value: Any) -> None:
    reader = schema_of(record(field("f", type_, default=default)))
    seen = decode(b"", writer=schema_of(record()), reader=reader)["f"]
    assert str(seen) == value if value == "nan" else seen == value


# (writer, reader, bytes in hex, the message)
REFUSED: list[tuple[Any, Any, str, str]] = [
    ("int", "string", "02", "string: the writer's int cannot be read as string (at byte 0)"),
    (
        record(field("a", record(field("b", "int"), name="S"))),
        record(field("a", record(field("b", "int"), field("c", "int"), name="S"))),
        "02",
        "R.a.c: the writer's S has no such field, and there is no default (at byte 1)",
    ),
    (
        {"type": "array", "items": ["int", "string"]},
        {"type": "array", "items": "int"},
        "04000202026100",
        "array[1]: the writer's string cannot be read as int (at byte 4)",
    ),
    (
        {"type": "map", "values": "string"},
        {"type": "map", "values": ["null", "int"]},
        "02026b0261",
        "map['k']: no branch of the reader's union [null, int] takes the writer's string "
        "(at byte 3)",
    ),
    (
        SUIT,
        SUIT | {"symbols": ["A"]},
        "06",
        "Foo: the reader's enum Foo has no symbol 'D' and no default (at byte 1)",
    ),
    (SUIT, SUIT, "08", "Foo: the writer's enum Foo has no symbol 4 (at byte 1)"),
    (["null"], ["null"], "02", "[null]: the writer's union has no branch 1 (at byte 1)"),
    ("int", "int", "0200", "int: 1 bytes are left over after the value (at byte 1)"),
    ("string", "string", "0861", "string: 3 bytes are missing (at byte 1)"),
    ("string", "string", "01", "string: a length of -1 bytes (at byte 1)"),
    (
        "string",
        "string",
        "02ff",
        "string: the bytes ff are not UTF-8 text (invalid start byte) (at byte 2)",
    ),
    ("int", "int", "feffffff1f", "int: 4294967295 is out of the range of int (at byte 5)"),
    ("long", "long", "ffffffffffffffffffff01", "long: a number longer than 10 bytes (at byte 10)"),
    ("boolean", "boolean", "02", "boolean: the byte 2 is no boolean (at byte 1)"),
    (
        {"type": "array", "items": "null"},
        {"type": "array", "items": "null"},
        "8092f40100",
        "array: more than 100,000 values in items that take no bytes (at byte 4)",
    ),
    (
        {"type": "fixed", "name": "F", "size": 1},
        {"type": "fixed", "name": "F", "size": 2},
        "00",
        "F: the writer's fixed has 1 bytes, the reader's 2 (at byte 0)",
    ),
    (
        record(),
        record(field("s", SUIT, default="X")),
        "",
        "R.s: the default 'X' does not fit Foo (at byte 0)",
    ),
    (
        record(field("a", "int"), field("b", "int")),
        record(field("b", "int", aliases=["a"])),
        "0204",
        "R.b: the writer's fields 'a' and 'b' both fill it (at byte 0)",
    ),
]


@pytest.mark.parametrize(
    ("writer", "reader", "data", "message"), REFUSED, ids=lambda v: str(v)[:40]
)
def test_decode_what_does_not_fit(writer: Any, reader: Any, data: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(bytes.fromhex(data), writer=schema_of(writer), reader=schema_of(reader))
    assert str(caught.value) == message


UNWRITABLE: list[tuple[Any, Any, str]] = [
    ("int", 2**31, "int: 2147483648 is out of the range of int"),
    ("long", True, "long: True is not a long"),
    ("int", 1.0, "int: 1.0 is not an int"),
    ("float", 1e300, "float: 1e+300 is out of the range of float"),
    ("string", "\ud800", "string: '\\ud800' holds a lone surrogate"),
    ("string", b"a", "string: b'a' is not a string"),
    (SUIT, "X", "Foo: 'X' is not a symbol of enum Foo"),
    ({"type": "array", "items": "int"}, "abc", "array: 'abc' is not an array"),
    (record(field("a", "int")), {}, "R.a: the value is missing"),
    (record(field("a", "int")), {"a": 1, "b": 2}, "R: R has no field 'b'"),
    (
        ["int", "long"],
        5,
        "[int, long]: 5 fits the branches [0, 1] of the union [int, long]: say which",
    ),
    (["int", "string"], 1.5, "[int, string]: 1.5 fits no branch of the union [int, string]"),
    (["int"], Branch(1, 5), "[int]: the union has no branch 1"),
    ({"type": "fixed", "name": "F", "size": 2}, b"a", "F: F holds 2 bytes, not 1"),
]


@pytest.mark.parametrize(("schema", "value", "message"), UNWRITABLE, ids=lambda v: str(v)[:40])
def test_encode_what_does_not_fit(schema: Any, value: Any, message: str) -> None:
    with pytest.raises(EncodeError) as caught:
        encode(value, schema_of(schema))
    assert str(caught.value) == message


def test_decode_data_deeper_than_the_stack() -> None:
    schema = schema_of(NODE)
    with pytest.raises(DecodeError, match="nested too deeply"):
        decode(bytes.fromhex("026102") * 100_000 + b"\x02a\x00", writer=schema, reader=schema)
