"""A short walk of random requests; `scripts/walk-registry` makes long ones."""

from __future__ import annotations

import asyncio

import pytest

from tests.registry.walking import walk


@pytest.mark.parametrize("seed", [1, 2])
def test_random_requests_end_without_a_failure_of_the_server(seed: int) -> None:
    assert asyncio.run(walk(1000, seed)) == 0
