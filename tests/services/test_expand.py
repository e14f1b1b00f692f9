"""Plans for changes that are not deployable in one step: each step is judged by the engine."""

from __future__ import annotations

import json

import pytest

from schemareg.avro import parse
from schemareg.services.changes import Direction
from schemareg.services.expand import hybrid_of, plan_of, step_direction
from schemareg.subjects import CompatibilityLevel, Version
from tests.services.conftest import Fields, record

ID: Fields = {"id": "string"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            {"id": "string", "gone": "int"},
            {"id": "string", "came": "int"},
            [
                {"name": "id", "type": "string"},
                {"name": "gone", "type": "int"},
                {"name": "came", "type": ["null", "int"], "default": None},
            ],
        ),
        (
            {"id": "string"},
            {"id": "double"},
            [
                {"name": "id", "type": "string"},
                {"name": "idV2", "type": ["null", "double"], "default": None},
            ],
        ),
        ({"id": "int"}, {"id": "long"}, [{"name": "id", "type": "long"}]),
        (
            {"s": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
            {"s": {"type": "enum", "name": "E", "symbols": ["B", "C"]}},
            [
                {
                    "name": "s",
                    "type": {"type": "enum", "name": "shop.E", "symbols": ["A", "B", "C"]},
                }
            ],
        ),
    ],
)
def test_hybrid_has_what_both_have(old: Fields, new: Fields, expected: object) -> None:
    hybrid = hybrid_of(parse(record("Placed", old)), parse(record("Placed", new)))
    assert hybrid is not None
    assert json.loads(hybrid.text)["fields"] == expected


def steps(old: list[Fields], new: Fields, *, for_ever: bool = False) -> list[tuple[str, str]]:
    retained = [(Version(n), parse(record("Placed", f))) for n, f in enumerate(old, 1)]
    plan = plan_of("shop.Placed", retained, parse(record("Placed", new)), for_ever=for_ever)
    return [(step.kind, step.direction or "") for step in plan]


@pytest.mark.parametrize(
    ("old", "new", "for_ever", "expected"),
    [
        (
            [ID],
            {"id": "double"},
            False,
            [
                ("register", ""),
                ("expand", "together"),
                ("migrate", ""),
                ("contract", "consumers-first"),
            ],
        ),
        (
            [{**ID, "gone": "int"}],
            {**ID, "came": "int"},
            False,
            [
                ("register", ""),
                ("expand", "together"),
                ("migrate", ""),
                ("contract", "consumers-first"),
            ],
        ),
        # a field without default cannot be read from records that never expire: it stays optional
        (
            [ID],
            {**ID, "came": "int"},
            True,
            [("register", ""), ("expand", "together"), ("migrate", "")],
        ),
    ],
)
def test_plan(
    old: list[Fields], new: Fields, for_ever: bool, expected: list[tuple[str, str]]
) -> None:
    assert steps(old, new, for_ever=for_ever) == expected


def test_final_schema_keeps_optional_what_old_records_lack() -> None:
    old, new = (parse(record("Placed", {**ID, name: "int"})) for name in ("gone", "came"))
    *_, last = plan_of("shop.Placed", [(Version(1), old)], new, for_ever=False)
    assert last.fields == ("Placed.gone",)
    assert json.loads(last.schema)["fields"] == [
        {"name": "id", "type": "string"},
        {"name": "came", "type": ["null", "int"], "default": None},
    ]


def test_another_type_gets_a_topic_of_its_own() -> None:
    plan = plan_of("shop.Placed", [(Version(1), parse('"string"'))], parse('"int"'), for_ever=True)
    assert [step.kind for step in plan] == ["topic", "migrate", "contract"]


def test_level_that_refuses_a_step_is_named() -> None:
    retained = [(Version(1), parse(record("Placed", ID)))]
    new = parse(record("Placed", {"id": "double"}))
    level = CompatibilityLevel.FULL_TRANSITIVE
    plan = plan_of("shop.Placed", retained, new, for_ever=False, level=level)
    assert [(s.kind, s.refused_under) for s in plan if s.schema] == [
        ("register", None),
        ("contract", level),
    ]


def test_retained_versions_decide_on_a_step() -> None:
    versions = [parse(record("Placed", f)) for f in (ID, {**ID, "n": ("int", 0)})]
    new = parse(record("Placed", {**ID, "n": "int"}))
    assert step_direction(versions[1:], new, for_ever=True) is Direction.TOGETHER
    assert step_direction(versions, new, for_ever=False) is Direction.PRODUCERS_FIRST
    assert step_direction(versions, new, for_ever=True) is Direction.NONE
