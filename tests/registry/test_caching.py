"""Cache headers: on answers that last, never on others, private where rights decide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from schemareg.errors import UsageError
from schemareg.registry.server.application import create_app
from schemareg.registry.server.settings import ServerSettings, settings_from
from schemareg.registry.store import Store
from tests.support.asgi import AsgiTransport

LARGE = json.dumps({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(40_000)]})


@contextmanager
def asking(max_age_s: int | None) -> Iterator[httpx.Client]:
    with Store() as store:
        app = create_app(store, ServerSettings(cache_max_age_s=max_age_s))
        with httpx.Client(transport=AsgiTransport(app), base_url="http://registry") as client:
            for subject, text in (("a", '"int"'), ("large", LARGE)):
                path = f"/subjects/{subject}/versions"
                client.post(path, json={"schema": text}).raise_for_status()
            yield client


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with asking(60) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "control", "has_tag"),
    [
        ("/schemas/ids/1", 200, "public, max-age=60", True),
        ("/schemas/ids/1/schema", 200, "public, max-age=60, immutable", True),
        ("/contexts/:.:/schemas/ids/1/schema", 200, "public, max-age=60, immutable", True),
        ("/schemas/guids/ef524ea1-b91e-7317-3d93-8ade36c1db32", 200, "public, max-age=60", True),
        ("/schemas/ids/2/schema", 200, "public, max-age=60, immutable", False),
        ("/schemas/ids/99", 404, "no-store", False),
        ("/schemas/ids/99/schema", 404, "no-store", False),
        ("/schemas/ids/1?fetchMaxId=true", 200, "no-store", False),
        ("/schemas/ids/1?fetchMax%49d=true", 200, "no-store", False),
        ("/schemas/ids/1/versions", 200, None, False),
        ("/schemas/ids/1/subjects", 200, None, False),
        ("/subjects/a/versions/1", 200, None, False),
        ("/subjects/a/versions/latest", 200, None, False),
        ("/config", 200, None, False),
        ("/nowhere", 404, None, False),
    ],
)
def test_what_lasts_is_marked(
    client: httpx.Client, path: str, status: int, control: str | None, has_tag: bool
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers.get("cache-control") == control
    assert ("etag" in answer.headers) == has_tag
    assert ("accept" in answer.headers.get("vary", "")) == (control is not None)


def test_nothing_is_marked_unless_set() -> None:
    with asking(None) as client:
        headers = client.get("/schemas/ids/1").headers
        assert not {"cache-control", "etag", "vary"} & {*headers}


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ("{tag}", 304),
        ('"other", {tag}', 304),
        ("W/{tag}", 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
    ],
)
def test_an_answer_that_is_held_is_not_sent_again(
    client: httpx.Client, held: str, status: int
) -> None:
    first = client.get("/schemas/ids/1")
    tag = first.headers["etag"]
    again = client.get("/schemas/ids/1", headers={"If-None-Match": held.format(tag=tag)})
    assert (again.status_code, again.content) == (status, b"" if status == 304 else first.content)
    assert again.headers["etag"] == tag
    assert again.headers["cache-control"] == "public, max-age=60"


def test_a_tag_is_of_one_answer_in_one_media_type(client: httpx.Client) -> None:
    plain = {"Accept": "application/json"}
    tags = [
        client.get("/schemas/ids/1").headers["etag"],
        client.get("/schemas/ids/1", headers=plain).headers["etag"],
        client.get("/schemas/ids/1/schema").headers["etag"],
    ]
    assert len({*tags}) == 3


def test_a_deletion_gives_another_tag() -> None:
    with asking(60) as client:
        before = client.get("/schemas/ids/1").headers["etag"]
        client.delete("/subjects/a").raise_for_status()
        after = client.get("/schemas/ids/1", headers={"If-None-Match": before})
        assert (after.status_code, after.json()["deleted"]) == (200, True)


def test_where_rights_decide_only_the_caller_keeps_the_answer() -> None:
    settings = ServerSettings(cache_max_age_s=60, auth_file=Path("auth.toml"))
    with Store() as store:
        app = create_app(store, settings)
        with httpx.Client(transport=AsgiTransport(app), base_url="http://registry") as client:
            client.post("/subjects/a/versions", json={"schema": '"int"'}).raise_for_status()
            headers = client.get("/schemas/ids/1/schema").headers
    assert headers["cache-control"] == "private, max-age=60, immutable"
    assert headers["vary"] == "accept, authorization"


def test_an_age_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="cache_max_age_s: 0 is not a whole number from 1"):
        settings_from(flags={}, environment={}, table={"cache_max_age_s": 0})
