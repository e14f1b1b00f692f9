"""Every route in one table, from which the dispatcher and the OpenAPI document derive."""

from __future__ import annotations

from schemareg.registry.server import answers, setting_answers
from schemareg.registry.server.answer import Answer
from schemareg.registry.server.association_routes import ASSOCIATION_ROUTES
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.server.call import Call
from schemareg.registry.server.openapi import document
from schemareg.registry.server.parameters import (
    AS_NEGATIVE,
    DELETED,
    DELETED_ONLY,
    FIND_TAGS,
    FORMAT,
    NORMALIZE,
    PAGE,
    PERMANENT,
    PREFIX,
    REFERENCE_FORMAT,
    SUBJECT,
    VERBOSE,
)
from schemareg.registry.server.route import Parameter, Route
from schemareg.registry.server.setting_routes import SETTING_ROUTES
from schemareg.registry.service.profile import Profile

__all__ = ["ROUTES", "Parameter", "Route", "routes_of"]


def _openapi(call: Call) -> Answer:
    return document(routes_of(call.session.policy.profile))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/openapi.json", "getOpenApi", _openapi, "object", "This document"),
    Route("GET", "/", "root", setting_answers.nothing, "object", "Whether the server answers"),
    Route(
        "POST",
        "/",
        "postRoot",
        setting_answers.nothing,
        "object",
        "Whether the server answers",
        body="any",
    ),
    Route(
        "GET", "/schemas/types", "getSchemaTypes", setting_answers.types, "texts", "Schema types"
    ),
    Route(
        "GET",
        "/schemas",
        "getSchemas",
        answers.schemas,
        "objects",
        "Versions of all subjects",
        (
            PREFIX,
            DELETED,
            Parameter("latestOnly", "boolean", "the latest version of each subject only"),
            Parameter("aliases", "boolean", "targets of aliases with that prefix too"),
            Parameter("ruleType", "string", "only versions with a rule of that type"),
            Parameter("resourceType", "string", "only subjects associated with that kind"),
            Parameter("associationType", "strings", "only subjects associated as `key` or `value`"),
            Parameter("lifecycle", "strings", "`STRONG`, `WEAK`, or `NONE`: without association"),
            *PAGE,
        ),
        is_long=True,
    ),
    Route(
        "GET",
        "/schemas/ids/{id}",
        "getSchema",
        answers.schema,
        "schema-content",
        "The schema of an id",
        (
            SUBJECT,
            FORMAT,
            REFERENCE_FORMAT,
            FIND_TAGS,
            Parameter("fetchMaxId", "boolean", "return the highest id too"),
        ),
    ),
    Route(
        "GET",
        "/schemas/ids/{id}/schema",
        "getSchemaOnly",
        answers.schema_only,
        "raw-schema",
        "The text of the schema of an id",
        (SUBJECT, FORMAT),
    ),
    Route(
        "GET",
        "/schemas/ids/{id}/subjects",
        "getSubjects",
        answers.subjects_of_id,
        "texts",
        "Subjects that have an id",
        (SUBJECT, DELETED, *PAGE),
    ),
    Route(
        "GET",
        "/schemas/ids/{id}/versions",
        "getVersions",
        answers.versions_of_id,
        "objects",
        "Versions that have an id",
        (SUBJECT, DELETED, *PAGE),
    ),
    Route(
        "GET",
        "/schemas/guids/{guid}",
        "getSchemaByGuid",
        answers.schema_by_guid,
        "schema-content",
        "The schema of a GUID",
        (FORMAT,),
        since_8=True,
    ),
    Route(
        "GET",
        "/schemas/guids/{guid}/ids",
        "getContextIds",
        answers.ids_of_guid,
        "objects",
        "Context and id of every schema with a GUID",
        since_8=True,
    ),
    Route(
        "GET",
        "/subjects",
        "list",
        answers.subjects,
        "texts",
        "Subjects",
        (PREFIX, DELETED, DELETED_ONLY, *PAGE),
        is_long=True,
    ),
    Route(
        "POST",
        "/subjects/{subject}",
        "lookUpSchemaUnderSubject",
        answers.look_up,
        "schema-version",
        "The version that a schema is registered as",
        (NORMALIZE, DELETED, FORMAT),
        body="schema",
    ),
    Route(
        "DELETE",
        "/subjects/{subject}",
        "deleteSubject",
        answers.delete_subject,
        "integers",
        "Delete a subject",
        (PERMANENT,),
        changes=True,
        right=Right.DELETE,
    ),
    Route(
        "GET",
        "/subjects/{subject}/metadata",
        "getLatestWithMetadata",
        answers.subject_metadata,
        "schema-version",
        "The newest version with certain metadata",
        (
            Parameter("key", "strings", "names of properties"),
            Parameter("value", "strings", "their values, in the same order"),
            FORMAT,
            DELETED,
        ),
    ),
    Route(
        "GET",
        "/subjects/{subject}/versions",
        "listVersions",
        answers.versions,
        "integers",
        "Version numbers of a subject",
        (DELETED, DELETED_ONLY, AS_NEGATIVE, *PAGE),
    ),
    Route(
        "POST",
        "/subjects/{subject}/versions",
        "register",
        answers.register,
        "registered",
        "Register a schema",
        (NORMALIZE,),
        body="schema",
        changes=True,
        right=Right.WRITE,
        judged=answers.judged,
        known=answers.known,
    ),
    Route(
        "GET",
        "/subjects/{subject}/versions/{version}",
        "getSchemaByVersion",
        answers.version,
        "schema-version",
        "A version",
        (FORMAT, REFERENCE_FORMAT, DELETED, FIND_TAGS),
    ),
    Route(
        "GET",
        "/subjects/{subject}/versions/{version}/schema",
        "getSchemaOnlyByVersion",
        answers.version_schema,
        "raw-schema",
        "The text of the schema of a version",
        (FORMAT, DELETED),
    ),
    Route(
        "GET",
        "/subjects/{subject}/versions/{version}/referencedby",
        "getReferencedBy",
        answers.referenced_by,
        "integers",
        "Ids of the schemas that refer to a version",
        (DELETED, *PAGE),
    ),
    Route(
        "DELETE",
        "/subjects/{subject}/versions/{version}",
        "deleteSchemaVersion",
        answers.delete_version,
        "integer",
        "Delete a version",
        (PERMANENT,),
        changes=True,
        right=Right.DELETE,
    ),
    Route(
        "POST",
        "/subjects/{subject}/versions/{version}/tags",
        "modifyTags",
        answers.change_tags,
        "registered",
        "Register a version with other tags",
        body="tags",
        changes=True,
        right=Right.WRITE,
    ),
    Route(
        "POST",
        "/compatibility/subjects/{subject}/versions/{version}",
        "testCompatibilityBySubjectName",
        answers.check_version,
        "compatibility",
        "Whether a schema is compatible with one version",
        (NORMALIZE, VERBOSE),
        body="schema",
    ),
    Route(
        "POST",
        "/compatibility/subjects/{subject}/versions",
        "testCompatibilityForSubject",
        answers.check_versions,
        "compatibility",
        "Whether a schema is compatible with the versions that the level covers",
        (NORMALIZE, VERBOSE),
        body="schema",
    ),
    *SETTING_ROUTES,
    *ASSOCIATION_ROUTES,
)


def routes_of(profile: Profile) -> tuple[Route, ...]:
    """The rows that the release line has."""
    return tuple(route for route in ROUTES if profile.knows_later_routes or not route.since_8)
