"""Where pages read subjects and versions from: a registry, or the files of a project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from schemareg.avro import Schema
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.types import Metadata
from schemareg.subjects import CompatibilityLevel


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A version that a schema refers to under `name`."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Held:
    """One version. `id`, `guid` and `written_ms` (since 1970) are None where nobody knows them.

    `label` is what people call the version, where that is no number (`proposed`).
    """

    subject: str
    version: int
    text: str
    id: int | None = None
    guid: str | None = None
    written_ms: int | None = None
    deleted: bool = False
    references: tuple[ReferenceRow, ...] = ()
    metadata: Metadata | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A version that refers to version `uses_version` of the subject shown."""

    subject: str
    version: int
    uses_version: int


@dataclass(frozen=True, slots=True)
class Settings:
    """The level in force, whether it is the subject's own, and the mode."""

    level: CompatibilityLevel
    has_own_level: bool = False
    mode: str = "READWRITE"


class Source(Protocol):
    """Subjects and their versions, deleted ones among them."""

    def latest(self, subject: str) -> Held:
        """The newest live version of a subject that has one."""
        ...

    def numbers(self, subject: str) -> Sequence[tuple[int, bool]]:
        """Number of every version, oldest first, and whether it is deleted."""
        ...

    def versions(self, subject: str) -> Sequence[Held]:
        """Newest first.

        Raises: an error that names the subject, where there is none.
        """
        ...

    def version(self, subject: str, version: int) -> Held:
        """Raises: an error that names what is missing."""
        ...

    def schema(self, held: Held) -> Schema:
        """Raises: `ContentError` where the text or one that it refers to cannot be read."""
        ...

    def referenced(self, reference: ReferenceRow) -> Held | None:
        """The version that is referred to; None where it is gone."""
        ...

    def users(self, held: Held) -> Iterable[User]:
        """The versions that refer to `held`."""
        ...

    def settings(self, subject: str) -> Settings:
        """Level and mode of a subject."""
        ...

    def global_level(self) -> CompatibilityLevel:
        """The level of subjects that have none of their own."""
        ...
