"""Where a registry of others breaks the contract: what it answers instead, and why that is so.

A row is a promise too: when the registry comes to keep the contract there, the row has to go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.registry_contract.contract import ABSENT, Answer, Bind, Containing, error, ok


@dataclass(frozen=True)
class Deviation:
    """`backend` answers `answer` to step `step` of `story`, because of `reason`."""

    backend: str
    story: str
    step: int
    answer: Answer
    reason: str


OWN_WORDS: Mapping[str, str] = {
    "apicurio": "has its own sentences under the protocol's codes; clients go by the codes"
}
"""Backends whose error messages are not compared, with the reason."""


def _apicurio(reason: str, *answers: tuple[str, int, Answer]) -> Iterator[Deviation]:
    """Apicurio Registry 3.0.9, its Confluent API v7."""
    for story, step, answer in answers:
        yield Deviation("apicurio", story, step, answer, reason)


APICURIO = [
    *_apicurio(
        "a content is identified by its raw text, so every spelling is another one",
        ("spelling_does_not_count", 1, ok({"id": Bind("spaced")})),
        ("spelling_does_not_count", 2, ok({"id": Bind("reordered")})),
        ("spelling_does_not_count", 3, ok([1, 2, 3])),
        ("lookup", 3, error(404, 40403)),
    ),
    *_apicurio(
        "the route is missing, and its framework answers 404 without a body",
        ("one_schema_under_two_subjects_has_one_id", 4, Answer(404)),
        ("what_is_not_there", 9, Answer(404)),
    ),
    *_apicurio(
        "a version selector is a name to be looked up, not a number to be checked",
        ("version_selectors", 1, error(404, 40402)),
        ("version_selectors", 2, error(404, 40402)),
        ("version_selectors", 3, error(404, 40402)),
        ("version_selectors", 4, error(404, 40401)),
        ("version_selectors", 5, error(404, 40402)),
        ("version_selectors", 6, error(404, 40402)),
        ("version_selectors", 7, error(404, 40402)),
        ("version_selectors", 8, error(404, 40402)),
    ),
    *_apicurio(
        "a lookup compares texts and does not parse them",
        ("lookup", 4, error(404, 40403)),
    ),
    *_apicurio(
        "a delete in the wrong order is a conflict, HTTP 409, under the same code",
        ("version_delete_ladder", 4, error(409, 40407)),
        ("version_delete_ladder", 6, error(409, 40406)),
        ("subject_delete_ladder", 3, error(409, 40405)),
    ),
    *_apicurio(
        "a revived schema leaves its soft-deleted version where it was",
        ("revived_schema_gets_a_new_version", 4, ok([1, 2])),
    ),
    *[
        row
        for level in (
            "BACKWARD",
            "FORWARD",
            "FULL",
            "BACKWARD_TRANSITIVE",
            "FORWARD_TRANSITIVE",
            "FULL_TRANSITIVE",
        )
        for row in _apicurio(
            "PUT /config answers in the words of GET",
            (
                f"level_{level.lower()}",
                0,
                ok({"compatibility": ABSENT, "compatibilityLevel": level}),
            ),
        )
    ],
    *_apicurio(
        "PUT /config answers in the words of GET",
        ("subject_level", 2, ok({"compatibility": ABSENT, "compatibilityLevel": "FORWARD"})),
    ),
    *_apicurio(
        "level NONE means to take the subject's rule away: 404 where there is no such subject",
        ("level_none", 0, error(404, 40401)),
        ("level_none_lets_everything_in", 0, error(404, 40401)),
    ),
    *_apicurio(
        "so a subject is never laxer than the registry as a whole",
        ("level_none", 3, ok({"is_compatible": False})),
        ("level_none", 4, ok({"is_compatible": False})),
        ("level_none", 7, ok({"is_compatible": False})),
        ("level_none", 8, ok({"is_compatible": False})),
        ("level_none_lets_everything_in", 2, error(409, 409)),
        ("level_none_lets_everything_in", 3, ok([1])),
    ),
    *_apicurio(
        "409 has the code of Confluent's 7.x line",
        ("incompatible_schema_is_refused", 1, error(409, 409)),
        ("transitive_levels_look_at_every_version", 7, error(409, 409)),
    ),
    *_apicurio(
        "a check without a version is judged against all versions, whatever the level",
        ("transitive_levels_look_at_every_version", 3, ok({"is_compatible": False})),
    ),
    *_apicurio(
        "a check without a version wants the subject to exist",
        ("unknown_subject", 1, error(404, 40401)),
    ),
    *_apicurio(
        "configuration belongs to subjects that exist, so an unknown one is what is missing",
        ("subject_level", 0, error(404, 40401)),
        ("subject_level", 1, error(404, 40401)),
        ("subject_level", 6, error(404, 40401)),
        ("unknown_level", 2, error(404, 40401)),
    ),
    *_apicurio(
        "an unknown level is an exception that nobody catches",
        ("unknown_level", 0, error(500, 0, Containing(("Illegal compatibility level",)))),
        ("unknown_level", 1, error(500, 0, Containing(("Illegal compatibility level",)))),
    ),
    *_apicurio(
        "a check does not resolve references",
        ("reference", 8, error(422, 42201)),
    ),
    *_apicurio(
        "references of soft-deleted schemas count like those of live ones",
        ("referenced_schema_is_not_deleted", 5, error(422, 42206)),
        ("referenced_schema_is_not_deleted", 8, error(409, 40405)),
    ),
]

LINE_7 = [
    Deviation("line-7", story, step, error(409, 409), "the 7.x line repeats the status as its code")
    for story, step in (
        ("incompatible_schema_is_refused", 1),
        ("transitive_levels_look_at_every_version", 7),
    )
]
"""Confluent's own 7.x line, which our server speaks on request."""

DEVIATIONS: tuple[Deviation, ...] = (*APICURIO, *LINE_7)
