"""What random walks over real registries showed beyond their documentation.

Source: answers of Confluent's 8.3.1 and 7.9.9 to the same requests. Where this registry differs on
purpose is in `deliberate.py`.
"""

from __future__ import annotations

from dataclasses import replace

from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Bind,
    Step,
    Story,
    delete,
    error,
    get,
    lookup,
    ok,
    post,
    put,
    refers,
    register,
    under,
)
from tests.registry_contract.stories_tags import OTHER
from tests.registry_contract.texts import V1, V2

DASHED = '{"type":"record","name":"m","namespace":"a-b.c","fields":[]}'

LOOKUPS = [
    Story(
        "namespace_with_other_characters_is_refused_in_a_new_schema_only",
        [
            register(DASHED, error(422, 42201), subject="<s>-new"),
            lookup(DASHED, error(404, 40401)),
            put("/mode/<s>", {"mode": "IMPORT"}, ok()),
            register(DASHED, ok({"id": 7}), id=7, version=1),
            put("/mode/<s>", {"mode": "READWRITE"}, ok()),
            lookup(DASHED, ok({"id": 7, "version": 1})),
            register(DASHED, ok({"id": 7})),
            lookup('{"type":"enum","name":"m-n","symbols":[]}', error(422, 42201)),
            put("/config/<s>-loose", {"validateNewSchemas": False}, ok()),
            register(DASHED, ok({"id": 7}), subject="<s>-loose"),
        ],
        fresh=True,
    ),
    Story(
        "lookup_in_an_unknown_subject_reads_no_schema",
        [
            lookup("no schema", error(404, 40401)),
            lookup(V1, error(404, 40401), references=[refers("n.A", "<s>-gone", 1)]),
            register(V1, ok()),
            lookup("no schema", error(422, 42201)),
            lookup("\0", error(404, 40403)),
        ],
    ),
    Story(
        "reference_that_is_missing_in_another_context_is_not_found",
        [
            register(V1, ok()),
            register(V1, ok(), subject=":.one:<s>"),
            register(V1, ok(), subject=":.two:<s>-new"),
            lookup(OTHER, error(404, 40403), references=[refers("<ns>.R", "<s>", 1)]),
            lookup(
                '"long"',
                error(404, 40401),
                subject="<s>-new",
                references=[refers("<ns>.R", "<s>", 1)],
            ),
        ],
        fresh=True,
    ),
    Story(
        "import_looks_up_what_was_sent_and_nothing_more",
        [
            put("/mode/<s>", {"mode": "IMPORT"}, ok()),
            register(V1, ok({"id": 11}), id=11, metadata={"properties": {"owner": "x"}}),
            register(V1, error(422, 42205)),
        ],
        fresh=True,
    ),
    Story(
        "alias_without_context_is_of_the_default_context",
        [
            register(V1, ok({"id": Bind("id")})),
            put("/config/:.seven:<s>-alias", {"alias": "<s>"}, ok()),
            register(V1, ok({"id": Bind("id")}), subject=":.seven:<s>-alias"),
            get("/contexts", ok(["."])),
            get("/subjects/:.seven:<s>-alias/versions/9", error(404, 40402)),
        ],
        fresh=True,
    ),
]

LISTS = [
    Story(
        "empty_offset_and_limit_are_the_defaults",
        [
            register(V1, ok()),
            get("/subjects/<s>/versions?offset=&limit=", ok([1])),
            get("/subjects?offset=&limit=&subjectPrefix=<s>", ok(["<s>"])),
            get("/schemas?limit=&subjectPrefix=<s>", Answer(200)),
            get("/subjects/<s>-unknown/versions?offset=x", error(404, 404)),
            get("/schemas/ids/999999/subjects?limit=x", error(404, 404)),
        ],
    ),
    Story(
        "whole_context_as_a_subject_has_no_versions",
        [
            register(V1, ok(), subject=":.one:<s>"),
            get("/subjects/:.one:/versions", ok([])),
            delete("/subjects/:.one:", ok([])),
            get("/subjects/:.none:/versions", error(404, 40401)),
            delete("/subjects/:.none:", error(404, 40401)),
            get("/subjects/:.one:<s>/versions", ok([1])),
        ],
        fresh=True,
    ),
    Story(
        "prefix_of_a_colon_and_a_dot_is_every_context",
        [
            register(V1, ok(), subject=":.one:<s>"),
            register(V1, ok()),
            get("/subjects?subjectPrefix=:.", ok([":.one:<s>", "<s>"])),
            get("/schemas?subjectPrefix=:.", ok([{"subject": ":.one:<s>"}, {"subject": "<s>"}])),
            get("/contexts/.one/contexts/.one/subjects", ok([":.one:<s>"])),
        ],
        fresh=True,
    ),
]

