"""The types of a registry's API, and the protocol of every backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import Final, Literal, Protocol, TypeAlias

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import (
    CompatibilityLevel,
    Reference,
    SchemaId,
    Subject,
    Version,
    VersionSelector,
)
from schemareg.subjects import Metadata as Metadata
from schemareg.subjects import Mode as Mode

RuleSet: TypeAlias = Mapping[str, JsonValue]
"""Rules beside a schema, as the protocol spells them; a community registry drops them."""


@dataclass(frozen=True, slots=True)
class ElementTags:
    """The tags of one record or field; `path` is its dotted name, `com.shop.Order.id`."""

    path: str
    element: Literal["record", "field"]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """One version of a subject. `text` is the registry's own spelling of the schema.

    `guid` is None where a registry has none (7.x, third parties); `tags` are those that were
    requested.
    """

    subject: Subject
    version: Version
    id: SchemaId
    text: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    guid: str | None = None
    deleted: bool = False
    rule_set: RuleSet | None = None
    tags: tuple[ElementTags, ...] = ()
    schema_type: str = "AVRO"


@dataclass(frozen=True, slots=True)
class SchemaContent:
    """The content of a schema id or guid: text and references, of no subject in particular."""

    text: str
    references: tuple[Reference, ...] = ()
    metadata: Metadata | None = None
    guid: str | None = None
    rule_set: RuleSet | None = None
    schema_type: str = "AVRO"


class Lifecycle(StrEnum):
    """The owner of an association's subject: its topic (STRONG), or itself (WEAK).

    Source: Confluent, "Explicit Topic-Subject Associations".
    """

    STRONG = "STRONG"
    WEAK = "WEAK"


@dataclass(frozen=True, slots=True)
class Association:
    """A link between a subject and the resource (a topic) whose messages it describes.

    Source: Confluent, "Schema Registry API", section Associations; every member may be unset.
    """

    subject: Subject | None = None
    association_type: str | None = None
    resource_name: str | None = None
    resource_namespace: str | None = None
    resource_id: str | None = None
    resource_type: str | None = None
    lifecycle: str | None = None
    frozen: bool = False
    guid: str | None = None


@dataclass(frozen=True, slots=True)
class AssociationChange:
    """An association to create or update; None: the registry's default, or unchanged.

    With `text` the schema is registered too, and the association is STRONG.
    """

    association_type: Literal["key", "value"] = "value"
    subject: Subject | None = None
    lifecycle: Lifecycle | None = None
    frozen: bool | None = None
    text: str | None = None
    references: tuple[Reference, ...] = ()
    normalize: bool = False


@dataclass(frozen=True, slots=True)
class ResourceQuery:
    """A resource (a topic) by its id, or by name and namespace (`-`: any), in a batch of reads."""

    resource_id: str | None = None
    name: str | None = None
    namespace: str = "-"
    association_types: tuple[str, ...] = ()
    lifecycle: Lifecycle | None = None


@dataclass(frozen=True, slots=True)
class ResourceChanges:
    """What a batch of writes does to the associations of one resource (a topic).

    `delete` deletes the types of `changes`, with `cascade` the subjects of STRONG ones too.
    """

    resource_id: str
    name: str
    changes: tuple[AssociationChange, ...]
    operation: Literal["create", "upsert", "delete"] = "upsert"
    namespace: str = "-"
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class ResourceResult:
    """The associations of one request of a batch, or the error that the registry gave instead."""

    associations: tuple[Association, ...] = ()
    error_code: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class CompatibilityAnswer:
    """A registry's own verdict; `messages` in its words, empty where it gives none."""

    is_compatible: bool
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectVersion:
    """One place where a schema id is in use."""

    subject: Subject
    version: Version


@dataclass(frozen=True, slots=True)
class ContextId:
    """The id that a content has inside one context; `context` starts with a dot."""

    context: str
    id: SchemaId


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of a subject, a context, or the whole registry; None: not set there.

    Source: Confluent, "Schema Registry API", section Config.
    """

    level: CompatibilityLevel | None = None
    normalize: bool | None = None
    alias: str | None = None
    compatibility_group: str | None = None
    compatibility_policy: str | None = None
    validate_fields: bool | None = None
    validate_rules: bool | None = None
    validate_new_schemas: bool | None = None
    default_metadata: Metadata | None = None
    override_metadata: Metadata | None = None
    default_rule_set: RuleSet | None = None
    override_rule_set: RuleSet | None = None


class Unchanged(Enum):
    """The value that means "leave it as it is", where None means "remove it"."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
