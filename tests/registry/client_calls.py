"""Calls of the client that read an answer of each shape, and the words of the protocol."""

from __future__ import annotations

from collections.abc import Callable

from schemareg.registry import RegistryClient
from schemareg.registry.api.types import ConfigChange, Mode, ResourceQuery
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version

S = Subject("s")
CALLS: dict[str, Callable[[RegistryClient], object]] = {
    "get_schema": lambda c: c.get_schema(SchemaId(1)),
    "get_schema_versions": lambda c: c.get_schema_versions(SchemaId(1)),
    "get_guid_ids": lambda c: c.get_guid_ids("g"),
    "get_max_id": lambda c: c.get_max_id(SchemaId(1)),
    "get_schemas": lambda c: c.get_schemas(),
    "get_subjects": lambda c: c.get_subjects(),
    "get_version": lambda c: c.get_version(S, "latest"),
    "get_tags": lambda c: c.get_tags(S, Version(1)),
    "register": lambda c: c.register(S, '"int"'),
    "change_tags": lambda c: c.change_tags(S, Version(1)),
    "check_compatibility": lambda c: c.check_compatibility(S, '"int"'),
    "delete_subject": lambda c: c.delete_subject(S, permanent=True),
    "delete_version": lambda c: c.delete_version(S, Version(1)),
    "set_level": lambda c: c.set_level(CompatibilityLevel.FULL, S),
    "set_config": lambda c: c.set_config(ConfigChange(normalize=None)),
    "get_mode": lambda c: c.get_mode(),
    "set_mode": lambda c: c.set_mode(Mode.IMPORT),
    "get_associations": lambda c: c.get_associations(S),
    "get_many_associations": lambda c: c.get_many_associations([ResourceQuery("1")]),
    "get_cluster_ids": lambda c: c.get_cluster_ids(),
    "get_server_version": lambda c: c.get_server_version(),
    "get_deployment": lambda c: c.get_deployment(),
    "fetch_schema": lambda c: c.fetch_schema(S, Version(1)),
    "fetch_schema_by_id": lambda c: c.fetch_schema_by_id(SchemaId(1)),
}
NAMES = [
    "subject", "version", "id", "schema", "schemaType", "references", "name", "metadata", "tags",
    "properties", "sensitive", "guid", "deleted", "ruleSet", "schemaTags", "schemaEntity",
    "entityPath", "entityType", "is_compatible", "messages", "compatibilityLevel",
    "compatibility", "normalize", "mode", "context", "maxId", "scope", "clusters", "attributes",
    "error_code", "message", "results", "result", "error", "associations",
]  # fmt: skip
