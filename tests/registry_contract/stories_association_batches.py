"""Schemas of associated subjects, batches of changes, and associations of a context.

Source: as `stories_associations`.
"""

from __future__ import annotations

from tests.registry_contract.association_requests import (
    DEFAULT,
    STRONG,
    WEAK,
    WEAK_ROW,
    WITH_SCHEMA,
    batch,
    create,
    invalid,
    resource,
)
from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Story,
    Typed,
    error,
    get,
    ok,
    post,
    register,
)
from tests.registry_contract.texts import V1

STORIES = [
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
