"""Many writes that were forwarded at once wait for their records by one thread, not one each."""

from __future__ import annotations

import asyncio
import threading

from schemareg.registry.server.forwarding import _Arrivals

WRITES = 200


class Follower:
    """A replica whose reader is behind, until everybody waits."""

    can_write = False
    leader_url = None
    is_loaded = True

    def __init__(self) -> None:
        self.position = 0
        self.waiting = self.most_waiting = 0
        self.moved = threading.Event()

    def wait_for(self, offset: int, timeout_s: float) -> bool:
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        self.moved.wait(timeout_s)
        self.waiting -= 1
        return self.position > offset

    def catch_up(self, timeout_s: float) -> bool:
        return False


def test_writes_that_wait_for_their_records_share_a_thread() -> None:
    async def run(follower: Follower) -> list[int]:
        arrivals = _Arrivals(follower)
        arrived: list[int] = []

        async def wait(offset: int) -> None:
            await arrivals.wait_for(offset)
            arrived.append(offset)

        waiting = [asyncio.ensure_future(wait(offset)) for offset in range(WRITES)]
        await asyncio.sleep(0)
        assert arrived == []
        follower.position = WRITES // 2
        follower.moved.set()
        await asyncio.wait(waiting[: WRITES // 2])
        assert len(arrived) == WRITES // 2
        follower.position = WRITES
        await asyncio.wait(waiting)
        return sorted(arrived)

    follower = Follower()
    assert asyncio.run(run(follower)) == list(range(WRITES))
    assert follower.most_waiting == 1
