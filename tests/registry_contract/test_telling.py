"""What counts as a difference in a story, so that none can pass by accident."""

from __future__ import annotations

import httpx
import pytest

from tests.registry_contract.backends import Running
from tests.registry_contract.contract import (
    ABSENT,
    Answer,
    Bind,
    Containing,
    Json,
    SchemaText,
    Story,
    Typed,
    Unordered,
    delete,
    differences,
    error,
    get,
    ok,
    post,
    under,
)
from tests.registry_contract.telling import tell


@pytest.mark.parametrize(
    ("expected", "got", "lines"),
    [
        (1, 1, []),
        (1, True, [": True is not 1"]),
        (True, 1, [": 1 is not True"]),
        (1, 1.0, [": 1.0 is not 1"]),
        (None, None, []),
        (None, 0, [": 0 is not None"]),
        ("a", "a", []),
        ("a", "b", [": 'b' is not 'a'"]),
        ("<s>!", "subject!", []),
        ([1, 2], [1, 2], []),
        ([1, 2], [2, 1], ["/0: 2 is not 1", "/1: 1 is not 2"]),
        ([1], [1, 2], [": [1, 2] is not [1]"]),
        ([], {}, [": {} is not []"]),
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 1}, {"b": 2}, ["/a: is missing"]),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, ["/a/b: 'y' is not 'x'"]),
        ({"a": 1}, [1], [": [1] is no object"]),
        ({"a": ABSENT}, {}, []),
        ({"a": ABSENT}, {"a": None}, ["/a: must not be there: None"]),
        ({"a": Bind("x"), "b": Bind("x")}, {"a": 1, "b": 1}, []),
        ({"a": Bind("x"), "b": Bind("x")}, {"a": 1, "b": 2}, ["/b: 2 is not <x>, which is 1"]),
        (Bind("s"), "other", [": 'other' is not <s>, which is 'subject'"]),
        (Typed(str), "x", []),
        (Typed(str), 1, [": 1 is no str"]),
        (Containing(("a", "<s>")), "a subject", []),
        (Containing(("a", "b")), "a", [": 'b' is not in 'a'"]),
        (Unordered([1, 2]), [2, 1], []),
        (Unordered([1, 2]), [2, 2], [": [2, 2] is not [1, 2] in any order"]),
        (Unordered([1]), 1, [": 1 is no list"]),
        (SchemaText('{"a": 1, "b": 2}'), '{"b":2,"a":1}', []),
        (SchemaText('"int"'), "int", [": 'int' is not the schema '\"int\"'"]),
    ],
)
def test_difference(expected: Json, got: object, lines: list[str]) -> None:
    assert differences(expected, got, {"s": "subject"}) == lines


def _echo(request: httpx.Request) -> httpx.Response:
    """Answers what it was asked."""
    body = {"path": request.url.raw_path.decode(), "body": request.content.decode(), "id": 7}
    return httpx.Response(200, json=body, headers={"x": "y"})


STORY = Story(
    "story",
    [
        get("/a/<s>", ok({"path": "/base/a/story-t", "id": Bind("id")})),
        post("/<id>", {"x": "<ns>"}, ok({"path": "/base/7", "body": '{"x": "nt.story"}'})),
        delete("/", Answer(204)),
        get("/", error(404, 1)),
        get("/", under(ok({"id": 8}), x="z")),
        get("/", ok({"message": "words"})),
    ],
)
AS_TOLD = [
    (),
    (),
    ("status 200 is not 204",),
    ("status 200 is not 404",),
    ("header/x: 'y' is not 'z'", "/id: 7 is not 8"),
    ("/message: is missing",),
]


def test_story_as_it_is_told() -> None:
    with httpx.Client(transport=httpx.MockTransport(_echo)) as http:
        registry = Running(http, "http://one/base")
        assert [told.differences for told in tell(STORY, registry, token="t")] == AS_TOLD
        instead = {2: Answer(200)}
        told = [each.differences for each in tell(STORY, registry, token="t", instead=instead)]
        assert told == [*AS_TOLD[:2], (), *AS_TOLD[3:]]
