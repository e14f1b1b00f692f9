"""References, contexts, lists, and the server itself.

Source: confluent-schema-registry's RestApiTest (testSchemaReferences*, testRegisterDiffContext),
RestApiContextTest, and what an 8.3.1 server was seen to answer.
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    Answer,
    Bind,
    Containing,
    SchemaText,
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
from tests.registry_contract.texts import (
    ADDRESS,
    COUPLE,
    PERSON,
    PERSON_SHORT,
    V1,
    V2,
    V3,
    record,
)

TO_ADDRESS = [refers("<ns>.Address", "<s>-address", 1)]
TO_PERSON = [refers("<ns>.Person", "<s>", 1)]
RESOLVED_PERSON = PERSON.replace('"<ns>.Address"', ADDRESS)
REFERENCED = error(
    422,
    42206,
    "One or more references exist to the schema "
    "{magic=1,keytype=SCHEMA,subject=<s>-address,version=1}.",
)

STORIES = [
    Story(
        "reference",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, error(422, 42201)),
            register(PERSON, ok({"id": Bind("id")}), references=TO_ADDRESS),
            get("/subjects/<s>/versions/1", ok({"references": TO_ADDRESS})),
            get("/schemas/ids/<id>", ok({"references": TO_ADDRESS})),
            get("/subjects/<s>-address/versions/1/referencedby", ok([Bind("id")])),
            lookup(PERSON, ok({"id": Bind("id"), "version": 1}), references=TO_ADDRESS),
            register(PERSON, ok({"id": Bind("id")}), references=TO_ADDRESS),
            check(PERSON, ok({"is_compatible": True}), references=TO_ADDRESS),
        ],
        core=True,
    ),
    Story(
        "referenced_type_is_named_as_short_as_can_be",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok({"schema": PERSON_SHORT}), references=TO_ADDRESS),
        ],
    ),
    Story(
        "reference_that_leads_nowhere",
        [
            register(
                PERSON,
                error(422, 42201),
                references=[refers("<ns>.Address", "<s>-nowhere", 1)],
            ),
            register(ADDRESS, ok(), subject="<s>-address"),
            register(
                PERSON,
                error(422, 42201),
                references=[refers("<ns>.Address", "<s>-address", 2)],
            ),
            get("/subjects/<s>/versions", error(404, 40401)),
        ],
        core=True,
    ),
    Story(
        "reference_to_latest_is_pinned",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok(), references=[refers("<ns>.Address", "<s>-address", -1)]),
            get("/subjects/<s>/versions/1", ok({"references": TO_ADDRESS})),
        ],
    ),
    Story(
        "references_over_several_levels",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok(), references=TO_ADDRESS),
            register(COUPLE, ok({"id": Bind("id")}), subject="<s>-couple", references=TO_PERSON),
            get("/subjects/<s>-couple/versions/latest", ok({"references": TO_PERSON})),
            get("/subjects/<s>/versions/1/referencedby", ok([Bind("id")])),
        ],
        core=True,
    ),
    Story(
        "format_resolved_inlines_references",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok({"guid": Bind("guid"), "id": Bind("id")}), references=TO_ADDRESS),
            get(
                "/subjects/<s>/versions/1?format=resolved",
                ok(
                    {
                        "schema": Containing(('"name":"Address"', '"name":"street"')),
                        "guid": Bind("guid"),
                        "references": TO_ADDRESS,
                    }
                ),
            ),
            get("/schemas/ids/<id>/schema?format=resolved", ok({"type": "record"})),
            lookup(RESOLVED_PERSON, ok({"id": Bind("id"), "version": 1})),
        ],
    ),
    Story(
        "referenced_schema_is_not_deleted",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok(), references=TO_ADDRESS),
            delete("/subjects/<s>-address", REFERENCED),
            delete("/subjects/<s>-address/versions/1", REFERENCED),
            delete("/subjects/<s>", ok([1])),
            delete("/subjects/<s>-address", ok([1])),
            delete("/subjects/<s>-address?permanent=true", REFERENCED),
            delete("/subjects/<s>?permanent=true", ok([1])),
            delete("/subjects/<s>-address?permanent=true", ok([1])),
        ],
        core=True,
    ),
    Story(
        "soft_deleted_referrers_hold_a_version_against_permanent_deletes_only",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok(), references=TO_ADDRESS),
            delete("/subjects/<s>/versions/1", ok(1)),
            delete("/subjects/<s>-address/versions/1", ok(1)),
            delete("/subjects/<s>-address/versions/1?permanent=true", REFERENCED),
            delete("/subjects/<s>/versions/1?permanent=true", ok(1)),
            delete("/subjects/<s>-address/versions/1?permanent=true", ok(1)),
        ],
    ),
    Story(
        "subject_whose_versions_refer_to_each_other_is_deleted_at_once",
        [
            put("/config/<s>", {"compatibility": "NONE"}, ok()),
            register(ADDRESS, ok({"version": 1})),
            register(
                PERSON,
                ok({"version": 2}),
                references=[refers("<ns>.Address", "<s>", 1)],
            ),
            delete("/subjects/<s>/versions/1", error(422, 42206)),
            delete("/subjects/<s>", ok([1, 2])),
            delete("/subjects/<s>?permanent=true", ok([1, 2])),
        ],
    ),
    Story(
        "order_of_references_does_not_count_when_normalized",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(record('{"name":"x","type":"int"}', name="Extra"), ok(), subject="<s>-extra"),
            register(
                PERSON,
                ok({"id": Bind("id")}),
                references=[
                    refers("<ns>.Extra", "<s>-extra", 1),
                    refers("<ns>.Address", "<s>-address", 1),
                ],
                query="?normalize=true",
            ),
            register(
                PERSON,
                ok({"id": Bind("id")}),
                references=[
                    refers("<ns>.Address", "<s>-address", 1),
                    refers("<ns>.Extra", "<s>-extra", 1),
                ],
                query="?normalize=true",
                subject="<s>-b",
            ),
        ],
    ),
    Story(
        "soft_deleted_schema_still_resolves",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok({"id": Bind("id")}), references=TO_ADDRESS),
            delete("/subjects/<s>", ok([1])),
            delete("/subjects/<s>-address", ok([1])),
            get("/schemas/ids/<id>", ok({"references": TO_ADDRESS})),
            get("/subjects/<s>-address/versions/1?deleted=true", ok({"deleted": True})),
            register(PERSON, error(422, 42201), references=TO_ADDRESS),
        ],
    ),
    Story(
        "contexts_number_their_ids_apart",
        [
            register(V1, ok({"id": 1})),
            register(V2, ok({"id": 2})),
            register(V2, ok({"id": 1, "version": 1}), subject=":.one:<s>"),
            register(V1, ok({"id": 2, "version": 2}), subject=":.one:<s>"),
            get("/contexts", ok([".", ".one"])),
            get("/subjects", ok([":.one:<s>", "<s>"])),
            get("/subjects?subjectPrefix=:.one:", ok([":.one:<s>"])),
            get("/subjects?subjectPrefix=", ok(["<s>"])),
            get("/subjects?subjectPrefix=:*:<s>", ok([":.one:<s>", "<s>"])),
            get("/subjects/:.one:<s>/versions/1", ok({"subject": ":.one:<s>", "id": 1})),
            get("/schemas/ids/1?subject=:.one:<s>", ok({"schema": V2})),
            get("/schemas/ids/1", ok({"schema": V1})),
        ],
        fresh=True,
    ),
    Story(
        "context_in_the_url",
        [
            register(V1, ok({"id": 1}), subject=":.one:<s>"),
            get("/contexts/.one/subjects", ok([":.one:<s>"])),
            get("/contexts/.one/subjects/<s>/versions", ok([1])),
            get("/contexts/one/subjects/<s>/versions/1", ok({"subject": ":.one:<s>"})),
            get("/contexts/:.one:/schemas/ids/1", ok({"schema": V1})),
            post("/contexts/.two/subjects/<s>/versions", {"schema": V2}, ok({"id": 1})),
            get("/subjects/:.two:<s>/versions", ok([1])),
            put("/contexts/.two/config", {"compatibility": "NONE"}, ok()),
            get("/config/:.two:", ok({"compatibilityLevel": "NONE"})),
            get("/config/:.two:<s>?defaultToGlobal=true", ok({"compatibilityLevel": "NONE"})),
            get("/config", ok({"compatibilityLevel": "BACKWARD"})),
        ],
        fresh=True,
    ),
    Story(
        "context_delete",
        [
            register(V1, ok(), subject=":.one:<s>"),
            delete(
                "/contexts/.one", error(422, 42211, "The specified context ':.one:' is not empty.")
            ),
            delete("/subjects/:.one:<s>", ok([1])),
            delete("/subjects/:.one:<s>?permanent=true", ok([1])),
            delete("/contexts/.one", Answer(204)),
            get("/contexts", ok(["."])),
        ],
        fresh=True,
    ),
    Story(
        "unqualified_reads_look_into_the_contexts",
        [
            register(V1, ok({"id": 1}), subject=":.one:<s>"),
            get("/subjects/<s>/versions/1", ok({"subject": ":.one:<s>"})),
            lookup(V1, ok({"subject": ":.one:<s>"})),
            get("/schemas/ids/1?subject=<s>", ok({"subject": ":.one:<s>"})),
        ],
        fresh=True,
    ),
    Story(
        "references_in_a_context",
        [
            register(ADDRESS, ok(), subject=":.one:<s>-address"),
            register(PERSON, ok(), subject=":.one:<s>", references=TO_ADDRESS),
            get("/subjects/:.one:<s>/versions/1", ok({"references": TO_ADDRESS})),
            register(
                PERSON,
                ok({"id": Bind("id")}),
                subject="<s>-across",
                references=[refers("<ns>.Address", ":.one:<s>-address", 1)],
            ),
        ],
        fresh=True,
    ),
    Story(
        "pages",
        [
            register(V1, ok()),
            register(V2, ok()),
            register(V3, ok()),
            register(V1, ok(), subject="<s>-b"),
            register(V1, ok(), subject="<s>-c"),
            get("/subjects", ok(["<s>", "<s>-b", "<s>-c"])),
            get("/subjects?offset=1&limit=1", ok(["<s>-b"])),
            get("/subjects?offset=5", ok([])),
            get("/subjects?limit=0", ok(["<s>", "<s>-b", "<s>-c"])),
            get("/subjects?limit=x", error(404, 404, "HTTP 404 Not Found")),
            get("/subjects?subjectPrefix=<s>-", ok(["<s>-b", "<s>-c"])),
            get("/subjects/<s>/versions?offset=1&limit=1", ok([2])),
            get("/schemas?limit=2", ok([{"version": 1}, {"version": 2}])),
            get(
                "/schemas?latestOnly=true",
                ok(
                    [
                        {"subject": "<s>", "version": 3},
                        {"subject": "<s>-b", "version": 1},
                        {"subject": "<s>-c", "version": 1, "schema": SchemaText(V1)},
                    ]
                ),
            ),
            get("/schemas/ids/1/subjects", ok(Unordered(["<s>", "<s>-b", "<s>-c"]))),
        ],
        fresh=True,
    ),
    Story(
        "the_server_itself",
        [
            get("/", ok({})),
            get("/v1/metadata/id", ok({"scope": {"path": [], "clusters": Typed(dict)}})),
            get("/v1/metadata/version", ok({"version": Typed(str), "commitId": Typed(str)})),
        ],
    ),
]
