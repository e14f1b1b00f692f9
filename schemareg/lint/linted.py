"""What the linter needs of a project: it is below the workspace and does not import it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from schemareg.avro.schema import JsonValue, Schema
from schemareg.errors import SchemaParseError
from schemareg.subjects import CompatibilityLevel, Subject


class LintedFile(Protocol):
    """A schema file that parsed."""

    @property
    def path(self) -> str: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def text(self) -> str: ...
    @property
    def value(self) -> JsonValue: ...
    @property
    def schema(self) -> Schema: ...
    @property
    def fullname(self) -> str | None: ...
    @property
    def uses(self) -> Sequence[LintedFile]: ...
    @property
    def modules(self) -> tuple[str, ...]: ...


class LintedSubject(Protocol):
    """A subject under which the project registers a schema."""

    @property
    def subject(self) -> Subject: ...
    @property
    def file(self) -> LintedFile | None: ...
    @property
    def role(self) -> str: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def level(self) -> CompatibilityLevel | None: ...


class LintedProject(Protocol):
    """The files and subjects that are judged together."""

    @property
    def files(self) -> Sequence[LintedFile]: ...
    @property
    def failures(self) -> Sequence[SchemaParseError]: ...
    @property
    def subjects(self) -> Sequence[LintedSubject]: ...
    @property
    def is_whole(self) -> bool: ...
    def is_selected(self, path: str | None, /) -> bool: ...
