"""What a plan can do to a registry: one dataclass per action, with its inverse."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from schemareg.diff import Impact
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.state import StoredVersion
from schemareg.registry.api.types import Config, Metadata, Mode, RuleSet
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version


@dataclass(frozen=True, slots=True)
class SetLevel:
    """Set the level of a subject; `before` is the level that was in force, its own or inherited."""

    subject: Subject
    before: CompatibilityLevel | None
    after: CompatibilityLevel
    was_inherited: bool = False
    kind: Literal["set-level"] = field(init=False, default="set-level")

    def inverse(self) -> SetLevel | ClearLevel | None:
        """The level before; None where none was known."""
        if self.before is None:
            return None
        if self.was_inherited:
            return ClearLevel(self.subject, self.after, self.before)
        return SetLevel(self.subject, self.after, self.before)


@dataclass(frozen=True, slots=True)
class ClearLevel:
    """Remove the own level of a subject; `after` is the one that it then inherits, if known."""

    subject: Subject
    before: CompatibilityLevel
    after: CompatibilityLevel | None
    kind: Literal["clear-level"] = field(init=False, default="clear-level")

    def inverse(self) -> SetLevel:
        """The own level again."""
        return SetLevel(self.subject, self.after, self.before, was_inherited=True)


@dataclass(frozen=True, slots=True)
class SetMode:
    """Set the own mode of a subject; None is none of its own, so the inherited one counts."""

    subject: Subject
    before: Mode | None
    after: Mode | None
    kind: Literal["set-mode"] = field(init=False, default="set-mode")

    def inverse(self) -> SetMode:
        """The mode before."""
        return SetMode(self.subject, self.after, self.before)


@dataclass(frozen=True, slots=True)
class UpdateConfig:
    """Change the configuration of a subject.

    That is alias, normalization, compatibility group, metadata and rules added to each version;
    the level only where the subject had no configuration and so inherited it. Members that are
    equal in both stay as they are; None in `after` removes a member.
    """

    subject: Subject
    before: Config
    after: Config
    kind: Literal["update-config"] = field(init=False, default="update-config")

    @property
    def is_of_alias(self) -> bool:
        """Whether the subject is, before or after, an alias of another, whose versions it shows."""
        return self.before.alias is not None or self.after.alias is not None

    def inverse(self) -> UpdateConfig:
        """The configuration before."""
        return UpdateConfig(self.subject, self.after, self.before)


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Register a schema as the next version of a subject.

    `version` is the number that it is expected to get, and `references` are pinned to versions
    that the registry holds, or gets by this plan under their expected numbers. `impact` is the
    semver class of the change to the latest version, None for a first version or a change that
    is none to a reader. `content` is the digest of text and references, however they are spelt.
    `previous` is the latest version before. `is_again`: an older version has this content, and
    the registry is requested to make a new version of it all the same. `is_documentation`: only
    documentation differs from the latest version.
    """

    subject: Subject
    version: Version
    text: str = field(metadata={"whole": True})
    references: tuple[Reference, ...]
    content: str
    impact: Impact | None = None
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    previous: StoredVersion | None = None
    is_again: bool = False
    is_documentation: bool = False
    kind: Literal["register"] = field(init=False, default="register")

    def inverse(self) -> RegisterVersion | None:
        """The previous schema as one more version; None where there was none.

        The version itself stays, because events of it may be anywhere. The digest of the previous
        content is not known here.
        """
        if self.previous is None:
            return None
        return RegisterVersion(
            self.subject,
            Version(self.version + 1),
            self.previous.text,
            self.previous.references,
            content="",
            metadata=self.previous.metadata,
            rule_set=self.previous.rule_set,
            is_again=True,
        )


@dataclass(frozen=True, slots=True)
class ImportVersion:
    """Register a schema under a version and id given; the subject is in mode IMPORT meanwhile."""

    subject: Subject
    version: Version
    id: SchemaId
    text: str = field(metadata={"whole": True})
    references: tuple[Reference, ...]
    content: str
    metadata: Metadata | None = None
    rule_set: RuleSet | None = None
    kind: Literal["import"] = field(init=False, default="import")

    def inverse(self) -> None:
        """Nothing: events with this id may be anywhere."""


@dataclass(frozen=True, slots=True)
class SoftDelete:
    """Soft-delete a subject; `versions` are those that it has, oldest first."""

    subject: Subject
    versions: tuple[StoredVersion, ...]
    kind: Literal["soft-delete"] = field(init=False, default="soft-delete")

    def inverse(self) -> RegisterVersion:
        """The latest version again, under a new number and, by the protocol, its former id."""
        last = self.versions[-1]
        return RegisterVersion(
            self.subject,
            Version(last.version + 1),
            last.text,
            last.references,
            content="",
            metadata=last.metadata,
            rule_set=last.rule_set,
        )


@dataclass(frozen=True, slots=True)
class PermanentDelete:
    """Delete a subject that is soft-deleted, or will be by then, for ever."""

    subject: Subject
    kind: Literal["permanent-delete"] = field(init=False, default="permanent-delete")

    def inverse(self) -> None:
        """Nothing: the registry forgets its versions and gives away no id again."""


Action: TypeAlias = (
    SetLevel
    | ClearLevel
    | SetMode
    | UpdateConfig
    | RegisterVersion
    | ImportVersion
    | SoftDelete
    | PermanentDelete
)
