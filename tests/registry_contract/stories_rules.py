"""Rule sets, on registries that keep them.

Source: Confluent, "Data contracts"; the answers of 8.3.1 and 7.9.9 to Confluent's own REST tests.
"""

from __future__ import annotations

from dataclasses import replace

from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Json,
    Step,
    Story,
    error,
    get,
    ok,
    post,
    put,
    register,
)
from tests.registry_contract.texts import V1, V2


def rule(name: str, type: str = "t", **more: Json) -> Json:
    return {"name": name, "type": type, **more}


def domain(*rules: Json) -> Json:
    return {"domainRules": [*rules]}


def change(body: Json, answer: Answer, version: str = "latest") -> Step:
    return post(f"/subjects/<s>/versions/{version}/tags", body, answer)


D1, D2, D2_NEW = rule("d1"), rule("d2"), rule("d2", "u")
UPDOWN = domain(rule("r", "CEL", kind="CONDITION", mode="UPDOWN", expr="true"))
WRONG_MODE = error(422, 42210, "Domain rules can only be WRITE, READ, WRITEREAD")

KEPT = [
    Story(
        "rules_are_merged_into_a_version_and_removed_from_it_by_name",
        [
            register(V1, ok()),
            change(
                {"newVersion": 2, "rulesToMerge": domain(D1)},
                ok({"version": 2, "ruleSet": {"domainRules": [D1]}}),
            ),
            change(
                {"newVersion": 3, "rulesToMerge": domain(D2)},
                ok({"version": 3, "ruleSet": {"domainRules": [D1, D2]}}),
            ),
            change(
                {"newVersion": 4, "rulesToMerge": domain(D2_NEW), "rulesToRemove": ["d1"]},
                ok({"version": 4, "ruleSet": {"domainRules": [D2_NEW]}}),
            ),
            get("/subjects/<s>/versions/4", ok({"ruleSet": {"domainRules": [D2_NEW]}})),
            get("/subjects/<s>/versions", ok([1, 2, 3, 4])),
        ],
    ),
    Story(
        "merged_rules_are_checked_together",
        [
            register(V1, ok(), ruleSet=domain(D1)),
            change({"rulesToMerge": UPDOWN}, WRONG_MODE),
            change(
                {"rulesToMerge": {"migrationRules": [rule("d1", mode="UPGRADE")]}},
                error(422, 42210, "Found rule with duplicate name 'd1'"),
            ),
            get("/subjects/<s>/versions", ok([1])),
        ],
    ),
    Story(
        "rule_sets_are_checked_in_register_and_configuration",
        [
            register(V1, WRONG_MODE, ruleSet=UPDOWN),
            put(
                "/config/<s>",
                {"defaultRuleSet": {"migrationRules": [rule("foo", "X", mode="READ")]}},
                error(422, 42210, "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN"),
            ),
            *(
                register(V1, error(422, 42210), ruleSet=domain(*rules))
                for rules in (
                    (D1, D1),
                    (rule("1a"),),
                    (rule("a b"),),
                    (rule(""),),
                    ({"type": "t"},),
                    ({"name": "n"},),
                    (rule("r", mode="READ", onSuccess="NONE,ERROR"),),
                )
            ),
            register(V1, ok(), ruleSet=domain(rule("_a-1", mode="WRITEREAD", onFailure="A,B"))),
        ],
    ),
    Story(
        "default_rule_set_is_part_of_the_answer_to_register",
        [
            put("/config/<s>", {"defaultRuleSet": domain(D1)}, ok()),
            register(V1, ok({"id": 1, "version": 1, "schema": V1, "ruleSet": domain(D1)})),
            register(V2, ok({"version": 2, "ruleSet": domain(D1, D2)}), ruleSet=domain(D2)),
        ],
        fresh=True,
    ),
]

DROPPED = [
    Story(
        "merged_rules_are_checked_although_rule_sets_are_dropped",
        [
            register(V1, ok(), ruleSet=UPDOWN),
            change({"rulesToMerge": UPDOWN}, WRONG_MODE, "1"),
            get("/subjects/<s>/versions", ok([1])),
            change({"rulesToMerge": domain(D1)}, ok({"version": 2, "ruleSet": ABSENT}), "1"),
        ],
        both=True,
    ),
]

STORIES = [*(replace(story, both=True, rules=True) for story in KEPT), *DROPPED]
