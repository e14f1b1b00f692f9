"""Rows beyond `stories_walks`: the corners of aliases, contexts, deletes and tags.

Source: answers of Confluent's 8.3.1 and 7.9.9 to the same requests.
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    Story,
    check,
    delete,
    error,
    get,
    lookup,
    ok,
    put,
    refers,
    register,
)
from tests.registry_contract.stories_tags import FIELD, registered, tag
from tests.registry_contract.texts import ADDRESS, PERSON, V1, V2

NUMBERED = {"properties": {"confluent:version": "3"}}

STORIES = [
    Story(
        "tag_changes_need_a_schema",
        [
            register("", error(422, 42201), schemaTagsToAdd=[tag("<ns>.R.f", "sr_field", "T")]),
            get("/subjects/<s>/versions", error(404, 40401)),
            register(FIELD, ok()),
            register("", error(422, 42201), schemaTagsToAdd=[tag("<ns>.R.f", "sr_field", "T")]),
            get("/subjects/<s>/versions", ok([1])),
        ],
        both=True,
    ),
    Story(
        "number_in_the_metadata_goes_on_with_later_registers",
        [
            *(
                register(
                    FIELD,
                    registered(number, metadata={"properties": {"confluent:version": str(number)}}),
                    schemaTagsToAdd=[tag("<ns>.R.f", "sr_field", "T")],
                )
                for number in (1, 2)
            ),
            register(FIELD, registered(3, metadata=NUMBERED)),
            register(FIELD, registered(3, metadata=NUMBERED)),
            get("/subjects/<s>/versions", ok([1, 2, 3])),
        ],
        both=True,
    ),
    Story(
        "errors_name_the_target_of_an_alias",
        [
            put("/config/:.seven:<s>-alias", {"alias": "<s>"}, ok()),
            get(
                "/subjects/:.seven:<s>-alias/versions",
                error(404, 40401, "Subject '<s>' not found."),
            ),
            delete("/subjects/:.seven:<s>-alias", error(404, 40401, "Subject '<s>' not found.")),
            lookup(V1, error(404, 40401, "Subject '<s>' not found."), subject=":.seven:<s>-alias"),
            get("/contexts", ok(["."])),
        ],
        fresh=True,
        both=True,
    ),
    Story(
        "subject_of_every_context_has_no_versions",
        [
            get("/subjects/:*:/versions", error(404, 40401)),
            get("/subjects/:*:/versions/latest", error(404, 40401)),
            lookup(V1, error(404, 40401), subject=":*:"),
            delete("/subjects/:*:", error(404, 40401)),
            check(V1, ok({"is_compatible": True}), subject=":*:"),
            check(V1, error(404, 40402), subject=":*:", version="/1"),
        ],
        fresh=True,
        both=True,
    ),
    Story(
        "reserved_field_may_not_leave_the_metadata",
        [
            put("/config/<s>", {"validateFields": True}, ok()),
            register(V1, ok(), metadata={"properties": {"confluent:reserved": "b,c"}}),
            register(
                V1,
                error(
                    409,
                    40901,
                    "Schema being registered is incompatible with an earlier schema for subject "
                    '"<s>", details: [The new schema has reserved field c removed from its '
                    "metadata which is present in the old schema's metadata., "
                    "{validateFields: 'true', compatibility: 'BACKWARD'}]",
                ),
                metadata={"properties": {"confluent:reserved": "b"}},
            ),
            register(V2, error(409, 40901)),
            put("/config/<s>", {"validateFields": False}, ok()),
            register(V2, ok({"version": 2})),
        ],
    ),
]

STORIES_7 = [
    Story(
        "version_with_deleted_referrers_goes_for_good_on_the_7_line",
        [
            register(ADDRESS, ok(), subject="<s>-address"),
            register(PERSON, ok(), references=[refers("<ns>.Address", "<s>-address", 1)]),
            delete("/subjects/<s>/versions/1", ok(1)),
            delete("/subjects/<s>-address/versions/1", ok(1)),
            delete("/subjects/<s>-address/versions/1?permanent=true", ok(1)),
        ],
        only_7=True,
    ),
    Story(
        "override_of_everything_on_the_7_line",
        [
            get("/mode/<s>", error(404, 40409)),
            put("/mode", {"mode": "READONLY_OVERRIDE"}, ok()),
            get("/mode/<s>", ok({"mode": "READONLY_OVERRIDE"})),
            put("/mode", {"mode": "READWRITE"}, ok()),
            get("/mode/<s>", error(404, 40409)),
        ],
        fresh=True,
        only_7=True,
    ),
    Story(
        "deployment_on_the_7_line",
        [get("/v1/metadata/deployment", ok({"attributes": []}))],
        only_7=True,
    ),
]
