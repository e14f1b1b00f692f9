from __future__ import annotations

import pytest

from schemareg.suggestions import did_you_mean, nearest_name

NEAR = [
    ("shop.Mony", ["shop.Money"], "shop.Money"),
    ("shop.Moeny", ["shop.Money"], "shop.Money"),
    ("shop.money", ["shop.Money"], "shop.Money"),
    ("other.Money", ["shop.Money", "shop.Monkey"], "shop.Money"),
    ("shop.events.OrderCraeted", ["shop.events.OrderCreated"], "shop.events.OrderCreated"),
    ("shop.v1.Money", ["shop.v2.Money", "bank.Money"], "shop.v2.Money"),
    ("strin", ["shop.Order", "string"], "string"),
    # a namespace, a word or letters in common make no two types alike
    ("com.shop.events.Money", ["com.shop.events.PaymentAuthorized"], None),
    ("shop.Money", ["shop.MoneyMoved"], None),
    ("shop.OrderCreated", ["shop.OrderCancelled"], None),
    ("shop.Ab", ["shop.Cd"], None),
    ("shop.Money", [], None),
]


@pytest.mark.parametrize(("name", "known", "nearest"), NEAR)
def test_nearest_name(name: str, known: list[str], nearest: str | None) -> None:
    assert nearest_name(name, known) == nearest


@pytest.mark.parametrize(
    ("word", "known", "advice"),
    [
        ("com.shop.Money", ["com.shop.PaymentAuthorized"], "known: com.shop.PaymentAuthorized"),
        ("com.shop.Mony", ["com.shop.Money"], "did you mean 'com.shop.Money'?"),
        # no type names
        ("1.13", ["1.11", "1.12"], "did you mean '1.12'?"),
        ("orders.v1-valeu", ["orders.v1-value"], "did you mean 'orders.v1-value'?"),
        ("levle", ["level", "registry"], "did you mean 'level'?"),
        # a short name for a full one, and letters that any word has
        (
            "OrderCraeted",
            ["com.shop.events.OrderCreated"],
            "did you mean 'com.shop.events.OrderCreated'?",
        ),
        ("a", ["carts-key"], "known: carts-key"),
        ("Created", ["com.shop.OrderCreated"], "did you mean 'com.shop.OrderCreated'?"),
    ],
)
def test_did_you_mean_takes_types_by_their_own_name(
    word: str, known: list[str], advice: str
) -> None:
    assert did_you_mean(word, known) == advice
