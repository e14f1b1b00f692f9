"""Associations between subjects and topics: lifecycles, conflicts, batches, deletes.

Source: confluent-schema-registry's RestApiAssociationTest of the release 8.3.1. Members that no
client's test looks at (`createTs`, `updateTs`, the members of a registered `schema`) are ours.
"""

from __future__ import annotations

from tests.registry_contract.association_requests import (
    DEFAULT,
    FROZEN_ROW,
    STRONG,
    WEAK,
    WEAK_ROW,
    WITH_SCHEMA,
    create,
    invalid,
    resource,
    upsert,
)
from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Bind,
    Containing,
    Story,
    delete,
    error,
    get,
    lookup,
    ok,
    put,
    register,
)
from tests.registry_contract.texts import A_RENAMED, V1, V2

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
]