SETTINGS = [
    Story(
        "empty_text_in_a_configuration_is_echoed_and_removed",
        [
            put("/config/<s>", {"compatibilityGroup": "g", "normalize": True}, ok()),
            put("/config/<s>", {"compatibilityGroup": ""}, ok({"compatibilityGroup": ""})),
            get("/config/<s>", ok({"compatibilityGroup": ABSENT, "normalize": True})),
            put("/config/<s>", {"alias": ""}, ok({"alias": ""})),
            get("/config/<s>", ok({"alias": ABSENT})),
        ],
    ),
    Story(
        "recursive_delete_of_a_mode_names_none",
        [
            put("/mode/<s>", {"mode": "READONLY"}, ok()),
            delete("/mode/<s>?recursive=true", ok({"mode": ABSENT})),
            get("/mode/<s>", error(404, 40409)),
            put("/mode/:.one:<s>", {"mode": "READONLY"}, ok()),
            delete("/mode/:.one:?recursive=true", ok({"mode": ABSENT})),
            get("/mode/:.one:<s>", error(404, 40409)),
        ],
        fresh=True,
    ),
    Story(
        "every_context_has_settings_of_its_own",
        [
            put("/mode/:*:", {"mode": "READONLY"}, ok({"mode": "READONLY"})),
            put("/config/:*:", {"compatibility": "FULL"}, error(422, 42205)),
            delete("/mode/:*:", ok({"mode": "READONLY"})),
            put("/config/:*:", {"compatibility": "FULL"}, ok({"compatibility": "FULL"})),
            get("/config/:*:", ok({"compatibilityLevel": "FULL"})),
            delete("/config/:*:", ok()),
        ],
        fresh=True,
    ),
    Story(
        "constants_that_are_no_json_are_read_as_java_reads_them",
        [
            Step("PUT", "/config/<s>", ok(), raw='{"schema":NaN,"normalize":true}'),
            Step("PUT", "/config/<s>", error(400, 400), raw='{"normalize":NaN}'),
        ],
    ),
]

CONTEXTS_8 = [
    Story(
        "context_alone_is_only_deleted",
        [
            register(V1, ok(), subject=":.one:<s>"),
            get("/contexts/.one", error(405, 405)),
            delete("/contexts/.", error(405, 405)),
            delete("/contexts/:.:", error(405, 405)),
        ],
        fresh=True,
    ),
    Story(
        "id_after_the_highest_integer_wraps",
        [
            put("/mode/<s>", {"mode": "IMPORT"}, ok()),
            register(V1, ok({"id": 2147483647}), id=2147483647, version=1),
            put("/mode/<s>", {"mode": "READWRITE"}, ok()),
            register(V2, ok({"id": -2147483648, "version": 2})),
            register('"int"', ok({"id": -2147483647}), subject="<s>-b"),
        ],
        fresh=True,
    ),
]

HTTP = [
    Story(
        "options_names_the_methods",
        [
            Step("OPTIONS", "/subjects", under(Answer(200), allow="GET,HEAD,OPTIONS")),
            Step("OPTIONS", "/mode/<s>", under(Answer(200), allow="DELETE,GET,HEAD,OPTIONS,PUT")),
            Step("OPTIONS", "/nope", error(404, 404)),
        ],
    ),
    Story(
        "accept_of_one_star_and_of_weight_zero_is_taken",
        [
            get("/subjects/<s>/versions", error(404, 40401), accept="*"),
            get("/subjects/<s>/versions", error(404, 40401), accept="*;q=0.5"),
            get(
                "/subjects/<s>/versions",
                error(404, 40401),
                accept="application/vnd.schemaregistry.v1+json;q=0",
            ),
            get("/subjects/<s>/versions", error(406, 406), accept="*/x"),
        ],
    ),
    Story(
        "content_type_that_is_none_is_malformed",
        [
            *(
                Step(
                    "POST",
                    "/subjects/<s>",
                    under(error(400, 400, "Bad Request"), content_type="application/json"),
                    raw='{"schema":"\\"int\\""}',
                    headers={"content-type": content_type},
                )
                for content_type in ("nonsense", "")
            ),
            Step(
                "POST",
                "/subjects/<s>",
                error(415, 415),
                raw="{}",
                headers={"content-type": "text/plain"},
            ),
        ],
    ),
    Story(
        "dots_and_broken_characters_in_an_encoded_segment_are_malformed",
        [
            post(f"/subjects/{segment}/versions", {"schema": V1}, error(400, 400))
            for segment in ("%2E%2E", "%2e", "%C3")
        ],
    ),
]

LINE_8_ONLY = {
    "namespace_with_other_characters_is_refused_in_a_new_schema_only",
    "dots_and_broken_characters_in_an_encoded_segment_are_malformed",
}

STORIES = [
    *(
        replace(story, both=story.name not in LINE_8_ONLY)
        for story in [*LOOKUPS, *LISTS, *SETTINGS, *HTTP]
    ),
    *CONTEXTS_8,
]
