"""Token buckets: how often something may happen, per asker."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

KEPT_MAX = 10_000
"""Askers remembered; the one that asked longest ago is forgotten first, with a full bucket."""


class TokenBuckets:
    """One bucket of `burst` tokens per asker, refilled with `per_s` tokens a second."""

    __slots__ = ("_buckets", "_burst", "_clock", "_per_s")

    def __init__(self, *, per_s: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, asker: str) -> float:
        """0 and one token less if `asker` may go on, else the seconds until it may."""
        tokens, now = self._now(asker)
        allowed = tokens >= 1
        self._keep(asker, tokens - 1 if allowed else tokens, now)
        return 0.0 if allowed else (1 - tokens) / self._per_s

    def give_back(self, asker: str) -> None:
        """Undoes one `take`."""
        tokens, now = self._now(asker)
        self._keep(asker, min(self._burst, tokens + 1), now)

    def taken(self, asker: str) -> float:
        """How many tokens are missing from the asker's bucket now."""
        tokens, now = self._now(asker)
        self._keep(asker, tokens, now)
        return self._burst - tokens

    def _now(self, asker: str) -> tuple[float, float]:
        now = self._clock()
        tokens, then = self._buckets.pop(asker, (self._burst, now))
        return min(self._burst, tokens + (now - then) * self._per_s), now

    def _keep(self, asker: str, tokens: float, now: float) -> None:
        self._buckets[asker] = (tokens, now)
        if len(self._buckets) > KEPT_MAX:
            self._buckets.popitem(last=False)
