"""Sample events: reproducible, of their schema, and as extreme as their names say."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings

from schemareg.avro import parse
from schemareg.errors import ContentError
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.realistic import text, words_of
from schemareg.sampling.sample import same_event, sample
from schemareg.sampling.strategies import events


def record(*fields: Any) -> str:
    return json.dumps({"type": "record", "name": "R", "namespace": "n", "fields": list(fields)})


def field(name: str, type: Any, **props: Any) -> Any:
    return {"name": name, "type": type, **props}


ORDER = record(
    field("orderId", "string"),
    field("total", "double"),
    field("placedAt", {"type": "long", "logicalType": "timestamp-millis"}),
    field("amount", {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}),
    field("note", ["null", "string"]),
)


def test_sample_is_the_same_for_the_same_seed() -> None:
    schema = parse(ORDER)
    first = list(sample(schema, seed=5, count=20))
    assert first == list(sample(parse(ORDER), seed=5, count=20))
    assert first != list(sample(schema, seed=6, count=20))
    assert len(first) == 20


def test_sample_looks_like_its_field_names() -> None:
    for event in sample(parse(ORDER), seed=1, count=50):
        assert event["orderId"].startswith("order-")
        assert 0 < event["total"] < 1000
        assert round(event["total"], 2) == event["total"]
        assert (
            datetime(2026, 1, 1, tzinfo=UTC) <= event["placedAt"] < datetime(2027, 1, 1, tzinfo=UTC)
        )
        assert event["placedAt"].microsecond % 1000 == 0
        assert event["amount"].as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("orderId", ("order", "id")),
        ("order_id", ("order", "id")),
        ("OrderID", ("order", "id")),
        ("HTTPStatusCode", ("http", "status", "code")),
        ("x", ("x",)),
        ("", ()),
    ],
)
def test_words_of_a_field_name(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("name", "looks_like"),
    [
        ("customerEmail", r"[a-z]+\.\d+@example\.com"),
        ("currency", r"[A-Z]{3}"),
        ("countryCode", r"[A-Z]{2}"),
        ("correlationId", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("productId", r"product-\d{8}"),
        ("createdAt", r"2026-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("birth_date", r"2026-\d\d-\d\d"),
        ("price", r"\d+\.\d\d"),
        ("postalCode", r"\d{5}"),
        ("imageUrl", r"https://shop\.example\.com/\w+/\d+"),
        ("anything", r"\w+ \w+"),
    ],
)
def test_text_suits_its_field(name: str, looks_like: str) -> None:
    rng = Random(1)
    for _ in range(20):
        assert re.fullmatch(looks_like, text(name, rng))


@pytest.mark.parametrize(
    ("type_", "props", "holds"),
    [
        ("int", {"minimum": 5, "maximum": 7}, lambda v: 5 <= v <= 7),
        ("long", {"minimum": 10**12}, lambda v: v >= 10**12),
        ("double", {"minimum": 0, "maximum": 1}, lambda v: 0 <= v <= 1),
        ("float", {"maximum": -1}, lambda v: v <= -1),
        ("string", {"minLength": 30}, lambda v: len(v) >= 30),
        ("string", {"maxLength": 3}, lambda v: len(v) <= 3),
        ("string", {"examples": ["a", "b"]}, lambda v: v in ("a", "b")),
        ("string", {"pattern": "^[A-Z]{3}-[0-9]{2,4}$"}, lambda v: re.match("[A-Z]{3}-", v)),
        ("string", {"pattern": "^a*b$", "maxLength": 3}, lambda v: v in ("b", "ab", "aab")),
        ("bytes", {"minLength": 20, "maxLength": 21}, lambda v: 20 <= len(v) <= 21),
        ({"type": "array", "items": "int"}, {"minItems": 4, "maxItems": 4}, lambda v: len(v) == 4),
        ({"type": "int", "minimum": 3, "maximum": 3}, {}, lambda v: v == 3),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            {"minimum": 0, "maximum": 1},
            lambda v: 0 <= v <= 1,
        ),
    ],
)
def test_sample_and_edges_heed_constraints(type_: Any, props: Any, holds: Any) -> None:
    schema = parse(record(field("f", type_, **props)))
    events = list(sample(schema, seed=1, count=30))
    assert all(holds(event["f"]) for event in events)
    edges = [case.event["f"] for case in edge_cases(schema) if "examples" not in props]
    assert all(holds(value) for value in edges)


SCALARS: list[tuple[Any, list[tuple[str, Any]]]] = [
    ("boolean", [("true", True), ("false", False)]),
    ("int", [("zero", 0), ("minus one", -1), ("smallest", -(2**31)), ("largest", 2**31 - 1)]),
    ("long", [("zero", 0), ("minus one", -1), ("smallest", -(2**63)), ("largest", 2**63 - 1)]),
    (
        "double",
        [
            ("zero", 0.0),
            ("minus zero", -0.0),
            ("largest", 1.7976931348623157e308),
            ("smallest", -1.7976931348623157e308),
            ("tiniest", 5e-324),
            ("infinity", math.inf),
            ("minus infinity", -math.inf),
            ("NaN", math.nan),
        ],
    ),
    ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, [("A", "A"), ("B", "B")]),
    (
        {"type": "fixed", "name": "F", "size": 2},
        [("all zeros", b"\0\0"), ("all ones", b"\xff\xff")],
    ),
    (
        {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
        [
            ("zero", Decimal("0.00")),
            ("minus one", Decimal("-0.01")),
            ("smallest step", Decimal("0.01")),
            ("largest", Decimal("99.99")),
            ("smallest", Decimal("-99.99")),
        ],
    ),
    (
        {"type": "int", "logicalType": "date"},
        [("oldest", date.min), ("newest", date.max), ("epoch", date(1970, 1, 1))],
    ),
    (
        {"type": "string", "logicalType": "uuid"},
        [("nil", UUID(int=0)), ("max", UUID(int=2**128 - 1))],
    ),
    (
        {"type": "long", "logicalType": "timestamp-millis"},
        [
            ("oldest", datetime(1, 1, 1, tzinfo=UTC)),
            ("newest", datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
            ("epoch", datetime(1970, 1, 1, tzinfo=UTC)),
            ("before 1970", datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ],
    ),
]


@pytest.mark.parametrize(("type_", "edges"), SCALARS)
def test_edge_cases_of_a_field(type_: Any, edges: list[tuple[str, Any]]) -> None:
    cases = list(edge_cases(parse(record(field("f", type_)))))
    assert [case.name for case in cases] == ["ordinary", *(f"f:{what}" for what, _ in edges)]
    for case, (_, value) in zip(cases[1:], edges, strict=True):
        assert same_event(case.event["f"], value)
        if isinstance(value, float):
            assert math.copysign(1, case.event["f"]) == math.copysign(1, value)


def test_edge_cases_name_where_and_what() -> None:
    schema = parse(
        record(
            field("tags", {"type": "array", "items": "boolean"}),
            field("by", {"type": "map", "values": "boolean"}),
            field("inner", json.loads(record(field("flag", "boolean")).replace('"R"', '"I"'))),
            field("maybe", ["null", "boolean", "n.I"]),
        )
    )
    assert [case.name for case in edge_cases(schema)] == [
        "ordinary",
        "tags:empty",
        "tags:one",
        "tags:many",
        "tags[]:true",
        "tags[]:false",
        "by:empty",
        "by:one",
        "by:many",
        "by:empty key",
        "by:non-ASCII key",
        "by{}:true",
        "by{}:false",
        "inner.flag:true",
        "inner.flag:false",
        "maybe:null",
        "maybe:boolean",
        "maybe:boolean true",
        "maybe:boolean false",
        "maybe:I",
        "maybe.flag:true",
        "maybe.flag:false",
    ]


def test_edge_cases_go_deep_where_a_type_holds_itself() -> None:
    text = record(field("value", "int"), field("next", ["null", "R"]))
    deepest = {case.name: case.event for case in edge_cases(parse(text))}["next:deepest"]
    depth, event = 0, deepest
    while event is not None:
        depth, event = depth + 1, event["next"]
    assert depth == 18


def test_sample_of_a_recursive_schema_ends() -> None:
    text = record(field("children", {"type": "array", "items": "R"}), field("next", ["null", "R"]))
    assert len(list(sample(parse(text), seed=1, count=50))) == 50


@pytest.mark.parametrize(
    "text",
    [record(field("r", "R")), '{"type":"enum","name":"E","symbols":[]}', "[]"],
    ids=["a record that requires itself", "an enum without symbols", "an empty union"],
)
def test_sample_says_so_where_no_value_exists(text: str) -> None:
    with pytest.raises(ContentError, match="has no finite value"):
        next(sample(parse(text), seed=1, count=1))


def test_sample_says_so_where_no_text_matches() -> None:
    schema = parse(record(field("f", "string", pattern="^aaaa$", maxLength=2)))
    with pytest.raises(ContentError, match="no text was found that matches '\\^aaaa"):
        next(sample(schema, seed=1, count=1))


def test_sample_names_the_branch_where_a_bare_value_would_not() -> None:
    schema = parse(
        '[{"type":"record","name":"A","fields":[]}, {"type":"record","name":"n.B","fields":[]}]'
    )
    events = list(islice(sample(schema, seed=1, count=20), 20))
    assert ("A", {}) in events
    assert ("n.B", {}) in events


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (math.nan, math.nan, True),
        (1, 1.0, False),
        (1, True, False),
        ({"a": [1, ("n.B", {"x": math.nan})]}, {"a": [1, {"x": math.nan}]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1], [1, 2], False),
    ],
)
def test_same_event(left: Any, right: Any, same: bool) -> None:
    assert same_event(left, right) is same


def test_strategies_heed_constraints() -> None:
    schema = parse(
        record(
            field("i", "int", minimum=5, maximum=7),
            field("s", "string", pattern="^[a-c]+$", maxLength=4),
            field("a", {"type": "array", "items": "int"}, minItems=2, maxItems=3),
            field("d", "double", minimum=0, maximum=1),
        )
    )

    @settings(max_examples=50, derandomize=True, deadline=None)
    @given(events(schema))
    def holds(event: Any) -> None:
        assert 5 <= event["i"] <= 7
        assert re.fullmatch(r"[a-c]{1,4}\n?", event["s"])
        assert 2 <= len(event["a"]) <= 3
        assert 0 <= event["d"] <= 1

    holds()
