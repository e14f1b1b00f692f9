"""Every operation of the registry protocol: those of `reads`, and here those that write.

A write whose answer is lost is not simply sent again: its `look` first finds out whether it took
effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from schemareg.errors import RegistryError, RegistryUnavailableError
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.types import (
    UNCHANGED,
    Config,
    ConfigChange,
    ElementTags,
    Metadata,
    Mode,
    RegisteredSchema,
    RuleSet,
)
from schemareg.registry.client import answers
from schemareg.registry.client.answers import json_answer, many
from schemareg.registry.client.association_operations import AssociationOperations
from schemareg.registry.client.declaring import BoundRoute, composed, endpoint, script
from schemareg.registry.client.endpoint import (
    config_body,
    content_body,
    json_body,
    schema_body,
    tags_json,
)
from schemareg.registry.client.reads import ReadOperations, Reads
from schemareg.registry.client.script import Script
from schemareg.registry.client.session import Found
from schemareg.subjects import (
    CompatibilityLevel,
    Reference,
    SchemaId,
    Subject,
    Version,
    VersionSelector,
)

_SUBJECT_NOT_FOUND = ErrorCode.SUBJECT_NOT_FOUND.number
_VERSION_NOT_FOUND = ErrorCode.VERSION_NOT_FOUND.number
_SCHEMA_NOT_FOUND = ErrorCode.SCHEMA_NOT_FOUND.number


class Operations(ReadOperations, AssociationOperations):
    """The operations of a registry client.

    Each raises `RegistryError` where the registry refuses (with its code) and
    `RegistryUnavailableError` where no base URL answers as a registry does.

    Source: Confluent, "Schema Registry API Reference" (docs.confluent.io/platform/current/
    schema-registry/develop/api.html).
    """

    @script("POST /subjects/{subject}/versions", json_answer(answers.registration))
    @staticmethod
    def register(
        api: Scripts,
        route: BoundRoute[RegisteredSchema | SchemaId],
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        normalize: bool = False,
        version: Version | None = None,
        id: SchemaId | None = None,
        rule_set: RuleSet | None = None,
        tags_to_add: Sequence[ElementTags] = (),
        tags_to_remove: Sequence[ElementTags] = (),
    ) -> Script[RegisteredSchema]:
        """The version that now holds `text`, new or not.

        `version` is a compare-and-set (it must be the next one); `id` needs mode IMPORT. Tags are
        worked into the text by the registry.

        Raises:
            IncompatibleSchemaError: the subject's level forbids the change.
        """

        def looked_up() -> Script[RegisteredSchema]:
            return api.lookup(
                subject,
                text,
                references=references,
                # an older version may have the same text, and this property tells them apart
                metadata=metadata if version is None or id else _of_version(metadata, version),
                rule_set=rule_set,
                normalize=normalize,
            )

        def look() -> Script[Found[RegisteredSchema | SchemaId] | None]:
            try:
                found = yield from looked_up()
                return Found(found) if version in (None, found.version) else None
            except RegistryError as error:
                if error.code in (_SUBJECT_NOT_FOUND, _SCHEMA_NOT_FOUND):
                    return None
                raise

        # with its tags changed it is another text, which no lookup of this one finds
        alters_text = bool(tags_to_add or tags_to_remove)
        api.forget_latest(subject)
        registered = yield from route.send(
            subject=subject,
            normalize=normalize,
            body=schema_body(
                text,
                references=references,
                metadata=metadata,
                version=version,
                id=id,
                rule_set=rule_set,
                tags_to_add=tags_to_add,
                tags_to_remove=tags_to_remove,
            ),
            look=None if alters_text else look,
        )
        if isinstance(registered, RegisteredSchema):
            return replace(registered, subject=registered.subject or subject)
        return (yield from (api.with_id(subject, registered) if alters_text else looked_up()))

    @script("POST /subjects/{subject}/versions/{version}/tags", json_answer(answers.registration))
    @staticmethod
    def change_tags(
        api: Scripts,
        route: BoundRoute[RegisteredSchema | SchemaId],
        subject: Subject,
        version: VersionSelector,
        *,
        add: Sequence[ElementTags] = (),
        remove: Sequence[ElementTags] = (),
    ) -> Script[RegisteredSchema]:
        """A new version with other tags."""
        api.forget_latest(subject)
        body = json_body({"tagsToAdd": tags_json(add), "tagsToRemove": tags_json(remove)})
        registered = yield from route.send(subject=subject, version=version, body=body)
        if isinstance(registered, RegisteredSchema):
            return replace(registered, subject=registered.subject or subject)
        return (yield from api.with_id(subject, registered))

    @endpoint(
        "POST /subjects/{subject}",
        json_answer(answers.registered_schema),
        body=content_body,
        writes=False,
    )
    def lookup(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        rule_set: RuleSet | None = None,
        normalize: bool = False,
        deleted: bool = False,
    ) -> None:
        """The version that holds `text`; 40401 or 40403 if none does."""

    @endpoint(
        "POST /compatibility/subjects/{subject}/versions[/{version}]?verbose=true",
        json_answer(answers.compatibility),
        body=content_body,
        writes=False,
    )
    def check_compatibility(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        version: VersionSelector | None = None,
        normalize: bool = False,
    ) -> None:
        """The registry's verdict against `version`, or (None) against all that its level names."""

    @script("DELETE /subjects/{subject}", json_answer(many(answers.version_number)))
    @staticmethod
    def delete_subject(
        api: Scripts,
        route: BoundRoute[tuple[Version, ...]],
        subject: Subject,
        *,
        permanent: bool = False,
    ) -> Script[tuple[Version, ...]]:
        """The versions that were deleted."""
        api.forget(subject)
        # afterwards nothing shows any more which versions there were
        versions = (yield from api.get_versions(subject, deleted=True)) if permanent else ()

        def look() -> Script[Found[tuple[Version, ...]] | None]:
            try:
                yield from api.get_versions(subject, deleted=permanent)
            except RegistryError as error:
                if error.code != _SUBJECT_NOT_FOUND:
                    raise
                if permanent:
                    return Found(versions)
                return Found((yield from api.get_versions(subject, deleted_only=True)))
            return None

        return (yield from route.send(subject=subject, permanent=permanent, look=look))

    @script("DELETE /subjects/{subject}/versions/{version}", json_answer(answers.version_number))
    @staticmethod
    def delete_version(
        api: Scripts,
        route: BoundRoute[Version],
        subject: Subject,
        version: VersionSelector,
        *,
        permanent: bool = False,
    ) -> Script[Version]:
        """The version that was deleted."""
        api.forget(subject)

        def look() -> Script[Found[Version] | None]:
            try:
                yield from api.get_version(subject, version, deleted=permanent)
            except RegistryError as error:
                if error.code not in (_SUBJECT_NOT_FOUND, _VERSION_NOT_FOUND):
                    raise
                return Found(Version(int(version)))
            api.forget(subject)
            return None

        return (
            yield from route.send(
                subject=subject,
                version=version,
                permanent=permanent,
                # sent twice "latest" would delete two versions, and no look shows how many
                look=None if version == "latest" else look,
            )
        )

    @script("PUT /config[/{subject}]", json_answer(answers.config))
    @staticmethod
    def set_config(
        api: Scripts,
        route: BoundRoute[Config],
        change: ConfigChange,
        subject: Subject | None = None,
    ) -> Script[Config]:
        """The configuration after the change, as the registry returns it."""

        def look() -> Script[Found[Config] | None]:
            now = yield from api.or_none(api.get_config(subject))
            return None if now is None or not _has_taken(change, now) else Found(now)

        def expected(now: Config) -> str | None:
            fits = change.level in (UNCHANGED, None) or now.level in (None, change.level)
            return None if fits else f"the level {change.level}"

        return route.send(subject=subject, body=config_body(change), look=look, expected=expected)

    @composed
    @staticmethod
    def set_level(
        api: Scripts, level: CompatibilityLevel, subject: Subject | None = None
    ) -> Script[None]:
        """Sets the compatibility level of a subject, or (None) of the whole registry."""
        yield from api.set_config(ConfigChange(level=level), subject)

    @endpoint("DELETE /config[/{subject}]", json_answer(answers.config))
    def delete_config(self, subject: Subject | None = None) -> None:
        """The configuration that was deleted."""

    @script("PUT /mode[/{subject}]", json_answer(answers.mode))
    @staticmethod
    def set_mode(
        api: Scripts,
        route: BoundRoute[Mode],
        mode: Mode,
        subject: Subject | None = None,
        *,
        force: bool = False,
    ) -> Script[Mode]:
        """The mode after the change; `force` sets IMPORT although schemas exist."""

        def look() -> Script[Found[Mode] | None]:
            now = yield from api.or_none(api.get_mode(subject))
            return Found(mode) if now is mode else None

        body = json_body({"mode": mode.value})
        return route.send(
            subject=subject,
            force=force,
            body=body,
            look=look,
            expected=lambda now: None if now is mode else f"the mode {mode}",
        )

    @endpoint("DELETE /mode[/{subject}]", json_answer(answers.deleted_mode))
    def delete_mode(self, subject: Subject | None = None, *, recursive: bool = False) -> None:
        """The mode that was deleted; None after a recursive deletion that names none."""

    @script("DELETE /contexts/{context}", answers.nothing)
    @staticmethod
    def delete_context(api: Scripts, route: BoundRoute[None], context: str) -> Script[None]:
        """Deletes an empty context (8.x)."""

        def look() -> Script[Found[None] | None]:
            contexts = yield from api.get_contexts()
            return None if context in contexts else Found(None)

        return route.send(context=context, look=look)


class Scripts(Operations, Reads):
    """Scripts of all operations, which a client runs."""

    @property
    def operations(self) -> Scripts:
        return self

    def with_id(self, subject: Subject, id: SchemaId) -> Script[RegisteredSchema]:
        """The newest version of `subject` with `id`, for registries that answer the id alone."""
        for used in (yield from self.get_schema_versions(id)):
            if used.subject == subject:
                return (yield from self.get_version(subject, used.version))
        raise RegistryUnavailableError(
            f"{subject}: registered under id {id}, which the registry does not show there",
            advice="look at the subject's versions",
        )


def _has_taken(change: ConfigChange, now: Config) -> bool:
    return all(
        getattr(change, member.name) in (UNCHANGED, getattr(now, member.name))
        for member in fields(change)
    )


def _of_version(metadata: Metadata | None, version: Version) -> Metadata:
    """The metadata that a registry gives to a version registered under a number."""
    held = metadata or Metadata()
    properties = {**held.properties, "confluent:version": str(version)}
    return Metadata(held.tags, properties, held.sensitive)
