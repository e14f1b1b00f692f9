"""Associations between subjects and topics: lifecycles, conflicts, batches, deletes.

Source: confluent-schema-registry's RestApiAssociationTest of the release 8.3.1. Members that no
client's test looks at (`createTs`, `updateTs`, the members of a registered `schema`) are ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Bind,
    Containing,
    Json,
    Step,
    Story,
    Typed,
    delete,
    error,
    get,
    lookup,
    ok,
    post,
    put,
    register,
)
from tests.registry_contract.texts import A_RENAMED, V1, V2

DEFAULT = ":.<s>:t-value"
"""The subject that a STRONG association of the topic `t` in the namespace `<s>` has."""


def resource(*associations: Json, id: str | None = "<s>-id", **more: str) -> Json:
    body: dict[str, Json] = {"resourceName": "t", "resourceNamespace": "<s>", **more}
    if id is not None:
        body["resourceId"] = id
    return {**body, "associations": associations}


def create(
    answer: Answer,
    *associations: Json,
    query: str = "",
    id: str | None = "<s>-id",
    **more: str,
) -> Step:
    return post(f"/associations{query}", resource(*associations, id=id, **more), answer)


def upsert(answer: Answer, *associations: Json) -> Step:
    return put("/associations/resources/<s>-id", resource(*associations), answer)


def invalid(member: str, detail: str) -> Answer:
    message = f"The association specified an invalid value for property: '{member}', detail: "
    return error(422, 42212, message + detail)


def batch(kind: str, *associations: Mapping[str, Json]) -> Json:
    return {"requests": [resource(*({"opType": kind, **each} for each in associations))]}


WEAK: dict[str, Json] = {"subject": "<s>"}
STRONG: dict[str, Json] = {"lifecycle": "STRONG", "subject": "<s>"}
WITH_SCHEMA: dict[str, Json] = {"schema": {"schema": V1}}
WEAK_ROW: dict[str, Json] = {
    "subject": "<s>",
    "guid": Typed(str),
    "resourceName": "t",
    "resourceNamespace": "<s>",
    "resourceId": "<s>-id",
    "resourceType": "topic",
    "associationType": "value",
    "lifecycle": "WEAK",
    "frozen": False,
}
FROZEN_ROW: dict[str, Json] = {
    "subject": DEFAULT,
    "lifecycle": "STRONG",
    "frozen": True,
    "associationType": "value",
}

STORIES = [
    Story(
        "associations_where_there_are_none",
        [
            get("/associations/resources/-/<s>?resourceType=topic&associationType=value", ok([])),
            get("/associations/resources/<s>-id", ok([])),
            get("/associations/subjects/<s>", ok([])),
            delete(
                "/associations/resources/<s>-id",
                error(404, 40410, "Association for '<s>-id' not found."),
            ),
        ],
    ),
    Story(
        "weak_association",
        [
            create(error(409, 40907, Containing(("'<s>'",))), WEAK),
            register(V1, ok()),
            create(
                ok(
                    {
                        "resourceName": "t",
                        "resourceNamespace": "<s>",
                        "resourceId": "<s>-id",
                        "resourceType": "topic",
                        "associations": [
                            {
                                "subject": "<s>",
                                "associationType": "value",
                                "lifecycle": "WEAK",
                                "frozen": False,
                                "schema": ABSENT,
                            }
                        ],
                    }
                ),
                WEAK,
            ),
            get("/associations/resources/<s>-id", ok([WEAK_ROW])),
            get("/associations/resources/<s>/t", ok([WEAK_ROW])),
            get("/associations/resources/-/t?lifecycle=STRONG", Answer(200)),
            get("/associations/subjects/<s>", ok([WEAK_ROW])),
            get("/associations/subjects/<s>?associationType=value", ok([WEAK_ROW])),
            get("/associations/subjects/<s>?associationType=key", ok([])),
            get("/associations/subjects/<s>?lifecycle=STRONG", ok([])),
            get("/associations/subjects/<s>?resourceType=other", ok([])),
            get("/associations/subjects/<s>?offset=1", ok([])),
            create(ok({"associations": ABSENT}), WEAK),
            create(
                error(409, 40903, "An association of type 'value' already exists for resource 't'"),
                STRONG,
            ),
            create(
                ok(
                    {
                        "associations": [
                            {"associationType": "key", "subject": "<s>", "lifecycle": "WEAK"}
                        ]
                    }
                ),
                {"associationType": "key", **WEAK},
            ),
            delete("/associations/resources/<s>-id?associationType=key", Answer(204)),
            delete("/associations/resources/<s>-id?dryRun=true", Answer(204)),
            get("/associations/subjects/<s>", ok([WEAK_ROW])),
            delete("/associations/resources/<s>-id", Answer(204)),
            get("/associations/subjects/<s>", ok([])),
        ],
    ),
    Story(
        "frozen_association_of_a_new_topic",
        [
            create(ok({"associations": ABSENT}), WITH_SCHEMA, query="?dryRun=true", id=None),
            get(f"/subjects/{DEFAULT}/versions", error(404, 40401)),
            create(
                ok(
                    {
                        "associations": [
                            {
                                "subject": DEFAULT,
                                "associationType": "value",
                                "lifecycle": "STRONG",
                                "frozen": True,
                                "schema": {"subject": DEFAULT, "version": 1, "id": Bind("id")},
                            }
                        ]
                    }
                ),
                WITH_SCHEMA,
            ),
            get("/associations/resources/<s>-id", ok([FROZEN_ROW])),
            create(ok({"associations": ABSENT}), WITH_SCHEMA),
            create(ok({"associations": ABSENT}), WITH_SCHEMA, query="?dryRun=true", id=None),
            create(error(409, 40903), {"schema": {"schema": V2}}),
            upsert(
                invalid("frozen", "frozen attribute of association cannot be changed"),
                {"frozen": False, "lifecycle": "STRONG"},
            ),
            delete(
                "/associations/resources/<s>-id",
                error(
                    409,
                    40908,
                    f"The association of type  'value' is frozen for subject '{DEFAULT}'",
                ),
            ),
            delete(
                f"/subjects/{DEFAULT}",
                error(409, 40904, f"An association already exists for subject '{DEFAULT}'"),
            ),
            delete("/associations/resources/<s>-id?cascadeLifecycle=true", Answer(204)),
            get("/associations/resources/<s>-id", ok([])),
            get(f"/subjects/{DEFAULT}/versions?deleted=true", error(404, 40401)),
        ],
    ),
    Story(
        "strong_association_that_is_not_frozen",
        [
            register(V1, ok()),
            create(
                ok({"associations": [{"subject": "<s>", "lifecycle": "STRONG", "frozen": False}]}),
                STRONG,
            ),
            create(
                error(409, 40904, "An association already exists for subject '<s>'"),
                STRONG,
                id="<s>-other",
                resourceName="u",
            ),
            create(
                error(409, 40905, "A strong association already exists for subject '<s>'"),
                WEAK,
                id="<s>-other",
                resourceName="u",
            ),
            upsert(ok({"associations": [{"lifecycle": "WEAK"}]}), {"lifecycle": "WEAK"}),
            upsert(
                invalid(
                    "subject", "subject of association cannot be changed from '<s>' to '<s>-b'"
                ),
                {"lifecycle": "STRONG", "subject": "<s>-b"},
            ),
            upsert(ok({"associations": ABSENT}), {"lifecycle": "WEAK"}),
            delete("/subjects/<s>/versions/1", error(409, 40907)),
            register(V2, ok()),
            delete("/subjects/<s>/versions/1", ok(1)),
            delete("/subjects/<s>/versions/1?permanent=true", error(409, 40904)),
            delete("/subjects/<s>", error(409, 40904)),
            delete("/associations/resources/<s>-id", Answer(204)),
            delete("/subjects/<s>", ok([2])),
        ],
    ),
    Story(
        "upsert_of_an_association",
        [
            upsert(
                ok(
                    {
                        "associations": [
                            {
                                "subject": DEFAULT,
                                "lifecycle": "STRONG",
                                "frozen": False,
                                "schema": {"version": 1},
                            }
                        ]
                    }
                ),
                WITH_SCHEMA,
            ),
            upsert(
                error(409, 40901, Containing(("READER_FIELD_MISSING_DEFAULT_VALUE",))),
                {"lifecycle": "STRONG", "frozen": None, "schema": {"schema": A_RENAMED}},
            ),
            upsert(
                invalid("subject", f"WEAK associations cannot use subject '{DEFAULT}'"),
                {"lifecycle": "WEAK"},
            ),
            upsert(
                invalid("subject", "must be provided for WEAK associations"),
                {"associationType": "key"},
            ),
            put(
                "/associations/resources/other",
                resource(WITH_SCHEMA),
                invalid(
                    "resourceId",
                    "Resource ID in the path parameter does not match the resource ID in the "
                    "request body",
                ),
            ),
        ],
    ),
    Story(
        "associations_that_are_refused",
        [
            register(V1, ok()),
            create(invalid("resourceName", "cannot be null or empty"), WEAK, resourceName=""),
            create(invalid("resourceName", "illegal character '.'"), WEAK, resourceName="a.b"),
            create(invalid("resourceId", "cannot be null or empty"), WEAK, id=None),
            create(invalid("resourceType", "must be 'topic'"), WEAK, resourceType="table"),
            create(invalid("associations", "cannot be null or empty")),
            create(
                invalid("associationType", "must be either 'key' or 'value'"),
                {"associationType": "header", **WEAK},
            ),
            create(invalid("associationType", "Duplicate association type: value"), WEAK, WEAK),
            create(
                invalid("subject", "must be provided for WEAK associations"),
                {"lifecycle": "WEAK"},
            ),
            create(
                invalid("subject", f"WEAK associations cannot use subject '{DEFAULT}'"),
                {"subject": DEFAULT},
            ),
            create(
                invalid("lifecycle", "cannot be WEAK when schema is provided"),
                {"lifecycle": "WEAK", **WITH_SCHEMA},
            ),
            create(
                invalid("frozen", "cannot be false when schema is provided for create"),
                {"frozen": False, **WITH_SCHEMA},
            ),
            create(
                invalid("frozen", "association with lifecycle of WEAK cannot be frozen"),
                {"frozen": True, **WEAK},
            ),
            create(
                invalid("subject", f"frozen associations must use subject '{DEFAULT}'"),
                {"subject": "<s>", **WITH_SCHEMA},
            ),
            create(
                invalid("schema", "schema must be provided when creating a frozen association"),
                {"lifecycle": "STRONG", "frozen": True},
            ),
            create(error(400, 400), {"lifecycle": "MIDDLING", **WEAK}),
            create(error(422, 42201), {"schema": {"schema": "nonsense"}}),
            lookup(V1, ok()),
            get("/associations/resources/<s>-id", ok([])),
        ],
    ),
    Story(
        "schemas_of_associated_subjects",
        [
            get("/schemas?resourceType=topic", ok([])),
            register(V1, ok()),
            register(V1, ok(), subject="<s>-other"),
            create(ok(), WEAK),
            create(ok(), {"associationType": "key", **WITH_SCHEMA}, id="<s>-2", resourceName="u"),
            get(
                "/schemas?resourceType=topic&subjectPrefix=:*:",
                ok(
                    [
                        {
                            "subject": ":.<s>:u-key",
                            "version": 1,
                            "associations": [{"resourceName": "u", "associationType": "key"}],
                        },
                        {"subject": "<s>", "version": 1, "associations": [WEAK_ROW]},
                    ]
                ),
            ),
            get(
                "/schemas?resourceType=topic&associationType=value&subjectPrefix=:*:",
                ok([{"subject": "<s>"}]),
            ),
            get(
                "/schemas?resourceType=topic&lifecycle=STRONG&subjectPrefix=:*:",
                ok([{"subject": ":.<s>:u-key"}]),
            ),
            get(
                "/schemas?associationType=key&subjectPrefix=:*:",
                ok([{"subject": ":.<s>:u-key"}]),
            ),
            get("/schemas?lifecycle=WEAK", ok([{"subject": "<s>"}])),
            get(
                "/schemas?lifecycle=NONE&lifecycle=WEAK",
                ok([{"subject": "<s>", "associations": [WEAK_ROW]}, {"subject": "<s>-other"}]),
            ),
            get("/schemas?lifecycle=NONE", ok([{"subject": "<s>-other"}])),
            get("/schemas?resourceType=other", ok([])),
            get("/schemas?resourceType=topic&lifecycle=OTHER", error(404, 404)),
        ],
        fresh=True,
    ),
    Story(
        "batches_of_associations",
        [
            register(V1, ok()),
            post(
                "/associations:batchMutate",
                batch("CREATE", {"associationType": "key", **WEAK}, WITH_SCHEMA),
                Answer(
                    207,
                    {
                        "results": [
                            {
                                "error": ABSENT,
                                "result": {
                                    "resourceId": "<s>-id",
                                    "associations": [
                                        {"associationType": "key", "subject": "<s>"},
                                        {
                                            "associationType": "value",
                                            "frozen": True,
                                            "schema": {"version": 1},
                                        },
                                    ],
                                },
                            }
                        ]
                    },
                ),
            ),
            post(
                "/associations:batchGet?includeSchemas=true",
                {
                    "requests": [
                        {"resourceId": "<s>-id", "associationTypes": ["key"]},
                        {"resourceName": "t", "resourceNamespace": "<s>", "lifecycle": "STRONG"},
                        {"resourceId": "<s>-nobody"},
                        {"resourceName": "t"},
                        {},
                    ]
                },
                Answer(
                    207,
                    {
                        "results": [
                            {
                                "result": {
                                    "resourceName": "t",
                                    "associations": [{"subject": "<s>", "schema": {"version": 1}}],
                                }
                            },
                            {"result": {"associations": [{"subject": DEFAULT}]}},
                            {"result": {"resourceId": "<s>-nobody", "associations": ABSENT}},
                            {"error": {"error_code": 500, "message": Typed(str)}},
                            {"error": {"error_code": 500, "message": Typed(str)}},
                        ]
                    },
                ),
            ),
            post(
                "/associations:batchMutate",
                {
                    "requests": [
                        resource({"opType": "DELETE", "associationType": "value"}),
                        resource({"opType": "UPSERT", "associationType": "key", **STRONG}),
                        resource(
                            {
                                "opType": "DELETE",
                                "associationType": "value",
                                "cascadeLifecycle": True,
                            },
                            {"opType": "DELETE", "associationType": "key"},
                        ),
                    ]
                },
                Answer(
                    207,
                    {
                        "results": [
                            {
                                "result": ABSENT,
                                "error": {"error_code": 40908, "message": Typed(str)},
                            },
                            {
                                "result": {
                                    "associations": [
                                        {"associationType": "key", "lifecycle": "STRONG"},
                                        {"associationType": "value"},
                                    ]
                                }
                            },
                            {"result": {"associations": ABSENT}},
                        ]
                    },
                ),
            ),
            get("/associations/resources/<s>-id", ok([])),
            get(f"/subjects/{DEFAULT}/versions?deleted=true", error(404, 40401)),
            get("/subjects/<s>/versions", ok([1])),
            post(
                "/associations:batchMutate",
                {"requests": []},
                invalid("requests", "cannot be null or empty"),
            ),
            post(
                "/associations:batchMutate",
                batch("RENAME", WEAK),
                error(400, 400),
            ),
        ],
    ),
    Story(
        "associations_of_a_context",
        [
            register(V1, ok(), subject=":.<s>-c:a"),
            create(
                ok({"associations": [{"subject": ":.<s>-c:a"}]}),
                {"subject": "a"},
                query="?context=:.<s>-c:",
            ),
            get("/contexts/.<s>-c/associations/subjects/a", ok([{"subject": ":.<s>-c:a"}])),
            post(
                "/contexts/.<s>-c/associations",
                resource({"subject": "a"}, id="<s>-other", resourceName="u"),
                ok({"associations": [{"subject": ":.<s>-c:a"}]}),
            ),
        ],
    ),
]
