"""What counts as different when events are compared field by field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from schemareg.codec.difference import first_difference

NAN = float("nan")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SAME_NOON_ELSEWHERE = datetime(2026, 11, 20, 13, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (None, None),
        (NAN, float("nan")),
        ({"a": [NAN, {"b": -0.0}]}, {"a": [float("nan"), {"b": -0.0}]}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([{"a": NAN, "b": 2}], [{"b": 2, "a": NAN}]),
        (Decimal("1.20"), Decimal("1.20")),
        (NOON, datetime(2026, 11, 20, 12, tzinfo=UTC)),
    ],
)
def test_alike(expected: object, got: object) -> None:
    assert first_difference(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        (1, True, "the event: expected 1, got True"),
        (1, 1.0, "the event: expected 1, got 1.0"),
        (0.0, -0.0, "the event: expected 0.0, got -0.0"),
        (NAN, 1.0, "the event: expected nan, got 1.0"),
        ("1", b"1", "the event: expected '1', got b'1'"),
        ({"a": 1}, {}, "/a: expected 1, got nothing"),
        ({}, {"a": None}, "/a: expected nothing, got None"),
        ({"b": 1, "a": {"c/d": 1}}, {"a": {"c/d": 2}, "b": 1}, "/a/c~1d: expected 1, got 2"),
        ([1, 2], [1], "/1: expected 2, got nothing"),
        ([1], [1, None], "/1: expected nothing, got None"),
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, "/a/1/b: expected 2, got 3"),
        (Decimal("1.2"), Decimal("1.3"), "the event: expected Decimal('1.2'), got Decimal('1.3')"),
    ],
)
def test_different(expected: object, got: object, said: str) -> None:
    assert str(first_difference(expected, got)) == said


def test_instants_are_compared_as_instants() -> None:
    assert first_difference(NOON, SAME_NOON_ELSEWHERE) is None
