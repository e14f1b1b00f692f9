"""What the codec refuses, row by row: other encoders are known to let each of these through."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from schemareg.avro import parse
from schemareg.codec import compile_decoder, compile_encoder
from schemareg.errors import DecodeError, EncodeError

NAIVE = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001  # naive on purpose
AWARE = NAIVE.replace(tzinfo=UTC)


def record(field_type: Any) -> str:
    return json.dumps(
        {
            "type": "record",
            "name": "E",
            "namespace": "n",
            "fields": [{"name": "f", "type": field_type}],
        }
    )


def logical(base: Any, name: str, **more: Any) -> Any:
    return {"type": base, "logicalType": name, **more}


DECIMAL = logical("bytes", "decimal", precision=5, scale=2)
FIXED4 = {"type": "fixed", "name": "F4", "size": 4}
ENUM = {"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]}
INNER = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "int"}]}
OTHER = {"type": "record", "name": "Other", "fields": [{"name": "x", "type": "int"}]}


@pytest.mark.parametrize(
    ("field_type", "value", "says"),
    [
        ("long", True, "n.E.f: True (bool) is not long"),
        ("int", False, "n.E.f: False (bool) is not int"),
        ("long", 1.9, "n.E.f: 1.9 (float) is not long"),
        ("long", 2.0, "n.E.f: 2.0 (float) is not long"),
        ("long", "7", "n.E.f: '7' (str) is not long"),
        ("int", 2**31, "n.E.f: 2147483648 is out of the range of int"),
        ("int", -(2**31) - 1, "n.E.f: -2147483649 is out of the range of int"),
        ("long", 2**63, "n.E.f: 9223372036854775808 is out of the range of long"),
        ("long", -(2**63) - 1, "n.E.f: -9223372036854775809 is out of the range of long"),
        ("double", "1.5", "n.E.f: '1.5' (str) is not double"),
        ("double", True, "n.E.f: True (bool) is not double"),
        ("double", Decimal("1.5"), "n.E.f: Decimal('1.5') (Decimal) is not double"),
        ("double", 2**53 + 1, "n.E.f: 9007199254740993 has more digits than double holds"),
        ("double", 10**400, "is out of the range of double"),
        ("float", 1e300, "n.E.f: 1e+300 is out of the range of float"),
        ("float", -1e39, "n.E.f: -1e+39 is out of the range of float"),
        ("float", 2**24 + 1, "n.E.f: 16777217 has more digits than float holds"),
        ("boolean", 1, "n.E.f: 1 (int) is not boolean"),
        ("boolean", 0, "n.E.f: 0 (int) is not boolean"),
        ("boolean", "true", "n.E.f: 'true' (str) is not boolean"),
        ("boolean", None, "n.E.f: None (NoneType) is not boolean"),
        ("null", 0, "n.E.f: 0 (int) is not null"),
        ("null", "", "n.E.f: '' (str) is not null"),
        ("string", b"abc", "n.E.f: b'abc' (bytes) is not string"),
        ("string", 5, "n.E.f: 5 (int) is not string"),
        ("string", None, "n.E.f: None (NoneType) is not string"),
        ("string", "\ud800", "holds a lone surrogate"),
        ("bytes", "abc", "n.E.f: 'abc' (str) is not bytes"),
        ("bytes", [1, 2], "n.E.f: [1, 2] (list) is not bytes"),
        (FIXED4, b"abc", "n.E.f: b'abc' has 3 bytes, not 4"),
        (FIXED4, "abcd", "n.E.f: 'abcd' (str) is not bytes (4)"),
        (ENUM, "GREEN", "n.E.f: 'GREEN' (str) is not a symbol of enum n.Color (RED, BLUE)"),
        (ENUM, 0, "n.E.f: 0 (int) is not a symbol"),
        (ENUM, ["RED"], "n.E.f: ['RED'] (list) is not a symbol"),
        ({"type": "array", "items": "string"}, "abc", "n.E.f: 'abc' (str) is not array (a list)"),
        ({"type": "array", "items": "int"}, {1: 2}, "n.E.f: {1: 2} (dict) is not array"),
        ({"type": "array", "items": "int"}, [1, "2"], "n.E.f[1]: '2' (str) is not int"),
        ({"type": "array", "items": "int"}, [0, True], "n.E.f[1]: True (bool) is not int"),
        ({"type": "map", "values": "int"}, [("a", 1)], "n.E.f: [('a', 1)] (list) is not map"),
        ({"type": "map", "values": "int"}, {1: 1}, "n.E.f: the key 1 (int) is not string"),
        ({"type": "map", "values": "int"}, {"a": None}, "n.E.f['a']: None (NoneType) is not int"),
        (INNER, {}, "n.E.f.x: the value is missing, int is wanted"),
        (INNER, {"x": 1, "y": 2}, "n.E.f: n.Inner has no field 'y' (value 2), but x"),
        (INNER, [1], "n.E.f: [1] (list) is not record n.Inner"),
        (["null", "long"], 1.0, "n.E.f: 1.0 (float) is not long"),
        (["null", "long"], True, "n.E.f: True (bool) is not long"),
        (["null", INNER], {"x": "1"}, "n.E.f.x: '1' (str) is not int"),
        (["null", "int", "string"], 1.5, "n.E.f: 1.5 (float) is not one of [null, int, string]"),
        (
            ["null", INNER, OTHER],
            {"x": 1},
            "may be n.Inner or n.Other: name the branch as (name, value), ",
        ),
        (["null", "int"], ("long", 1), "n.E.f: the union has no branch 'long', but [null, int]"),
        (["null", INNER], ("n.Inner", {"x": None}), "n.E.f.x: None (NoneType) is not int"),
        (logical("long", "timestamp-millis"), NAIVE, "has no zone; a timestamp needs one"),
        (
            logical("long", "timestamp-millis"),
            AWARE + timedelta(microseconds=1),
            "has microseconds, which its millis would lose",
        ),
        (logical("long", "timestamp-millis"), 1767323045000, "(int) is not datetime with a zone"),
        (logical("long", "timestamp-micros"), NAIVE, "has no zone"),
        (logical("long", "timestamp-millis"), date(2026, 1, 2), "is not datetime with a zone"),
        (
            logical("long", "local-timestamp-millis"),
            AWARE,
            "has a zone; a local timestamp has none",
        ),
        (logical("int", "date"), AWARE, "is not date"),
        (logical("int", "date"), "2026-01-02", "'2026-01-02' (str) is not date"),
        (logical("int", "time-millis"), time(1, 2, 3, 4), "has microseconds"),
        (logical("int", "time-millis"), time(1, tzinfo=UTC), "has a zone"),
        (logical("string", "uuid"), "no uuid", "'no uuid' (str) is not UUID"),
        (logical("string", "uuid"), str(UUID(int=1)), "(str) is not UUID"),
        (
            DECIMAL,
            Decimal("1.234"),
            "n.E.f: Decimal('1.234') has more than the 2 places of its scale",
        ),
        (DECIMAL, Decimal("1000.00"), "has more than the 5 digits of its precision"),
        (DECIMAL, Decimal("1E+30"), "has more than the 5 digits of its precision"),
        (DECIMAL, Decimal("NaN"), "is no number that a decimal can hold"),
        (DECIMAL, Decimal("Infinity"), "is no number that a decimal can hold"),
        (DECIMAL, 1.5, "n.E.f: 1.5 (float) is not Decimal(5, 2)"),
        (DECIMAL, 1, "n.E.f: 1 (int) is not Decimal(5, 2)"),
        (DECIMAL, b"\x01", "is not Decimal(5, 2)"),
    ],
)
def test_encoder_refuses(field_type: Any, value: Any, says: str) -> None:
    encode = compile_encoder(parse(record(field_type)))
    with pytest.raises(EncodeError) as refused:
        encode({"f": value})
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({}, "n.E.f: the value is missing, int is wanted"),
        ({"f": 1, "g": 2}, "n.E: n.E has no field 'g' (value 2), but f"),
        ({"g": 2}, "n.E: n.E has no field 'g' (value 2), but f"),
        (None, "n.E: None (NoneType) is not record n.E (a dict or a dataclass)"),
        ([1], "n.E: [1] (list) is not record n.E"),
        ("f", "n.E: 'f' (str) is not record n.E"),
    ],
)
def test_encoder_refuses_an_event_of_another_shape(event: Any, says: str) -> None:
    encode = compile_encoder(parse(record("int")))
    with pytest.raises(EncodeError) as refused:
        encode(event)
    assert says in str(refused.value)


def test_encoder_refuses_a_missing_field_although_it_has_a_default() -> None:
    text = '{"type":"record","name":"E","fields":[{"name":"f","type":"int","default":1}]}'
    with pytest.raises(EncodeError, match=r"E\.f: the value is missing"):
        compile_encoder(parse(text))({})


def test_encoder_refuses_an_event_that_holds_itself() -> None:
    text = '{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}'
    event: dict[str, Any] = {}
    event["next"] = event
    with pytest.raises(EncodeError, match="nested too deeply, or holds itself"):
        compile_encoder(parse(text))(event)


@pytest.mark.parametrize(
    ("field_type", "data", "says"),
    [
        ("int", "", "missing"),
        ("int", "02 00", "1 bytes are left over"),
        ("int", "80 80 80 80 10", "out of the range of int"),
        ("long", "80 80 80 80 80 80 80 80 80 02", "beyond 64 bits"),
        ("long", "80 80 80 80 80 80 80 80 80 80 01", "longer than 10 bytes"),
        ("boolean", "02", "the byte 2 is no boolean"),
        ("float", "00 00 00", "missing"),
        ("double", "00 00 00 00 00 00 00", "missing"),
        ("string", "04 61", "missing"),
        ("string", "01", "a length of -1 bytes"),
        ("string", "02 ff", "not UTF-8"),
        ("string", "06 ed a0 80", "not UTF-8"),
        ("bytes", "06 61", "missing"),
        (FIXED4, "00 00 00", "missing"),
        (ENUM, "04", "no symbol 2"),
        (ENUM, "01", "no symbol -1"),
        (["null", "int"], "04", "no branch 2"),
        (["null", "int"], "01", "no branch -1"),
        ({"type": "array", "items": "int"}, "02 02", "missing"),
        ({"type": "array", "items": "int"}, "fe ff ff ff 0f", "missing"),
        ({"type": "array", "items": "null"}, "80 80 80 80 80 80 80 80 40", "take no bytes"),
        ({"type": "map", "values": "int"}, "02 02 ff 02 00", "not UTF-8"),
        (logical("string", "uuid"), "02 61", "is not a UUID"),
        (logical("int", "time-millis"), "01", "is outside of a day"),
        (logical("int", "date"), "fe ff ff ff 0f", "beyond Python's dates"),
        (logical("long", "timestamp-micros"), "fe ff ff ff ff ff ff ff ff 01", "beyond Python's"),
    ],
)
def test_decoder_refuses(field_type: Any, data: str, says: str) -> None:
    decode = compile_decoder(writer=parse(record(field_type)))
    with pytest.raises(DecodeError) as refused:
        decode(bytes.fromhex(data))
    assert says in str(refused.value)
    assert str(refused.value).startswith("n.E")


def named(kind: str, name: str, **more: Any) -> Any:
    return {"type": kind, "name": name, **more}


def fields(*names_and_types: tuple[str, Any]) -> list[Any]:
    return [{"name": name, "type": type_} for name, type_ in names_and_types]


@pytest.mark.parametrize(
    ("writer", "reader", "data", "says"),
    [
        ("int", [], "06", "no branch of the reader's union [] takes the writer's int"),
        (
            named("fixed", "N", size=1),
            named("enum", "N", symbols=["A"]),
            "00",
            "the writer's N cannot be read as N",
        ),
        (
            named("enum", "N", symbols=["A"]),
            named("fixed", "N", size=1),
            "00",
            "the writer's N cannot be read as N",
        ),
        (
            named("record", "N", fields=fields(("x", "int"))),
            named("enum", "N", symbols=["A"]),
            "00",
            "the writer's N cannot be read as N",
        ),
        (
            named("record", "y.B", fields=[]),
            named("record", "x.A", fields=[], aliases=["B"]),
            "",
            "the writer's record is named y.B, the reader's x.A",
        ),
        (
            named("record", "R", fields=fields(("a", "int"), ("b", "int"))),
            named("record", "R", fields=[{"name": "b", "type": "int", "aliases": ["a"]}]),
            "02 04",
            "the writer's fields 'a' and 'b' both fill it",
        ),
        (
            named("fixed", "N", size=2),
            named("fixed", "N", size=3),
            "00 00",
            "the writer's fixed has 2 bytes, the reader's 3",
        ),
    ],
    ids=[
        "an empty union",
        "a fixed as enum",
        "an enum as fixed",
        "a record as enum",
        "an alias of another namespace",
        "two fields for one",
        "another size",
    ],
)
def test_decoder_refuses_what_fastavro_lets_through(
    writer: Any, reader: Any, data: str, says: str
) -> None:
    decode = compile_decoder(writer=parse(json.dumps(writer)), reader=parse(json.dumps(reader)))
    with pytest.raises(DecodeError) as refused:
        decode(bytes.fromhex(data))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("writer", "reader", "data", "value"),
    [
        ("int", ["double", "int"], "06", 3),
        (
            named("record", "n2.S", fields=fields(("x", "string"))),
            [
                named("record", "n1.S", fields=fields(("x", "int"))),
                named("record", "n2.S", fields=fields(("x", "string"))),
            ],
            "02 61",
            {"x": "a"},
        ),
        (
            named("record", "S", fields=fields(("x", "int"))),
            [
                named("enum", "n.S", symbols=["A"]),
                named("record", "S", fields=fields(("x", "int"))),
            ],
            "02",
            {"x": 1},
        ),
        ("bytes", "string", "02 ff", "\ufffd"),
        (logical("bytes", "decimal", precision=4, scale=2), "string", "02 61", "a"),
        (
            logical("bytes", "decimal", precision=4, scale=2),
            logical("bytes", "decimal", precision=4, scale=1),
            "02 61",
            Decimal("9.7"),
        ),
        (
            logical("long", "timestamp-millis"),
            logical("long", "timestamp-micros"),
            "d0 0f",
            datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC),
        ),
    ],
    ids=[
        "the exact branch, not the first",
        "the branch of the same fields",
        "an enum of the same short name before it",
        "bytes that are no text, as Java reads them",
        "the reader wants text",
        "the reader's scale",
        "the reader's unit",
    ],
)
def test_decoder_reads_what_fastavro_reads_otherwise(
    writer: Any, reader: Any, data: str, value: Any
) -> None:
    decode = compile_decoder(writer=parse(json.dumps(writer)), reader=parse(json.dumps(reader)))
    got = decode(bytes.fromhex(data))
    assert (got, type(got)) == (value, type(value))


def test_encoder_takes_an_aware_datetime_of_any_zone() -> None:
    encode = compile_encoder(parse(json.dumps(logical("long", "timestamp-millis"))))
    tokyo = timezone(timedelta(hours=9))
    assert encode(AWARE.astimezone(tokyo)) == encode(AWARE)
