"""Which subjects changed since a request was judged: one that nothing touched need not be judged
again inside the transaction that stores it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.store.tables import Tables

_SUBJECTS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """A change that was admitted on a state of the store.

    `store` makes it without looking again. That is right as long as nothing but other subjects'
    new versions was committed since `position`, the `Changes.position` from before that state.
    """

    subject: str
    position: int
    store: Callable[[Tables], Any]


class Changes:
    """What was committed, as far as it can void a judgement.

    A change is noted inside its transaction and counts as committed from `end_transaction`, which
    follows the commit: a state that was read at a `position` has everything up to it. Everything
    but `position` is used by one transaction at a time.
    """

    __slots__ = ("_open", "_others", "_subjects", "position")

    def __init__(self) -> None:
        self.position = 0
        self._others = 0
        """Where something else than versions of one subject was changed last."""
        self._subjects: dict[str, int] = {}
        self._open: set[str | None] = set()

    def note(self, subject: str | None) -> None:
        """The open transaction registers versions of `subject`; None: it changes anything."""
        self._open.add(subject)

    def holds(self, judgement: Judgement) -> bool:
        """Whether nothing that `judgement` depends on was changed."""
        return (
            self.has_subjects_only(judgement)
            and judgement.subject not in self._open
            and self._subjects.get(judgement.subject, 0) <= judgement.position
        )

    def has_subjects_only(self, judgement: Judgement) -> bool:
        """Whether nothing but versions of subjects was registered since the judgement."""
        return None not in self._open and self._others <= judgement.position

    def end_transaction(self) -> None:
        """The open transaction was committed, or undone."""
        if not self._open:
            return
        following = self.position + 1
        if None in self._open or len(self._subjects) > _SUBJECTS_MAX:
            self._others = following
            self._subjects.clear()
        else:
            self._subjects.update((subject, following) for subject in self._open if subject)
        self._open.clear()
        self.position = following
