"""Retries with growing pauses, and the circuit breaker of a base URL."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime

from schemareg.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential backoff with full jitter.

    `rounds` is how often every base URL may be tried in turn (1: no retry). Before round n
    (from 1) the pause is a random share of `first_pause_s` * 2^(n-1), at most `longest_pause_s`;
    a registry's own Retry-After is a lower bound on it. The defaults pause 7.5 s in all on average.

    Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    rounds: int = 5
    first_pause_s: float = 1.0
    longest_pause_s: float = 10.0

    def pause_s(self, round: int, *, random: Callable[[], float], retry_after_s: float) -> float:
        """Seconds to wait before `round`; `random` draws from [0, 1)."""
        ceiling = min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(round - 1, 60))
        return retry_after_s + random() * ceiling


NO_RETRY = Retry(rounds=1)


def retry_after_s(header: str | None, *, epoch_s: float) -> float:
    """The seconds that a Retry-After header demands, never negative; 0.0 without a valid one.

    Source: RFC 9110, section 10.2.3.
    """
    if header is None:
        return 0.0
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - epoch_s)
    except ValueError:
        return 0.0


class CircuitBreaker:
    """Whether a base URL may be tried: open after `threshold` failures in a row.

    An open circuit passes nothing for `cool_down_s`; then one request may probe, and its
    result closes the circuit or opens it for another `cool_down_s`.
    """

    __slots__ = ("_clock", "_cool_down_s", "_failures", "_open_until", "_threshold")

    def __init__(self, *, threshold: int, cool_down_s: float, clock: Callable[[], float]) -> None:
        self._threshold = threshold
        self._cool_down_s = cool_down_s
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def lets_through(self) -> bool:
        """Whether a request may be sent now; a probe counts as failed until it succeeds."""
        if self._failures < self._threshold:
            return True
        now = self._clock()
        if now < self._open_until:
            return False
        self._open_until = now + self._cool_down_s
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._threshold:
            self._open_until = self._clock() + self._cool_down_s
