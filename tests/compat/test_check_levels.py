from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import Schema, parse
from schemareg.compat import Kind, check
from schemareg.subjects import CompatibilityLevel as Level
from schemareg.subjects import Version


def order(*fields: tuple[str, Any] | tuple[str, Any, Any]) -> Schema:
    return parse(
        json.dumps(
            {
                "type": "record",
                "name": "Order",
                "fields": [
                    dict(zip(("name", "type", "default"), field, strict=False)) for field in fields
                ],
            }
        )
    )


ID = ("id", "string")
V1 = order(ID, ("total", "double"))
V2 = order(ID)
V3 = order(ID, ("note", "string", ""))
HISTORY = [(Version(1), V1), (Version(2), V2), (Version(3), V3)]

GAINS_REQUIRED = order(ID, ("note", "string", ""), ("total", "double"))
GAINS_REQUIRED_AGAIN = order(ID, ("total", "double"))
DROPS_ALL = order(("note", "string", ""))

# (new, level, [(version, direction, path)]): newest first, FORWARD before BACKWARD
CASES: list[tuple[Schema, Level, list[tuple[int, str, str]]]] = [
    (V3, Level.NONE, []),
    (GAINS_REQUIRED, Level.NONE, []),
    (GAINS_REQUIRED, Level.BACKWARD, [(3, "BACKWARD", "Order.total")]),
    (GAINS_REQUIRED, Level.FORWARD, []),
    (GAINS_REQUIRED, Level.FULL, [(3, "BACKWARD", "Order.total")]),
    (
        GAINS_REQUIRED,
        Level.BACKWARD_TRANSITIVE,
        [(3, "BACKWARD", "Order.total"), (2, "BACKWARD", "Order.total")],
    ),
    (GAINS_REQUIRED, Level.FORWARD_TRANSITIVE, []),
    (V3, Level.FORWARD_TRANSITIVE, [(1, "FORWARD", "Order.total")]),
    (V3, Level.FORWARD, []),
    (V3, Level.BACKWARD_TRANSITIVE, []),
    (
        DROPS_ALL,
        Level.FORWARD_TRANSITIVE,
        [
            (3, "FORWARD", "Order.id"),
            (2, "FORWARD", "Order.id"),
            (1, "FORWARD", "Order.id Order.total"),
        ],
    ),
    (
        order(ID, ("total", "string")),
        Level.FULL_TRANSITIVE,
        [
            (3, "BACKWARD", "Order.total"),
            (2, "BACKWARD", "Order.total"),
            (1, "FORWARD", "Order.total"),
            (1, "BACKWARD", "Order.total"),
        ],
    ),
]


@pytest.mark.parametrize(("new", "level", "clashes"), CASES)
def test_check_lists_every_clash_that_the_level_forbids(
    new: Schema, level: Level, clashes: list[tuple[int, str, str]]
) -> None:
    found = [
        (clash.version, clash.direction.value, " ".join(i.path for i in clash.incompatibilities))
        for clash in check(new, HISTORY, level)
    ]
    assert found == clashes


# (the group of the new schema, the clashing versions): version 3 is of another group
@pytest.mark.parametrize(("group", "versions"), [("a", [2]), ("b", [3]), ("c", []), (None, [1])])
def test_check_within_a_compatibility_group(group: str | None, versions: list[int]) -> None:
    history = [(Version(n), V2) for n in (1, 2, 3)]
    groups = {Version(2): "a", Version(3): "b"}
    clashes = check(GAINS_REQUIRED, history, Level.BACKWARD_TRANSITIVE, groups=groups, group=group)
    assert [clash.version for clash in clashes] == versions


def test_check_non_transitive_takes_the_latest_of_the_group() -> None:
    groups = {Version(1): "a", Version(2): "a", Version(3): "b"}
    clashes = check(order(("note", "string", "")), HISTORY, Level.FORWARD, groups=groups, group="a")
    assert [clash.version for clash in clashes] == [2]


def test_check_without_history() -> None:
    assert list(check(V1, [], Level.FULL_TRANSITIVE)) == []


def test_check_versions_with_one_text_but_other_references() -> None:
    """The text of a version says nothing alone: what it refers to may have changed."""
    money_1 = parse('{"type":"record","name":"Money","fields":[{"name":"a","type":"long"}]}')
    money_2 = parse('{"type":"record","name":"Money","fields":[{"name":"a","type":"string"}]}')
    text = '{"type":"record","name":"Order","fields":[{"name":"total","type":"Money"}]}'
    first, second = parse(text, references=[money_1]), parse(text, references=[money_2])
    history = [(Version(1), first), (Version(2), second), (Version(3), first)]
    clashes = list(check(second, history, Level.BACKWARD_TRANSITIVE))
    assert [clash.version for clash in clashes] == [3, 1]
    assert {i.kind for clash in clashes for i in clash.incompatibilities} == {Kind.TYPE_MISMATCH}
