"""What a plan can do to a registry: one dataclass per action, with its inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from schemareg.diff import Impact
from schemareg.registry.api.types import Metadata
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Set the level of a subject; `before` is the level that was in force, its own or inherited."""

    subject: Subject
    before: CompatibilityLevel | None
    after: CompatibilityLevel

    def inverse(self) -> SetLevel | None:
        """The level before; None where none was known."""
        return None if self.before is None else SetLevel(self.subject, self.after, self.before)


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Register a schema as the next version of a subject.

    `version` is the number that it is expected to get, and `references` are pinned to versions
    that the registry holds, or gets by this plan under their expected numbers. `impact` is the
    semver class of the change to the latest version, None for a first version or a change that
    is none to a reader. `content` is the digest of text and references, however they are spelt.
    """

    subject: Subject
    version: Version
    text: str
    references: tuple[Reference, ...]
    content: str
    impact: Impact | None = None
    metadata: Metadata | None = None

    def inverse(self) -> None:
        """Nothing: events of a version may be anywhere, so no plan removes one."""


Action: TypeAlias = SetLevel | RegisterVersion
