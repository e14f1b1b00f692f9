"""A part of a base: some subjects, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterable

from schemareg.errors import SchemaParseError
from schemareg.state.base import Base, BaseVersion
from schemareg.subjects import CompatibilityLevel, Subject, Version


class PartOfBase:
    """Those of `wanted` that `base` holds, and every subject that their versions refer to."""

    def __init__(self, base: Base, wanted: Iterable[Subject]) -> None:
        self._base = base
        held = set(base.subjects())
        waiting = sorted(set(wanted) & held)
        found = set(waiting)
        while waiting:
            for version in base.history(waiting.pop()):
                for reference in version.references:
                    if reference.subject not in found:
                        found.add(reference.subject)
                        waiting.append(reference.subject)
        self._subjects = tuple(sorted(found))

    def describe(self) -> str:
        return self._base.describe()

    def subjects(self) -> tuple[Subject, ...]:
        return self._subjects

    def called(self, version: Version) -> str:
        return self._base.called(version)

    def claimed(self) -> tuple[Subject, ...]:
        return self._subjects

    def history(self, subject: Subject) -> tuple[BaseVersion, ...]:
        return self._base.history(subject)

    def level(self, subject: Subject) -> CompatibilityLevel | None:
        return self._base.level(subject)

    def failures(self) -> tuple[SchemaParseError, ...]:
        return self._base.failures()
