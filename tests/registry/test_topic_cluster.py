"""Three nodes on a real broker under faults, every answer checked: 25 rounds."""

from __future__ import annotations

import pytest

from tests.registry.cluster_faults import SHORT, run

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

SESSION_MS = 3000
"""Shorter than by default: most faults last until a session ends."""


@pytest.mark.parametrize(
    "names",
    [
        pytest.param((*SHORT, *SHORT)[half::2], id=f"every second fault from {half}")
        for half in (0, 1)
    ],
)
def test_no_acknowledged_write_is_lost_whatever_happens(names: tuple[str, ...]) -> None:
    history, rounds = run(names, seed=1, session_ms=SESSION_MS)
    assert history.violations == [], "\n".join(history.violations)
    assert [round.name for round in rounds] == list(names)
    assert len(history.acknowledged) > 10 * len(names)
