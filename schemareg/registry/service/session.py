"""What every question to the registry works with."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import field
from typing import Any, TypeVar
from uuid import uuid4

from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS, Budget
from schemareg.registry.service.caches import Caches
from schemareg.registry.service.profile import PROFILE_8, Profile
from schemareg.registry.store import StoredVersion, Tables

T = TypeVar("T")
_STATE = "state"


@dataclass(frozen=True, slots=True)
class Policy:
    """How this registry behaves, fixed for its lifetime.

    `now_ms` returns the time in milliseconds since 1970.
    """

    now_ms: Callable[[], int]
    profile: Profile = PROFILE_8
    keep_rule_sets: bool = False
    caches: Caches = field(default_factory=Caches)
    new_guid: Callable[[], str] = lambda: str(uuid4())


def _everything(subject: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Session:
    """One question or one change, over one consistent state of the tables.

    `may_read` says whether a subject may be read by whom it is for: what a request names beside
    its own subject exists only as far as that.
    """

    policy: Policy
    tables: Tables
    budget: Budget = field(default_factory=lambda: Budget(LIMITS.request_steps))
    may_read: Callable[[str], bool] = _everything
    known: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """What `find` returned for `key`, until the session changes something."""
        state = self.tables.connection.total_changes
        if self.known.get(_STATE) != state:
            self.known.clear()
            self.known[_STATE] = state
        if key not in self.known:
            self.known[key] = find()
        found: T = self.known[key]
        return found

    def newest(self, subject: str) -> StoredVersion | None:
        """The version of `subject` with the highest number, soft-deleted or not."""
        return self.once(("newest", subject), lambda: self.tables.newest(subject))

    def latest(self, subject: str) -> StoredVersion | None:
        """The newest version of `subject` that is not soft-deleted."""
        newest = self.newest(subject)  # nearly always the one, and its number is needed too
        if newest is None or not newest.deleted:
            return newest
        return self.once(("latest", subject), lambda: self.tables.latest(subject))

    @property
    def profile(self) -> Profile:
        return self.policy.profile

    @property
    def caches(self) -> Caches:
        return self.policy.caches
