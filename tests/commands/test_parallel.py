"""Work split over processes: the same results in order, and no failure is lost."""

from __future__ import annotations

import os

import pytest

from schemareg.commands.parallel import CAN_FORK, in_processes
from schemareg.errors import UsageError


@pytest.mark.parametrize("parts", [[], ["a"], ["a", "b"], ["a", "b", "c"]])
def test_results_are_in_the_order_of_the_parts(parts: list[str]) -> None:
    assert in_processes(parts, str.upper) == [part.upper() for part in parts]


def test_error_of_a_process_is_raised_here() -> None:
    def work(part: int) -> int:
        if part == 2:
            raise UsageError("part 2 is refused", advice="leave it out")
        return part

    with pytest.raises(UsageError, match="part 2 is refused"):
        in_processes([1, 2], work)


@pytest.mark.skipif(not CAN_FORK, reason="the work is done in one process")
def test_part_of_a_process_that_ended_is_worked_on_here() -> None:
    here = os.getpid()

    def work(part: int) -> int:
        if part == 2 and os.getpid() != here:
            os._exit(1)
        return part * 10

    assert in_processes([1, 2, 3], work) == [10, 20, 30]
