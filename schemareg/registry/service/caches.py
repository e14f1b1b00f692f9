"""What is remembered between requests; every entry stays true for ever, so none is invalidated."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from schemareg.avro import Schema
from schemareg.lazy_dataclass import dataclass

V = TypeVar("V")
_TEXTS_BYTES = 2 * 1024 * 1024
"""Schemas are remembered up to so much text in all; parsed they take some ten times that."""


class Remembered(Generic[V]):
    """The last answers by key, up to `size` and up to `most_weight` of them; thread-safe."""

    __slots__ = (
        "_answers",
        "_lock",
        "_most_weight",
        "_size",
        "_weigh",
        "_weight",
        "hits",
        "misses",
    )

    def __init__(self, size: int, most_weight: int, weigh: Callable[[V], int]) -> None:
        self.hits = 0
        self.misses = 0
        self._size = size
        self._most_weight = most_weight
        self._weigh = weigh
        self._weight = 0
        self._answers: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The answer for `key`, made once; what `make` raises is not remembered."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                self.hits += 1
                return self._answers[key]
            self.misses += 1
        answer = make()
        with self._lock:
            if key not in self._answers:
                self._answers[key] = answer
                self._weight += self._weigh(answer)
            while len(self._answers) > self._size or self._weight > self._most_weight:
                _, dropped = self._answers.popitem(last=False)
                self._weight -= self._weigh(dropped)
        return answer


@dataclass(frozen=True, slots=True)
class ReadSchema:
    """A request's schema as read: parsed, in its canonical text, with its semantic digest."""

    schema: Schema
    text: str
    semantic: bytes


class Caches:
    """Parsed schemas of stored contents and of requests, and verdicts on pairs of them.

    Contents never change under their key, so keys of contents are part of every cache key.
    """

    __slots__ = ("contents", "requests", "resolved", "verdicts")

    def __init__(self, size: int = 1000) -> None:
        # a version that is registered leaves two: its own, and the one it was compared with
        self.contents = Remembered[Schema](size * 3, _TEXTS_BYTES, lambda schema: len(schema.text))
        self.requests = Remembered[ReadSchema](size, _TEXTS_BYTES, lambda read: len(read.text))
        self.resolved = Remembered[bytes](size, _TEXTS_BYTES, len)
        self.verdicts = Remembered[tuple[str, ...]](
            size * 4, _TEXTS_BYTES, lambda messages: sum(map(len, messages))
        )
