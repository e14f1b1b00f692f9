"""Rules that go by types: what each says at its edges."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.lint import LintSettings, Preset, run
from schemareg.subjects import SubjectNameStrategy
from schemareg.workspace import Config, TopicConfig, build_project


def messages(rule: str, *schemas: object, config: Config | None = None) -> list[str]:
    config = config or Config(cwd=Path("/"))
    texts = [(f"{i}.avsc", json.dumps(schema).encode()) for i, schema in enumerate(schemas)]
    project = build_project(texts, config)
    assert project.failures == ()
    return [f.message for f in run(project, LintSettings(Preset.ALL)) if f.rule == rule]


def decimal(**props: object) -> dict[str, object]:
    return {"type": "bytes", "logicalType": "decimal", **props}


TYPES: list[tuple[str, object, list[str]]] = [
    ("decimal-precision-scale", decimal(precision=4, scale=4), []),
    ("decimal-precision-scale", decimal(precision=4), []),
    (
        "decimal-precision-scale",
        decimal(precision=4, scale=5),
        ["the scale of this decimal is 5, its precision 4"],
    ),
    (
        "decimal-precision-scale",
        decimal(precision=4, scale=-1),
        ["the scale of this decimal is -1, its precision 4"],
    ),
    (
        "decimal-precision-scale",
        decimal(precision=0),
        ["the precision of this decimal is 0"],
    ),
    (
        "decimal-precision-scale",
        decimal(precision="4"),
        ["the precision of this decimal is '4'"],
    ),
    ("decimal-precision-scale", decimal(), ["the precision of this decimal is missing"]),
    (
        "decimal-precision-scale",
        {"type": "fixed", "name": "F", "size": 2, "logicalType": "decimal", "precision": 5},
        ["a fixed of 2 bytes holds 4 digits, not 5"],
    ),
    (
        "decimal-precision-scale",
        {"type": "fixed", "name": "F", "size": 2, "logicalType": "decimal", "precision": 4},
        [],
    ),
    ("logical-type-wrong-base", {"type": "int", "logicalType": "date"}, []),
    (
        "logical-type-wrong-base",
        {"type": "string", "logicalType": "date"},
        ["the logical type 'date' cannot stand on string"],
    ),
    (
        "logical-type-wrong-base",
        {"type": "fixed", "name": "F", "size": 15, "logicalType": "uuid"},
        ["the logical type 'uuid' needs a fixed of size 16, not 15"],
    ),
    ("logical-type-wrong-base", {"type": "string", "logicalType": "nonsense"}, []),
    ("unknown-logical-type", {"type": "long", "logicalType": "timestamp-nanos"}, []),
    (
        "unknown-logical-type",
        {"type": "string", "logicalType": "Date"},
        ["unknown logical type 'Date'"],
    ),
    ("unknown-logical-type", {"type": "string", "logicalType": 3}, []),
    ("complex-union", ["null", "string"], []),
    ("complex-union", ["string"], []),
    ("complex-union", ["int", "string"], ["a union of 2 types"]),
    ("array-of-nullable", {"type": "map", "values": ["null", "int"]}, ["the map holds nulls"]),
    (
        "nullable-collection",
        ["null", {"type": "map", "values": "int"}],
        ["'f' may be null and empty"],
    ),
    ("doc-misplaced", {"type": "string", "doc": "x"}, ["the doc stands on the string"]),
    ("doc-misplaced", {"type": "enum", "name": "E", "symbols": ["A"], "doc": "x"}, []),
    ("nullable-without-default", ["string", "null"], ["'f' may be null, but has no default"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "type_", "expected"), TYPES)
def test_type_of_a_field(rule: str, type_: object, expected: list[str]) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "f", "type": type_}]}
    assert messages(rule, schema) == expected


DEFAULTS: list[tuple[str, object, object, list[str]]] = [
    ("default-branch-order", ["int", "string"], 1, []),
    ("default-branch-order", ["null", "int"], None, []),
    ("default-branch-order", ["int", "null"], None, []),  # null-not-first says that
    (
        "default-branch-order",
        ["null", "int"],
        0,
        ["the default of 'f' does not fit its first branch, null"],
    ),
    (
        "null-not-first",
        ["int", "null"],
        None,
        ["the default of 'f' is null, but null is not the first branch"],
    ),
    ("null-not-first", ["int", "null"], 0, []),
    ("null-default-quoted", "string", "NULL", ["the default of 'f' is the text 'NULL'"]),
    ("null-default-quoted", "string", "nullable", []),
    (
        "optional-field-defaulted-to-magic",
        "long",
        -1,
        ["the default -1 of 'f' looks like absence"],
    ),
    ("optional-field-defaulted-to-magic", "boolean", False, []),
    ("optional-field-defaulted-to-magic", "long", 0, []),
    (
        "optional-field-defaulted-to-magic",
        {"type": "enum", "name": "E", "symbols": ["UNKNOWN"]},
        "UNKNOWN",
        [],
    ),
]


@pytest.mark.parametrize(("rule", "type_", "default", "expected"), DEFAULTS)
def test_default_of_a_field(rule: str, type_: object, default: object, expected: list[str]) -> None:
    field = {"name": "f", "type": type_, "default": default}
    assert messages(rule, {"type": "record", "name": "R", "fields": [field]}) == expected


def record(name: str, **types: object) -> dict[str, object]:
    fields = [{"name": field, "type": type_} for field, type_ in types.items()]
    return {"type": "record", "name": name, "fields": fields}


def aliased(**aliases: list[str]) -> dict[str, object]:
    fields = [{"name": n, "type": "int", "aliases": a} for n, a in aliases.items()]
    return {"type": "record", "name": "R", "fields": fields}


ALIASES = [
    (aliased(a=["b"], b=[]), ["the alias 'b' of 'a' also means 'b'"]),
    (
        aliased(a=["c"], b=["c"]),
        ["the alias 'c' of 'a' also means 'b'", "the alias 'c' of 'b' also means 'a'"],
    ),
    (aliased(a=["c"], b=["d"]), []),
    (aliased(a=["a"]), []),
]


@pytest.mark.parametrize(("schema", "expected"), ALIASES)
def test_alias_collision(schema: object, expected: list[str]) -> None:
    assert messages("alias-collision", schema) == expected


def test_inconsistent_field_type_reports_the_rarer_spelling() -> None:
    found = messages(
        "inconsistent-field-type",
        record("A", userId="string"),
        record("B", userId=["null", "string"]),
        record("C", userId="long"),
        record("D", size="long"),
        record("E", size="string"),
    )
    assert found == ["'userId' is long here, and string in A"]


def test_inconsistent_field_type_tells_logical_types_apart() -> None:
    uuid = {"type": "string", "logicalType": "uuid"}
    found = messages("inconsistent-field-type", record("A", id="string"), record("B", id=uuid))
    assert found == ["'id' is string (uuid) here, and string in A"]


TOPICS = replace(
    Config(cwd=Path("/")),
    topics=(
        TopicConfig("t", ("Paid", "Sent"), SubjectNameStrategy.TOPIC_RECORD, key="Key"),
    ),
)  # fmt: skip


def test_unused_type_knows_values_keys_and_what_they_use() -> None:
    found = messages(
        "unused-type",
        record("Paid", sum="Sum"),
        record("Sent"),
        record("Key"),
        record("Sum"),
        record("Left", sum="Sum"),
        config=TOPICS,
    )
    assert found == ["no topic carries Left, and no other schema uses it"]


def test_event_rules_look_only_at_what_topics_carry() -> None:
    schemas = (record("Paid"), record("Sent", eventId="string"), record("Key"))
    assert messages("event-id-required", *schemas, config=TOPICS) == [
        "the event Paid has no id of its own"
    ]
    assert messages("event-id-required", *schemas) == [
        "the event Paid has no id of its own",
        "the event Key has no id of its own",
    ]


def test_event_id_in_a_shared_record_counts() -> None:
    found = messages(
        "event-id-required",
        record("Paid", meta=["null", "Meta"]),
        record("Meta", event_id="string"),
    )
    assert found == []


def test_event_id_two_records_deep_does_not_count() -> None:
    found = messages(
        "event-id-required",
        record("Paid", envelope="Envelope"),
        record("Envelope", meta="Meta"),
        record("Meta", eventId="string"),
    )
    assert found == ["the event Paid has no id of its own"]


def test_recursive_type_through_another_record() -> None:
    inner = {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}
    assert messages("recursive-type", record("A", b=inner)) == ["A contains itself"]


def test_recursive_type_is_not_a_second_use() -> None:
    inner = {"type": "record", "name": "B", "fields": []}
    assert messages("recursive-type", record("A", b=inner, c="B")) == []


def test_key_field_missing_from_one_of_the_events() -> None:
    found = messages(
        "key-field-present",
        record("Paid", orderId="string"),
        record("Sent", orderId=["null", "string"]),
        record("Key", orderId="string"),
        config=TOPICS,
    )
    assert found == ["the key's field 'orderId' is not always in Sent"]


def test_mixed_time_precision_reports_the_rarer_unit() -> None:
    millis = {"type": "long", "logicalType": "timestamp-millis"}
    micros = {"type": "long", "logicalType": "timestamp-micros"}
    found = messages("mixed-time-precision", record("A", a=millis, b=micros), record("B", c=millis))
    assert found == ["timestamp-micros here, timestamp-millis in most places"]


def test_name_case_of_the_project_is_learnt_from_its_majority() -> None:
    found = messages(
        "field-name-case", record("A", order_id="long", user_id="long", paidBy="string", x="int")
    )
    assert found == ["the field name 'paidBy' is not snake_case, which most fields here have"]
