"""Judging a schema against versions, and refusing it.

Source: confluent-schema-registry's RestApiCompatibilityTest, RestApiTransitiveCompatibilityTest
and RestApiTest (testCompatible…, testIncompatible…, testCompatibilityNonExistent…).
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    ABSENT,
    Bind,
    Containing,
    Story,
    check,
    error,
    get,
    ok,
    put,
    register,
)
from tests.registry_contract.texts import A_RENAMED, B_REQUIRED, EMPTY, V1, V2, record

YES = ok({"is_compatible": True})
NO = ok({"is_compatible": False})
MISSING_DEFAULT = (
    "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path "
    "'/fields/1' in the new schema has no default value and is missing in the old schema', "
    "additionalInfo:'b'}"
)
OLD_MISSES_DEFAULT = (
    "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'a' at path "
    "'/fields/0' in the old schema has no default value and is missing in the new schema', "
    "additionalInfo:'a'}"
)
REFUSED = (
    'Schema being registered is incompatible with an earlier schema for subject "<s>", details: ['
)


def _level(level: str, *verdicts: tuple[str, bool]) -> Story:
    """V1 is registered under `level`; each text is then judged as given."""
    return Story(
        f"level_{level.lower()}",
        [
            put("/config/<s>", {"compatibility": level}, ok({"compatibility": level})),
            register(V1, ok()),
            *[check(text, YES if verdict else NO) for text, verdict in verdicts],
            *[check(text, YES if verdict else NO, version="") for text, verdict in verdicts],
        ],
        core=True,
    )


STORIES = [
    _level("BACKWARD", (V2, True), (B_REQUIRED, False), (A_RENAMED, False), (EMPTY, True)),
    _level("FORWARD", (V2, True), (B_REQUIRED, True), (A_RENAMED, False), (EMPTY, False)),
    _level("FULL", (V2, True), (B_REQUIRED, False), (A_RENAMED, False), (EMPTY, False)),
    _level("BACKWARD_TRANSITIVE", (V2, True), (B_REQUIRED, False), (EMPTY, True)),
    _level("FORWARD_TRANSITIVE", (V2, True), (B_REQUIRED, True), (EMPTY, False)),
    _level("FULL_TRANSITIVE", (V2, True), (B_REQUIRED, False), (EMPTY, False)),
    _level("NONE", (V2, True), (B_REQUIRED, True), (A_RENAMED, True), (EMPTY, True)),
    Story(
        "default_level_is_backward",
        [
            get("/config", ok({"compatibilityLevel": "BACKWARD"})),
            register(V1, ok()),
            check(B_REQUIRED, NO),
            check(EMPTY, YES),
        ],
        core=True,
    ),
    Story(
        "incompatible_schema_is_refused",
        [
            register(V1, ok()),
            register(A_RENAMED, error(409, 40901, Containing((REFUSED,)))),
            get("/subjects/<s>/versions", ok([1])),
        ],
        core=True,
    ),
    Story(
        "words_of_a_refusal",
        [
            register(V1, ok()),
            register(
                B_REQUIRED,
                error(
                    409,
                    40901,
                    REFUSED + f"{MISSING_DEFAULT}, {{oldSchemaVersion: 1}}, {{oldSchema: '{V1}'}}, "
                    "{validateFields: 'false', compatibility: 'BACKWARD'}]",
                ),
            ),
            check(
                B_REQUIRED,
                ok(
                    {
                        "is_compatible": False,
                        "messages": [
                            MISSING_DEFAULT,
                            "{oldSchemaVersion: 1}",
                            f"{{oldSchema: '{V1}'}}",
                            "{validateFields: 'false', compatibility: 'BACKWARD'}",
                        ],
                    }
                ),
            ),
        ],
    ),
    Story(
        "words_of_the_other_direction",
        [
            register(V1, ok()),
            put("/config/<s>", {"compatibility": "FORWARD"}, ok()),
            check(
                EMPTY,
                ok(
                    {
                        "messages": [
                            OLD_MISSES_DEFAULT,
                            "{oldSchemaVersion: 1}",
                            f"{{oldSchema: '{V1}'}}",
                            "{validateFields: 'false', compatibility: 'FORWARD'}",
                        ]
                    }
                ),
            ),
            # with FULL, the version is told of only where the new schema fails to read it
            put("/config/<s>", {"compatibility": "FULL"}, ok()),
            check(
                EMPTY,
                ok(
                    {
                        "messages": [
                            OLD_MISSES_DEFAULT,
                            "{validateFields: 'false', compatibility: 'FULL'}",
                        ]
                    }
                ),
            ),
        ],
    ),
    Story(
        "messages_are_there_when_asked_for",
        [
            register(V1, ok()),
            check(V2, ok({"is_compatible": True, "messages": ABSENT}), query=""),
            check(V2, ok({"is_compatible": True, "messages": []})),
            check(B_REQUIRED, ok({"is_compatible": False, "messages": ABSENT}), query=""),
        ],
    ),
    Story(
        "check_registers_nothing",
        [
            register(V1, ok()),
            check(V2, YES),
            check(V2, YES, version=""),
            get("/subjects/<s>/versions", ok([1])),
        ],
        core=True,
    ),
    Story(
        "check_against_one_version",
        [
            register(V1, ok()),
            register(EMPTY, ok()),
            check(B_REQUIRED, NO, version="/1"),
            check(record('{"name":"z","type":"int","default":0}'), YES, version="/2"),
            check(V1, error(404, 40402, "Version 3 not found."), version="/3"),
        ],
        core=True,
    ),
    Story(
        "unknown_subject",
        [
            check(V1, YES),
            check(V1, YES, version=""),
            check(V1, error(404, 40402, "Version 1 not found."), version="/1"),
        ],
        core=True,
    ),
    Story(
        "transitive_levels_look_at_every_version",
        [
            put("/config/<s>", {"compatibility": "BACKWARD"}, ok()),
            register(V1, ok()),
            register(EMPTY, ok()),
            # reads EMPTY's events, but V1's hold an int where this wants a string
            check(
                record('{"name":"a","type":"string","default":""}'),
                YES,
                version="",
            ),
            put("/config/<s>", {"compatibility": "BACKWARD_TRANSITIVE"}, ok()),
            check(record('{"name":"a","type":"string","default":""}'), NO, version=""),
            check(record('{"name":"a","type":"string","default":""}'), YES, version="/latest"),
            register(
                record('{"name":"a","type":"string","default":""}'),
                error(409, 40901),
            ),
        ],
        core=True,
    ),
    Story(
        "transitive_refusal_names_the_version",
        [
            put("/config/<s>", {"compatibility": "BACKWARD_TRANSITIVE"}, ok()),
            register(V1, ok()),
            register(EMPTY, ok()),
            register(
                record('{"name":"a","type":"string","default":""}'),
                error(
                    409,
                    40901,
                    Containing(("TYPE_MISMATCH", "{oldSchemaVersion: 1}", "BACKWARD_TRANSITIVE")),
                ),
            ),
        ],
    ),
    Story(
        "level_none_lets_everything_in",
        [
            put("/config/<s>", {"compatibility": "NONE"}, ok()),
            register(V1, ok()),
            register(A_RENAMED, ok()),
            get("/subjects/<s>/versions", ok([1, 2])),
        ],
        core=True,
    ),
    Story(
        "what_is_there_already_is_not_judged",
        [
            put("/config/<s>", {"compatibility": "NONE"}, ok()),
            register(V1, ok({"id": Bind("id")})),
            register(A_RENAMED, ok()),
            put("/config/<s>", {"compatibility": "FULL_TRANSITIVE"}, ok()),
            register(V1, ok({"id": Bind("id"), "version": 1})),
        ],
    ),
    Story(
        "groups_are_judged_apart",
        [
            put("/config/<s>", {"compatibilityGroup": "major"}, ok()),
            register(V1, ok(), metadata={"properties": {"major": "1"}}),
            register(
                A_RENAMED,
                error(409, 40901),
                metadata={"properties": {"major": "1"}},
            ),
            register(A_RENAMED, ok({"version": 2}), metadata={"properties": {"major": "2"}}),
        ],
    ),
    Story(
        "validate_fields_reserves_names",
        [
            register(V1, ok()),
            put("/config/<s>", {"validateFields": True}, ok({"validateFields": True})),
            register(
                V2,
                error(
                    409,
                    40901,
                    "Schema being registered is incompatible with an earlier schema for subject "
                    '"<s>", details: [The new schema has field that conflicts with the reserved '
                    "field b., {validateFields: 'true', compatibility: 'BACKWARD'}]",
                ),
                metadata={"properties": {"confluent:reserved": "b"}},
            ),
            register(
                B_REQUIRED,
                error(
                    409,
                    40901,
                    Containing(
                        (
                            "[The new schema has field that conflicts with the reserved field b.,",
                            "READER_FIELD_MISSING_DEFAULT_VALUE",
                        )
                    ),
                ),
                metadata={"properties": {"confluent:reserved": "b"}},
            ),
            put("/config/<s>-new", {"validateFields": True}, ok()),
            register(
                V2,
                error(409, 40901, Containing(("[The new schema has field that conflicts",))),
                subject="<s>-new",
                metadata={"properties": {"confluent:reserved": "b"}},
            ),
        ],
    ),
]
