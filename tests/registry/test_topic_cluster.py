"""Three nodes on a real broker: 14 rounds of the first half of the short faults.

The second half is in a module of its own, so that two workers share them.
"""

from __future__ import annotations

import pytest

from tests.registry.cluster_faults import SHORT, check_rounds

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]


def test_no_acknowledged_write_is_lost_under_every_second_fault() -> None:
    check_rounds(SHORT[::2] * 2)
