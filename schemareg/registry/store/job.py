"""A change that waits for its commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from schemareg.registry.store.changes import Judgement
from schemareg.registry.store.tables import Tables

Tell: TypeAlias = Callable[[Any, BaseException | None], None]
"""Is given what a change returned, or what it failed with."""


@dataclass(slots=True)
class Job:
    """A change that waits for its commit; `tell` is called once it is certain what became of it,
    by the thread that committed.

    Where a `judgement` still holds, it is stored in the place of `change`.
    """

    change: Callable[[Tables], Any]
    tell: Tell
    judgement: Judgement | None = None
