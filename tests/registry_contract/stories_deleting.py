"""Soft and permanent deletes, and what comes after them.

Source: confluent-schema-registry's RestApiTest (testDelete*, testListSoftDeletedSubjects…,
testSameIdTombstone*) and what an 8.3.1 server was seen to answer.
"""

from __future__ import annotations

from tests.registry_contract.contract import (
    Bind,
    SchemaText,
    Story,
    check,
    delete,
    error,
    get,
    lookup,
    ok,
    put,
    register,
)
from tests.registry_contract.texts import A_RENAMED, B_REQUIRED, V1, V2, V3

NO_SUBJECT = error(404, 40401, "Subject '<s>' not found.")
SOFT_DELETED_1 = error(
    404, 40406, "Subject '<s>' Version 1 was soft deleted.Set permanent=true to delete permanently"
)
NOT_DELETED_1 = error(
    404, 40407, "Subject '<s>' Version 1 was not deleted first before being permanently deleted"
)
SUBJECT_SOFT_DELETED = error(
    404, 40404, "Subject '<s>' was soft deleted.Set permanent=true to delete permanently"
)
SUBJECT_NOT_DELETED = error(
    404, 40405, "Subject '<s>' was not deleted first before being permanently deleted"
)

STORIES = [
    Story(
        "version_soft_then_permanent",
        [
            register(V1, ok({"id": Bind("id")})),
            register(V2, ok()),
            delete("/subjects/<s>/versions/1", ok(1)),
            get("/subjects/<s>/versions", ok([2])),
            get("/subjects/<s>/versions?deleted=true", ok([1, 2])),
            get("/subjects/<s>/versions/1", error(404, 40402, "Version 1 not found.")),
            get("/subjects/<s>/versions/1?deleted=true", ok({"version": 1})),
            get("/schemas/ids/<id>", ok({"schema": SchemaText(V1)})),
            delete("/subjects/<s>/versions/1?permanent=true", ok(1)),
            get("/subjects/<s>/versions?deleted=true", ok([2])),
        ],
        core=True,
    ),
    Story(
        "version_delete_ladder",
        [
            delete("/subjects/<s>/versions/1", NO_SUBJECT),
            register(V1, ok()),
            register(V2, ok()),
            delete("/subjects/<s>/versions/3", error(404, 40402, "Version 3 not found.")),
            delete("/subjects/<s>/versions/1?permanent=true", NOT_DELETED_1),
            delete("/subjects/<s>/versions/1", ok(1)),
            delete("/subjects/<s>/versions/1", SOFT_DELETED_1),
            delete("/subjects/<s>/versions/1?permanent=true", ok(1)),
            delete(
                "/subjects/<s>/versions/1?permanent=true",
                error(404, 40402, "Version 1 not found."),
            ),
        ],
        core=True,
    ),
    Story(
        "delete_latest",
        [
            register(V1, ok()),
            register(V2, ok()),
            delete("/subjects/<s>/versions/latest", ok(2)),
            get("/subjects/<s>/versions/latest", ok({"version": 1})),
        ],
        core=True,
    ),
    Story(
        "subject_soft_then_permanent",
        [
            register(V1, ok()),
            register(V2, ok()),
            delete("/subjects/<s>", ok([1, 2])),
            get("/subjects/<s>/versions", NO_SUBJECT),
            get("/subjects/<s>/versions?deleted=true", ok([1, 2])),
            delete("/subjects/<s>?permanent=true", ok([1, 2])),
            get("/subjects/<s>/versions?deleted=true", NO_SUBJECT),
        ],
        core=True,
    ),
    Story(
        "subject_delete_ladder",
        [
            delete("/subjects/<s>", NO_SUBJECT),
            delete("/subjects/<s>?permanent=true", NO_SUBJECT),
            register(V1, ok()),
            delete("/subjects/<s>?permanent=true", SUBJECT_NOT_DELETED),
            delete("/subjects/<s>", ok([1])),
            delete("/subjects/<s>", SUBJECT_SOFT_DELETED),
            delete("/subjects/<s>?permanent=true", ok([1])),
            delete("/subjects/<s>?permanent=true", NO_SUBJECT),
        ],
        core=True,
    ),
    Story(
        "revived_schema_gets_a_new_version",
        [
            register(V1, ok({"id": Bind("id")})),
            delete("/subjects/<s>", ok([1])),
            register(V1, ok({"id": Bind("id")})),
            get("/subjects/<s>/versions", ok([2])),
            get("/subjects/<s>/versions?deleted=true", ok([2])),
        ],
        core=True,
    ),
    Story(
        "versions_go_on_after_a_delete",
        [
            register(V1, ok()),
            register(V2, ok()),
            delete("/subjects/<s>", ok([1, 2])),
            register(V3, ok()),
            get("/subjects/<s>/versions", ok([3])),
            get("/subjects/<s>/versions?deleted=true", ok([1, 2, 3])),
        ],
        core=True,
    ),
    Story(
        "lookup_of_the_deleted",
        [
            register(V1, ok({"id": Bind("id")})),
            register(V2, ok()),
            delete("/subjects/<s>/versions/1", ok(1)),
            lookup(V1, error(404, 40403, "Schema not found")),
            lookup(V1, ok({"version": 1, "id": Bind("id")}), query="?deleted=true"),
        ],
        core=True,
    ),
    Story(
        "deleted_versions_leave_the_compatibility_check",
        [
            register(V1, ok()),
            check(A_RENAMED, ok({"is_compatible": False})),
            delete("/subjects/<s>/versions/1", ok(1)),
            check(A_RENAMED, ok({"is_compatible": True})),
            register(A_RENAMED, ok()),
        ],
        core=True,
    ),
    Story(
        "listing_the_deleted",
        [
            register(V1, ok()),
            register(V2, ok()),
            register(V1, ok(), subject="<s>-live"),
            delete("/subjects/<s>/versions/1", ok(1)),
            get("/subjects/<s>/versions?deletedOnly=true", ok([1])),
            get("/subjects/<s>/versions?deletedAsNegative=true", ok([-1, 2])),
            get("/subjects?deletedOnly=true", ok([])),
            delete("/subjects/<s>", ok([2])),
            get("/subjects", ok(["<s>-live"])),
            get("/subjects?deleted=true", ok(["<s>", "<s>-live"])),
            get("/subjects?deletedOnly=true", ok(["<s>"])),
            get("/subjects?deleted=true&deletedOnly=true", ok(["<s>"])),
        ],
        fresh=True,
    ),
    Story(
        "latest_never_shows_the_deleted",
        [
            register(V1, ok()),
            register(V2, ok()),
            delete("/subjects/<s>/versions/2", ok(2)),
            get("/subjects/<s>/versions/latest?deleted=true", ok({"version": 1})),
            delete("/subjects/<s>", ok([1])),
            get(
                "/subjects/<s>/versions/latest?deleted=true",
                error(404, 40402, "Version -1 not found."),
            ),
        ],
    ),
    Story(
        "ids_of_the_deleted",
        [
            register(V1, ok({"id": Bind("id")})),
            delete("/subjects/<s>", ok([1])),
            get("/schemas/ids/<id>", ok({"deleted": True})),
            get("/schemas/ids/<id>/subjects", ok([])),
            get("/schemas/ids/<id>/subjects?deleted=true", ok(["<s>"])),
            get("/schemas/ids/<id>/versions", ok([])),
            get("/schemas/ids/<id>/versions?deleted=true", ok([{"subject": "<s>", "version": 1}])),
            delete("/subjects/<s>?permanent=true", ok([1])),
            get("/schemas/ids/<id>", error(404, 40403)),
            get("/schemas/ids/<id>/subjects", error(404, 40403, "Schema not found")),
        ],
    ),
    Story(
        "ids_are_never_used_again",
        [
            register(V1, ok({"id": 1})),
            register(V2, ok({"id": 2})),
            delete("/subjects/<s>", ok([1, 2])),
            delete("/subjects/<s>?permanent=true", ok([1, 2])),
            register(V1, ok({"id": 3, "version": 1})),
        ],
        fresh=True,
    ),
    Story(
        "config_survives_the_soft_delete_only",
        [
            register(V1, ok()),
            put("/config/<s>", {"compatibility": "FULL"}, ok()),
            delete("/subjects/<s>", ok([1])),
            get("/config/<s>", ok({"compatibilityLevel": "FULL"})),
            delete("/subjects/<s>?permanent=true", ok([1])),
            get("/config/<s>", error(404, 40408)),
        ],
    ),
    Story(
        "incompatible_again_after_revival",
        [
            register(V1, ok()),
            delete("/subjects/<s>", ok([1])),
            register(A_RENAMED, ok()),
            check(B_REQUIRED, ok({"is_compatible": False})),
            check(B_REQUIRED, error(404, 40402, "Version 1 not found."), version="/1"),
        ],
    ),
]
