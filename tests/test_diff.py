from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import Schema, parse
from schemareg.compat import Direction
from schemareg.diff import Change, ChangeKind, Impact, diff, impact_of
from tests.support.schemas import field


def schema(value: Any) -> Schema:
    return parse(json.dumps(value))


def record(*fields: Any, name: str = "shop.Order", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def state(*symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "State", "symbols": symbols, **more}


def decimal(precision: int, scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def fixed(size: int, **more: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": "Hash", "size": size, **more}


ID = field("id", "string")
MONEY = record(field("amount", "long"), name="Money")

# old, new, and the lines: impact, directions that break (B, F), description
CASES: list[tuple[Any, Any, list[str]]] = [
    (
        [record(field("x", "string"), name="A"), record(field("x", "long"), name="B")],
        [record(field("x", "int"), name="A"), record(field("x", "string"), name="B")],
        [
            "major BF A.x: type changed from string to int",
            "major BF B.x: type changed from long to string",
        ],
    ),
    (record(ID), record(ID), []),
    (
        record(ID),
        record(ID, field("note", "string", default="")),
        ["minor - Order.note: field added: string"],
    ),
    (record(ID), record(ID, field("note", "string")), ["major B Order.note: field added: string"]),
    (
        record(ID, field("note", ["null", "string"])),
        record(ID),
        ["major F Order.note: field removed: [null, string]"],
    ),
    (
        record(ID, field("note", "string", default="")),
        record(ID),
        ["minor - Order.note: field removed: string"],
    ),
    (
        record(field("total", "int")),
        record(field("amount", "int", aliases=["total"])),
        ["major F Order.amount: field renamed from total to amount"],
    ),
    (
        record(field("total", "int", default=0)),
        record(field("amount", "int", aliases=["total"], default=0)),
        ["minor - Order.amount: field renamed from total to amount"],
    ),
    # deployed readers take the default, and never meet the new type
    (
        record(field("total", "int", default=0)),
        record(field("amount", "long", aliases=["total"], default=0)),
        [
            "minor - Order.amount: field renamed from total to amount",
            "minor - Order.amount: type widened from int to long",
        ],
    ),
    # a rename taken back
    (
        record(field("amount", "int", aliases=["total"])),
        record(field("total", "int")),
        [
            "major B Order.total: field renamed from amount to total",
            "minor - Order.total: alias total removed",
        ],
    ),
    (
        record(field("a", "int"), field("b", "int"), ID),
        record(ID, field("b", "int"), field("a", "int")),
        ["patch - Order: fields in another order: a, b, id, now id, b, a"],
    ),
    (
        record(field("total", "int")),
        record(field("total", "long")),
        ["major F Order.total: type widened from int to long"],
    ),
    (
        record(field("total", "double")),
        record(field("total", "float")),
        ["major B Order.total: type narrowed from double to float"],
    ),
    (
        record(field("total", "double")),
        record(field("total", "string")),
        ["major BF Order.total: type changed from double to string"],
    ),
    (
        record(field("total", "bytes")),
        record(field("total", "string")),
        ["minor - Order.total: type changed from bytes to string"],
    ),
    (
        record(field("note", "string")),
        record(field("note", ["null", "string"])),
        ["major F Order.note: type widened from string to [null, string]"],
    ),
    (
        record(field("note", ["null", "string"])),
        record(field("note", "string")),
        ["major B Order.note: type narrowed from [null, string] to string"],
    ),
    # what stays inside the union is compared too
    (
        record(field("total", MONEY)),
        record(field("total", ["null", record(field("amount", "long"), name="Money", doc="paid")])),
        [
            "major F Order.total: type widened from shop.Money to [null, shop.Money]",
            "patch - Order.total: doc added",
        ],
    ),
    (
        record(field("note", ["null", "int"])),
        record(field("note", ["null", "string"])),
        [
            "major B Order.note: branch removed: int",
            "major F Order.note: branch added: string",
        ],
    ),
    (
        record(field("note", ["null", "int"])),
        record(field("note", ["long", "null", "int"])),
        ["major F Order.note: branch added: long"],
    ),
    # an int is read by the branch long too
    (
        record(field("note", ["null", "long"])),
        record(field("note", ["null", "long", "int"])),
        ["minor - Order.note: branch added: int"],
    ),
    (
        record(field("note", ["null", "int"])),
        record(field("note", ["int", "null"])),
        ["patch - Order.note: branches in another order: [null, int], now [int, null]"],
    ),
    (
        record(field("state", state("NEW"))),
        record(field("state", state("NEW", "PAID"))),
        ["major F Order.state: symbol added: PAID"],
    ),
    (
        record(field("state", state("NEW", default="NEW"))),
        record(field("state", state("PAID", "NEW", default="NEW"))),
        ["minor - Order.state: symbol added: PAID"],
    ),
    (
        record(field("state", state("NEW", "PAID"))),
        record(field("state", state("NEW", default="NEW"))),
        [
            "minor - Order.state: symbol removed: PAID",
            'minor - Order.state: default "NEW" added',
        ],
    ),
    (
        record(field("state", state("NEW", "PAID"))),
        record(field("state", state("NEW"))),
        ["major B Order.state: symbol removed: PAID"],
    ),
    (
        state("NEW", "PAID"),
        state("PAID", "NEW"),
        ["patch - State: symbols in another order: NEW, PAID, now PAID, NEW"],
    ),
    (
        record(field("total", decimal(9, 2))),
        record(field("total", decimal(12, 2))),
        ["minor - Order.total: logical type changed from decimal(9, 2) to decimal(12, 2)"],
    ),
    (
        record(field("total", decimal(9, 2))),
        record(field("total", decimal(9, 4))),
        ["major - Order.total: logical type changed from decimal(9, 2) to decimal(9, 4)"],
    ),
    (
        record(field("at", {"type": "long", "logicalType": "timestamp-millis"})),
        record(field("at", {"type": "long", "logicalType": "timestamp-micros"})),
        ["major - Order.at: logical type changed from timestamp-millis to timestamp-micros"],
    ),
    (
        record(field("at", "long")),
        record(field("at", {"type": "long", "logicalType": "timestamp-millis"})),
        ["minor - Order.at: logical type changed from none to timestamp-millis"],
    ),
    # what is not a logical type is a property
    (
        record(field("at", {"type": "long", "logicalType": "money"})),
        record(field("at", "long")),
        ['patch - Order.at: property logicalType changed from "money" to null'],
    ),
    (
        record(field("n", "int", default=1)),
        record(field("n", "int", default=2)),
        ["minor - Order.n: default changed from 1 to 2"],
    ),
    (
        record(field("n", "int", default=1)),
        record(field("n", "int")),
        ["minor - Order.n: default 1 removed"],
    ),
    # null is a default; none is none
    (
        record(field("n", ["null", "int"])),
        record(field("n", ["null", "int"], default=None)),
        ["minor - Order.n: default null added"],
    ),
    (
        record(ID, doc="old"),
        record(field("id", "string", doc="new", order="ignore", pii=True), doc="new"),
        [
            "patch - Order: doc changed",
            "patch - Order.id: doc added",
            "patch - Order.id: sort order changed from ascending to ignore",
            "patch - Order.id: property pii changed from null to true",
        ],
    ),
    (
        record(ID),
        record(field("id", "string", aliases=["key"]), aliases=["shop.Purchase"]),
        [
            "patch - Order: alias shop.Purchase added",
            "patch - Order.id: alias key added",
        ],
    ),
    # an alias that is another field's name leaves no reader able to tell
    (
        record(ID, field("n", "int")),
        record(ID, field("n", "int", aliases=["id"])),
        ["major B Order.n: alias id added"],
    ),
    (
        record(field("id", "string", aliases=["key"])),
        record(field("id", "string", aliases=["key"]), field("key", "string", default="")),
        ["major F Order.key: field added: string"],
    ),
    (
        record(ID),
        record(ID, name="shop.Purchase", aliases=["shop.Order"]),
        [
            "major F Purchase: name changed from shop.Order to shop.Purchase",
            "patch - Purchase: alias shop.Order added",
        ],
    ),
    (
        record(ID),
        record(ID, name="store.Order"),
        [
            "major - Order: namespace changed: shop.Order is store.Order now; `check` passes that,"
            " since Avro compares short names, and readers that compare full names fail"
        ],
    ),
    (
        record(field("hash", fixed(16))),
        record(field("hash", fixed(32))),
        ["major BF Order.hash: size changed from 16 to 32"],
    ),
    (
        record(field("lines", {"type": "array", "items": record(ID, name="Line")})),
        record(
            field(
                "lines",
                {"type": "array", "items": record(ID, field("n", "int"), name="Line"), "max": 9},
            )
        ),
        [
            "patch - Order.lines: property max changed from null to 9",
            "major B Order.lines[].n: field added: int",
        ],
    ),
    (
        record(field("tags", {"type": "map", "values": "int"})),
        record(field("tags", {"type": "map", "values": "long"})),
        ["major F Order.tags{}: type widened from int to long"],
    ),
    # a type used twice is compared once; a recursive one ends
    (
        record(field("a", MONEY), field("b", "Money"), field("next", ["null", "Order"])),
        record(
            field("a", record(field("amount", "int"), name="Money")),
            field("b", "Money"),
            field("next", ["null", "Order"]),
        ),
        ["major B Order.a.amount: type narrowed from long to int"],
    ),
    (
        record(ID),
        record(ID) | {"type": "error"},
        ['patch - Order: property type changed from "record" to "error"'],
    ),
    ("int", "string", ["major BF type changed from int to string"]),
]

_LETTERS = {Direction.BACKWARD: "B", Direction.FORWARD: "F"}


def line(change: Change) -> str:
    breaks = "".join(_LETTERS[direction] for direction in change.breaks) or "-"
    return f"{change.impact} {breaks} {change.describe()}"


@pytest.mark.parametrize(("old", "new", "lines"), CASES, ids=lambda v: str(v)[-50:])
def test_diff_tells_change_and_impact(old: Any, new: Any, lines: list[str]) -> None:
    assert [line(change) for change in diff(schema(old), schema(new))] == lines


def test_diff_points_into_both_texts() -> None:
    old = record(ID, field("total", MONEY), field("paid", "Money"))
    new = record(field("total", record(field("amount", "int"), name="Money")), ID)
    assert [
        (c.kind, c.path, c.before, c.after, c.old_pointer, c.new_pointer)
        for c in diff(schema(old), schema(new))
    ] == [
        (ChangeKind.FIELD_REMOVED, "Order.paid", "shop.Money", None, "/fields/2", ""),
        (
            ChangeKind.TYPE_NARROWED,
            "Order.total.amount",
            "long",
            "int",
            "/fields/1/type/fields/0/type",
            "/fields/0/type/fields/0/type",
        ),
        (ChangeKind.FIELDS_REORDERED, "Order", "id, total", "total, id", "", ""),
    ]


def test_diff_of_a_referenced_type_points_at_its_use() -> None:
    text = json.dumps(record(ID, field("total", "Money")))
    old = parse(text, references=[schema({**MONEY, "namespace": "shop"})])
    changed = record(field("amount", "int"), name="shop.Money")
    new = parse(text, references=[schema(changed)])
    [change] = diff(old, new)
    assert line(change) == "major B Order.total.amount: type narrowed from long to int"
    assert (change.old_pointer, change.new_pointer) == ("/fields/1/type", "/fields/1/type")


@pytest.mark.parametrize(
    ("new", "impact"),
    [
        (record(ID), None),
        (record(ID, doc="an order"), Impact.PATCH),
        (record(ID, field("n", "int", default=1), doc="an order"), Impact.MINOR),
        (record(field("n", "int", default=1), doc="an order"), Impact.MAJOR),
    ],
)
def test_impact_of_changes_is_the_heaviest(new: Any, impact: Impact | None) -> None:
    assert impact_of(diff(schema(record(ID)), schema(new))) is impact


def test_diff_of_schemas_deeper_than_the_stack() -> None:
    def nested(leaf: str) -> Schema:
        return parse('{"type":"array","items":' * 900 + f'"{leaf}"' + "}" * 900)

    [change] = diff(nested("int"), nested("long"))
    assert line(change) == f"major F {'[]' * 900}: type widened from int to long"
