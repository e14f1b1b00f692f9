"""Metadata and tags beside and inside a schema.

Source: confluent-schema-registry's RestApiTest (testRegisterWithAndWithoutMetadata,
testConfluentVersion), RestApiCompatibilityTest, RestApiRegisterSchemaTagsTest, and what an 8.3.1
server was seen to answer.
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    ABSENT,
    Bind,
    Story,
    error,
    get,
    lookup,
    ok,
    post,
    put,
    register,
)
from tests.registry_contract.texts import (
    V1,
    V2,
    record,
)

TAGGED = record('{"name":"a","type":"int","confluent:tags":["PII"]}')

STORIES = [
    Story(
        "metadata",
        [
            register(
                V1,
                ok({"id": Bind("plain"), "metadata": {"properties": {"owner": "x"}}}),
                metadata={"properties": {"owner": "x"}, "tags": {"**.a": ["PII"]}},
            ),
            get(
                "/subjects/<s>/versions/1",
                ok({"metadata": {"properties": {"owner": "x"}, "tags": {"**.a": ["PII"]}}}),
            ),
            register(V1, ok({"id": Bind("plain"), "version": 1})),
            register(
                V1,
                ok({"id": Bind("other"), "version": 2}),
                metadata={"properties": {"owner": "y"}},
            ),
            lookup(
                V1,
                ok({"version": 1}),
                metadata={"properties": {"owner": "x"}, "tags": {"**.a": ["PII"]}},
            ),
            lookup(V1, error(404, 40403), metadata={"properties": {"owner": "q"}}),
            get("/subjects/<s>/metadata?key=owner&value=x", ok({"version": 1})),
            get("/subjects/<s>/metadata?key=owner&value=q", error(404, 40403)),
            register(V2, ok({"version": 3, "metadata": {"properties": {"owner": "y"}}})),
        ],
    ),
    Story(
        "metadata_alone_makes_a_version_of_the_latest_schema",
        [
            register(V1, ok({"id": Bind("plain"), "version": 1})),
            post(
                "/subjects/<s>/versions",
                {"metadata": {"properties": {"owner": "x"}}},
                ok({"version": 2, "schema": V1, "metadata": {"properties": {"owner": "x"}}}),
            ),
        ],
    ),
    Story(
        "sensitive_properties_travel",
        [
            register(
                V1,
                ok({"metadata": {"properties": {"key": "k"}, "sensitive": ["key"]}}),
                metadata={"properties": {"key": "k"}, "sensitive": ["key"]},
            ),
            get("/subjects/<s>/versions/1", ok({"metadata": {"sensitive": ["key"]}})),
        ],
    ),
    Story(
        "confluent_version_names_the_version_that_is_made",
        [
            register(
                V1,
                ok({"version": 1, "metadata": {"properties": {"confluent:version": "1"}}}),
                metadata={"properties": {"confluent:version": "7"}},
            ),
            lookup(V1, ok({"version": 1})),
        ],
    ),
    Story(
        "default_and_override_metadata",
        [
            put(
                "/config/<s>",
                {
                    "defaultMetadata": {"properties": {"team": "t", "tier": "1"}},
                    "overrideMetadata": {"properties": {"env": "prod"}},
                },
                ok(),
            ),
            register(
                V1,
                ok({"metadata": {"properties": {"team": "mine", "tier": "1", "env": "prod"}}}),
                metadata={"properties": {"team": "mine", "env": "dev"}},
            ),
        ],
    ),
    Story(
        "tags_are_found",
        [
            register(TAGGED, ok()),
            get("/subjects/<s>/versions/1", ok({"schemaTags": ABSENT})),
            get(
                "/subjects/<s>/versions/1?findTags=PII",
                ok(
                    {
                        "schemaTags": [
                            {
                                "schemaEntity": {
                                    "entityPath": "<ns>.R.a",
                                    "entityType": "sr_field",
                                },
                                "tags": ["PII"],
                            }
                        ]
                    }
                ),
            ),
        ],
    ),
]
