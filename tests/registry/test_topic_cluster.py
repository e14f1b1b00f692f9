"""Three nodes on a real broker: leader killed, stopped in order, paused past its session."""

from __future__ import annotations

import pytest

from tests.registry.cluster import FAULTS, run

pytestmark = [pytest.mark.docker, pytest.mark.timeout(240)]


def test_no_acknowledged_write_is_lost_whatever_happens_to_the_leader() -> None:
    history, times = run(rounds=len(FAULTS), seed=1)
    assert history.violations == []
    assert len(history.acknowledged) > 20
    assert [kind for kind, _ in times] == [
        "kill",
        "kill, healed",
        "terminate",
        "terminate, healed",
        "pause, healed",
    ]
