"""Which logical types are valid: Avro Java ignores the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import parse
from schemareg.avro.logical import LogicalType, logical_type, max_decimal_precision


def fixed(size: int, **props: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": "F", "size": size, **props}


def decimal(precision: object, scale: object = None) -> dict[str, Any]:
    props = {"logicalType": "decimal", "precision": precision}
    return props if scale is None else {**props, "scale": scale}


CASES: list[tuple[object, LogicalType | None]] = [
    ("int", None),
    ({"type": "int", "logicalType": "date"}, LogicalType("date")),
    ({"type": "long", "logicalType": "date"}, None),
    ({"type": "int", "logicalType": "time-millis"}, LogicalType("time-millis")),
    ({"type": "long", "logicalType": "time-micros"}, LogicalType("time-micros")),
    ({"type": "long", "logicalType": "timestamp-nanos"}, LogicalType("timestamp-nanos")),
    (
        {"type": "long", "logicalType": "local-timestamp-millis"},
        LogicalType("local-timestamp-millis"),
    ),
    ({"type": "int", "logicalType": "timestamp-millis"}, None),
    ({"type": "string", "logicalType": "uuid"}, LogicalType("uuid")),
    (fixed(16, logicalType="uuid"), LogicalType("uuid")),
    (fixed(15, logicalType="uuid"), None),
    ({"type": "bytes", "logicalType": "uuid"}, None),
    (fixed(12, logicalType="duration"), LogicalType("duration")),
    (fixed(11, logicalType="duration"), None),
    ({"type": "bytes", **decimal(9, 2)}, LogicalType("decimal", 9, 2)),
    ({"type": "bytes", **decimal(9)}, LogicalType("decimal", 9, 0)),
    ({"type": "bytes", **decimal(2, 9)}, None),
    ({"type": "bytes", **decimal(0)}, None),
    ({"type": "bytes", **decimal("9")}, None),
    ({"type": "bytes", **decimal(9, -1)}, None),
    ({"type": "bytes", **decimal(9, 2.0)}, None),
    ({"type": "bytes", "logicalType": "decimal"}, None),
    ({"type": "string", **decimal(9, 2)}, None),
    (fixed(4, **decimal(9, 2)), LogicalType("decimal", 9, 2)),
    (fixed(4, **decimal(10, 2)), None),
    ({"type": "int", "logicalType": "money"}, None),
    ({"type": "int", "logicalType": 5}, None),
    ({"type": "string", "logicalType": "uuid", "avro.java.string": "String"}, None),
    ({"type": "array", "items": "int", "logicalType": "date"}, None),
]


@pytest.mark.parametrize(("schema", "expected"), CASES, ids=[json.dumps(s) for s, _ in CASES])
def test_logical_type(schema: object, expected: LogicalType | None) -> None:
    assert logical_type(parse(json.dumps(schema)).root) == expected


@pytest.mark.parametrize(("size", "digits"), [(1, 2), (2, 4), (4, 9), (8, 18), (16, 38)])
def test_max_decimal_precision(size: int, digits: int) -> None:
    assert max_decimal_precision(size) == digits
