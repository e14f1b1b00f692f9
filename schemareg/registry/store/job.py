"""A change that waits for its commit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from schemareg.registry.store.changes import Judgement
from schemareg.registry.store.tables import Tables


@dataclass(slots=True)
class Job:
    """A change that waits for its commit, and the future that its caller waits on.

    Where a `judgement` still holds, it is stored in the place of `change`.
    """

    change: Callable[[Tables], Any]
    outcome: Future[Any]
    judgement: Judgement | None = None

    def settle(self, value: Any, failure: BaseException | None) -> None:
        """What became of it, once that is certain."""
        if failure is None:
            self.outcome.set_result(value)
        else:
            self.outcome.set_exception(failure)
