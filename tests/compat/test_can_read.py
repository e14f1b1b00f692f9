"""Kinds, messages, places: the rules of Avro Java's SchemaCompatibility one by one."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from schemareg.avro import Schema, parse
from schemareg.compat import Incompatibility, can_read
from schemareg.compat.can_read import MOST_REPORTED
from schemareg.errors import ContentError
from tests.support.schemas import field, record

Json = Any


def schema(value: Json, *references: Schema) -> Schema:
    return parse(json.dumps(value), references=references)


def entries(reader: Json, writer: Json) -> list[tuple[str, str, str]]:
    found = can_read(reader=schema(reader), writer=schema(writer))
    return [(str(i.kind), i.message, i.java_location) for i in found]


def enum(name: str, symbols: str, **attributes: Json) -> Json:
    return {"type": "enum", "name": name, "symbols": list(symbols), **attributes}


def fixed(name: str, size: int) -> Json:
    return {"type": "fixed", "name": name, "size": size}


READABLE = [
    ("int", "int"),
    *((reader, "int") for reader in ("long", "float", "double")),
    *((reader, "long") for reader in ("float", "double")),
    ("double", "float"),
    ("bytes", "string"),
    ("string", "bytes"),
    ("int", []),
    ([], []),
    ("int", ["int"]),
    (["int"], "int"),
    (["double"], ["int", "float"]),
    (["null", "long"], "int"),
    (enum("E", "AB"), enum("x.E", "BA")),
    (enum("E", "A", default="A"), enum("E", "AB")),
    (record("x.R"), record("y.R")),
    (record("x.A", aliases=["B"]), record("x.B")),
    (record("x.A", aliases=["y.B"]), record("y.B")),
    (record("R", field("a", "int", default=1)), record("R")),
    (record("R", field("a", "null", default=None)), record("R")),
    (record("R"), record("R", field("a", "int"))),
    (record("R", field("b", "int", aliases=["a"])), record("R", field("a", "int"))),
    ({**record("R"), "type": "error"}, record("R")),
    (
        {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
        {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 1},
    ),
]


@pytest.mark.parametrize(("reader", "writer"), READABLE)
def test_can_read_finds_nothing(reader: Json, writer: Json) -> None:
    assert entries(reader, writer) == []


def type_mismatch(reader: str, writer: str, location: str = "/") -> tuple[str, str, str]:
    message = f"reader type: {reader} not compatible with writer type: {writer}"
    return "TYPE_MISMATCH", message, location


UNREADABLE: list[tuple[Json, Json, list[tuple[str, str, str]]]] = [
    ("int", "long", [type_mismatch("INT", "LONG")]),
    ("float", "double", [type_mismatch("FLOAT", "DOUBLE")]),
    ("string", enum("E", "A"), [type_mismatch("STRING", "ENUM")]),
    ("bytes", fixed("F", 1), [type_mismatch("BYTES", "FIXED")]),
    (
        {"type": "map", "values": "int"},
        {"type": "map", "values": "string"},
        [type_mismatch("INT", "STRING", "/values")],
    ),
    ("int", ["null", "int"], [type_mismatch("INT", "NULL", "/0")]),
    (
        fixed("x.A", 1),
        fixed("y.B", 2),
        [
            ("NAME_MISMATCH", "expected: y.B", "/name"),
            ("FIXED_SIZE_MISMATCH", "expected: 2, found: 1", "/size"),
        ],
    ),
    (enum("E", "A"), enum("E", "CBA"), [("MISSING_ENUM_SYMBOLS", "[B, C]", "/symbols")]),
    (
        record("x.A", aliases=["B"]),
        record("y.B"),
        [("NAME_MISMATCH", "expected: y.B", "/name")],
    ),
    (
        record("x.A", aliases=[".B"]),
        record("B"),
        [("NAME_MISMATCH", "expected: B", "/name")],
    ),
    (
        record("R", field("pad", "int", default=0), field("a", ["null", "int"])),
        record("R"),
        [("READER_FIELD_MISSING_DEFAULT_VALUE", "a", "/fields/1")],
    ),
    # an enum's own default does not stand in for the field: Java compares it with the record
    (
        record("R", field("a", enum("E", "A", default="A"))),
        record("R"),
        [type_mismatch("ENUM", "RECORD", "/fields/0/type")],
    ),
    (
        ["null", "int"],
        ["null", "string", "boolean"],
        [
            ("MISSING_UNION_BRANCH", "reader union lacking writer type: STRING", "/1"),
            ("MISSING_UNION_BRANCH", "reader union lacking writer type: BOOLEAN", "/2"),
        ],
    ),
    (
        ["null", record("R", field("a", "int"))],
        record("R", field("a", "string")),
        [("MISSING_UNION_BRANCH", "reader union lacking writer type: RECORD", "/")],
    ),
    ([], "int", [("MISSING_UNION_BRANCH", "reader union lacking writer type: INT", "/")]),
    # the same pair twice: Java tells both at the place of the first
    (
        record("R", field("a", record("S", field("z", "int"))), field("b", "S")),
        record("R", field("a", record("S", field("z", "string"))), field("b", "S")),
        [type_mismatch("INT", "STRING", "/fields/0/type/fields/0/type")] * 2,
    ),
    # and where the first was an attempt at a union, its place begins at the union
    (
        record(
            "R",
            field("pad", "int"),
            field("u", ["null", record("S", field("k", record("K", field("z", "int"))))]),
            field("s", "S"),
            field("k", "K"),
        ),
        record(
            "R",
            field("pad", "int"),
            field("u", ["null", record("S", field("k", record("K", field("z", "string"))))]),
            field("s", "S"),
            field("k", "K"),
        ),
        [
            (
                "MISSING_UNION_BRANCH",
                "reader union lacking writer type: RECORD",
                "/fields/1/type/1",
            ),
            type_mismatch("INT", "STRING", "/fields/0/type/fields/0/type"),
            type_mismatch("INT", "STRING", "/fields/0/type/fields/0/type"),
        ],
    ),
]


@pytest.mark.parametrize(("reader", "writer", "expected"), UNREADABLE)
def test_can_read_finds(reader: Json, writer: Json, expected: list[tuple[str, str, str]]) -> None:
    assert entries(reader, writer) == expected


AMBIGUOUS = [
    record("R", field("a", "int"), field("b", "int", aliases=["a"])),
    record("R", field("b", "int", aliases=["b"])),
    record("R", field("a", "int"), field("b", "int"), field("c", "int", aliases=["a", "b"])),
]


@pytest.mark.parametrize("value", AMBIGUOUS)
def test_a_pair_on_which_java_throws_is_ambiguous_even_against_itself(value: Json) -> None:
    (found,) = can_read(reader=schema(value), writer=schema(value))
    last = len(value["fields"]) - 1
    assert found.kind == "AMBIGUOUS_FIELD"
    assert found.reader_pointer == f"/fields/{last}"
    assert found.writer_pointer == ""
    assert found.message.startswith(
        f"Reader record field {value['fields'][last]['name']} matches multiple fields"
        " in writer record schema R"
    )


def test_ambiguity_inside_a_union_branch_is_not_swallowed() -> None:
    found = can_read(
        reader=schema(record("Top", field("u", ["null", AMBIGUOUS[0]]))),
        writer=schema(record("Top", field("u", ["null", AMBIGUOUS[0], "int"]))),
    )
    assert [(i.kind, i.path) for i in found] == [("AMBIGUOUS_FIELD", "Top.u.b")]


def test_ambiguity_has_the_path_to_its_field() -> None:
    value = record("Top", field("list", {"type": "array", "items": AMBIGUOUS[0]}))
    (found,) = can_read(reader=schema(value), writer=schema(value))
    assert (found.kind, found.path) == ("AMBIGUOUS_FIELD", "Top.list[].b")


# Java's memo takes what it assumed for what it found, so the order of the branches decides
UNSOUND_WRITER = record("W", field("v", "long"), field("s", record("S", field("w", ["null", "W"]))))
FITS_NOT = record(
    "n1.W", field("v", "int"), field("s", record("n1.S", field("w", ["null", "n1.W"])))
)
FITS = record("n2.W", field("v", "long"), field("s", "n1.S"))


def test_the_memo_is_unsound_as_java_has_it() -> None:
    assert entries([FITS_NOT, FITS], UNSOUND_WRITER) == []
    swapped = [
        record("n2.W", field("v", "long"), field("s", FITS_NOT["fields"][1]["type"])),
        record("n1.W", field("v", "int"), field("s", "n1.S")),
    ]
    assert entries(swapped, UNSOUND_WRITER) == [
        ("MISSING_UNION_BRANCH", "reader union lacking writer type: RECORD", "/")
    ]


def test_a_union_of_several_records_is_looked_at_even_where_it_is_equal() -> None:
    """Attempts at its branches stay in Java's memo, at places that begin at the union."""
    union = [record("A"), record("B")]
    assert entries(
        record("R", field("u", union), field("x", "A")),
        record("R", field("u", union), field("x", "B")),
    ) == [("NAME_MISMATCH", "expected: B", "/name")]


