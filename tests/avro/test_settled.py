"""Which pairs of types no comparison needs to look at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import parse
from schemareg.avro.resolution import is_settled

DATE = {"type": "int", "logicalType": "date"}
ENUM = {"type": "enum", "name": "E", "symbols": ["A"]}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("int", "int", True),
        ("int", "long", False),
        ("int", DATE, False),
        (DATE, "int", False),
        (DATE, DATE, False),
        (["null", "string"], ["null", "string"], True),
        (["string", "null"], ["string", "null"], True),
        (["null", "string"], ["string", "null"], False),
        (["null", "string"], "string", False),
        ("string", ["null", "string"], False),
        (["null", "string"], ["null", "bytes"], False),
        (["null", "string"], ["null", "string", "int"], False),
        (["null", "int", "long"], ["null", "int", "long"], False),
        (["int", "long"], ["int", "long"], False),
        (["null", DATE], ["null", DATE], False),
        (["null", ENUM], ["null", ENUM], False),
        (["null"], ["null"], False),
        ([], [], False),
        (ENUM, ENUM, False),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "int"}, False),
    ],
)
def test_is_settled(one: Any, other: Any, expected: bool) -> None:
    roots = [parse(json.dumps(type_)).root for type_ in (one, other)]
    assert is_settled(*roots) is expected
