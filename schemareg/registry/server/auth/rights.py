"""What a principal may do with which subjects."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from schemareg.lazy_dataclass import dataclass
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


@dataclass(frozen=True, slots=True)
class Grant:
    """`rights` on the subjects that match one of `subjects`, patterns where `*` is any text.

    A pattern matches a subject of the default context by its plain name and any other by its
    qualified one (`:.ctx:orders-value`); `*` alone reaches every context.
    """

    subjects: tuple[str, ...]
    rights: frozenset[Right]

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
        # a pattern such as "*-value" must not reach into another context, so a pattern that does
        # has to name it: each pattern is judged by itself
        context = plain[: plain.find(":", 1) + 1] if plain.startswith(":.") else ""
        return any(
            pattern.startswith(context) and matches(pattern, plain) for pattern in self.subjects
        )


def matches(pattern: str, text: str) -> bool:
    """Whether `text` has the form of `pattern`, in which `*` is any text.

    The first fit of each part is enough, so the time grows with the text and not beyond.
    """
    first, *parts = pattern.split("*")
    if not parts:
        return pattern == text
    last = parts.pop()
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in parts:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


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
