"""What a principal may do with which subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from schemareg.subjects import Subject

EVERY_SUBJECT: Final = "*"
"""The pattern that reaches all subjects of all contexts, and what belongs to none."""


class Right(StrEnum):
    """One kind of request."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    CONFIG = "config"
    MODE = "mode"


@dataclass(frozen=True)
class Grant:
    """`rights` on the subjects that match one of `subjects`, patterns where `*` is any text.

    A pattern matches a subject of the default context by its plain name and any other by its
    qualified one (`:.ctx:orders-value`); `*` alone reaches every context.
    """

    subjects: tuple[str, ...]
    rights: frozenset[Right]

    @cached_property
    def _matcher(self) -> re.Pattern[str]:
        alternatives = (
            ".*".join(re.escape(part) for part in pattern.split("*")) for pattern in self.subjects
        )
        return re.compile("|".join(alternatives) if self.subjects else r"(?!)", re.DOTALL)

    @property
    def is_global(self) -> bool:
        return EVERY_SUBJECT in self.subjects

    def covers(self, context: str) -> bool:
        """Reaches everything in the context, whatever it is called."""
        return self.is_global or f":{context}:*" in self.subjects

    def reaches(self, subject: Subject) -> bool:
        if self.is_global:
            return True
        plain = subject.removeprefix(":.:")
        # a pattern such as "*-value" must not reach into another context
        if plain.startswith(":."):
            context = plain[: plain.find(":", 1) + 1]
            return any(p.startswith(context) for p in self.subjects) and bool(
                self._matcher.fullmatch(plain)
            )
        return bool(self._matcher.fullmatch(plain))


@dataclass(frozen=True, slots=True)
class Rights:
    """All that one principal was granted."""

    grants: tuple[Grant, ...] = ()

    def allow(self, right: Right, subject: Subject | None) -> bool:
        """Whether `right` holds on `subject`; None is what concerns every subject."""
        return any(
            right in grant.rights
            and (grant.is_global if subject is None else grant.reaches(subject))
            for grant in self.grants
        )

    def allow_in_context(self, right: Right, context: str) -> bool:
        """Whether `right` holds on everything in the context, such as `.eu`."""
        return any(right in grant.rights and grant.covers(context) for grant in self.grants)

    @property
    def everything_readable(self) -> bool:
        return self.allow(Right.READ, None)

    @property
    def something_readable(self) -> bool:
        return any(Right.READ in grant.rights for grant in self.grants)


EVERYTHING = Rights((Grant((EVERY_SUBJECT,), frozenset(Right)),))


def joined(rights: Iterable[Rights]) -> Rights:
    return Rights(tuple(grant for some in rights for grant in some.grants))
