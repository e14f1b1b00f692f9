from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import Schema, parse
from schemareg.compat import Direction, can_read
from schemareg.compat.advice import advice, upgrade_order
from schemareg.subjects import CompatibilityLevel as Level


def schema(type_: Any, *, name: str = "Order", aliases: tuple[str, ...] = ()) -> Schema:
    fields: list[dict[str, Any]] = [{"name": "id", "type": "string"}]
    if type_ is not None:
        fields.append({"name": "state", "type": type_, "aliases": list(aliases)})
    return parse(json.dumps({"type": "record", "name": name, "fields": fields}))


def enum(*symbols: str, **more: str) -> dict[str, Any]:
    return {"type": "enum", "name": "State", "symbols": symbols, **more}


# (old type of the field `state`, new type, level that forbids it, the advice)
CASES: list[tuple[Any, Any, Level, str]] = [
    (
        None,
        "string",
        Level.BACKWARD,
        "Give Order.state a default for the events written without it, or, if it is a field"
        " renamed, the old name in its aliases.",
    ),
    (
        "string",
        None,
        Level.FORWARD,
        "Keep the field Order.state: deployed consumers need it and have no default for it; to drop"
        " it, first register a version in which it has a default, upgrade the consumers to that,"
        " then remove it.",
    ),
    (
        "string",
        None,
        Level.FORWARD_TRANSITIVE,
        "Keep the field Order.state: deployed consumers need it and have no default for it, and"
        " under a transitive level that holds for every version.",
    ),
    (
        enum("NEW"),
        enum("NEW", "PAID"),
        Level.FORWARD,
        "First register a version in which the enum at Order.state has a default symbol, upgrade"
        " the consumers to that, and only then add [PAID].",
    ),
    (
        enum("NEW"),
        enum("NEW", "PAID"),
        Level.FULL_TRANSITIVE,
        "Leave [PAID] out of the enum at Order.state: a deployed version of it has no default"
        " symbol to fall back on; carry the new state in a new field with a default.",
    ),
    (
        enum("NEW", "PAID"),
        enum("NEW"),
        Level.BACKWARD,
        "Put [PAID] back into the symbols at Order.state, or give the enum a default symbol that"
        " represents what consumers do not know.",
    ),
    (
        "int",
        "string",
        Level.BACKWARD,
        "Take int back as the type of Order.state (or a union of int and string), or put the string"
        " into a new field with a default.",
    ),
    (
        "int",
        "string",
        Level.FORWARD,
        "Keep writing int at Order.state, which is what deployed consumers read, and put the string"
        " into a new field with a default.",
    ),
    (
        ["null", "string"],
        "string",
        Level.BACKWARD,
        'Keep "null" in the type of Order.state: there are events without a value.',
    ),
    (
        "string",
        ["null", "string"],
        Level.FORWARD,
        "Do not make Order.state nullable: deployed consumers cannot read null there; add a new"
        ' field of type ["null", "string"] with default null.',
    ),
    (
        ["int", "string"],
        ["string"],
        Level.BACKWARD,
        "Keep a branch in the union at Order.state that reads the int of existing events, as the"
        " old schema has it.",
    ),
    (
        ["string"],
        ["int", "string"],
        Level.FORWARD,
        "Do not write int at Order.state: deployed consumers have no branch for it; carry it in a"
        " new field with a default.",
    ),
    (
        {"type": "fixed", "name": "Hash", "size": 16},
        {"type": "fixed", "name": "Hash", "size": 32},
        Level.BACKWARD,
        "Set the size at Order.state back to 16, and carry values of the new size in a new field"
        " with a default.",
    ),
    (
        {"type": "fixed", "name": "Hash", "size": 16},
        {"type": "fixed", "name": "Hash", "size": 32},
        Level.FORWARD,
        "Keep the size at Order.state at 16, and carry values of the new size in a new field with a"
        " default.",
    ),
    (
        None,
        enum("NEW", default="NEW"),
        Level.BACKWARD,
        "Give the field Order.state itself a default: the enum's own default does not fill a field"
        " that old events lack.",
    ),
    (
        enum("NEW", default="NEW"),
        None,
        Level.FORWARD,
        "Keep the field Order.state: deployed consumers have no default for it, since the enum's"
        " own default does not fill an absent field.",
    ),
]


@pytest.mark.parametrize(("old", "new", "level", "fix"), CASES, ids=lambda v: str(v)[:30])
def test_advice_for_a_changed_field(old: Any, new: Any, level: Level, fix: str) -> None:
    direction = Direction.FORWARD if level.forward else Direction.BACKWARD
    before, after = schema(old), schema(new)
    reader, writer = (after, before) if direction is Direction.BACKWARD else (before, after)
    [found] = can_read(reader=reader, writer=writer)
    assert advice(found, direction=direction, level=level).fix == fix


@pytest.mark.parametrize(
    ("direction", "fix"),
    [
        (
            Direction.BACKWARD,
            'Add "shop.Order" to the aliases of the type at Purchase, or take the old name back.',
        ),
        (
            Direction.FORWARD,
            'Keep the old name of the type at Order: deployed consumers do not know "Purchase", and'
            " aliases help only the consumer that has them.",
        ),
    ],
)
def test_advice_for_a_renamed_type(direction: Direction, fix: str) -> None:
    old, new = schema(None, name="shop.Order"), schema(None, name="Purchase")
    reader, writer = (new, old) if direction is Direction.BACKWARD else (old, new)
    [found] = can_read(reader=reader, writer=writer)
    assert advice(found, direction=direction, level=Level.FULL).fix == fix


def test_advice_for_an_alias_that_is_a_field_too() -> None:
    reader = schema("string", aliases=("id",))
    [found] = can_read(reader=reader, writer=schema("string"))
    assert advice(found, direction=Direction.BACKWARD, level=Level.BACKWARD).fix == (
        "Remove one of the aliases of Order.state: more than one field of the other schema goes by"
        " its names, so that no reader knows which to take."
    )


# Source: Confluent, "Schema Evolution and Compatibility", column "Upgrade first"
@pytest.mark.parametrize(
    ("level", "order"),
    [
        (Level.BACKWARD, "consumers are upgraded before producers"),
        (Level.BACKWARD_TRANSITIVE, "consumers are upgraded before producers"),
        (Level.FORWARD, "producers are upgraded before consumers"),
        (Level.FORWARD_TRANSITIVE, "producers are upgraded before consumers"),
        (Level.FULL, "in any order"),
        (Level.FULL_TRANSITIVE, "in any order"),
        (Level.NONE, "have to change together"),
    ],
)
def test_upgrade_order_of_every_level(level: Level, order: str) -> None:
    assert upgrade_order(level).endswith(f"{order}.")