Leave: TypeAlias = Literal[Unchanged.UNCHANGED]


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A partial update of a `Config`: what is `UNCHANGED` stays, what is None is removed.

    Registries of the 7.x line cannot remove a single member: it stays.
    """

    level: CompatibilityLevel | Leave | None = UNCHANGED
    normalize: bool | Leave | None = UNCHANGED
    alias: str | Leave | None = UNCHANGED
    compatibility_group: str | Leave | None = UNCHANGED
    compatibility_policy: str | Leave | None = UNCHANGED
    validate_fields: bool | Leave | None = UNCHANGED
    validate_rules: bool | Leave | None = UNCHANGED
    validate_new_schemas: bool | Leave | None = UNCHANGED
    default_metadata: Metadata | Leave | None = UNCHANGED
    override_metadata: Metadata | Leave | None = UNCHANGED
    default_rule_set: RuleSet | Leave | None = UNCHANGED
    override_rule_set: RuleSet | Leave | None = UNCHANGED


class Registry(Protocol):
    """The part of the Confluent API that checking, registering and decoding need.

    Every method raises `RegistryError` when the registry refuses (with its code) and
    `RegistryUnavailableError` when it does not answer.
    """

    def get_subjects(self, *, prefix: str = "", deleted: bool = False) -> tuple[Subject, ...]: ...

    def get_schemas(
        self,
        *,
        prefix: str = "",
        deleted: bool = False,
        latest_only: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> tuple[RegisteredSchema, ...]:
        """Versions of all subjects, sorted; at most `limit`, and at most what it permits."""

    def get_versions(self, subject: Subject, *, deleted: bool = False) -> tuple[Version, ...]: ...

    def get_version(
        self, subject: Subject, version: VersionSelector, *, deleted: bool = False
    ) -> RegisteredSchema: ...

    def get_schema(self, id: SchemaId, *, subject: Subject | None = None) -> SchemaContent: ...

    def register(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        normalize: bool = False,
    ) -> RegisteredSchema: ...

    def lookup(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        normalize: bool = False,
        deleted: bool = False,
    ) -> RegisteredSchema: ...

    def check_compatibility(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        version: VersionSelector | None = None,
    ) -> CompatibilityAnswer:
        """The registry's verdict against `version`, or (None) against all under its level."""

    def get_level(
        self, subject: Subject | None = None, *, default_to_global: bool = True
    ) -> CompatibilityLevel: ...

    def set_level(self, level: CompatibilityLevel, subject: Subject | None = None) -> None: ...

    def get_config(
        self, subject: Subject | None = None, *, default_to_global: bool = False
    ) -> Config: ...

    def get_mode(
        self, subject: Subject | None = None, *, default_to_global: bool = False
    ) -> Mode: ...

    def delete_subject(
        self, subject: Subject, *, permanent: bool = False
    ) -> tuple[Version, ...]: ...

    def delete_version(
        self, subject: Subject, version: VersionSelector, *, permanent: bool = False
    ) -> Version: ...


class PlanRegistry(Registry, Protocol):
    """What applying a plan needs beyond `Registry`: settings, and versions under given numbers."""

    def register(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        normalize: bool = False,
        version: Version | None = None,
        id: SchemaId | None = None,
        rule_set: RuleSet | None = None,
    ) -> RegisteredSchema: ...

    def set_config(self, change: ConfigChange, subject: Subject | None = None) -> Config: ...

    def delete_config(self, subject: Subject | None = None) -> Config: ...

    def set_mode(
        self, mode: Mode, subject: Subject | None = None, *, force: bool = False
    ) -> Mode: ...

    def delete_mode(
        self, subject: Subject | None = None, *, recursive: bool = False
    ) -> Mode | None: ...
