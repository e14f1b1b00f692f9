"""Digests of texts that differ in the order of properties only: the same for every encoder of JSON,
since files hold them.

The digests were made by Python's own encoder.
"""

from __future__ import annotations

import pytest

from schemareg.registry.store.identity import _is_written_alike, semantic_digest

DEEP = 300


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ('"int"', "ef524ea1b91e73173d938ade36c1db32"),
        ('{"z":1,"a":{"d":2,"c":3}}', "9615085471a45207b3c882773aa11d84"),
        ('{"b":1,"B":2,"a_":3,"a":4}', "5430c5be931d2a99469adea745fd72d1"),
        ('{"a":[true,false,null,-1,10]}', "6b0688b4e40de53afd6a4991c08b87ef"),
        ('{"aliases":["b","a"],"name":"N"}', "835451cdfde61dfe08e44297493f9438"),
        ('{"a":"</s>"}', "0c4f6c1dddc3db0fb8376d5d3b28dee9"),
        ('{"a":1.50,"b":1e16}', "b5b79c157d70ffb83334958cecdf22eb"),
        ('{"a":999999999999999}', "bc1a1f5bb96038c8b531a77251729dad"),
        ('{"a":9007199254740993}', "087fa14426920b18460027c01a38fb6a"),
        ('{"a":12345678901234567890123}', "75c907c5af0f7833df5c7b01ccfd1c75"),
        ('{"a":-0}', "258bd3b7a67834e0049735c6c1229598"),
        ('{"a":-0.0}', "f90454812d4871547b8818d7da018273"),
        ('{"a":"\x7f"}', "a25aaf03453459d29ef33a173d6c06e5"),
        ('{"a":"\\u0001\\"\\\\/"}', "b5a080639fc4c9d47a3248a64d8b678a"),
        ('{"a":"ä"}', "89700f240eb1e7cb2462a18e5c39e7f7"),
        ('{"\\ud800":1}', "5d054598b380cf754722aaa935ccab91"),
        (
            '{"type":"array","items":' * DEEP + '"int"' + "}" * DEEP,
            "04b77ec12f4ae3da8f5257175fbae0b6",
        ),
    ],
    ids=lambda value: value[:30],
)
def test_digest(text: str, digest: str) -> None:
    assert semantic_digest(text).hex() == digest


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ('{"name":"com.shop.v1.Order"}', True),
        ('{"name":"Sha256e","doc":"1234567890123456"}', True),
        ('{"a":[12,-3,123456789012345]}', True),
        ('{"a":1.5}', False),
        ('{"a":-1.5}', False),
        ('{"a":[0,2e3]}', False),
        ('{"a":[0, 2E3]}', False),
        ('{"a":1234567890123456}', False),
        ('{"a":-1234567890123456}', False),
        ("1.5", False),
        ("1234567890123456", False),
    ],
)
def test_only_numbers_are_left_to_the_slow_encoder(text: str, alike: bool) -> None:
    assert _is_written_alike(text) == alike
