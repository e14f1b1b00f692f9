"""A symbol that an enum's default stands in for is compatible, and check still tells of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from schemareg.commands.check import check_project
from schemareg.subjects import CompatibilityLevel
from tests.commands.shop import CONFIG, FILES, shop, state_before

BACKWARD = (
    "compatible with before, but: the reader's shop.Money does not know 'EUR', and silently reads "
    "its default 'ANY' instead",
    "Keep 'EUR' while events hold it, or make sure that 'ANY' is right for it.",
)
FORWARD = (
    "compatible with before, but: the reader's shop.Money does not know 'USD', and silently reads "
    "its default 'ANY' instead",
    "Upgrade the consumers before the first event holds a new symbol, or make sure that the "
    "default is right for it.",
)


def money(*symbols: str) -> dict[str, str]:
    enum = {"type": "enum", "name": "shop.Money", "symbols": ["ANY", *symbols], "default": "ANY"}
    return {"Money.avsc": json.dumps(enum)}


@pytest.mark.parametrize(
    ("level", "told"),
    [
        pytest.param(CompatibilityLevel.BACKWARD, [BACKWARD], id="new-readers"),
        pytest.param(CompatibilityLevel.FORWARD, [FORWARD], id="new-writers"),
        pytest.param(CompatibilityLevel.FULL, [BACKWARD, FORWARD], id="two-changes"),
        pytest.param(CompatibilityLevel.NONE, [], id="no-promise"),
    ],
)
def test_replaced_symbol_is_told_to_the_side_that_changes(
    level: CompatibilityLevel, told: list[tuple[str, str]]
) -> None:
    config = replace(CONFIG, level=level)
    old = state_before({**FILES, **money("EUR")}, config)
    result = check_project(shop(money("USD"), config), old)
    assert {s.subject: [(w.message, w.advice) for w in s.warnings] for s in result.subjects} == {
        "shop.Money": told,
        # told once, where it comes from
        "shop.Line": [],
        "orders-value": [],
        "carts-value": [],
    }
    assert not any(s.violations for s in result.subjects)
