from __future__ import annotations

from typing import Any

import pytest

from schemareg.avro.binary import decode
from schemareg.compat import can_read
from schemareg.compat.hazard import HazardKind
from schemareg.compat.hazards.pairs import hazards
from schemareg.errors import DecodeError
from tests.compat.schemas import array, decimal, enum, logical, schema
from tests.support.schemas import field, record

JAVA_STRING = {"type": "string", "java-class": "x.C"}

SHADES = {"type": "enum", "name": "Shade", "symbols": ["DARK"]}

D_ALIAS = record("D", field("d", "int", aliases=["e"]))
D_BOTH = record("D", field("d", "int"), field("e", "int"))

# reader, writer, and the kinds of hazard between them
CASES: list[tuple[Any, Any, list[HazardKind]]] = [
    ("long", "int", []),
    # a namespace that changes outside of a union
    (record("x.R", field("a", "int")), record("y.R", field("a", "int")), [HazardKind.NAMESPACE]),
    (
        record("x.R", field("a", "int"), aliases=["y.R"]),
        record("y.R", field("a", "int")),
        [],
    ),
    (
        record("R", field("e", enum("A", name="x.E"))),
        record("R", field("e", enum("A", name="y.E"))),
        [HazardKind.NAMESPACE],
    ),
    # properties that only Avro Java heeds
    ({"type": "string", "java-class": "java.net.URI"}, "string", [HazardKind.JAVA_CLASS]),
    (
        record(
            "R", field("a", {"type": "string", "java-class": "x.C"}), field("b", "int", default=0)
        ),
        record("R", field("a", {"type": "string", "java-class": "x.C"})),
        [],
    ),
    (
        {"type": "string", "logicalType": "uuid", "avro.java.string": "String"},
        {"type": "string", "logicalType": "uuid"},
        [HazardKind.DROPPED_LOGICAL_TYPE, HazardKind.LOGICAL_TYPE],
    ),
    # a union that was not touched is not reported again at every change of its file
    (
        record("R", field("u", ["null", "double", "int"]), field("b", "int", default=0)),
        record("R", field("u", ["null", "double", "int"])),
        [],
    ),
    (
        record("R", field("u", ["null", "double", "int"])),
        record("R", field("u", ["null", "int"])),
        [HazardKind.EARLIER_PROMOTION],
    ),
    # aliases that rename a field which a default of the writer names: Java's reader fails
    (
        record("A", field("c", record("B", field("c", "int", aliases=["d"])), aliases=["b"])),
        record("A", field("b", record("B", field("d", "int")), default={"d": 1})),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record("A", field("b", ["null", record("B", field("c", "int", aliases=["d"]))])),
        record("A", field("b", ["null", record("B", field("d", "int"))], default={"d": 1})),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record("A", field("b", array(record("B", field("c", "int", aliases=["d"]))))),
        record("A", field("b", array(record("B", field("d", "int", default=0))), default=[{}])),
        [],
    ),
    # aliases that give two fields of a record one name, where no event has that record
    (
        record("B", field("c", ["string", D_ALIAS], default="")),
        record("B", field("a", ["string", D_BOTH])),
        [HazardKind.SHARED_SOURCE],
    ),
    (
        record("B", field("c", ["string", {**D_ALIAS, "name": "F", "aliases": ["D"]}], default="")),
        record("B", field("a", ["string", D_BOTH])),
        [HazardKind.SHARED_SOURCE],
    ),
    (
        record("B", field("c", ["string", {**D_ALIAS, "name": "F"}], default="")),
        record("B", field("a", ["string", D_BOTH])),
        [],
    ),
    # a default that Java puts to another branch: it goes by the kind of JSON alone
    (
        record("C", field("c", ["int", "float"], default=1e10)),
        record("C"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record(
            "C", field("c", ["float", {"type": "map", "values": "int"}, "string"], default="NaN")
        ),
        record("C"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (record("C", field("c", ["float", "string"], default="NaN")), record("C"), []),
    ("double", "int", []),
    ("double", "float", []),
    ("float", "int", [HazardKind.LOSSY_PROMOTION]),
    ("float", "long", [HazardKind.LOSSY_PROMOTION]),
    ("double", "long", [HazardKind.LOSSY_PROMOTION]),
    ("string", "bytes", [HazardKind.BYTES_AS_TEXT]),
    ("bytes", "string", [HazardKind.TEXT_AS_BYTES]),
    (decimal(9, 2), decimal(9, 2), []),
    (decimal(9, 4), decimal(9, 2), [HazardKind.DECIMAL_SCALE]),
    (decimal(9, 2), decimal(12, 2), [HazardKind.DECIMAL_PRECISION]),
    (decimal(12, 2), decimal(9, 2), []),
    (decimal(9, 4), decimal(12, 2), [HazardKind.DECIMAL_SCALE, HazardKind.DECIMAL_PRECISION]),
    ("bytes", decimal(9, 2), [HazardKind.LOGICAL_TYPE]),
    (
        logical("long", "timestamp-micros"),
        logical("long", "timestamp-millis"),
        [HazardKind.TIME_UNIT],
    ),
    (logical("long", "time-micros"), logical("int", "time-millis"), [HazardKind.TIME_UNIT]),
    (
        logical("long", "local-timestamp-millis"),
        logical("long", "timestamp-millis"),
        [HazardKind.LOGICAL_TYPE],
    ),
    (logical("string", "uuid"), "string", [HazardKind.LOGICAL_TYPE]),
    # an invalid logical type is none
    (logical("string", "date"), "string", []),
    # the alias takes the value away from the field that has its name
    (
        record("R", field("a", "int", default=0), field("b", "int", aliases=["a"])),
        record("R", field("a", "int")),
        [HazardKind.SHARED_SOURCE],
    ),
    (
        record("R", field("a", "int"), field("b", "int", aliases=["a"])),
        record("R", field("a", "int")),
        [HazardKind.DECODER_REFUSES],
    ),
    (
        record("x.R", field("b", "int", aliases=["a"])),
        record("y.R", field("a", "int")),
        [HazardKind.ALIAS_ACROSS_NAMES, HazardKind.NAMESPACE],
    ),
    (
        record("x.R", field("b", "int", aliases=["a"]), aliases=["y.R"]),
        record("y.R", field("a", "int")),
        [],
    ),
    (
        record("B", field("a", {"type": "enum", "name": "A", "symbols": ["Y"]}), aliases=["A"]),
        record("B", field("a", {"type": "enum", "name": "A", "symbols": ["Y"]})),
        [HazardKind.ALIAS_SHADOWS_TYPE],
    ),
    (
        record("x.B", field("a", {"type": "fixed", "name": "A", "namespace": "", "size": 1}))
        | {"aliases": [".A"]},
        record("x.B", field("a", {"type": "fixed", "name": "A", "namespace": "", "size": 1})),
        [HazardKind.ALIAS_SHADOWS_TYPE],
    ),
    (
        ["null", {"type": "enum", "name": "x.E", "symbols": ["A"]}],
        ["null", {"type": "enum", "name": "y.E", "symbols": ["A"]}],
        [HazardKind.NAMESPACE],
    ),
    (
        [record("n1.S", field("x", "int")), record("n2.S", field("x", "string"))],
        record("n2.S", field("x", "string")),
        [HazardKind.NAMESAKES],
    ),
    (enum("A", "B", default="A"), enum("A", "B", "C"), [HazardKind.UNKNOWN_SYMBOL]),
    (enum("B", "A", "C", default="A"), enum("A", "B"), []),
    (enum("A", "B"), enum("A", "B", default="A"), []),
    (
        ["null", {"type": "map", "values": enum("A", default="A")}],
        {"type": "map", "values": enum("B")},
        [HazardKind.UNKNOWN_SYMBOL],
    ),
    (["double", "int"], "int", [HazardKind.EARLIER_PROMOTION]),
    (["int", "double"], "int", []),
    (
        record(
            "R",
            field("e", [{"type": "enum", "name": "E", "symbols": ["A"]}, "null"], default="B"),
        ),
        record("R"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record("R", field("a", [{"type": "array", "items": "int"}, "null"], default=[])),
        record("R"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (record("R", field("a", {"type": "array", "items": "int"}, default=[])), record("R"), []),
    (
        record("R", field("a", [{"type": "array", "items": "int"}, "null"], default=None)),
        record("R"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record("R", field("a", ["null", {"type": "array", "items": "int"}], default=None)),
        record("R"),
        [],
    ),
    # a union inside a default: Java 1.12.1 reads the second and the fifth, and fails on the others
    *(
        (
            record("R", field("b", record("A", field("a", union)), default={"a": default})),
            record("R"),
            expected,
        )
        for union, default, expected in (
            ([SHADES, "int"], 0, [HazardKind.UNUSABLE_DEFAULT]),
            (["string", "int"], 0, []),
        )
    ),
    (
        record("R", field("b", {"type": "array", "items": [SHADES, "int"]}, default=[1])),
        record("R"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record("R", field("b", {"type": "map", "values": [SHADES, "int"]}, default={"k": 1})),
        record("R"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record(
            "R",
            field(
                "b",
                record("A", field("a", ["null", {"type": "array", "items": "int"}])),
                default={"a": []},
            ),
        ),
        record("R"),
        [],
    ),
    (
        record("R", field("b", record("A", field("a", [SHADES, "int"], default=1)), default={})),
        record("R"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    # Java tries n.A for n.B, and cannot make the default of its a
    (
        [
            record("n.A", field("x", "int"), field("a", ["n.A", "null"], default=None)),
            record("n.B", field("x", "int")),
        ],
        record("n.B", field("x", "int")),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (
        record(
            "E",
            field(
                "of",
                [
                    record("A", field("x", "int"), field("a", ["A", "null"], default=None)),
                    record("B", field("x", "int")),
                ],
            ),
        ),
        record("E", field("of", [record("B", field("x", "int"))])),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    # it comes to n.B first, or to a field that has none
    (
        [
            record("n.B", field("x", "int")),
            record("n.A", field("x", "int"), field("a", ["n.A", "null"], default=None)),
        ],
        record("n.B", field("x", "int")),
        [],
    ),
    (
        [
            record("n.A", field("y", "int"), field("a", ["n.A", "null"], default=None)),
            record("n.B", field("x", "int")),
        ],
        record("n.B", field("x", "int")),
        [],
    ),
    (
        [
            record("n.A", field("x", "int"), field("a", ["null", "n.A"], default=None)),
            record("n.B", field("x", "int")),
        ],
        record("n.B", field("x", "int")),
        [],
    ),
    # Java takes 1.5 for a long
    (
        record("R", field("a", ["long", "double"], default=1.5)),
        record("R"),
        [HazardKind.UNUSABLE_DEFAULT],
    ),
    (record("R", field("a", ["double", "long"], default=1.5)), record("R"), []),
    (
        record("R", field("t", ["null", logical("long", "timestamp-millis")], default=None)),
        record("R"),
        [],
    ),
    (
        record("R", field("t", logical("long", "timestamp-millis"), default=0)),
        record("R"),
        [HazardKind.RAW_DEFAULT],
    ),
    (
        record("R", field("s", record("S", field("b", "bytes")), default={"b": "x"})),
        record("R"),
        [HazardKind.RAW_DEFAULT],
    ),
    (
        record("R", field("t", {"type": "array", "items": decimal(4, 2)}, default=[])),
        record("R"),
        [],
    ),
    # Java's reader goes by aliases twice
    (
        record(
            "R", field("a", "long", aliases=["b"]), field("d", "float", default=0, aliases=["a"])
        ),
        record("R", field("b", "long")),
        [HazardKind.SHARED_SOURCE],
    ),
    # Java's memo takes an assumption made in an attempt that failed for a result
    (
        [
            record(
                "n1.W",
                field("v", "int"),
                field("s", record("n1.S", field("w", ["null", "n1.W"]))),
            ),
            record("n2.W", field("v", "long"), field("s", "n1.S")),
        ],
        record("W", field("v", "long"), field("s", record("S", field("w", ["null", "W"])))),
        [HazardKind.DECODER_REFUSES, HazardKind.NAMESAKES, HazardKind.NAMESPACE],
    ),
]


@pytest.mark.parametrize(("reader", "writer", "kinds"), CASES, ids=lambda v: str(v)[:40])
def test_hazards_of_a_compatible_pair(reader: Any, writer: Any, kinds: list[HazardKind]) -> None:
    readers, writers = schema(reader), schema(writer)
    assert list(can_read(reader=readers, writer=writers)) == []
    new = [hazard for hazard in hazards(reader=readers, writer=writers) if hazard.is_new]
    assert {hazard.kind for hazard in new} == set(kinds)


def test_hazard_of_the_memo_is_met_by_bytes() -> None:
    reader, writer, _ = CASES[-1]
    # W{v: 1, s: {w: W{v: 1, s: {w: null}}}}: read by n2.W, whose s.w is n1.W with an int v
    with pytest.raises(DecodeError):
        decode(bytes.fromhex("02020200"), writer=schema(writer), reader=schema(reader))
