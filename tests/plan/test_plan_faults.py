"""Applies through a proxy that breaks requests: they converge, and report only what is so.

`scripts/fault-test` runs any number of schedules.
"""

from __future__ import annotations

from collections import Counter

from tests.plan.faults import divergences, without_faults
from tests.support.faulty_proxy import FAULTS
from tests.support.listening import Listening

SCHEDULES = 12


def test_applies_through_faults_converge() -> None:
    broken: Counter[str] = Counter()
    with Listening() as listening:
        expected = without_faults(listening)
        found = [
            divergence
            for seed in range(1, SCHEDULES + 1)
            for divergence in divergences(listening, seed, expected, broken)
        ]
    assert found == []
    assert broken.keys() == {*FAULTS}
