"""What is remembered between requests; every entry stays true for ever, so none is invalidated."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

V = TypeVar("V")


class Remembered:
    """The last `size` answers by key; safe to use from several threads."""

    __slots__ = ("_answers", "_lock", "hits", "misses", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.hits = 0
        self.misses = 0
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The answer for `key`, made once; what `make` raises is not remembered."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                self.hits += 1
                remembered: V = self._answers[key]
                return remembered
            self.misses += 1
        answer = make()
        with self._lock:
            self._answers[key] = answer
            if len(self._answers) > self.size:
                self._answers.popitem(last=False)
        return answer


class Caches:
    """Parsed schemas of stored contents and of requests, and verdicts on pairs of them.

    Contents never change under their key, so keys of contents are part of every cache key.
    """

    __slots__ = ("contents", "requests", "resolved", "verdicts")

    def __init__(self, size: int = 1000) -> None:
        self.contents = Remembered(size)
        self.requests = Remembered(size)
        self.resolved = Remembered(size)
        self.verdicts = Remembered(size * 4)
