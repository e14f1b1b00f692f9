"""Which values a test may want of a field, by the field's type."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest

from schemareg.avro import parse
from schemareg.errors import UsageError
from schemareg.pytest_plugin.wanted import check_value

E = {"type": "enum", "name": "E", "symbols": ["PAID", "OPEN"]}
F = {"type": "fixed", "name": "F", "size": 2}
R = {"type": "record", "name": "x.R", "fields": [{"name": "a", "type": "int"}]}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2}
UUID_TEXT = {"type": "string", "logicalType": "uuid"}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
LOCAL = {"type": "long", "logicalType": "local-timestamp-millis"}
DATE = {"type": "int", "logicalType": "date"}

CASES: list[tuple[Any, object, str | None]] = [
    ("int", 1, None),
    ("int", 1.0, None),
    ("int", 1.5, "p is int, and never equals 1.5"),
    ("int", True, "p is int, and never equals True"),
    ("int", "1", "p is int, and never equals '1'"),
    ("int", pytest.approx(1.0), None),
    ("int", ANY, None),
    ("double", 12, None),
    ("string", b"a", "p is string, and never equals b'a'"),
    ("string", None, "p is string, and never equals None"),
    (["null", "string"], None, None),
    (["null", "string"], 7, "p is null or string, and never equals 7"),
    (E, "PAID", None),
    (E, "PIAD", "p is an enum without the symbol 'PIAD'"),
    (["null", E], "PIAD", "p is an enum without the symbol 'PIAD'"),
    (E, 1, "p is enum, and never equals 1"),
    (F, b"ab", None),
    (F, b"abc", "p is fixed, and never equals b'abc'"),
    (DECIMAL, Decimal("1.25"), None),
    (DECIMAL, Decimal("1.255"), "p is bytes, and never equals Decimal('1.255')"),
    (DECIMAL, 1, None),
    (DECIMAL, "1.25", "p is bytes, and never equals '1.25'"),
    (UUID_TEXT, UUID(int=1), None),
    (UUID_TEXT, str(UUID(int=1)), "p is string, and never equals '00000000-"),
    (MILLIS, datetime(2030, 1, 1, tzinfo=UTC), None),
    (MILLIS, datetime(2030, 1, 1), "p is long, and never equals datetime"),  # noqa: DTZ001
    (LOCAL, datetime(2030, 1, 1), None),  # noqa: DTZ001
    (LOCAL, datetime(2030, 1, 1, tzinfo=UTC), "p is long, and never equals datetime"),
    (DATE, date(2030, 1, 1), None),
    (DATE, datetime(2030, 1, 1, tzinfo=UTC), "p is int, and never equals datetime"),
    ({"type": "array", "items": "int"}, [1, 2], None),
    ({"type": "array", "items": "int"}, [1, "2"], "p is array, and never equals [1, '2']"),
    ({"type": "array", "items": "int"}, (1, 2), "p is array, and never equals (1, 2)"),
    ({"type": "map", "values": "int"}, {"a": 1}, None),
    ({"type": "map", "values": "int"}, {"a": "b"}, "p is map, and never equals {'a': 'b'}"),
    (R, {"a": 1}, None),
    (R, {}, "p is x.R, and never equals {}"),
    (R, {"a": 1, "b": 2}, "p is x.R, and never equals"),
]


@pytest.mark.parametrize(("type_", "value", "refusal"), CASES)
def test_check_value(type_: Any, value: object, refusal: str | None) -> None:
    root = parse(json.dumps(type_)).root
    nodes = [root]
    if refusal is None:
        check_value(value, nodes, "p")
        return
    with pytest.raises(UsageError) as caught:
        check_value(value, nodes, "p")
    assert str(caught.value).startswith(refusal)
