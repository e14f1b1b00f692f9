"""Where the registry differs from Confluent's on purpose, with the reason.

Every row is a story of the contract too, with our answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Containing,
    Step,
    Story,
    error,
    get,
    ok,
    post,
    refers,
    register,
    under,
)
from tests.registry_contract.texts import ADDRESS, V1, record

JSON = "application/vnd.schemaregistry.v1+json"
RESOLVED = record(f'{{"name":"home","type":["null",{ADDRESS}],"default":null}}').replace(
    ',"namespace":"<ns>","fields":[{"name":"street"', ',"fields":[{"name":"street"'
)


@dataclass(frozen=True)
class Difference:
    """`theirs` is Confluent's answer to the last of `steps`, whose own answer is ours."""

    name: str
    steps: tuple[Step, ...]
    theirs: str
    reason: str

    both: bool = True

    @property
    def story(self) -> Story:
        return Story(f"on_purpose_{self.name}", self.steps, fresh=True, both=self.both)


DIFFERENCES = [
    Difference(
        "errors_of_http_have_a_type_and_allow",
        (
            get("/nope", under(error(404, 404), content_type=JSON)),
            get("/subjects", under(error(406, 406), content_type=JSON), accept="image/png"),
            Step(
                "PATCH",
                "/subjects",
                under(error(405, 405), content_type=JSON, allow=Containing(("GET",))),
            ),
        ),
        theirs="the same bodies without Content-Type, and no Allow with 405",
        reason="HTTP asks for both, and no client relies on their absence",
    ),
    Difference(
        "id_under_a_context_path_for_any_subject",
        (
            post("/contexts/.c/subjects/s/versions", {"schema": V1}, ok()),
            get("/contexts/.c/schemas/ids/1?subject=nope", ok()),
        ),
        theirs="404/40403: under a context path the subject must have the id",
        reason="stock deserializers name the subject by a strategy of their own",
    ),
    Difference(
        "path_that_is_refused_is_json",
        (get("/subjects/a%09b/versions", under(error(400, 400), content_type=JSON)),),
        theirs="400 with a page of HTML",
        reason="clients read errors as JSON",
        both=False,
    ),
    Difference(
        "context_in_encoded_colons",
        (
            post("/contexts/%3A.e%3A/subjects/s/versions", {"schema": V1}, ok()),
            get("/subjects?subjectPrefix=:*:", ok([":.e:s"])),
        ),
        theirs="the subject `.e::s` of the default context",
        reason="a fault of theirs: plain colons give the context `.e`, and so do encoded ones here",
    ),
    Difference(
        "nothing_is_registered_in_every_context",
        (register(V1, error(422, 42208), subject=":*:"),),
        theirs="200 with an id, and no request ever finds the version again",
        reason="an answer of 200 for what is lost misleads",
    ),
    Difference(
        "property_without_value",
        (
            register(
                V1, ok({"metadata": {"properties": ABSENT}}), metadata={"properties": {"a": None}}
            ),
        ),
        theirs="500",
        reason="a fault of theirs; the property counts as not given",
    ),
    Difference(
        "tags_of_nothing",
        (
            register(V1, ok()),
            post(
                "/subjects/<s>/versions/1/tags",
                {"tagsToAdd": [{"schemaEntity": None, "tags": ["T"]}]},
                error(400, 400),
            ),
        ),
        theirs="500",
        reason="a fault of theirs; an empty object there is 400 in both",
    ),
    Difference(
        "null_default_of_a_resolved_union",
        (
            register(ADDRESS, ok(), subject="<s>-address"),
            register(
                record('{"name":"home","type":["null","<ns>.Address"],"default":null}'),
                ok(),
                references=[refers("<ns>.Address", "<s>-address", 1)],
            ),
            get("/subjects/<s>/versions/1?format=resolved", ok({"schema": RESOLVED})),
        ),
        theirs="500",
        reason="a fault of theirs; without a default of null the text is the same in both",
    ),
    Difference(
        "schema_of_an_id_that_the_subject_has_not",
        (
            register(V1, ok({"id": 1}), subject=":.one:<s>"),
            get("/schemas/ids/1/schema?subject=:.one:other", Answer(404, {"error_code": 40403})),
        ),
        theirs="500",
        reason="a fault of theirs; the same id without `/schema` is 40403 in both",
    ),
]

STORIES = [difference.story for difference in DIFFERENCES]
