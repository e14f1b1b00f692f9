"""What real Confluent registries answered to 1,639 requests each, asked again of ours."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.profile import PROFILE_7, PROFILE_8, Profile
from schemareg.registry.store import Store

GOLDEN = Path(__file__).parents[1] / "golden"
TRANSCRIPTS = {
    8: ("confluent-8.3.1-transcript.jsonl.gz", PROFILE_8),
    7: ("confluent-7.9.9-transcript.jsonl.gz", PROFILE_7),
}
OTHER_TYPES = "schemas of other types are refused with 42201"
THEIR_500 = "an internal error of theirs; ours says what was wrong with the request"
WROTE_OVER = "an import wrote over the version; their index still leads from the old id to it"
WILDCARD = "`:*:` names no subject; theirs registers under whichever subject has the schema"
NOWHERE = "`:.:` is the default context itself; theirs times out, then answers about all subjects"
LOST_REFERRERS = "7.9.9 forgets who refers to a version when the referrer's id is registered again"

# Requests by their number in the transcript, and why ours answers otherwise.
DEVIATIONS: Mapping[int, Mapping[int, str]] = {
    8: {
        4: OTHER_TYPES,
        9: "the id of a Kafka cluster, which ours does not have",
        11: THEIR_500,
        818: OTHER_TYPES,
        819: OTHER_TYPES,
        820: OTHER_TYPES,
        1173: THEIR_500,
        1248: WROTE_OVER,
        1448: THEIR_500,
        1468: OTHER_TYPES,
        **dict.fromkeys(range(1477, 1486), OTHER_TYPES),
        1572: WROTE_OVER,
        1620: WILDCARD,
        1628: NOWHERE,
        1629: NOWHERE,
    },
    7: {
        4: OTHER_TYPES,
        9: "the id of a Kafka cluster, which ours does not have",
        11: THEIR_500,
        818: OTHER_TYPES,
        819: OTHER_TYPES,
        820: OTHER_TYPES,
        1173: THEIR_500,
        1248: WROTE_OVER,
        1320: LOST_REFERRERS,
        1321: LOST_REFERRERS,
        1335: LOST_REFERRERS,
        1448: THEIR_500,
        1468: OTHER_TYPES,
        **dict.fromkeys(range(1477, 1486), OTHER_TYPES),
        1572: WROTE_OVER,
        1620: WILDCARD,
        1628: NOWHERE,
        1629: NOWHERE,
    },
}
PARSER_FOLLOWS = "of type AVRO, details: "
"""What stands behind this in a message are the words of an Avro or JSON parser."""
REFERENCE_ERRORS = ("Invalid reference", "No schema reference found", "io.confluent")
"""Unless it is the registry itself that goes on."""

Answer = tuple[int, str, bytes]


def requests_of(line: int) -> Iterator[dict[str, Any]]:
    with gzip.open(GOLDEN / TRANSCRIPTS[line][0], "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def body_of(request: Mapping[str, Any]) -> bytes:
    if "body" in request:
        return json.dumps(request["body"]).encode()
    return str(request.get("rawBody", "")).encode()


def headers_of(request: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """The recorder's own headers, with those of the row in their place (null: not sent)."""
    headers = {"accept": "*/*"}
    if "body" in request or "rawBody" in request:
        headers["content-type"] = "application/vnd.schemaregistry.v1+json"
    for name, value in request.get("headers", {}).items():
        headers[name.lower()] = value
    return [(k.encode(), v.encode()) for k, v in headers.items() if v is not None]


async def ask(app: Any, request: Mapping[str, Any]) -> Answer:
    """Straight to the application: an HTTP client would tidy up the odd paths."""
    path, _, query = request["path"].partition("?")
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body_of(request), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": request["method"],
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers_of(request),
    }
    await app(scope, receive, send)
    content_type = dict(sent[0]["headers"]).get(b"content-type", b"").decode()
    return sent[0]["status"], content_type, sent[1]["body"]


def without_clock(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: 0 if key == "ts" else without_clock(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_clock(inner) for inner in value]
    return value


def own_words(message: str) -> str:
    """The part of an error's text that is the registry's own."""
    head, found, details = message.partition(PARSER_FOLLOWS)
    return message if details.startswith(REFERENCE_ERRORS) else head + found


def difference(request: Mapping[str, Any], answer: Answer) -> str | None:
    """What the answer has that the recorded one has not; None when they are the same."""
    status, content_type, body = answer
    recorded = request["response"]
    if status != request["status"]:
        return f"status {status} {body[:200]!r}, recorded {request['status']}"
    if request["contentType"] and "html" in request["contentType"]:
        return None  # the HTTP server's own page, not the registry's
    if request["contentType"] and content_type != request["contentType"]:
        return f"content type {content_type}, recorded {request['contentType']}"
    if "text" in request:
        return None if body.decode() == request["text"] else f"text {body.decode()}"
    got: Any = without_clock(json.loads(body)) if body else ""
    wanted: Any = without_clock(recorded)
    if isinstance(wanted, dict) and "error_code" in wanted:
        got["message"] = own_words(got["message"])
        wanted["message"] = own_words(wanted["message"])
        if wanted["error_code"] == 400:
            got["message"] = wanted["message"]  # the JSON parser's words
    if isinstance(wanted, dict) and "messages" in wanted:
        got["messages"] = [own_words(message) for message in got["messages"]]
        wanted["messages"] = [own_words(message) for message in wanted["messages"]]
    return None if got == wanted else f"{json.dumps(got)}, recorded {json.dumps(wanted)}"


def replay(line: int, profile: Profile) -> dict[int, str]:
    """What differed, by the request's number."""

    async def run() -> dict[int, str]:
        app: Any = None
        found: dict[int, str] = {}
        for request in requests_of(line):
            if app is None or request.get("fresh"):
                app = create_app(Store(), ServerSettings(profile=profile.name))
            differs = difference(request, await ask(app, request))
            if differs:
                shown = f"{request['method']} {request['path']}: {differs}"
                found[request["n"]] = shown
        return found

    return asyncio.run(run())


@pytest.mark.parametrize("line", [8, 7])
def test_answers_are_those_of_a_real_registry(line: int) -> None:
    found = replay(line, TRANSCRIPTS[line][1])
    unexplained = {n: shown for n, shown in found.items() if n not in DEVIATIONS[line]}
    assert unexplained == {}


@pytest.mark.parametrize("line", [8, 7])
def test_deviations_are_there_and_few(line: int) -> None:
    found = replay(line, TRANSCRIPTS[line][1])
    assert set(DEVIATIONS[line]) == set(found), "a row of DEVIATIONS no longer deviates"


def test_transcripts_are_whole() -> None:
    assert [sum(1 for _ in requests_of(line)) for line in (8, 7)] == [1639, 1639]
