"""What a command builds is not looked through for cycles, neither while it is built nor after."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from schemareg.commands.collector import without_collector

MANY = 100_000


@pytest.fixture
def searches() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(phase: str, _facts: dict[str, int]) -> None:
        seen.append(phase)

    gc.collect()
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_nothing_is_looked_through(searches: list[str]) -> None:
    with without_collector():
        built: list[list[object]] = [[] for _ in range(MANY)]
        assert not gc.isenabled()
    more: list[list[object]] = [[] for _ in range(100)]
    assert (searches, gc.isenabled(), len(built), len(more)) == ([], True, MANY, 100)


def test_cycles_are_found_later() -> None:
    class Cycle:
        def __init__(self) -> None:
            self.own = self

    with without_collector():
        for _ in range(10):
            Cycle()
    assert gc.collect() >= 10


def test_what_somebody_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        with without_collector():
            pass
        assert gc.get_freeze_count() > 0  # fewer than before: what nobody holds is freed
    finally:
        gc.unfreeze()


def test_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
