"""The words of a name, which many rules go by."""

from __future__ import annotations

import pytest

from schemareg.lint.name_words import ends_in_words, has_words, words

WORDS = [
    ("orderId", ("order", "id")),
    ("order_id", ("order", "id")),
    ("ORDER_ID", ("order", "id")),
    ("OrderID", ("order", "id")),
    ("HTTPStatusCode", ("http", "status", "code")),
    ("sha256Digest", ("sha", "256", "digest")),
    ("x", ("x",)),
    ("_", ()),
]


@pytest.mark.parametrize(("name", "expected"), WORDS)
def test_words_of_a_name(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


@pytest.mark.parametrize(
    ("name", "phrases", "has", "ends"),
    [
        ("apiKeyHash", ("api_key",), True, False),
        ("api_key", ("api_key",), True, True),
        ("apikey", ("api_key",), False, False),
        ("secretary", ("secret",), False, False),
        ("pricelist", ("price", "list"), False, False),
        ("unitPrice", ("price",), True, True),
        ("price", (), False, False),
    ],
)
def test_phrases_in_a_name(name: str, phrases: tuple[str, ...], has: bool, ends: bool) -> None:
    assert (has_words(name, phrases), ends_in_words(name, phrases)) == (has, ends)
