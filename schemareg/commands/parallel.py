"""Work that is split over processes, where the system can copy the process that has the data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

P = TypeVar("P")
R = TypeVar("R")

CAN_FORK = sys.platform == "linux"
"""macOS can, too, but its system libraries do not work in the copy."""


def in_processes(parts: Sequence[P], work: Callable[[P], R]) -> list[R]:
    """The result of `work` for each of `parts`, all but the first in a process of its own.

    Results must be picklable. A part whose process failed is worked on here, once more, so that
    its error is raised here.
    """
    if len(parts) < 2 or not CAN_FORK:
        return [work(part) for part in parts]
    from multiprocessing import get_context

    context = get_context("fork")
    running = []
    try:
        for part in parts[1:]:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_child, args=(work, part, theirs), daemon=True)
            process.start()
            theirs.close()
            running.append((process, ours, part))
        results = [work(parts[0])]
        for _, ours, part in running:
            results += _received(ours) or [work(part)]
        return results
    finally:
        for process, ours, _ in running:
            ours.close()
            process.terminate()
            process.join()


def _child(work: Callable[[P], R], part: P, connection: Connection) -> None:
    try:
        connection.send([work(part)])
    except Exception:  # noqa: BLE001 - the outermost call here: the parent runs the part again
        connection.send([])


def _received(connection: Connection) -> list[R]:
    """What a process sent; nothing where it failed or ended before."""
    try:
        received: list[R] = connection.recv()
    except (EOFError, OSError):
        return []
    return received
