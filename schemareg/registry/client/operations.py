"""What a client can do, once for the sync and the async one: each method is a script.

Ids, guids and numbered versions never change, so their answers are kept for ever; `latest` is
kept for `latest_ttl_s`, and "not found" never.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import fields
from typing import TypeVar

from schemareg.avro.schema import Schema
from schemareg.errors import RegistryError
from schemareg.registry.client import endpoints
from schemareg.registry.client.endpoint import Endpoint
from schemareg.registry.client.funnel import Found, Funnel, Look
from schemareg.registry.client.resolving import Resolution, place_of, resolving
from schemareg.registry.client.script import Outcome, Script, Step
from schemareg.registry.protocol import (
    UNCHANGED,
    CompatibilityAnswer,
    Config,
    ConfigChange,
    ContextId,
    Metadata,
    Mode,
    RegisteredSchema,
    SchemaContent,
    SubjectVersion,
)
from schemareg.subjects import (
    CompatibilityLevel,
    Reference,
    SchemaId,
    Subject,
    Version,
    VersionSelector,
)

T = TypeVar("T")

_SUBJECT_NOT_FOUND = 40401
_VERSION_NOT_FOUND = 40402
_SCHEMA_NOT_FOUND = 40403


class Operations:
    """The scripts of a registry client.

    Every script raises `RegistryError` where the registry refuses (with its code) and
    `RegistryUnavailableError` where no base URL answers as a registry does.

    Source: Confluent, "Schema Registry API Reference"; each method names its route.
    """

    def __init__(self, funnel: Funnel, *, latest_ttl_s: float, clock: Callable[[], float]) -> None:
        self._funnel = funnel
        self._latest_ttl_s = latest_ttl_s
        self._clock = clock
        self._contents: dict[tuple[SchemaId, Subject | None], SchemaContent] = {}
        self._contents_by_guid: dict[str, SchemaContent] = {}
        self._versions: dict[tuple[Subject, Version], RegisteredSchema] = {}
        self._latest: dict[Subject, tuple[float, RegisteredSchema]] = {}

    # Schemas

    def get_schema(self, id: SchemaId, *, subject: Subject | None = None) -> Script[SchemaContent]:
        """`GET /schemas/ids/{id}`: the content behind an id, in the context of `subject`."""
        key = (id, subject)
        if key not in self._contents:
            self._contents[key] = yield from self._call(endpoints.get_schema(id, subject=subject))
        return self._contents[key]

    def get_schema_text(
        self, id: SchemaId, *, subject: Subject | None = None, format: str = ""
    ) -> Script[str]:
        """`GET /schemas/ids/{id}/schema`: the bare text; `format="resolved"` inlines references."""
        return self._call(endpoints.get_schema_text(id, subject=subject, format=format))

    def get_schema_subjects(
        self, id: SchemaId, *, deleted: bool = False, offset: int = 0, limit: int | None = None
    ) -> Script[tuple[Subject, ...]]:
        """`GET /schemas/ids/{id}/subjects`: where an id is in use, in no particular order."""
        return self._call(
            endpoints.get_schema_subjects(id, deleted=deleted, offset=offset, limit=limit)
        )

    def get_schema_versions(
        self, id: SchemaId, *, deleted: bool = False, offset: int = 0, limit: int | None = None
    ) -> Script[tuple[SubjectVersion, ...]]:
        """`GET /schemas/ids/{id}/versions`: subjects and versions with an id, in no order."""
        return self._call(
            endpoints.get_schema_versions(id, deleted=deleted, offset=offset, limit=limit)
        )

    def get_schema_by_guid(self, guid: str) -> Script[SchemaContent]:
        """`GET /schemas/guids/{guid}`: the content behind a guid (8.x)."""
        if guid not in self._contents_by_guid:
            self._contents_by_guid[guid] = yield from self._call(endpoints.get_schema_by_guid(guid))
        return self._contents_by_guid[guid]

    def get_guid_ids(self, guid: str) -> Script[tuple[ContextId, ...]]:
        """`GET /schemas/guids/{guid}/ids`: the id that a content has in each context (8.x)."""
        return self._call(endpoints.get_guid_ids(guid))

    def get_schema_types(self) -> Script[tuple[str, ...]]:
        """`GET /schemas/types`: the schema languages that the registry knows."""
        return self._call(endpoints.get_schema_types())

    def get_schemas(
        self,
        *,
        prefix: str = "",
        deleted: bool = False,
        latest_only: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> Script[tuple[RegisteredSchema, ...]]:
        """`GET /schemas`: versions of all subjects, sorted; a registry gives 1000 at most."""
        return self._call(
            endpoints.get_schemas(
                prefix=prefix,
                deleted=deleted,
                latest_only=latest_only,
                offset=offset,
                limit=limit,
            )
        )

    # Subjects and versions

    def get_subjects(
        self,
        *,
        prefix: str = "",
        deleted: bool = False,
        deleted_only: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> Script[tuple[Subject, ...]]:
        """`GET /subjects`: the subjects, sorted; of all contexts unless `prefix` names one."""
        return self._call(
            endpoints.get_subjects(
                prefix=prefix,
                deleted=deleted,
                deleted_only=deleted_only,
                offset=offset,
                limit=limit,
            )
        )

    def get_versions(
        self,
        subject: Subject,
        *,
        deleted: bool = False,
        deleted_only: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> Script[tuple[Version, ...]]:
        """`GET /subjects/{subject}/versions`: the version numbers, ascending."""
        return self._call(
            endpoints.get_versions(
                subject, deleted=deleted, deleted_only=deleted_only, offset=offset, limit=limit
            )
        )

    def get_version(
        self, subject: Subject, version: VersionSelector, *, deleted: bool = False
    ) -> Script[RegisteredSchema]:
        """`GET /subjects/{subject}/versions/{version}`; `deleted` shows soft-deleted ones too."""
        if version == "latest":
            return (yield from self._get_latest(subject, deleted=deleted))
        if (kept := self._versions.get((subject, version))) is not None:
            return kept
        found = yield from self._call(endpoints.get_version(subject, version, deleted=deleted))
        if not deleted:
            self._versions[subject, version] = found
        return found

    def _get_latest(self, subject: Subject, *, deleted: bool) -> Script[RegisteredSchema]:
        kept = self._latest.get(subject)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        found = yield from self._call(endpoints.get_version(subject, "latest", deleted=deleted))
        if self._latest_ttl_s > 0:
            self._latest[subject] = (self._clock() + self._latest_ttl_s, found)
        return found

    def get_version_text(
        self,
        subject: Subject,
        version: VersionSelector,
        *,
        deleted: bool = False,
        format: str = "",
    ) -> Script[str]:
        """`GET /subjects/{subject}/versions/{version}/schema`: the bare text."""
        return self._call(
            endpoints.get_version_text(subject, version, deleted=deleted, format=format)
        )

    def get_referenced_by(
        self,
        subject: Subject,
        version: VersionSelector,
        *,
        deleted: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> Script[tuple[SchemaId, ...]]:
        """`GET /subjects/{subject}/versions/{version}/referencedby`: ids that refer to it."""
        return self._call(
            endpoints.get_referenced_by(
                subject, version, deleted=deleted, offset=offset, limit=limit
            )
        )

    def get_version_with_metadata(
        self, subject: Subject, properties: Mapping[str, str], *, deleted: bool = False
    ) -> Script[RegisteredSchema]:
        """`GET /subjects/{subject}/metadata`: the newest version with all of `properties`."""
        return self._call(endpoints.get_version_with_metadata(subject, properties, deleted=deleted))

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
    ) -> Script[RegisteredSchema]:
        """`POST /subjects/{subject}/versions`: the version that now holds `text`, new or not.

        `version` is a compare-and-set (it must be the next one); `id` needs mode IMPORT.

        Raises:
            IncompatibleSchemaError: the subject's level forbids the change.
        """

        def looked_up() -> Script[RegisteredSchema]:
            return self._call(
                endpoints.lookup(
                    subject, text, references=references, metadata=metadata, normalize=normalize
                )
            )

        def look() -> Script[Found[RegisteredSchema | SchemaId] | None]:
            try:
                return Found((yield from looked_up()))
            except RegistryError as error:
                if error.code in (_SUBJECT_NOT_FOUND, _SCHEMA_NOT_FOUND):
                    return None
                raise

        self._latest.pop(subject, None)
        registered = yield from self._call(
            endpoints.register(
                subject,
                text,
                references=references,
                metadata=metadata,
                normalize=normalize,
                version=version,
                id=id,
            ),
            look=look,
        )
        if isinstance(registered, RegisteredSchema):
            return registered
        return (yield from looked_up())

    def lookup(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        normalize: bool = False,
        deleted: bool = False,
    ) -> Script[RegisteredSchema]:
        """`POST /subjects/{subject}`: the version that holds `text`; 40401 or 40403 if none."""
        return self._call(
            endpoints.lookup(
                subject,
                text,
                references=references,
                metadata=metadata,
                normalize=normalize,
                deleted=deleted,
            )
        )

    def delete_subject(
        self, subject: Subject, *, permanent: bool = False
    ) -> Script[tuple[Version, ...]]:
        """`DELETE /subjects/{subject}`: the versions that were deleted."""
        self._forget(subject)
        if permanent:
            # afterwards nothing tells any more which versions there were
            versions = yield from self.get_versions(subject, deleted=True)
        else:
            versions = ()

        def look() -> Script[Found[tuple[Version, ...]] | None]:
            try:
                yield from self.get_versions(subject, deleted=permanent)
            except RegistryError as error:
                if error.code != _SUBJECT_NOT_FOUND:
                    raise
                if permanent:
                    return Found(versions)
                return Found((yield from self.get_versions(subject, deleted_only=True)))
            return None

        return (
            yield from self._call(endpoints.delete_subject(subject, permanent=permanent), look=look)
        )

    def delete_version(
        self, subject: Subject, version: VersionSelector, *, permanent: bool = False
    ) -> Script[Version]:
        """`DELETE /subjects/{subject}/versions/{version}`: the version that was deleted."""
        self._forget(subject)
        endpoint = endpoints.delete_version(subject, version, permanent=permanent)
        if version == "latest":
            # sent twice it would delete two versions, and no look can tell one from two
            return (yield from self._call(endpoint))
        number = version

        def look() -> Script[Found[Version] | None]:
            try:
                yield from self._call(endpoints.get_version(subject, number, deleted=permanent))
            except RegistryError as error:
                if error.code not in (_SUBJECT_NOT_FOUND, _VERSION_NOT_FOUND):
                    raise
                return Found(number)
            return None

        return (yield from self._call(endpoint, look=look))

    def _forget(self, subject: Subject) -> None:
        self._latest.pop(subject, None)
        for key in [key for key in self._versions if key[0] == subject]:
            self._versions.pop(key, None)

    # Compatibility

    def check_compatibility(
        self,
        subject: Subject,
        text: str,
        *,
        references: Sequence[Reference] = (),
        metadata: Metadata | None = None,
        version: VersionSelector | None = None,
        normalize: bool = False,
    ) -> Script[CompatibilityAnswer]:
        """`POST /compatibility/subjects/{subject}/versions[/{version}]`, verbose.

        The registry's verdict against `version`, or (None) against all that its level names.
        """
        return self._call(
            endpoints.check_compatibility(
                subject,
                text,
                references=references,
                metadata=metadata,
                version=version,
                normalize=normalize,
            )
        )

    # Configuration and mode: of the whole registry where no subject is given

    def get_config(
        self, subject: Subject | None = None, *, default_to_global: bool = False
    ) -> Script[Config]:
        """`GET /config[/{subject}]`; 40408 where the subject has none of its own."""
        return self._call(endpoints.get_config(subject, default_to_global=default_to_global))

    def set_config(self, change: ConfigChange, subject: Subject | None = None) -> Script[Config]:
        """`PUT /config[/{subject}]`: the configuration after the change, as the registry says."""

        def look() -> Script[Found[Config] | None]:
            now = yield from self._or_none(self.get_config(subject))
            return None if now is None or not _has_taken(change, now) else Found(now)

        return self._call(endpoints.set_config(change, subject), look=look)

    def delete_config(self, subject: Subject | None = None) -> Script[Config]:
        """`DELETE /config[/{subject}]`: the configuration that was taken away."""
        return self._call(endpoints.delete_config(subject))

    def get_level(
        self, subject: Subject | None = None, *, default_to_global: bool = True
    ) -> Script[CompatibilityLevel]:
        """The compatibility level of a subject, or (None) of the whole registry."""
        config = yield from self.get_config(subject, default_to_global=default_to_global)
        # a registry that tells no level has none set, and this is the protocol's default
        return config.level or CompatibilityLevel.BACKWARD

    def set_level(self, level: CompatibilityLevel, subject: Subject | None = None) -> Script[None]:
        """Sets the compatibility level of a subject, or (None) of the whole registry."""
        yield from self.set_config(ConfigChange(level=level), subject)

    def get_mode(
        self, subject: Subject | None = None, *, default_to_global: bool = False
    ) -> Script[Mode]:
        """`GET /mode[/{subject}]`; 40409 where the subject has none of its own."""
        return self._call(endpoints.get_mode(subject, default_to_global=default_to_global))

    def set_mode(
        self, mode: Mode, subject: Subject | None = None, *, force: bool = False
    ) -> Script[Mode]:
        """`PUT /mode[/{subject}]`; `force` sets IMPORT although schemas exist."""

        def look() -> Script[Found[Mode] | None]:
            now = yield from self._or_none(self.get_mode(subject))
            return Found(mode) if now is mode else None

        return self._call(endpoints.set_mode(mode, subject, force=force), look=look)

    def delete_mode(
        self, subject: Subject | None = None, *, recursive: bool = False
    ) -> Script[Mode]:
        """`DELETE /mode[/{subject}]`: the mode that was taken away."""
        return self._call(endpoints.delete_mode(subject, recursive=recursive))

    # Contexts and the server itself

    def get_contexts(
        self, *, prefix: str = "", offset: int = 0, limit: int | None = None
    ) -> Script[tuple[str, ...]]:
        """`GET /contexts`: the contexts, the default one (`.`) first."""
        return self._call(endpoints.get_contexts(prefix=prefix, offset=offset, limit=limit))

    def delete_context(self, context: str) -> Script[None]:
        """`DELETE /contexts/{context}`: an empty context is gone (8.x)."""

        def look() -> Script[Found[None] | None]:
            contexts = yield from self.get_contexts()
            return None if context in contexts else Found(None)

        return self._call(endpoints.delete_context(context), look=look)

    def ping(self) -> Script[None]:
        """`GET /`: returns where a registry answers."""
        return self._call(endpoints.get_root())

    def get_cluster_ids(self) -> Script[Mapping[str, str]]:
        """`GET /v1/metadata/id`: the clusters behind the registry, name by kind."""
        return self._call(endpoints.get_cluster_ids())

    def get_server_version(self) -> Script[Mapping[str, str]]:
        """`GET /v1/metadata/version`: what the server says of itself, such as its version."""
        return self._call(endpoints.get_server_version())

    # Resolved schemas

    def fetch_schema(self, subject: Subject, version: VersionSelector) -> Script[Schema]:
        """The schema of a version, its references fetched and resolved, each once.

        Raises:
            SchemaParseError: a text that is no Avro schema.
        """
        root = yield from self.get_version(subject, version)
        resolution = resolving(root.text, root.references, of=subject, place=place_of(root))
        return (yield from self._resolved(resolution))

    def fetch_schema_by_id(self, id: SchemaId, *, subject: Subject | None = None) -> Script[Schema]:
        """The schema behind an id, its references fetched and resolved, each once.

        Raises:
            SchemaParseError: a text that is no Avro schema.
        """
        content = yield from self.get_schema(id, subject=subject)
        resolution = resolving(content.text, content.references, of=subject, place=f"id {id}")
        return (yield from self._resolved(resolution))

    def _resolved(self, resolution: Resolution) -> Script[Schema]:
        try:
            wanted = next(resolution)
            while True:
                # a schema may refer to a version that was soft-deleted since
                found = yield from self.get_version(*wanted, deleted=True)
                wanted = resolution.send(found)
        except StopIteration as finished:
            schema: Schema = finished.value
            return schema

    def _call(
        self, endpoint: Endpoint[T], *, look: Look[T] | None = None
    ) -> Generator[Step, Outcome, T]:
        return self._funnel.call(endpoint, look=look)

    def _or_none(self, script: Script[T]) -> Script[T | None]:
        """What `script` finds, None where the registry says that there is no such thing."""
        try:
            return (yield from script)
        except RegistryError as error:
            if error.status == 404:
                return None
            raise


def _has_taken(change: ConfigChange, now: Config) -> bool:
    return all(
        getattr(change, member.name) in (UNCHANGED, getattr(now, member.name))
        for member in fields(change)
    )
