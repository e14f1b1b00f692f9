"""The routes about associations, rows of the table in `routes`."""

from __future__ import annotations

from schemareg.registry.server import association_answers as answers
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.server.route import Parameter, Route

_RESOURCE_TYPE = Parameter("resourceType", "string", "the kind of resource; `topic` by default")
_TYPES = Parameter("associationType", "strings", "`key` or `value`; both by default")
_LIFECYCLE = Parameter("lifecycle", "string", "`STRONG` or `WEAK`; both by default")
_CONTEXT = Parameter("context", "string", "the context of subjects that name none")
_DRY_RUN = Parameter("dryRun", "boolean", "check the request and change nothing")
_CASCADE = Parameter(
    "cascadeLifecycle", "boolean", "delete frozen ones too, and the subjects of STRONG ones"
)
_SCHEMAS = Parameter("includeSchemas", "boolean", "with the latest schema of each subject")
_FILTERS = (
    _RESOURCE_TYPE,
    _TYPES,
    _LIFECYCLE,
    Parameter("offset", "integer", "how many to leave out first"),
    Parameter("limit", "integer", "how many to return at most; 0 and below: 1000"),
)

ASSOCIATION_ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/associations",
        "createAssociation",
        answers.create,
        "object",
        "Associate subjects with a topic",
        query=(_CONTEXT, _DRY_RUN),
        body="any",
        changes=True,
        right=Right.WRITE,
        since_8=True,
    ),
    Route(
        "GET",
        "/associations/subjects/{subject}",
        "getAssociationsBySubject",
        answers.of_subject,
        "objects",
        "The associations of a subject",
        query=_FILTERS,
        since_8=True,
    ),
    Route(
        "GET",
        "/associations/resources/{resource}",
        "getAssociationsByResourceId",
        answers.of_resource,
        "objects",
        "The associations of a topic, by its id",
        query=_FILTERS,
        since_8=True,
    ),
    Route(
        "PUT",
        "/associations/resources/{resource}",
        "createOrUpdateAssociation",
        answers.create_or_update,
        "object",
        "Associate subjects with a topic, or change associations",
        query=(_CONTEXT, _DRY_RUN),
        body="any",
        changes=True,
        right=Right.WRITE,
        since_8=True,
    ),
    Route(
        "DELETE",
        "/associations/resources/{resource}",
        "deleteAssociations",
        answers.delete,
        "none",
        "Delete associations of a topic",
        query=(_RESOURCE_TYPE, _TYPES, _CASCADE, _DRY_RUN),
        changes=True,
        right=Right.DELETE,
        since_8=True,
    ),
    Route(
        "GET",
        "/associations/resources/{namespace}/{name}",
        "getAssociationsByResourceName",
        answers.of_resource_name,
        "objects",
        "The associations of a topic, by its name",
        query=_FILTERS,
        since_8=True,
    ),
    Route(
        "POST",
        "/associations:batchGet",
        "batchGetAssociations",
        answers.batch_get,
        "object",
        "The associations of several topics",
        query=(_SCHEMAS,),
        body="any",
        since_8=True,
    ),
    Route(
        "POST",
        "/associations:batchMutate",
        "mutateAssociations",
        answers.batch_mutate,
        "object",
        "Create, change and delete associations of several topics",
        query=(_CONTEXT, _DRY_RUN),
        body="any",
        changes=True,
        right=Right.DELETE,
        since_8=True,
    ),
)
