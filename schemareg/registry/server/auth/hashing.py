"""Password checks in a bounded, fair queue: slow work that anybody may ask for.

A check costs a fifth of a second of a core. Who waits is ordered by how many wrong credentials
came from the same network lately, so that guesses never stand before a first honest login.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from functools import partial

from schemareg.lazy_dataclass import dataclass

WAITING_MAX = 24
WAITING_MAX_PER_NETWORK = 8


class QueueFullError(Exception):
    """503: more wait than can be served soon, and none of them behind this one."""


@dataclass(order=True, slots=True)
class _Check:
    failures: float
    order: int
    network: str = field(compare=False)
    run: Callable[[], bool] = field(compare=False)
    result: asyncio.Future[bool] = field(compare=False)


class HashingQueue:
    """Runs checks on `threads` threads, fewest failures first, then in order of arrival."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="schemareg-hash")
        self._free = threads
        self._waiting: list[_Check] = []
        self._arrivals = 0

    def close(self) -> None:
        """End the threads once what they do is done; the event loop has ended before."""
        self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def check(self, run: Callable[[], bool], *, network: str, failures: float) -> bool:
        """What `run` returns, called in a thread.

        Raises:
            QueueFullError: too many wait, or too many of this network.
        """
        loop = asyncio.get_running_loop()
        self._arrivals += 1
        check = _Check(failures, self._arrivals, network, run, loop.create_future())
        if sum(other.network == network for other in self._waiting) >= WAITING_MAX_PER_NETWORK:
            raise QueueFullError
        heapq.heappush(self._waiting, check)
        if len(self._waiting) > WAITING_MAX:
            self._refuse_last()
        self._start()
        return await check.result

    def _refuse_last(self) -> None:
        last = max(self._waiting)
        self._waiting.remove(last)
        heapq.heapify(self._waiting)
        if not last.result.done():
            last.result.set_exception(QueueFullError())

    def _start(self) -> None:
        while self._free and self._waiting:
            check = heapq.heappop(self._waiting)
            if check.result.done():
                continue  # its client has hung up
            self._free -= 1
            running = asyncio.get_running_loop().run_in_executor(self._pool, check.run)
            running.add_done_callback(partial(self._ended, check))

    def _ended(self, check: _Check, done: asyncio.Future[bool]) -> None:
        self._free += 1
        if not check.result.done():
            error = done.exception()
            if error is not None:
                check.result.set_exception(error)
            else:
                check.result.set_result(done.result())
        self._start()