def test_a_branch_behind_a_record_is_looked_at_even_where_it_is_equal() -> None:
    """The two places are Avro Java 1.12.1's: an attempt at a branch begins at a root of its own."""
    own = record("n2.B", field("a", "n2.B"))
    held = field("e", record("n1.A", field("a", [own, "bytes"])))
    assert entries(
        record("D", held, field("a", "n2.B")), record("D", held, field("a", "n1.A"))
    ) == [
        ("NAME_MISMATCH", "expected: n1.A", "/fields/1/type/name"),
        ("TYPE_MISMATCH", "reader type: RECORD not compatible with writer type: BYTES", "/"),
    ]


def only(found: list[Incompatibility]) -> tuple[str, str, str]:
    (one,) = found
    return one.reader_pointer, one.writer_pointer, one.path


MONEY = record("Money", field("amount", "long"), field("currency", enum("Currency", "AB")))
OLD_MONEY = record("Money", field("currency", enum("Currency", "ABC")), field("amount", "long"))


def test_pointers_lead_into_both_texts_and_the_path_names_the_place() -> None:
    reader = record("shop.OrderCreated", field("id", "string", default=""), field("total", MONEY))
    writer = record("shop.OrderCreated", field("total", OLD_MONEY))
    assert only([*can_read(reader=schema(reader), writer=schema(writer))]) == (
        "/fields/1/type/fields/1/type/symbols",
        "/fields/0/type/fields/0/type/symbols",
        "OrderCreated.total.currency",
    )


