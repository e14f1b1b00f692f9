"""Registering, reading and listing versions.

Source: confluent-schema-registry's RestApiTest (testBasic, testRegisterSameSchemaOnDifferent-
Subject, testCanonicalization, testGet*, testLookUp*) and what an 8.3.1 server was seen to answer.
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    ABSENT,
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
    register,
    schema,
)
from tests.registry_contract.texts import NOT_AVRO, V1, V2, V3, record

SPACED = V1.replace(",", " ,\n ").replace(":{", ": {")
REORDERED = (
    '{"fields":[{"type":{"type":"int"},"name":"a","order":"ascending"}],'
    '"name":"R","namespace":"<ns>","type":"record"}'
)
DOCUMENTED = record('{"name":"a","type":"int"}', more=',"doc":"says more"')
BAD_DEFAULT = record('{"name":"a","type":"int","default":"x"}')
BAD_VERSION = (
    "The specified version '{}' is not a valid version id. "
    'Allowed values are between [1, 2^31-1] and the string "latest"'
)

STORIES = [
    Story(
        "first_version",
        [
            register(V1, ok({"id": Bind("id")})),
            get("/subjects/<s>/versions", ok([1])),
            get(
                "/subjects/<s>/versions/1",
                ok({"subject": "<s>", "version": 1, "id": Bind("id"), "schema": SchemaText(V1)}),
            ),
            get("/schemas/ids/<id>", ok({"schema": SchemaText(V1)})),
        ],
        core=True,
    ),
    Story(
        "register_answers_the_whole_version",
        [
            register(
                V1,
                ok(
                    {
                        "id": Typed(int),
                        "version": 1,
                        "guid": Typed(str),
                        "schemaType": "AVRO",
                        "schema": V1,
                        "ts": ABSENT,
                        "deleted": ABSENT,
                        "references": ABSENT,
                    }
                ),
            ),
            get(
                "/subjects/<s>/versions/1",
                ok({"schemaType": "AVRO", "guid": Typed(str), "ts": Typed(int), "deleted": False}),
            ),
        ],
    ),
    Story(
        "same_schema_again_is_the_same_version",
        [
            register(V1, ok({"id": Bind("id")})),
            register(V1, ok({"id": Bind("id")})),
            get("/subjects/<s>/versions", ok([1])),
        ],
        core=True,
    ),
    Story(
        "spelling_does_not_count",
        [
            register(V1, ok({"id": Bind("id")})),
            register(SPACED, ok({"id": Bind("id")})),
            register(REORDERED, ok({"id": Bind("id")})),
            get("/subjects/<s>/versions", ok([1])),
            get("/subjects/<s>/versions/1/schema", ok(SchemaText(V1))),
        ],
        core=True,
    ),
    Story(
        "documentation_counts",
        [
            register(V1, ok({"id": Bind("id")})),
            register(DOCUMENTED, ok({"id": Bind("other")})),
            get("/subjects/<s>/versions", ok([1, 2])),
        ],
        core=True,
    ),
    Story(
        "one_schema_under_two_subjects_has_one_id",
        [
            register(V1, ok({"id": Bind("id")})),
            register(V2, ok({"id": Bind("second")}), subject="<s>-b"),
            register(V1, ok({"id": Bind("id")}), subject="<s>-c"),
            get("/subjects/<s>-c/versions", ok([1])),
            get("/schemas/ids/<id>/subjects", ok(Unordered(["<s>", "<s>-c"]))),
            get(
                "/schemas/ids/<id>/versions",
                ok(
                    Unordered(
                        [{"subject": "<s>", "version": 1}, {"subject": "<s>-c", "version": 1}]
                    )
                ),
            ),
        ],
        core=True,
    ),
    Story(
        "ids_count_from_one",
        [
            register(V1, ok({"id": 1, "version": 1})),
            register(V2, ok({"id": 2, "version": 2})),
            register(V1, ok({"id": 1, "version": 1}), subject="<s>-b"),
            register(V3, ok({"id": 3, "version": 2}), subject="<s>-b"),
        ],
        fresh=True,
    ),
    Story(
        "latest",
        [
            register(V1, ok()),
            register(V2, ok({"id": Bind("second")})),
            get("/subjects/<s>/versions/latest", ok({"version": 2, "id": Bind("second")})),
            get("/subjects/<s>/versions/-1", ok({"version": 2, "id": Bind("second")})),
            get("/subjects/<s>/versions/latest/schema", ok(SchemaText(V2))),
        ],
        core=True,
    ),
    Story(
        "version_selectors",
        [
            register(V1, ok()),
            get("/subjects/<s>/versions/LATEST", ok({"version": 1})),
            get("/subjects/<s>/versions/01", ok({"version": 1})),
            get("/subjects/<s>/versions/0", error(422, 42202, BAD_VERSION.format(0))),
            get("/subjects/<s>/versions/-2", error(422, 42202, BAD_VERSION.format(-2))),
            get("/subjects/<s>/versions/abc", error(422, 42202, BAD_VERSION.format("abc"))),
            get(
                "/subjects/<s>/versions/2147483648",
                error(422, 42202, BAD_VERSION.format(2147483648)),
            ),
            delete("/subjects/<s>/versions/0", error(422, 42202, BAD_VERSION.format(0))),
            check(V1, error(422, 42202, BAD_VERSION.format("earliest")), version="/earliest"),
        ],
        core=True,
    ),
    Story(
        "old_version_again_does_not_become_latest",
        [
            register(V1, ok({"id": Bind("id")})),
            register(V2, ok()),
            register(V1, ok({"id": Bind("id")})),
            get("/subjects/<s>/versions", ok([1, 2])),
            get("/subjects/<s>/versions/latest", ok({"version": 2})),
        ],
        core=True,
    ),
    Story(
        "what_is_not_there",
        [
            get("/subjects/<s>/versions", error(404, 40401, "Subject '<s>' not found.")),
            get("/subjects/<s>/versions/1", error(404, 40401, "Subject '<s>' not found.")),
            get("/subjects/<s>/versions/latest", error(404, 40401, "Subject '<s>' not found.")),
            lookup(V1, error(404, 40401, "Subject '<s>' not found.")),
            register(V1, ok()),
            get("/subjects/<s>/versions/2", error(404, 40402, "Version 2 not found.")),
            lookup(V2, error(404, 40403, "Schema not found")),
            get("/schemas/ids/999999", error(404, 40403, "Schema 999999 not found")),
            get("/schemas/ids/999999/versions", error(404, 40403, "Schema not found")),
            get("/schemas/ids/999999/subjects", error(404, 40403, "Schema not found")),
        ],
        core=True,
    ),
    Story(
        "lookup",
        [
            register(V1, ok({"id": Bind("id")})),
            register(V2, ok()),
            lookup(V1, ok({"subject": "<s>", "version": 1, "id": Bind("id")})),
            lookup(SPACED, ok({"version": 1})),
            lookup(NOT_AVRO, error(422, 42201)),
        ],
        core=True,
    ),
    Story(
        "invalid_schemas",
        [
            register(NOT_AVRO, error(422, 42201)),
            register("{", error(422, 42201)),
            register('"<ns>.Unknown"', error(422, 42201)),
            get("/subjects/<s>/versions", error(404, 40401)),
        ],
        core=True,
    ),
    Story(
        "invalid_schema_is_told_with_the_parsers_words",
        [
            register(
                NOT_AVRO,
                error(422, 42201, Containing(("Invalid schema of type AVRO", "{subject=<s>,"))),
            ),
            register(BAD_DEFAULT, error(422, 42201, Containing(("details:",)))),
            check(NOT_AVRO, error(422, 42201), query=""),
            check(NOT_AVRO, ok({"is_compatible": False, "messages": [Typed(str)]})),
        ],
    ),
    Story(
        "names_of_new_schemas",
        [
            register(
                '{"type":"record","name":"R","namespace":"a-b","fields":[]}', error(422, 42201)
            ),
            register('{"type":"record","name":"R-1","fields":[]}', error(422, 42201)),
            register('{"type":"record","name":"\u00c4","fields":[]}', error(422, 42201)),
            register(
                '{"type":"record","name":"R","namespace":"<ns>",'
                '"fields":[{"name":"a b","type":"int"}]}',
                error(422, 42201),
            ),
        ],
    ),
    Story(
        "empty_schema",
        [
            register("", error(422, 42201, "Empty schema")),
            check("", ok({"is_compatible": False, "messages": ["Empty schema"]})),
            register(V1, ok({"id": Bind("id")})),
            register("", ok({"id": Bind("id"), "version": 1})),
            post("/subjects/<s>/versions", {}, ok({"id": Bind("id"), "version": 1})),
        ],
    ),
    Story(
        "schema_type",
        [
            register(V1, error(422, 42201, "Invalid schema type NOPE"), schemaType="NOPE"),
            register(V1, error(422, 42201, "Invalid schema type avro"), schemaType="avro"),
            register(V1, ok(), schemaType="AVRO"),
        ],
    ),
    Story(
        "version_in_the_request_is_a_compare_and_set",
        [
            register(V1, ok({"version": 1}), version=1),
            register(
                V2,
                error(422, 42201, Containing(("Version is not one more than previous version",))),
                version=3,
            ),
            register(V2, ok({"version": 2}), version=2),
        ],
    ),
    Story(
        "id_in_the_request_needs_import_mode",
        [register(V1, error(422, 42205, Containing(("is not in import mode",))), id=77)],
    ),
    Story(
        "normalize",
        [
            register(
                record(
                    '{"name":"a","type":"int","y":1,"x":2}',
                ),
                ok({"id": Bind("id")}),
                query="?normalize=true",
            ),
            register(
                record('{"name":"a","type":"int","x":2,"y":1}'),
                ok({"id": Bind("id")}),
                query="?normalize=True",
                subject="<s>-b",
            ),
            register(
                record('{"name":"a","type":"int","x":2,"y":1}'),
                ok({"id": Bind("id")}),
                subject="<s>-c",
            ),
            lookup(
                record('{"name":"a","type":"int","y":1,"x":2}'),
                ok({"id": Bind("id"), "version": 1}),
                query="?normalize=true",
            ),
        ],
    ),
    Story(
        "order_of_properties_counts_between_subjects_only",
        [
            register(record('{"name":"a","type":"int","y":1,"x":2}'), ok({"id": Bind("id")})),
            register(record('{"name":"a","type":"int","x":2,"y":1}'), ok({"id": Bind("id")})),
            register(
                record('{"name":"a","type":"int","x":2,"y":1}'),
                ok({"id": Bind("other")}),
                subject="<s>-b",
            ),
        ],
    ),
    Story(
        "guid_is_the_content",
        [
            register('"string"', ok({"guid": "095d71cf-1255-6b9d-5e33-0ad575b3df5d"})),
            register('"int"', ok({"guid": "ef524ea1-b91e-7317-3d93-8ade36c1db32"}), subject="i"),
            register('"string"', ok({"guid": Bind("guid"), "id": Bind("id")}), subject="o"),
            get("/schemas/guids/<guid>", ok({"schema": '"string"', "subject": ABSENT})),
            get("/schemas/guids/<guid>/ids", ok([{"context": ".", "id": Bind("id")}])),
            get(
                "/schemas/guids/00000000-0000-0000-0000-000000000000",
                error(404, 40403, "Schema 00000000-0000-0000-0000-000000000000 not found"),
            ),
            get("/schemas/guids/00000000-0000-0000-0000-000000000000/ids", ok([])),
        ],
        fresh=True,
    ),
    Story(
        "odd_subject_names",
        [
            register(V1, ok({"id": Bind("id")}), subject="<s>%2Fslash"),
            get("/subjects/<s>%2Fslash/versions/1", ok({"subject": "<s>/slash"})),
            register(V1, ok({"id": Bind("id")}), subject="<s>%20space"),
            get("/subjects/<s>%20space/versions/1", ok({"subject": "<s> space"})),
            register(V1, ok({"id": Bind("id")}), subject="<s>%25percent"),
            get("/subjects/<s>%25percent/versions/1", ok({"subject": "<s>%percent"})),
            register(V1, ok({"id": Bind("id")}), subject="<s>-%C3%A4%E6%97%A5"),
            get("/subjects/<s>-%C3%A4%E6%97%A5/versions/1", ok({"subject": "<s>-ä日"})),
            get("/subjects/<s>%2Fslash/versions/latest/schema", ok(SchemaText(V1))),
        ],
        core=True,
    ),
    Story(
        "invalid_subject_name",
        [
            register(
                V1,
                error(422, 42208, "The specified subject '__GLOBAL' is not a valid."),
                subject="__GLOBAL",
            ),
        ],
    ),
    Story(
        "max_id",
        [
            register(V1, ok({"id": 1})),
            register(V2, ok({"id": 2})),
            get("/schemas/ids/1?fetchMaxId=true", ok({"maxId": 2})),
            get("/schemas/ids/1?fetchMaxId=false&subject=<s>", ok({"maxId": ABSENT})),
        ],
        fresh=True,
    ),
    Story(
        "unknown_format_is_ignored",
        [
            register(V1, ok({"id": Bind("id")})),
            get("/schemas/ids/<id>?format=unknown", ok({"schema": V1})),
        ],
    ),
    Story(
        "body_shapes",
        [
            post("/subjects/<s>/versions", schema(V1, surprise=1), ok({"id": Typed(int)})),
            post("/subjects/<s>/versions", {"schema": V1, "references": None}, ok({"version": 1})),
            post("/subjects/<s>/versions", {"schema": V1, "schemaType": None}, ok({"version": 1})),
        ],
    ),
]
