"""A change that waits for its commit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.store.changes import Judgement
from schemareg.registry.store.tables import Tables

if TYPE_CHECKING:
    import asyncio

Settle: TypeAlias = Callable[[Any, BaseException | None], None]
"""Is given what a change returned, or what it failed with."""


@dataclass(slots=True)
class Job:
    """A change that waits for its commit; `settle` is called once it is certain what became of it,
    by the thread that committed.

    Where a `judgement` still holds, it is stored in the place of `change`.
    """

    change: Callable[[Tables], Any]
    settle: Settle
    judgement: Judgement | None = None


def settle(
    outcome: Future[Any] | asyncio.Future[Any], value: Any, failure: BaseException | None
) -> None:
    """Give `outcome` what became of its job, unless nobody waits for it any more."""
    if outcome.done():
        return
    if failure is None:
        outcome.set_result(value)
    else:
        outcome.set_exception(failure)
