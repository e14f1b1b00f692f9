"""Configuration and mode.

Source: confluent-schema-registry's RestApiTest (test*Config*, testGlobalMode) and RestApiModeTest,
and what an 8.3.1 server was seen to answer.
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    ABSENT,
    Bind,
    Containing,
    Story,
    delete,
    error,
    get,
    ok,
    put,
    register,
)
from tests.registry_contract.texts import A_RENAMED, V1, V2, record

NO_LEVEL = error(404, 40408, "Subject '<s>' does not have subject-level compatibility configured")
NO_MODE = error(404, 40409, "Subject '<s>' does not have subject-level mode configured")
BAD_LEVEL = error(
    422,
    42203,
    "Invalid compatibility level. Valid values are none, backward, forward, full, "
    "backward_transitive, forward_transitive, and full_transitive",
)
BAD_MODE = error(
    422, 42204, "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."
)
UNSORTED = record('{"name":"a","type":"int","y":1,"x":2}')
BAD_DEFAULT = record('{"name":"a","type":"int","default":"x"}')
READ_ONLY = Containing(("Subject <s>", "is in read-only mode"))

STORIES = [
    Story(
        "subject_level",
        [
            get("/config/<s>", NO_LEVEL),
            get("/config/<s>?defaultToGlobal=true", ok({"compatibilityLevel": "BACKWARD"})),
            put("/config/<s>", {"compatibility": "FORWARD"}, ok({"compatibility": "FORWARD"})),
            get("/config/<s>", ok({"compatibilityLevel": "FORWARD"})),
            get("/config/<s>?defaultToGlobal=true", ok({"compatibilityLevel": "FORWARD"})),
            delete("/config/<s>", ok({"compatibilityLevel": "FORWARD"})),
            get("/config/<s>", NO_LEVEL),
            delete("/config/<s>", error(404, 40401, "Subject '<s>' not found.")),
        ],
        core=True,
    ),
    Story(
        "unknown_level",
        [
            put("/config/<s>", {"compatibility": "BOGUS"}, BAD_LEVEL),
            put("/config/<s>", {"compatibility": ""}, BAD_LEVEL),
            get("/config/<s>", NO_LEVEL),
        ],
        core=True,
    ),
    Story(
        "level_in_any_case",
        [
            put("/config/<s>", {"compatibility": "full"}, ok({"compatibility": "FULL"})),
            put("/config/<s>", {"compatibility": "None"}, ok({"compatibility": "NONE"})),
            get("/config/<s>", ok({"compatibilityLevel": "NONE"})),
        ],
    ),
    Story(
        "global_level",
        [
            put("/config", {"compatibility": "FULL"}, ok({"compatibility": "FULL"})),
            get("/config", ok({"compatibilityLevel": "FULL"})),
            get("/config/<s>?defaultToGlobal=true", ok({"compatibilityLevel": "FULL"})),
            get("/config/:.:", ok({"compatibilityLevel": "FULL"})),
            put("/config/:.:", {"compatibility": "NONE"}, ok({"compatibility": "NONE"})),
            get("/config", ok({"compatibilityLevel": "NONE"})),
            delete("/config", ok({"compatibilityLevel": "NONE"})),
            get("/config", ok({"compatibilityLevel": "BACKWARD"})),
        ],
        fresh=True,
    ),
    Story(
        "partial_updates",
        [
            put("/config/<s>", {"compatibility": "FULL"}, ok()),
            put("/config/<s>", {"normalize": True}, ok({"compatibility": "FULL"})),
            get("/config/<s>", ok({"normalize": True, "compatibilityLevel": "FULL"})),
            put("/config/<s>", {}, ok({"normalize": True, "compatibility": "FULL"})),
            put("/config/<s>", {"normalize": None}, ok({"normalize": ABSENT})),
            get("/config/<s>", ok({"normalize": ABSENT, "compatibilityLevel": "FULL"})),
            put("/config/<s>", {"compatibilityGroup": "g"}, ok({"compatibilityGroup": "g"})),
            put(
                "/config/<s>",
                {"compatibilityGroup": None},
                ok({"compatibilityGroup": ABSENT, "compatibility": "FULL"}),
            ),
        ],
    ),
    Story(
        "subject_config_without_a_level_means_the_servers_default",
        [
            put("/config", {"compatibility": "FULL"}, ok()),
            put("/config/<s>", {"normalize": True}, ok({"compatibility": ABSENT})),
            get("/config/<s>", ok({"compatibilityLevel": "BACKWARD"})),
        ],
        fresh=True,
    ),
    Story(
        "alias",
        [
            register(V1, ok({"id": Bind("id")})),
            put("/config/<s>-alias", {"alias": "<s>"}, ok({"alias": "<s>"})),
            get("/subjects/<s>-alias/versions", ok([1])),
            get("/subjects/<s>-alias/versions/1", ok({"subject": "<s>"})),
            register(V2, ok({"version": 2}), subject="<s>-alias"),
            get("/subjects/<s>/versions", ok([1, 2])),
            delete("/config/<s>-alias", ok({"alias": "<s>"})),
            get("/subjects/<s>-alias/versions", error(404, 40401)),
        ],
    ),
    Story(
        "rule_sets_are_dropped",
        [
            put(
                "/config/<s>",
                {
                    "defaultRuleSet": {
                        "domainRules": [
                            {"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}
                        ]
                    }
                },
                ok({"defaultRuleSet": ABSENT}),
            ),
            register(
                V1,
                ok({"ruleSet": ABSENT}),
                ruleSet={
                    "domainRules": [
                        {"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}
                    ]
                },
            ),
            get("/subjects/<s>/versions/1", ok({"ruleSet": ABSENT})),
        ],
    ),
    Story(
        "subject_mode",
        [
            get("/mode/<s>", NO_MODE),
            get("/mode/<s>?defaultToGlobal=true", ok({"mode": "READWRITE"})),
            put("/mode/<s>", {"mode": "READONLY"}, ok({"mode": "READONLY"})),
            get("/mode/<s>", ok({"mode": "READONLY"})),
            register(V1, error(422, 42205, READ_ONLY)),
            put("/mode/<s>", {"mode": "READWRITE"}, ok({"mode": "READWRITE"})),
            register(V1, ok()),
            delete("/mode/<s>", ok({"mode": "READWRITE"})),
            get("/mode/<s>", NO_MODE),
            delete("/mode/<s>", error(404, 40401, "Subject '<s>' not found.")),
            put("/mode/<s>", {"mode": "BOGUS"}, BAD_MODE),
        ],
    ),
    Story(
        "read_only",
        [
            register(V1, ok({"id": Bind("id")})),
            put("/mode/<s>", {"mode": "READONLY"}, ok()),
            register(V1, ok({"id": Bind("id"), "version": 1})),
            register(V2, error(422, 42205, READ_ONLY)),
            delete("/subjects/<s>", error(422, 42205, READ_ONLY)),
            delete("/subjects/<s>/versions/1", error(422, 42205, READ_ONLY)),
            put("/config/<s>", {"compatibility": "NONE"}, error(422, 42205, READ_ONLY)),
            get("/subjects/<s>/versions", ok([1])),
        ],
    ),
    Story(
        "global_mode",
        [
            get("/mode", ok({"mode": "READWRITE"})),
            put("/mode", {"mode": "READONLY"}, ok({"mode": "READONLY"})),
            register(V1, error(422, 42205, READ_ONLY)),
            put("/mode/<s>", {"mode": "READWRITE"}, ok()),
            register(V1, ok()),
            delete("/mode", ok({"mode": "READONLY"})),
            get("/mode", ok({"mode": "READWRITE"})),
        ],
        fresh=True,
    ),
    Story(
        "import_with_given_ids_and_versions",
        [
            put("/mode/<s>", {"mode": "IMPORT"}, ok({"mode": "IMPORT"})),
            register(V1, ok({"id": 4711, "version": 7}), id=4711, version=7),
            register(V1, ok({"id": 4711, "version": 7}), id=4711, version=7),
            register(
                V2,
                error(
                    422,
                    42205,
                    Containing(("Overwrite new schema with id 4711 in context",)),
                ),
                id=4711,
                version=8,
            ),
            register(V2, ok({"id": 4800, "version": 9}), id=4800, version=9),
            get("/subjects/<s>/versions", ok([7, 9])),
            get("/schemas/ids/4711", ok({"schema": V1})),
        ],
        fresh=True,
    ),
    Story(
        "import_does_not_normalize_or_judge",
        [
            put("/mode/<s>", {"mode": "IMPORT"}, ok()),
            register(UNSORTED, ok({"schema": UNSORTED}), id=90, version=1, query="?normalize=true"),
            register(BAD_DEFAULT, ok({"id": 91}), id=91, version=2),
            register(A_RENAMED, ok({"id": 92}), id=92, version=3),
        ],
        fresh=True,
    ),
    Story(
        "import_needs_an_empty_subject_or_force",
        [
            register(V1, ok()),
            put(
                "/mode/<s>",
                {"mode": "IMPORT"},
                error(422, 42205, Containing(("Cannot import since found existing subjects",))),
            ),
            put("/mode/<s>?force=true", {"mode": "IMPORT"}, ok({"mode": "IMPORT"})),
        ],
    ),
    Story(
        "ids_go_on_after_an_import",
        [
            put("/mode/<s>", {"mode": "IMPORT"}, ok()),
            register(V1, ok({"id": 100}), id=100, version=1),
            put("/mode/<s>", {"mode": "READWRITE"}, ok()),
            register(V2, ok({"id": 101, "version": 2})),
        ],
        fresh=True,
    ),
]
