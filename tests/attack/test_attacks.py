"""The attack runner finds what it looks for, and a share of every attack holds."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from schemareg.errors import DecodeError
from tests.attack.__main__ import shares
from tests.attack.all_attacks import ATTACKS
from tests.attack.frame import Attack, Shot, ViolatedError, run, steady, watched

SHARE = 60
EVERY_RUN = [attack for attack in ATTACKS if not attack.least_run]


@pytest.mark.parametrize("attack", EVERY_RUN, ids=[attack.name for attack in EVERY_RUN])
def test_a_share_of_each_attack_holds(attack: Attack) -> None:
    with watched():
        tally, findings = run(attack, SHARE, "share")
    assert [str(finding) for finding in findings] == []
    assert tally.shots == SHARE


def fails() -> str:
    raise KeyError("k")


def hangs() -> str:
    while True:
        pass


def violates() -> str:
    raise ViolatedError("two readers differ")


def refuses() -> str:
    raise DecodeError("no")


@pytest.mark.parametrize(
    ("shot", "findings"),
    [
        (lambda: "fine", []),
        (refuses, []),
        (fails, ["a: block 7.0, input 0: KeyError: 'k'"]),
        (violates, ["a: block 7.0, input 0: two readers differ"]),
        (hangs, ["a: block 7.0, input 0: more than 0.05 s of processor time"]),
        (lambda: "x\x1b[31m", ["a: block 7.0, input 0: ['\\x1b'] in 'x\\x1b[31m'"]),
        (lambda: "a\u202eb", ["a: block 7.0, input 0: ['\\u202e'] in 'a\\u202eb'"]),
        (lambda: "y" * 101, [f"a: block 7.0, input 0: a text of 101 characters: '{'y' * 80}'…"]),
    ],
    ids=["fine", "refused", "error", "violation", "hang", "escape", "direction", "length"],
)
def test_what_may_not_happen_is_a_finding(shot: Shot, findings: list[str]) -> None:
    def shots(_: Random) -> Iterator[Shot]:
        yield shot

    attack = Attack("a", steady(shots), cpu_s=0.05, characters=100)
    with watched():
        _, seen = run(attack, 1, "7")
    assert [str(finding) for finding in seen] == findings


def test_a_block_is_the_same_each_time() -> None:
    drawn: list[float] = []

    def shots(rng: Random) -> Iterator[Shot]:
        while True:
            drawn.append(rng.random())
            yield lambda: ""

    for _ in range(2):
        with watched():
            run(Attack("a", steady(shots)), 3, "7")
    assert drawn[:3] == drawn[len(drawn) // 2 :][:3]


def test_inputs_are_shared_by_weight() -> None:
    attacks = (Attack("a", steady(lambda _: iter(())), weight=9), ATTACKS[0])
    assert shares((attacks[0], Attack("b", attacks[0].opened, most=5)), 1_000) == [900, 5]
    assert shares(attacks[:1], 0) == [1]
