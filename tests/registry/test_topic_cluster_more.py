"""Three nodes on a real broker: 14 rounds of the second half of the short faults."""

from __future__ import annotations

import pytest

from tests.registry.cluster_faults import SHORT, check_rounds

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]


def test_no_acknowledged_write_is_lost_under_the_other_faults() -> None:
    check_rounds(SHORT[1::2] * 2)
