"""Room for recursion: a schema may nest deeper than Python's default limit lets a call go.

What recurses over a schema does it in plain functions and loops: the frames of generators, and of
functions called by built-ins, take room on the C stack, which this limit guards.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Jackson refuses a text that nests deeper, so no schema of Avro Java does.
MAX_NESTING = 1000
# Enough frames for every function here on the deepest text, and for types that use each other in
# long cycles; each takes some hundred bytes on the heap.
_FRAMES = 20 * MAX_NESTING


def with_room(call: Callable[[], T]) -> T:
    """What `call` returns, however deep the schema; most calls need no more than they have.

    Only a call that ran out of frames is run again, under a limit that is lowered afterwards; so
    it must not have changed anything.
    """
    try:
        return call()
    except RecursionError:
        limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + _FRAMES)
    try:
        return call()
    finally:
        sys.setrecursionlimit(limit)
