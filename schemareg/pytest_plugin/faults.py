"""What all faults have in common: they end, by a call, after a while, or with the test."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import AbstractContextManager, ExitStack

from schemareg.errors import UsageError
from schemareg.suggestions import did_you_mean

LONGEST_S = 30.0
"""How long a fault lasts that nothing ends."""


class Faults(ABC):
    """One fault at a time: a new one replaces the one before.

    A fault that nothing ends within LONGEST_S is healed, so that nobody waits for ever for a
    broker that cannot answer; `overdue` is then what to report as the test's failure.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self.overdue: str | None = None

    def heal(self) -> None:
        """No fault is left; without one, nothing happens."""
        timer, self._timer = self._timer, None
        if timer is not None and timer is not threading.current_thread():
            timer.cancel()
            timer.join()
        with self._lock:
            self._heal()

    @abstractmethod
    def _heal(self) -> None:
        """No fault is left; called by one thread at a time, also where there is none."""

    def _begun(self, for_s: float | None = None) -> AbstractContextManager[object]:
        """A context that heals when it is left; so does `for_s`, in seconds, if given."""
        if for_s is None:
            self._timer = threading.Timer(LONGEST_S, self._heal_overdue)
        else:
            self._timer = threading.Timer(for_s, self.heal)
        self._timer.daemon = True
        self._timer.start()
        context = ExitStack()
        context.callback(self.heal)
        return context

    def _heal_overdue(self) -> None:
        self.overdue = (
            f"a fault was not ended within {LONGEST_S:g} s and was healed: "
            "give it for_s, use it in a with block, or call heal()"
        )
        self.heal()


def check_known(word: str, known: Collection[str]) -> None:
    """`word` is one of `known`.

    Raises: UsageError.
    """
    if word not in known:
        raise UsageError(f"{word!r} is no fault", advice=did_you_mean(word, known))


def check_positive(**given: float | None) -> None:
    """What a fault is given is more than nothing: a test must not pass because none happened.

    Raises: UsageError.
    """
    for name, value in given.items():
        if value is not None and not value > 0:
            raise UsageError(f"{name}={value!r} is no fault", advice="give a number above 0")
