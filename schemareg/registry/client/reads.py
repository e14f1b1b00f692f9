"""Asking a registry: schemas by id, subjects, versions, contexts, and schemas resolved.

Ids, guids and numbered versions never change, so their answers are kept for ever; `latest` is
kept for `latest_ttl_s`, and "not found" never.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from schemareg.avro.schema import Schema
from schemareg.registry.api.types import (
    Association,
    ContextId,
    ElementTags,
    RegisteredSchema,
    SchemaContent,
    SubjectVersion,
)
from schemareg.registry.client import endpoints
from schemareg.registry.client.calls import Calls
from schemareg.registry.client.resolving import Resolution, place_of, resolving
from schemareg.registry.client.script import Script
from schemareg.registry.client.session import Funnel
from schemareg.subjects import SchemaId, Subject, Version, VersionSelector


class Reads(Calls):
    """The scripts that change nothing."""

    def __init__(self, funnel: Funnel, *, latest_ttl_s: float, clock: Callable[[], float]) -> None:
        super().__init__(funnel)
        self._latest_ttl_s = latest_ttl_s
        self._clock = clock
        self._contents: dict[tuple[SchemaId, Subject | None], SchemaContent] = {}
        self._contents_by_guid: dict[str, SchemaContent] = {}
        self._versions: dict[tuple[Subject, Version], RegisteredSchema] = {}
        self._latest: dict[Subject, tuple[float, RegisteredSchema]] = {}

    def get_schema(self, id: SchemaId, *, subject: Subject | None = None) -> Script[SchemaContent]:
        """`GET /schemas/ids/{id}`: the content behind an id, in the context of `subject`."""
        key = (id, subject)
        if key not in self._contents:
            self._contents[key] = yield from self._call(endpoints.get_schema(id, subject=subject))
        return self._contents[key]

    def get_max_id(self, id: SchemaId, *, subject: Subject | None = None) -> Script[SchemaId]:
        """`GET /schemas/ids/{id}?fetchMaxId=true`: the highest id in the context of `id`."""
        return self._call(endpoints.get_max_id(id, subject=subject))

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

    def get_tags(
        self, subject: Subject, version: VersionSelector, *, find: Sequence[str] = ("*",)
    ) -> Script[tuple[ElementTags, ...]]:
        """`GET …/versions/{version}?findTags=…`: where the schema carries a tag of `find`."""
        found = yield from self._call(endpoints.get_version(subject, version, find_tags=find))
        return found.tags

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

    def get_contexts(
        self, *, prefix: str = "", offset: int = 0, limit: int | None = None
    ) -> Script[tuple[str, ...]]:
        """`GET /contexts`: the contexts, the default one (`.`) first."""
        return self._call(endpoints.get_contexts(prefix=prefix, offset=offset, limit=limit))

    def ping(self) -> Script[None]:
        """`GET /`: returns where a registry answers."""
        return self._call(endpoints.get_root())

    def get_cluster_ids(self) -> Script[Mapping[str, str]]:
        """`GET /v1/metadata/id`: the clusters behind the registry, name by kind."""
        return self._call(endpoints.get_cluster_ids())

    def get_associations(self, subject: Subject) -> Script[tuple[Association, ...]]:
        """`GET /associations/subjects/{subject}`: the resources that a subject describes (8.x)."""
        return self._call(endpoints.get_associations(subject))

    def get_resource_associations(
        self,
        name: str,
        *,
        namespace: str = "-",
        resource_type: str = "",
        association_type: str = "",
    ) -> Script[tuple[Association, ...]]:
        """`GET /associations/resources/{namespace}/{name}`: the subjects of a topic (8.x)."""
        return self._call(
            endpoints.get_resource_associations(
                name,
                namespace=namespace,
                resource_type=resource_type,
                association_type=association_type,
            )
        )

    def get_deployment(self) -> Script[tuple[str, ...]]:
        """`GET /v1/metadata/deployment`: attributes of how the server is deployed (8.x)."""
        return self._call(endpoints.get_deployment())

    def get_server_version(self) -> Script[Mapping[str, str]]:
        """`GET /v1/metadata/version`: what the server says of itself, such as its version."""
        return self._call(endpoints.get_server_version())

    def fetch_schema(self, subject: Subject, version: VersionSelector) -> Script[Schema]:
        """The schema of a version, its references fetched and resolved, each once.

        Raises:
            SchemaParseError: a text that is no Avro schema.
        """
        root = yield from self.get_version(subject, version)
        place = place_of(subject, root.version)
        resolution = resolving(root.text, root.references, of=subject, place=place)
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

    def _forget(self, subject: Subject) -> None:
        self._latest.pop(subject, None)
        for key in [key for key in self._versions if key[0] == subject]:
            self._versions.pop(key, None)
