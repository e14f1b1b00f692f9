"""The operations that change nothing: schemas by id, subjects, versions, contexts, settings.

The content of an id, a guid or a numbered version never changes, so it is cached for ever;
`latest` is cached for `latest_ttl_s`, and "not found" never.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from schemareg.avro.schema import Schema
from schemareg.errors import RegistryError
from schemareg.limits import LIMITS
from schemareg.registry.api.error_codes import is_absent
from schemareg.registry.api.types import (
    ElementTags,
    Lifecycle,
    RegisteredSchema,
    ResourceQuery,
    SchemaContent,
)
from schemareg.registry.client import answers
from schemareg.registry.client.answers import json_answer, many
from schemareg.registry.client.declaring import BoundRoute, composed, endpoint, script
from schemareg.registry.client.endpoint import queries_body
from schemareg.registry.client.resolving import Resolution, place_of, schema_of
from schemareg.registry.client.script import Script, T
from schemareg.registry.client.session import Session
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version, VersionSelector


class ReadOperations:
    """The declarations; see `Operations` for what each raises."""

    @script("GET /schemas/ids/{id}", json_answer(answers.schema_content))
    @staticmethod
    def get_schema(
        api: Reads,
        route: BoundRoute[SchemaContent],
        id: SchemaId,
        *,
        subject: Subject | None = None,
    ) -> Script[SchemaContent]:
        """The content with an id, in the context of `subject`."""
        key = (id, subject)
        if key not in api.contents:
            api.contents[key] = yield from route.send(id=id, subject=subject)
        return api.contents[key]

    @endpoint("GET /schemas/ids/{id}?fetchMaxId=true", json_answer(answers.max_id))
    def get_max_id(self, id: SchemaId, *, subject: Subject | None = None) -> None:
        """The highest id in the context of `id`."""

    @endpoint("GET /schemas/ids/{id}/schema", answers.raw_text)
    def get_schema_text(
        self, id: SchemaId, *, subject: Subject | None = None, format: str = ""
    ) -> None:
        """The bare text; `format="resolved"` inlines references."""

    @endpoint("GET /schemas/ids/{id}/subjects", json_answer(many(answers.subject_name)))
    def get_schema_subjects(
        self, id: SchemaId, *, deleted: bool = False, offset: int = 0, limit: int | None = None
    ) -> None:
        """The subjects that use an id, in no particular order."""

    @endpoint("GET /schemas/ids/{id}/versions", json_answer(many(answers.subject_version)))
    def get_schema_versions(
        self, id: SchemaId, *, deleted: bool = False, offset: int = 0, limit: int | None = None
    ) -> None:
        """Subjects and versions with an id, in no particular order."""

    @script("GET /schemas/guids/{guid}", json_answer(answers.schema_content))
    @staticmethod
    def get_schema_by_guid(
        api: Reads, route: BoundRoute[SchemaContent], guid: str
    ) -> Script[SchemaContent]:
        """The content with a guid (8.x)."""
        if guid not in api.contents_by_guid:
            api.contents_by_guid[guid] = yield from route.send(guid=guid)
        return api.contents_by_guid[guid]

    @endpoint("GET /schemas/guids/{guid}/ids", json_answer(many(answers.context_id)))
    def get_guid_ids(self, guid: str) -> None:
        """The id of a content in each context (8.x)."""

    @endpoint("GET /schemas/types", json_answer(many(answers.as_text)))
    def get_schema_types(self) -> None:
        """The schema languages that the registry knows."""

    @endpoint(
        "GET /schemas?subjectPrefix={prefix}",
        json_answer(many(answers.registered_schema)),
        limit_bytes=LIMITS.registry_list_bytes,
    )
    def get_schemas(
        self,
        *,
        prefix: str = "",
        deleted: bool = False,
        latest_only: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> None:
        """Versions of all subjects, sorted; a registry gives 1000 at most."""

    @endpoint("GET /subjects?subjectPrefix={prefix}", json_answer(many(answers.subject_name)))
    def get_subjects(
        self,
        *,
        prefix: str = "",
        deleted: bool = False,
        deleted_only: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> None:
        """The subjects, sorted; of all contexts unless `prefix` names one."""

    @endpoint("GET /subjects/{subject}/versions", json_answer(many(answers.version_number)))
    def get_versions(
        self,
        subject: Subject,
        *,
        deleted: bool = False,
        deleted_only: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> None:
        """The version numbers, ascending."""

    @script("GET /subjects/{subject}/versions/{version}", json_answer(answers.registered_schema))
    @staticmethod
    def get_version(
        api: Reads,
        route: BoundRoute[RegisteredSchema],
        subject: Subject,
        version: VersionSelector,
        *,
        deleted: bool = False,
    ) -> Script[RegisteredSchema]:
        """One version of a subject; `deleted` includes soft-deleted ones."""
        if (cached := api.cached_version(subject, version)) is not None:
            return cached
        found = yield from route.send(
            subject=subject, version=version, deleted=deleted, expected=_version_named(version)
        )
        if version == "latest":
            api.cache_latest(subject, found)
        elif not deleted:
            api.versions[subject, version] = found
        return found

    @script("GET /subjects/{subject}/versions/{version}", json_answer(answers.registered_schema))
    @staticmethod
    def get_tags(
        api: Reads,
        route: BoundRoute[RegisteredSchema],
        subject: Subject,
        version: VersionSelector,
        *,
        find: Sequence[str] = ("*",),
    ) -> Script[tuple[ElementTags, ...]]:
        """Where the schema carries a tag of `find`."""
        found = yield from route.send(
            subject=subject, version=version, find_tags=find, expected=_version_named(version)
        )
        return found.tags

    @endpoint("GET /subjects/{subject}/versions/{version}/schema", answers.raw_text)
    def get_version_text(
        self, subject: Subject, version: VersionSelector, *, deleted: bool = False, format: str = ""
    ) -> None:
        """The bare text of a version."""

    @endpoint(
        "GET /subjects/{subject}/versions/{version}/referencedby",
        json_answer(many(answers.schema_id)),
    )
    def get_referenced_by(
        self,
        subject: Subject,
        version: VersionSelector,
        *,
        deleted: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> None:
        """The ids of the schemas that refer to a version."""

    @script("GET /subjects/{subject}/metadata", json_answer(answers.registered_schema))
    @staticmethod
    def get_version_with_metadata(
        _api: Reads,
        route: BoundRoute[RegisteredSchema],
        subject: Subject,
        properties: Mapping[str, str],
        *,
        deleted: bool = False,
    ) -> Script[RegisteredSchema]:
        """The newest version with all of `properties`."""
        return route.send(
            subject=subject,
            key=tuple(properties),
            value=tuple(properties.values()),
            deleted=deleted,
        )

    @endpoint("GET /config[/{subject}]", json_answer(answers.config))
    def get_config(
        self, subject: Subject | None = None, *, default_to_global: bool = False
    ) -> None:
        """The configuration; 40408 where the subject has none of its own."""

    @composed
    @staticmethod
    def get_level(
        api: Reads, subject: Subject | None = None, *, default_to_global: bool = True
    ) -> Script[CompatibilityLevel]:
        """The compatibility level of a subject, or (None) of the whole registry."""
        config = yield from api.get_config(subject, default_to_global=default_to_global)
        # a registry that returns no level has none set, and this is the protocol's default
        return config.level or CompatibilityLevel.BACKWARD

    @endpoint("GET /mode[/{subject}]", json_answer(answers.mode))
    def get_mode(self, subject: Subject | None = None, *, default_to_global: bool = False) -> None:
        """The mode; 40409 where the subject has none of its own."""

    @endpoint("GET /contexts?contextPrefix={prefix}", json_answer(many(answers.as_text)))
    def get_contexts(self, *, prefix: str = "", offset: int = 0, limit: int | None = None) -> None:
        """The contexts, the default one (`.`) first."""

    @endpoint("GET /", answers.nothing)
    def ping(self) -> None:
        """Returns where a registry answers."""

    @endpoint("GET /v1/metadata/id", json_answer(answers.cluster_ids))
    def get_cluster_ids(self) -> None:
        """The clusters behind the registry, name by kind."""

    @endpoint("GET /v1/metadata/deployment", json_answer(answers.deployment))
    def get_deployment(self) -> None:
        """Attributes of how the server is deployed (8.x)."""

    @endpoint("GET /v1/metadata/version", json_answer(answers.texts_by_name))
    def get_server_version(self) -> None:
        """The server's description of itself, such as its version."""

    @endpoint("GET /associations/subjects/{subject}", json_answer(many(answers.association)))
    def get_associations(
        self,
        subject: Subject,
        *,
        association_type: str = "",
        lifecycle: Lifecycle | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> None:
        """The topics that a subject describes (8.x)."""

    @endpoint("GET /associations/resources/{resource_id}", json_answer(many(answers.association)))
    def get_associations_by_id(
        self,
        resource_id: str,
        *,
        association_type: str = "",
        lifecycle: Lifecycle | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> None:
        """The subjects of a topic, by the topic's id (8.x)."""

    @endpoint(
        "GET /associations/resources/{namespace}/{name}", json_answer(many(answers.association))
    )
    def get_resource_associations(
        self,
        name: str,
        namespace: str = "-",
        *,
        resource_type: str = "",
        association_type: str = "",
    ) -> None:
        """The subjects of a topic, by its name; the namespace `-` is any (8.x)."""

    @endpoint(
        "POST /associations:batchGet",
        json_answer(answers.batch_results),
        body=queries_body,
        writes=False,
    )
    def get_many_associations(self, requests: Sequence[ResourceQuery]) -> None:
        """The associations of several topics, one result for each request (8.x)."""

    @composed
    @staticmethod
    def fetch_schema(api: Reads, subject: Subject, version: VersionSelector) -> Script[Schema]:
        """The schema of a version, its references fetched and resolved, each once.

        Raises:
            SchemaParseError: a text that is no Avro schema.
        """
        root = yield from api.get_version(subject, version)
        place = place_of(subject, root.version)
        return (yield from api.resolved(schema_of(root, of=subject, place=place)))

    @composed
    @staticmethod
    def fetch_schema_by_id(
        api: Reads, id: SchemaId, *, subject: Subject | None = None
    ) -> Script[Schema]:
        """The schema with an id, its references fetched and resolved, each once.

        Raises:
            SchemaParseError: a text that is no Avro schema.
        """
        content = yield from api.get_schema(id, subject=subject)
        return (yield from api.resolved(schema_of(content, of=subject, place=f"id {id}")))


def _version_named(version: VersionSelector) -> Callable[[RegisteredSchema], str | None]:
    """What an answer is expected to be that is another version."""
    is_number = isinstance(version, int) and version > 0
    return lambda found: f"version {version}" if is_number and found.version != version else None


class Reads(ReadOperations):
    """Scripts of the operations above: a session, and caches of what never changes."""

    def __init__(
        self, session: Session, *, latest_ttl_s: float, clock: Callable[[], float]
    ) -> None:
        self.session = session
        self._latest_ttl_s = latest_ttl_s
        self._clock = clock
        self.contents: dict[tuple[SchemaId, Subject | None], SchemaContent] = {}
        self.contents_by_guid: dict[str, SchemaContent] = {}
        self.versions: dict[tuple[Subject, Version], RegisteredSchema] = {}
        self._latest: dict[Subject, tuple[float, RegisteredSchema]] = {}

    @property
    def operations(self) -> Reads:
        return self

    def run(self, script: Script[T]) -> Script[T]:
        return script

    def cached_version(self, subject: Subject, version: VersionSelector) -> RegisteredSchema | None:
        if version != "latest":
            return self.versions.get((subject, version))
        expires, latest = self._latest.get(subject, (0.0, None))
        return latest if self._clock() < expires else None

    def cache_latest(self, subject: Subject, latest: RegisteredSchema) -> None:
        if self._latest_ttl_s > 0:
            self._latest[subject] = (self._clock() + self._latest_ttl_s, latest)

    def forget_latest(self, subject: Subject) -> None:
        self._latest.pop(subject, None)

    def forget(self, subject: Subject) -> None:
        self.forget_latest(subject)
        for key in [key for key in self.versions if key[0] == subject]:
            self.versions.pop(key, None)

    def or_none(self, script: Script[T]) -> Script[T | None]:
        """The result of `script`, None where the registry reports that it has no such thing."""
        try:
            return (yield from script)
        except RegistryError as error:
            if is_absent(error):
                return None
            raise

    def resolved(self, resolution: Resolution) -> Script[Schema]:
        try:
            wanted = next(resolution)
            while True:
                # a schema may refer to a version that was soft-deleted since
                found = yield from self.get_version(*wanted, deleted=True)
                wanted = resolution.send(found)
        except StopIteration as finished:
            schema: Schema = finished.value
            return schema
