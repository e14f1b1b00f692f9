"""Metadata and tags, as random walks over real registries showed them.

Source: answers of Confluent's 8.3.1 and 7.9.9 to the same requests.
"""

from __future__ import annotations

from dataclasses import replace

from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Bind,
    Containing,
    Json,
    Step,
    Story,
    error,
    get,
    ok,
    put,
    register,
)
from tests.registry_contract.texts import V1, V2, record

FIELD = record('{"name":"f","type":"int"}')
OTHER = record(name="Other")
UNSORTED: Json = {"tags": {"b": ["z", "y", "z"], "a": ["w"]}, "sensitive": ["z", "a"]}
SORTED: Json = {"tags": {"a": ["w"], "b": ["y", "z"]}, "sensitive": ["a", "z"]}


def tag(path: str, kind: str = "sr_field", *tags: str) -> Json:
    return {"schemaEntity": {"entityPath": path, "entityType": kind}, "tags": [*tags]}


def tags(body: Json, answer: Answer, version: str = "1", subject: str = "<s>") -> Step:
    return Step("POST", f"/subjects/{subject}/versions/{version}/tags", answer, body)


def registered(number: int, **more: Json) -> Answer:
    return ok({"version": number, **more})


METADATA = [
    Story(
        "tags_and_sensitive_names_are_sorted_sets",
        [
            register(V1, ok({"metadata": SORTED}), metadata=UNSORTED),
            get("/subjects/<s>/versions/1", ok({"metadata": SORTED})),
            put("/config/<s>", {"defaultMetadata": UNSORTED}, ok({"defaultMetadata": SORTED})),
            get("/config/<s>", ok({"defaultMetadata": SORTED})),
        ],
    ),
    Story(
        "empty_metadata_makes_another_schema",
        [
            register(V1, ok({"id": Bind("plain")})),
            register(V1, ok({"id": Bind("other"), "metadata": {}}), metadata={}),
            register(V1, ok({"id": Bind("other")}), metadata={"properties": {}}),
            get("/subjects/<s>/versions", ok([1, 2])),
            get("/subjects/<s>/versions/1", ok({"metadata": ABSENT})),
            get("/subjects/<s>/versions/2", ok({"metadata": {}})),
        ],
    ),
    Story(
        "metadata_with_null_in_a_set_is_malformed",
        [
            register(V1, error(400, 400), metadata={"tags": {"a": None}}),
            register(V1, error(400, 400), metadata={"tags": {"a": [None]}}),
            register(V1, error(400, 400), metadata={"sensitive": [None]}),
        ],
    ),
    Story(
        "only_versions_with_metadata_are_found_by_it",
        [
            register(V1, ok()),
            get("/subjects/<s>/metadata", error(404, 40403)),
            register(V2, ok(), metadata={"properties": {"owner": "x"}}),
            get("/subjects/<s>/metadata", ok({"version": 2})),
        ],
    ),
    Story(
        "version_minus_one_is_the_latest_whatever_number_its_metadata_names",
        [
            register('"int"', ok({"id": Bind("first")})),
            register('"int"', ok({"id": Bind("second")}), version=2),
            register('"int"', ok({"id": Bind("second")}), version=-1),
            get("/subjects/<s>/versions", ok([1, 2])),
        ],
    ),
]

TAGS = [
    Story(
        "tag_changes_in_register_make_a_numbered_version",
        [
            register(
                FIELD,
                registered(1, metadata={"properties": {"confluent:version": "1"}}),
                schemaTagsToAdd=[tag("<ns>.R.f", "sr_field", "T")],
            ),
            register(
                FIELD,
                registered(2, metadata={"properties": {"confluent:version": "2"}}),
                schemaTagsToAdd=[tag("<ns>.R.f", "sr_field", "T")],
            ),
            register(V1, ok({"metadata": ABSENT}), subject="<s>-b", schemaTagsToAdd=[]),
            register(V1, ok({"metadata": ABSENT}), subject="<s>-b", schemaTagsToAdd=None),
            get("/subjects/<s>-b/versions", ok([1])),
        ],
    ),
    Story(
        "tag_change_with_a_wrong_entity_is_malformed",
        [
            register(FIELD, ok()),
            *(
                tags(
                    {"tagsToAdd": [{"schemaEntity": entity, "tags": ["T"]}]}, error(400, 400), n, s
                )
                for entity in ({"entityPath": "<ns>.R", "entityType": "SR_RECORD"}, {})
                for n, s in (("1", "<s>"), ("7", "<s>-unknown"))
            ),
            get("/subjects/<s>/versions", ok([1])),
        ],
    ),
    Story(
        "tag_change_of_what_the_schema_has_not_is_refused",
        [
            register(FIELD, ok()),
            *(
                tags({member: [tag(path, kind, *names)]}, error(422, 42201))
                for path, kind, names in (
                    ("<ns>.R.nope", "sr_field", ("T",)),
                    ("<ns>.R.nope", "sr_record", ("T",)),
                    ("<ns>.R.nope", "sr_field", ()),
                    (".<ns>.R.f", "sr_field", ("T",)),
                    ("R", "sr_field", ("T",)),
                    ("nope", "sr_field", ("T",)),
                )
                for member in ("tagsToAdd", "tagsToRemove")
            ),
            get("/subjects/<s>/versions", ok([1])),
        ],
    ),
    Story(
        "tag_change_takes_the_simple_name_of_a_record",
        [
            register(FIELD, ok()),
            tags(
                {"tagsToAdd": [tag("R", "sr_record", "T"), tag("R.f", "sr_field", "U")]},
                ok({"version": 2, "schema": Containing(('["T"]', '["U"]'))}),
            ),
        ],
    ),
    Story(
        "new_version_minus_one_is_not_given",
        [register(FIELD, ok()), tags({"newVersion": -1}, registered(2))],
    ),
]

STORIES = [replace(story, both=True) for story in (*METADATA, *TAGS)]
