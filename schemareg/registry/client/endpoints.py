"""Every request of the Confluent API, one function each, named after what it asks for.

Source: Confluent, "Schema Registry API Reference" (docs.confluent.io/platform/current/
schema-registry/develop/api.html). The first line of each body is the route.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemareg.registry.api.types import (
    Association,
    CompatibilityAnswer,
    Config,
    ConfigChange,
    ContextId,
    ElementTags,
    Metadata,
    Mode,
    RegisteredSchema,
    RuleSet,
    SchemaContent,
    SubjectVersion,
)
from schemareg.registry.client import answers
from schemareg.registry.client.answers import json_answer, many
from schemareg.registry.client.endpoint import (
    Endpoint,
    config_body,
    json_body,
    path,
    query,
    schema_body,
    tags_json,
)
from schemareg.subjects import Reference, SchemaId, Subject, Version, VersionSelector

# Schemas


def get_schema(id: SchemaId, *, subject: Subject | None = None) -> Endpoint[SchemaContent]:
    route = path("schemas", "ids", id) + query(subject=subject)
    return Endpoint("GET", route, json_answer(answers.schema_content))


def get_max_id(id: SchemaId, *, subject: Subject | None = None) -> Endpoint[SchemaId]:
    route = path("schemas", "ids", id) + query(subject=subject, fetchMaxId=True)
    return Endpoint("GET", route, json_answer(answers.max_id))


def get_schema_text(
    id: SchemaId, *, subject: Subject | None = None, format: str = ""
) -> Endpoint[str]:
    route = path("schemas", "ids", id, "schema") + query(subject=subject, format=format)
    return Endpoint("GET", route, answers.raw_text)


def get_schema_subjects(
    id: SchemaId, *, deleted: bool = False, offset: int = 0, limit: int | None = None
) -> Endpoint[tuple[Subject, ...]]:
    route = path("schemas", "ids", id, "subjects") + query(
        deleted=deleted, offset=offset or None, limit=limit
    )
    return Endpoint("GET", route, json_answer(many(answers.subject_name)))


def get_schema_versions(
    id: SchemaId, *, deleted: bool = False, offset: int = 0, limit: int | None = None
) -> Endpoint[tuple[SubjectVersion, ...]]:
    route = path("schemas", "ids", id, "versions") + query(
        deleted=deleted, offset=offset or None, limit=limit
    )
    return Endpoint("GET", route, json_answer(many(answers.subject_version)))


def get_schema_by_guid(guid: str) -> Endpoint[SchemaContent]:
    route = path("schemas", "guids", guid)
    return Endpoint("GET", route, json_answer(answers.schema_content))


def get_guid_ids(guid: str) -> Endpoint[tuple[ContextId, ...]]:
    route = path("schemas", "guids", guid, "ids")
    return Endpoint("GET", route, json_answer(many(answers.context_id)))


def get_schema_types() -> Endpoint[tuple[str, ...]]:
    route = path("schemas", "types")
    return Endpoint("GET", route, json_answer(many(answers.as_text)))


def get_schemas(
    *,
    prefix: str = "",
    deleted: bool = False,
    latest_only: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> Endpoint[tuple[RegisteredSchema, ...]]:
    route = path("schemas") + query(
        subjectPrefix=prefix,
        deleted=deleted,
        latestOnly=latest_only,
        offset=offset or None,
        limit=limit,
    )
    return Endpoint("GET", route, json_answer(many(answers.registered_schema)))


# Subjects and versions


def get_subjects(
    *,
    prefix: str | None = None,
    deleted: bool = False,
    deleted_only: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> Endpoint[tuple[Subject, ...]]:
    route = path("subjects") + query(
        subjectPrefix=prefix,
        deleted=deleted,
        deletedOnly=deleted_only,
        offset=offset or None,
        limit=limit,
    )
    return Endpoint("GET", route, json_answer(many(answers.subject_name)))


def get_versions(
    subject: Subject,
    *,
    deleted: bool = False,
    deleted_only: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> Endpoint[tuple[Version, ...]]:
    route = path("subjects", subject, "versions") + query(
        deleted=deleted, deletedOnly=deleted_only, offset=offset or None, limit=limit
    )
    return Endpoint("GET", route, json_answer(many(answers.version_number)))


def get_version(
    subject: Subject,
    version: VersionSelector,
    *,
    deleted: bool = False,
    format: str = "",
    find_tags: Sequence[str] = (),
) -> Endpoint[RegisteredSchema]:
    route = path("subjects", subject, "versions", version) + query(
        deleted=deleted, format=format, findTags=find_tags
    )
    return Endpoint("GET", route, json_answer(answers.registered_schema))


def get_version_text(
    subject: Subject, version: VersionSelector, *, deleted: bool = False, format: str = ""
) -> Endpoint[str]:
    route = path("subjects", subject, "versions", version, "schema") + query(
        deleted=deleted, format=format
    )
    return Endpoint("GET", route, answers.raw_text)


def get_referenced_by(
    subject: Subject,
    version: VersionSelector,
    *,
    deleted: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> Endpoint[tuple[SchemaId, ...]]:
    route = path("subjects", subject, "versions", version, "referencedby") + query(
        deleted=deleted, offset=offset or None, limit=limit
    )
    return Endpoint("GET", route, json_answer(many(answers.schema_id)))


def get_version_with_metadata(
    subject: Subject, properties: Mapping[str, str], *, deleted: bool = False
) -> Endpoint[RegisteredSchema]:
    route = path("subjects", subject, "metadata") + query(
        key=tuple(properties), value=tuple(properties.values()), deleted=deleted
    )
    return Endpoint("GET", route, json_answer(answers.registered_schema))


def register(
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
    schema_type: str = "AVRO",
) -> Endpoint[RegisteredSchema | SchemaId]:
    route = path("subjects", subject, "versions") + query(normalize=normalize)
    body = schema_body(
        text,
        references=references,
        metadata=metadata,
        version=version,
        schema_id=id,
        rule_set=rule_set,
        tags_to_add=tags_to_add,
        tags_to_remove=tags_to_remove,
        schema_type=schema_type,
    )
    return Endpoint("POST", route, json_answer(answers.registration(subject)), body, writes=True)


def change_tags(
    subject: Subject,
    version: VersionSelector,
    *,
    add: Sequence[ElementTags] = (),
    remove: Sequence[ElementTags] = (),
) -> Endpoint[RegisteredSchema | SchemaId]:
    route = path("subjects", subject, "versions", version, "tags")
    body = json_body({"tagsToAdd": tags_json(add), "tagsToRemove": tags_json(remove)})
    return Endpoint("POST", route, json_answer(answers.registration(subject)), body, writes=True)


def lookup(
    subject: Subject,
    text: str,
    *,
    references: Sequence[Reference] = (),
    metadata: Metadata | None = None,
    rule_set: RuleSet | None = None,
    normalize: bool = False,
    deleted: bool = False,
    schema_type: str = "AVRO",
) -> Endpoint[RegisteredSchema]:
    route = path("subjects", subject) + query(normalize=normalize, deleted=deleted)
    body = schema_body(
        text,
        references=references,
        metadata=metadata,
        rule_set=rule_set,
        schema_type=schema_type,
    )
    return Endpoint("POST", route, json_answer(answers.registered_schema), body)


def delete_subject(subject: Subject, *, permanent: bool = False) -> Endpoint[tuple[Version, ...]]:
    route = path("subjects", subject) + query(permanent=permanent)
    return Endpoint("DELETE", route, json_answer(many(answers.version_number)), writes=True)


def delete_version(
    subject: Subject, version: VersionSelector, *, permanent: bool = False
) -> Endpoint[Version]:
    route = path("subjects", subject, "versions", version) + query(permanent=permanent)
    return Endpoint("DELETE", route, json_answer(answers.version_number), writes=True)


# Compatibility


def check_compatibility(
    subject: Subject,
    text: str,
    *,
    references: Sequence[Reference] = (),
    metadata: Metadata | None = None,
    version: VersionSelector | None = None,
    normalize: bool = False,
    verbose: bool = True,
    schema_type: str = "AVRO",
) -> Endpoint[CompatibilityAnswer]:
    compared = () if version is None else (version,)
    route = path("compatibility", "subjects", subject, "versions", *compared) + query(
        normalize=normalize, verbose=verbose
    )
    body = schema_body(text, references=references, metadata=metadata, schema_type=schema_type)
    return Endpoint("POST", route, json_answer(answers.compatibility), body)


# Configuration and mode: of the whole registry where no subject is given


def get_config(
    subject: Subject | None = None, *, default_to_global: bool = False
) -> Endpoint[Config]:
    route = _scoped("config", subject) + query(defaultToGlobal=default_to_global)
    return Endpoint("GET", route, json_answer(answers.config))


def set_config(change: ConfigChange, subject: Subject | None = None) -> Endpoint[Config]:
    route = _scoped("config", subject)
    return Endpoint("PUT", route, json_answer(answers.config), config_body(change), writes=True)


def delete_config(subject: Subject | None = None) -> Endpoint[Config]:
    route = _scoped("config", subject)
    return Endpoint("DELETE", route, json_answer(answers.config), writes=True)


def get_mode(subject: Subject | None = None, *, default_to_global: bool = False) -> Endpoint[Mode]:
    route = _scoped("mode", subject) + query(defaultToGlobal=default_to_global)
    return Endpoint("GET", route, json_answer(answers.mode))


def set_mode(mode: Mode, subject: Subject | None = None, *, force: bool = False) -> Endpoint[Mode]:
    route = _scoped("mode", subject) + query(force=force)
    body = json_body({"mode": mode.value})
    return Endpoint("PUT", route, json_answer(answers.mode), body, writes=True)


def delete_mode(subject: Subject | None = None, *, recursive: bool = False) -> Endpoint[Mode]:
    route = _scoped("mode", subject) + query(recursive=recursive)
    return Endpoint("DELETE", route, json_answer(answers.mode), writes=True)


def _scoped(resource: str, subject: Subject | None) -> str:
    return path(resource) if subject is None else path(resource, subject)


# Contexts and the server itself


def get_contexts(
    *, prefix: str = "", offset: int = 0, limit: int | None = None
) -> Endpoint[tuple[str, ...]]:
    route = path("contexts") + query(contextPrefix=prefix, offset=offset or None, limit=limit)
    return Endpoint("GET", route, json_answer(many(answers.as_text)))


def delete_context(context: str) -> Endpoint[None]:
    route = path("contexts", context)
    return Endpoint("DELETE", route, answers.nothing, writes=True)


def get_root() -> Endpoint[None]:
    route = path("")
    return Endpoint("GET", route, answers.nothing)


def get_cluster_ids() -> Endpoint[Mapping[str, str]]:
    route = path("v1", "metadata", "id")
    return Endpoint("GET", route, json_answer(answers.cluster_ids))


def get_associations(subject: Subject) -> Endpoint[tuple[Association, ...]]:
    route = path("associations", "subjects", subject)
    return Endpoint("GET", route, json_answer(many(answers.association)))


def get_resource_associations(
    name: str, *, namespace: str = "-", resource_type: str = "", association_type: str = ""
) -> Endpoint[tuple[Association, ...]]:
    route = path("associations", "resources", namespace, name) + query(
        resourceType=resource_type, associationType=association_type
    )
    return Endpoint("GET", route, json_answer(many(answers.association)))


def get_deployment() -> Endpoint[tuple[str, ...]]:
    route = path("v1", "metadata", "deployment")
    return Endpoint("GET", route, json_answer(answers.deployment))


def get_server_version() -> Endpoint[Mapping[str, str]]:
    route = path("v1", "metadata", "version")
    return Endpoint("GET", route, json_answer(answers.texts_by_name))