def test_a_pointer_through_a_name_leads_to_the_definition() -> None:
    reader = record(
        "R", field("a", ["null", MONEY]), field("b", {"type": "array", "items": "Money"})
    )
    writer = record("R", field("a", "null"), field("b", {"type": "array", "items": OLD_MONEY}))
    assert only([*can_read(reader=schema(reader), writer=schema(writer))]) == (
        "/fields/0/type/1/fields/1/type/symbols",
        "/fields/1/type/items/fields/0/type/symbols",
        "R.b[].currency",
    )


def test_what_stands_in_a_referenced_schema_is_pointed_at_by_its_use() -> None:
    reader = schema(record("R", field("t", {"type": "map", "values": "Money"})), schema(MONEY))
    writer = schema(record("R", field("t", {"type": "map", "values": OLD_MONEY})))
    assert only([*can_read(reader=reader, writer=writer)]) == (
        "/fields/0/type/values",
        "/fields/0/type/values/fields/0/type/symbols",
        "R.t{}.currency",
    )


def test_each_visit_of_a_pair_has_its_own_path() -> None:
    reader, writer = (
        schema(record("R", field("a", record("S", field("z", kind))), field("b", "S")))
        for kind in ("int", "string")
    )
    found = [*can_read(reader=reader, writer=writer)]
    assert [i.path for i in found] == ["R.a.z", "R.b.z"]
    assert {i.reader_pointer for i in found} == {"/fields/0/type/fields/0/type"}


def test_a_missing_symbol_list_is_in_the_order_of_java_strings() -> None:
    symbols = ["\U0001d49c", "￭", "Z", "a"]
    text = json.dumps({"type": "enum", "name": "E", "symbols": symbols})
    writer = parse(text, names="none")
    (found,) = can_read(reader=schema(enum("E", "")), writer=writer)
    assert found.message == "[Z, a, \U0001d49c, ￭]"


def test_before_1_12_a_writers_union_has_no_place_of_its_own() -> None:
    reader, writer = (schema(record("R", field("a", t))) for t in ("int", ["null", "int"]))
    locations = {
        version: [
            i.java_location for i in can_read(reader=reader, writer=writer, avro_version=version)
        ]
        for version in ("1.11", "1.12")
    }
    assert locations == {"1.11": ["/"], "1.12": ["/fields/0/type/0"]}


def test_a_thousand_levels_are_compared() -> None:
    limit = sys.getrecursionlimit()
    reader, writer = (
        parse('{"type":"array","items":' * 1000 + f'"{kind}"' + "}" * 1000)
        for kind in ("int", "string")
    )
    (found,) = can_read(reader=reader, writer=writer)
    assert found.reader_pointer == "/items" * 1000
    assert found.java_location == "/items" * 1000
    assert sys.getrecursionlimit() == limit


def ladder(rungs: int, kind: str) -> Schema:
    """Each type uses the next one twice, so a clash at the end is met 2^rungs times."""
    types = [record(f"T{rungs}", field("z", kind))]
    for i in reversed(range(rungs)):
        types.append(record(f"T{i}", field("a", f"T{i + 1}"), field("b", f"T{i + 1}")))
    return schema(record("Top", *(field(f"f{i}", t) for i, t in enumerate(types))))


def test_a_clash_that_doubles_with_every_level_is_told_ten_thousand_times_at_most() -> None:
    found = [*can_read(reader=ladder(40, "int"), writer=ladder(40, "string"))]
    assert len(found) == MOST_REPORTED
    assert {i.reader_pointer for i in found} == {"/fields/0/type/fields/0/type"}


def test_circles_too_long_to_follow_are_one_clear_refusal() -> None:
    """Two rings whose lengths share no divisor meet in as many pairs as their product."""

    def ring(size: int, kind: str) -> Schema:
        types = [
            record(f"R{i}", field("z", kind), field("next", ["null", f"R{(i + 1) % size}"]))
            for i in range(size)
        ]
        return schema(record("Top", *(field(f"f{i}", [t]) for i, t in enumerate(types))))

    with pytest.raises(ContentError, match="reach too many types to be compared"):
        can_read(reader=ring(211, "int"), writer=ring(199, "string"))
