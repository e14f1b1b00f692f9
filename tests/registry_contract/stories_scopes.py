"""Where a setting or a name comes from: subject, context, everything, alias.

Source: confluent-schema-registry's RestApiContextTest, RestApiModeTest, RestApiCompatibilityTest
(aliases, `:.__GLOBAL:`, validateNewSchemas), ContextFilterTest and RestApiRegisterSchemaTagsTest.
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    ABSENT,
    Bind,
    Containing,
    Json,
    Story,
    Typed,
    Unordered,
    check,
    delete,
    error,
    get,
    lookup,
    ok,
    post,
    put,
    refers,
    register,
)
from tests.registry_contract.texts import A_RENAMED, ADDRESS, B_REQUIRED, PERSON, V1, V2, record

BAD_DEFAULT = record('{"name":"a","type":"int","default":"x"}')
TAG: Json = {"schemaEntity": {"entityPath": "<ns>.R.a", "entityType": "sr_field"}, "tags": ["PII"]}
TAGGED = record('{"name":"a","type":"int","confluent:tags":["PII"]}')
READ_ONLY = error(422, 42205, Containing(("is in read-only mode",)))

STORIES = [
    Story(
        "level_comes_from_subject_then_context_then_everything",
        [
            put("/config/:.__GLOBAL:", {"compatibility": "FORWARD"}, ok()),
            get("/config/:.one:<s>?defaultToGlobal=true", ok({"compatibilityLevel": "FORWARD"})),
            put("/config/:.one:", {"compatibility": "FULL"}, ok()),
            get("/config/:.one:<s>?defaultToGlobal=true", ok({"compatibilityLevel": "FULL"})),
            put("/config/:.one:<s>", {"compatibility": "NONE"}, ok()),
            get("/config/:.one:<s>?defaultToGlobal=true", ok({"compatibilityLevel": "NONE"})),
            get("/config/:.two:<s>?defaultToGlobal=true", ok({"compatibilityLevel": "FORWARD"})),
            put("/config", {"compatibility": "BACKWARD_TRANSITIVE"}, ok()),
            get(
                "/config/<s>?defaultToGlobal=true",
                ok({"compatibilityLevel": "BACKWARD_TRANSITIVE"}),
            ),
            get("/config/:.two:<s>?defaultToGlobal=true", ok({"compatibilityLevel": "FORWARD"})),
        ],
        fresh=True,
    ),
    Story(
        "mode_comes_from_subject_then_context_then_everything",
        [
            put("/mode/:.__GLOBAL:", {"mode": "READONLY"}, ok()),
            register(V1, READ_ONLY),
            register(V1, READ_ONLY, subject=":.one:<s>"),
            put("/mode/:.one:", {"mode": "READWRITE"}, ok()),
            register(V1, ok(), subject=":.one:<s>"),
            put("/mode/:.one:<s>", {"mode": "READONLY"}, ok()),
            register(V2, READ_ONLY, subject=":.one:<s>"),
            register(V2, ok(), subject=":.one:<s>-b"),
            delete("/mode/:.__GLOBAL:", ok({"mode": "READONLY"})),
            register(V1, ok()),
        ],
        fresh=True,
    ),
    Story(
        "recursive_delete_takes_the_modes_of_a_context_away",
        [
            put("/mode/:.one:", {"mode": "READONLY"}, ok()),
            put("/mode/:.one:<s>", {"mode": "READONLY"}, ok()),
            put("/mode/<s>", {"mode": "READONLY"}, ok()),
            delete("/mode/:.one:?recursive=true", ok({"mode": "READONLY"})),
            get("/mode/:.one:<s>", error(404, 40409)),
            get("/mode/<s>", ok({"mode": "READONLY"})),
        ],
        fresh=True,
    ),
    Story(
        "forward_mode_is_for_everything_only",
        [
            put(
                "/mode/<s>",
                {"mode": "FORWARD"},
                error(422, 42204, "Forward mode only supported on global level"),
            ),
            put("/mode/:.__GLOBAL:", {"mode": "FORWARD"}, ok({"mode": "FORWARD"})),
            register(V1, ok({"id": 12}), id=12, version=1),
        ],
        fresh=True,
    ),
    Story(
        "contexts_in_pages",
        [
            register(V1, ok(), subject=":.b:<s>"),
            register(V1, ok(), subject=":.a:<s>"),
            register(V1, ok(), subject=":.ab:<s>"),
            get("/contexts", ok([".", ".a", ".ab", ".b"])),
            get("/contexts?offset=1&limit=2", ok([".a", ".ab"])),
            get("/contexts?contextPrefix=.a", ok([".a", ".ab"])),
        ],
        fresh=True,
    ),
    Story(
        "ids_in_a_context",
        [
            register(V1, ok({"id": 1})),
            register(V2, ok({"id": 1}), subject=":.one:<s>"),
            get("/schemas/ids/1?subject=:.one:", ok({"schema": V2})),
            get(
                "/schemas/ids/1?subject=:.one:<s>-unknown",
                error(404, 40403, "Schema 1 not found"),
            ),
            get("/contexts/.one/schemas/ids/1/versions?subject=<s>-unknown", error(404, 40403)),
            get("/schemas/ids/1/subjects?subject=:.one:<s>", ok([":.one:<s>"])),
            get("/schemas/ids/1/subjects?subject=<s>-unknown", ok(["<s>"])),
            get("/schemas/ids/1/subjects?subject=<s>", ok(["<s>"])),
            get("/schemas/ids/1?subject=<s>-unknown", ok({"schema": V1})),
            get("/schemas/ids/2?subject=:.one:", error(404, 40403, "Schema 2 not found")),
            get("/schemas/ids/1/subjects?subject=:.one:", ok([":.one:<s>"])),
            get(
                "/schemas/ids/1/versions?subject=:.one:",
                ok([{"subject": ":.one:<s>", "version": 1}]),
            ),
            get("/contexts/.one/schemas/ids/1/schema", ok({"type": "record"})),
        ],
        fresh=True,
    ),
    Story(
        "context_named_wrongly",
        [
            get("/contexts/a:b/subjects", error(400, 400, Containing(("colon",)))),
        ],
    ),
    Story(
        "references_qualified_on_request",
        [
            register(ADDRESS, ok(), subject=":.one:<s>-address"),
            register(
                PERSON,
                ok(),
                subject=":.one:<s>",
                references=[refers("<ns>.Address", "<s>-address", 1)],
            ),
            get(
                "/subjects/:.one:<s>/versions/1?referenceFormat=qualified",
                ok({"references": [refers("<ns>.Address", ":.one:<s>-address", 1)]}),
            ),
            get(
                "/subjects/:.one:<s>/versions/1",
                ok({"references": [refers("<ns>.Address", "<s>-address", 1)]}),
            ),
        ],
        fresh=True,
    ),
    Story(
        "alias_stands_for_its_target_everywhere",
        [
            register(V1, ok({"id": Bind("id")})),
            put("/config/<s>-alias", {"alias": "<s>"}, ok()),
            lookup(V1, ok({"subject": "<s>", "id": Bind("id")}), subject="<s>-alias"),
            check(B_REQUIRED, ok({"is_compatible": False}), subject="<s>-alias"),
            check(V2, ok({"is_compatible": True}), subject="<s>-alias", version=""),
            get("/schemas/ids/<id>?subject=<s>-alias", ok({"subject": "<s>"})),
            # never for settings
            get("/config/<s>", error(404, 40408)),
            get("/mode/<s>-alias", error(404, 40409)),
            delete("/subjects/<s>-alias/versions/1", ok(1)),
            get("/subjects/<s>/versions", error(404, 40401)),
        ],
    ),
    Story(
        "alias_is_followed_once",
        [
            register(V1, ok()),
            put("/config/<s>-b", {"alias": "<s>"}, ok()),
            put("/config/<s>-c", {"alias": "<s>-b"}, ok()),
            get("/subjects/<s>-b/versions", ok([1])),
            get("/subjects/<s>-c/versions", error(404, 40401)),
        ],
    ),
    Story(
        "alias_inside_a_context",
        [
            register(V1, ok(), subject=":.one:<s>"),
            put("/config/:.one:<s>-alias", {"alias": "<s>"}, ok()),
            get("/subjects/:.one:<s>-alias/versions/1", ok({"subject": ":.one:<s>"})),
        ],
        fresh=True,
    ),
    Story(
        "global_alias_is_ignored",
        [
            register(V1, ok()),
            put("/config", {"alias": "<s>"}, ok()),
            get("/subjects/<s>-b/versions", error(404, 40401)),
        ],
        fresh=True,
    ),
    Story(
        "schemas_by_alias",
        [
            register(V1, ok()),
            put("/config/alias-of-<s>", {"alias": "<s>"}, ok()),
            get("/schemas?subjectPrefix=alias-of-<s>", ok([])),
            get(
                "/schemas?subjectPrefix=alias-of-<s>&aliases=true",
                ok([{"subject": "<s>", "version": 1, "aliases": ["alias-of-<s>"]}]),
            ),
        ],
    ),
    Story(
        "normalize_from_configuration",
        [
            put("/config/<s>", {"normalize": True}, ok()),
            register(record('{"name":"a","type":"int","y":1,"x":2}'), ok({"id": Bind("id")})),
            register(
                record('{"name":"a","type":"int","x":2,"y":1}'),
                ok({"id": Bind("id")}),
                subject="<s>-b",
            ),
            get(
                "/subjects/<s>/versions/1",
                ok({"schema": record('{"name":"a","type":"int","x":2,"y":1}')}),
            ),
        ],
    ),
    Story(
        "new_schemas_are_validated_unless_told_otherwise",
        [
            register(BAD_DEFAULT, error(422, 42201)),
            put("/config/<s>", {"validateNewSchemas": False}, ok()),
            register(BAD_DEFAULT, ok({"version": 1})),
        ],
    ),
    Story(
        "tags_worked_into_a_schema",
        [
            register(V1, ok({"schema": TAGGED, "version": 1}), schemaTagsToAdd=[TAG]),
            register(TAGGED, ok({"schema": V1, "version": 2}), schemaTagsToRemove=[TAG]),
            get("/subjects/<s>/versions/1?findTags=*", ok({"schemaTags": [TAG]})),
            get("/subjects/<s>/versions/1?findTags=OTHER", ok({"schemaTags": ABSENT})),
            get("/subjects/<s>/versions/2?findTags=*", ok({"schemaTags": ABSENT})),
        ],
    ),
    Story(
        "tags_added_later_make_a_version_that_names_itself",
        [
            register(V1, ok({"version": 1})),
            post(
                "/subjects/<s>/versions/1/tags",
                {"tagsToAdd": [TAG]},
                ok(
                    {
                        "version": 2,
                        "schema": TAGGED,
                        "metadata": {"properties": {"confluent:version": "2"}},
                    }
                ),
            ),
        ],
    ),
    Story(
        "compatibility_is_judged_inside_the_context",
        [
            register(V1, ok()),
            register(A_RENAMED, ok(), subject=":.one:<s>"),
            check(V1, ok({"is_compatible": False}), subject=":.one:<s>"),
            check(V2, ok({"is_compatible": True})),
        ],
        fresh=True,
    ),
    Story(
        "subjects_of_every_context",
        [
            register(V1, ok(), subject=":.one:<s>"),
            register(V1, ok(), subject=":.two:<s>"),
            register(V1, ok({"guid": Bind("guid")})),
            get("/subjects?subjectPrefix=:*:", ok([":.one:<s>", ":.two:<s>", "<s>"])),
            get("/subjects?subjectPrefix=:.:", ok(["<s>"])),
            get(
                "/schemas/guids/<guid>/ids",
                ok(
                    Unordered(
                        [
                            {"context": ".", "id": 1},
                            {"context": ".one", "id": 1},
                            {"context": ".two", "id": 1},
                        ]
                    )
                ),
            ),
            get("/schemas?subjectPrefix=:*:", ok([Typed(dict), Typed(dict), Typed(dict)])),
        ],
        fresh=True,
    ),
]
