"""Token buckets: how often something may happen, per client."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

KEPT_MAX = 10_000
"""Clients remembered; the one silent for longest is forgotten first, with a full bucket."""


class TokenBuckets:
    """One bucket of `burst` tokens per client, refilled with `per_s` tokens a second."""

    __slots__ = ("_buckets", "_burst", "_clock", "_per_s")

    def __init__(self, *, per_s: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """0 and one token less if `client` may go on, else the seconds until it may."""
        tokens, now = self._now(client)
        allowed = tokens >= 1
        self._keep(client, tokens - 1 if allowed else tokens, now)
        return 0.0 if allowed else (1 - tokens) / self._per_s

    def give_back(self, client: str) -> None:
        """Undoes one `take`."""
        tokens, now = self._now(client)
        self._keep(client, min(self._burst, tokens + 1), now)

    def taken(self, client: str) -> float:
        """How many tokens are missing from the client's bucket now."""
        tokens, now = self._now(client)
        self._keep(client, tokens, now)
        return self._burst - tokens

    def _now(self, client: str) -> tuple[float, float]:
        now = self._clock()
        tokens, then = self._buckets.pop(client, (self._burst, now))
        return min(self._burst, tokens + (now - then) * self._per_s), now

    def _keep(self, client: str, tokens: float, now: float) -> None:
        self._buckets[client] = (tokens, now)
        if len(self._buckets) > KEPT_MAX:
            self._buckets.popitem(last=False)
