"""What all faults have in common: they end, when told, after a while, or with the test."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, ExitStack


class Faults(ABC):
    """One fault at a time: a new one takes the place of the one before."""

    def __init__(self) -> None:
        self._mending = threading.Lock()
        self._timer: threading.Timer | None = None

    def heal(self) -> None:
        """No fault is left; without one, nothing happens."""
        timer, self._timer = self._timer, None
        if timer is not None and timer is not threading.current_thread():
            timer.cancel()
            timer.join()
        with self._mending:
            self._mend()

    @abstractmethod
    def _mend(self) -> None:
        """No fault is left; called by one thread at a time, also where there is none."""

    def _begun(self, for_s: float | None = None) -> AbstractContextManager[object]:
        """What heals when it is left as a context, or after `for_s` seconds, if given."""
        if for_s is not None:
            self._timer = threading.Timer(for_s, self.heal)
            self._timer.daemon = True
            self._timer.start()
        context = ExitStack()
        context.callback(self.heal)
        return context
