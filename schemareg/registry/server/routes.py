"""Every route in one table, from which the dispatcher and the OpenAPI document derive."""

from __future__ import annotations

from schemareg.registry.server import answers, setting_answers
from schemareg.registry.server.answer import Answer
from schemareg.registry.server.association_routes import ASSOCIATION_ROUTES
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.server.call import Call
from schemareg.registry.server.openapi import document
from schemareg.registry.server.route import Parameter, Route
from schemareg.registry.service.profile import Profile

__all__ = ["ROUTES", "Parameter", "Route", "routes_of"]

SUBJECT = Parameter(
    "subject", "string", "the subject in whose context the id is; `:.ctx:` for a whole context"
)
DELETED = Parameter("deleted", "boolean", "include soft-deleted versions")
DELETED_ONLY = Parameter("deletedOnly", "boolean", "soft-deleted ones only")
AS_NEGATIVE = Parameter("deletedAsNegative", "boolean", "soft-deleted versions, negated")
OFFSET = Parameter("offset", "integer", "how many to skip")
LIMIT = Parameter("limit", "integer", "how many to return at most; 0 and below: all")
FORMAT = Parameter("format", "string", "`resolved` writes referenced types into the schema")
REFERENCE_FORMAT = Parameter(
    "referenceFormat", "string", "`qualified` spells subjects of references with their context"
)
FIND_TAGS = Parameter("findTags", "strings", "tags to look for in the schema, `*` for any")
NORMALIZE = Parameter("normalize", "boolean", "normalize the schema first")
PERMANENT = Parameter("permanent", "boolean", "delete permanently; needs a soft delete before")
VERBOSE = Parameter("verbose", "boolean", "explain the answer")
TO_GLOBAL = Parameter("defaultToGlobal", "boolean", "the value in force where the subject has none")
FORCE = Parameter("force", "boolean", "even though schemas are registered")
RECURSIVE = Parameter("recursive", "boolean", "of every subject in the context too")
PREFIX = Parameter("subjectPrefix", "string", "prefix of subjects; after `:*:` in any context")
PAGE = (OFFSET, LIMIT)


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
            Parameter("associationType", "strings", "with `resourceType`: `key` or `value`"),
            Parameter("lifecycle", "string", "with `resourceType`: `STRONG` or `WEAK`"),
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
        without_change=answers.registered,
        judged=answers.judged,
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
    Route(
        "GET",
        "/config",
        "getTopLevelConfig",
        setting_answers.config,
        "config",
        "The global configuration",
        (TO_GLOBAL,),
    ),
    Route(
        "PUT",
        "/config",
        "updateTopLevelConfig",
        setting_answers.set_config,
        "updated-config",
        "Change the global configuration",
        body="config",
        changes=True,
        right=Right.CONFIG,
    ),
    Route(
        "DELETE",
        "/config",
        "deleteTopLevelConfig",
        setting_answers.delete_config,
        "config",
        "Reset the global configuration",
        changes=True,
        right=Right.CONFIG,
    ),
    Route(
        "GET",
        "/config/{subject}",
        "getSubjectLevelConfig",
        setting_answers.config,
        "config",
        "The configuration of a subject or context",
        (TO_GLOBAL,),
    ),
    Route(
        "PUT",
        "/config/{subject}",
        "updateSubjectLevelConfig",
        setting_answers.set_config,
        "updated-config",
        "Change the configuration of a subject or context",
        body="config",
        changes=True,
        right=Right.CONFIG,
    ),
    Route(
        "DELETE",
        "/config/{subject}",
        "deleteSubjectConfig",
        setting_answers.delete_config,
        "config",
        "Remove the configuration of a subject or context",
        changes=True,
        right=Right.CONFIG,
    ),
    Route(
        "GET",
        "/mode",
        "getTopLevelMode",
        setting_answers.mode,
        "mode",
        "The global mode",
        (TO_GLOBAL,),
    ),
    Route(
        "PUT",
        "/mode",
        "updateTopLevelMode",
        setting_answers.set_mode,
        "mode",
        "Set the global mode",
        (FORCE,),
        body="mode",
        changes=True,
        right=Right.MODE,
    ),
    Route(
        "DELETE",
        "/mode",
        "deleteTopLevelMode",
        setting_answers.delete_mode,
        "mode",
        "Reset the global mode",
        (RECURSIVE,),
        changes=True,
        right=Right.MODE,
    ),
    Route(
        "GET",
        "/mode/{subject}",
        "getMode",
        setting_answers.mode,
        "mode",
        "The mode of a subject or context",
        (TO_GLOBAL,),
    ),
    Route(
        "PUT",
        "/mode/{subject}",
        "updateMode",
        setting_answers.set_mode,
        "mode",
        "Set the mode of a subject or context",
        (FORCE,),
        body="mode",
        changes=True,
        right=Right.MODE,
    ),
    Route(
        "DELETE",
        "/mode/{subject}",
        "deleteSubjectMode",
        setting_answers.delete_mode,
        "mode",
        "Remove the mode of a subject or context",
        (RECURSIVE,),
        changes=True,
        right=Right.MODE,
    ),
    Route(
        "GET",
        "/contexts",
        "listContexts",
        setting_answers.contexts,
        "texts",
        "Contexts",
        (Parameter("contextPrefix", "string", "prefix of contexts"), *PAGE),
    ),
    Route(
        "DELETE",
        "/contexts/{context}",
        "deleteContext",
        setting_answers.delete_context,
        "none",
        "Delete an empty context",
        changes=True,
        right=Right.DELETE,
        since_8=True,
    ),
    Route(
        "GET",
        "/v1/metadata/id",
        "getClusterId",
        setting_answers.cluster_id,
        "object",
        "Id of the cluster",
    ),
    Route(
        "GET",
        "/v1/metadata/version",
        "getSchemaRegistryVersion",
        setting_answers.server_version,
        "object",
        "Release that the server answers as",
    ),
    Route(
        "GET",
        "/v1/metadata/deployment",
        "getDeployment",
        setting_answers.deployment,
        "object",
        "Attributes of the deployment",
    ),
    *ASSOCIATION_ROUTES,
)


def routes_of(profile: Profile) -> tuple[Route, ...]:
    """The rows that the release line has."""
    return tuple(route for route in ROUTES if profile.knows_later_routes or not route.since_8)
