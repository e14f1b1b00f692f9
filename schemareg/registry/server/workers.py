"""Threads for what takes long, so that the event loop only does what is short."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from schemareg.limits import LIMITS

T = TypeVar("T")


class WorkersBusyError(Exception):
    """503: so much waits for a thread that more would not be served soon."""


class Workers:
    """`threads` threads, in front of which at most `waiting` pieces of work wait."""

    __slots__ = ("_most", "_pending", "_pool")

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"schemareg-{name}")
        self._most = threads + waiting
        self._pending = 0

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, called in a thread.

        Raises:
            WorkersBusyError: too much waits already.
        """
        if self._pending >= self._most:
            raise WorkersBusyError
        self._pending += 1
        running = asyncio.get_running_loop().run_in_executor(self._pool, work)
        running.add_done_callback(self._ended)
        return await asyncio.shield(running)

    def _ended(self, done: asyncio.Future[T]) -> None:
        self._pending -= 1
        if not done.cancelled():
            done.exception()  # marks it as seen where the client has hung up

    def close(self) -> None:
        """Waits for what runs; what only waits is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class RequestThreads:
    """The threads of one server: probes never wait for requests, lists never for checks."""

    __slots__ = ("checks", "figures", "lists", "pages", "probes")

    def __init__(self) -> None:
        threads, waiting = LIMITS.request_threads, LIMITS.requests_waiting
        self.checks = Workers("check", threads=threads, waiting=waiting)
        self.lists = Workers("list", threads=threads, waiting=waiting)
        self.pages = Workers("page", threads=threads, waiting=waiting)
        self.figures = Workers("figures", threads=1, waiting=waiting)
        self.probes = Workers("probe", threads=1, waiting=1)

    def close(self) -> None:
        for workers in (self.checks, self.lists, self.pages, self.figures, self.probes):
            workers.close()
