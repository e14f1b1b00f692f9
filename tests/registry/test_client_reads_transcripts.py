"""What real Confluent registries answered, read by the client.

Each recorded answer is given to the method that asks for it: the path it asks is the recorded one,
an answer becomes a value, a refusal an error with the recorded code and words.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest

from schemareg.errors import RegistryError, RegistryUnavailableError
from schemareg.registry import NO_RETRY, Patience, RegistryClient, connect
from schemareg.registry.api.types import ConfigChange, Mode
from schemareg.subjects import SchemaId, Subject

GOLDEN = Path(__file__).parents[1] / "golden"
LINES = ["8.3.1", "7.9.9"]
Call = Callable[..., object]

SUBJECT, VERSION, ID = r"([^/]+)", r"([^/]+)", r"(\d{1,9})"
CALLS: list[tuple[str, str, Call]] = [
    ("GET", r"/subjects", lambda c: c.get_subjects()),
    ("GET", r"/schemas", lambda c: c.get_schemas()),
    ("GET", r"/schemas/types", lambda c: c.get_schema_types()),
    ("GET", rf"/schemas/ids/{ID}", lambda c, id: c.get_schema(SchemaId(int(id)))),
    ("GET", rf"/schemas/ids/{ID}/schema", lambda c, id: c.get_schema_text(SchemaId(int(id)))),
    ("GET", rf"/schemas/ids/{ID}/subjects", lambda c, id: c.get_schema_subjects(SchemaId(int(id)))),
    ("GET", rf"/schemas/ids/{ID}/versions", lambda c, id: c.get_schema_versions(SchemaId(int(id)))),
    ("GET", r"/schemas/guids/([^/]+)", lambda c, guid: c.get_schema_by_guid(guid)),
    ("GET", r"/schemas/guids/([^/]+)/ids", lambda c, guid: c.get_guid_ids(guid)),
    ("GET", rf"/subjects/{SUBJECT}/versions", lambda c, s: c.get_versions(s)),
    ("GET", rf"/subjects/{SUBJECT}/versions/{VERSION}", lambda c, s, v: c.get_version(s, v)),
    (
        "GET",
        rf"/subjects/{SUBJECT}/versions/{VERSION}/schema",
        lambda c, s, v: c.get_version_text(s, v),
    ),
    (
        "GET",
        rf"/subjects/{SUBJECT}/versions/{VERSION}/referencedby",
        lambda c, s, v: c.get_referenced_by(s, v),
    ),
    ("GET", rf"/subjects/{SUBJECT}/metadata", lambda c, s: c.get_version_with_metadata(s, {})),
    ("POST", rf"/subjects/{SUBJECT}/versions", lambda c, s: c.register(s, '"int"')),
    ("POST", rf"/subjects/{SUBJECT}", lambda c, s: c.lookup(s, '"int"')),
    ("DELETE", rf"/subjects/{SUBJECT}/versions/{VERSION}", lambda c, s, v: c.delete_version(s, v)),
    ("DELETE", rf"/subjects/{SUBJECT}", lambda c, s: c.delete_subject(s)),
    (
        "POST",
        rf"/compatibility/subjects/{SUBJECT}/versions/{VERSION}",
        lambda c, s, v: c.check_compatibility(s, '"int"', version=v),
    ),
    (
        "POST",
        rf"/compatibility/subjects/{SUBJECT}/versions",
        lambda c, s: c.check_compatibility(s, '"int"'),
    ),
    ("GET", r"/config", lambda c: c.get_config()),
    ("PUT", r"/config", lambda c: c.set_config(ConfigChange())),
    ("DELETE", r"/config", lambda c: c.delete_config()),
    ("GET", rf"/config/{SUBJECT}", lambda c, s: c.get_config(s)),
    ("PUT", rf"/config/{SUBJECT}", lambda c, s: c.set_config(ConfigChange(), s)),
    ("DELETE", rf"/config/{SUBJECT}", lambda c, s: c.delete_config(s)),
    ("GET", r"/mode", lambda c: c.get_mode()),
    ("DELETE", r"/mode", lambda c: c.delete_mode()),
    ("GET", rf"/mode/{SUBJECT}", lambda c, s: c.get_mode(s)),
    ("DELETE", rf"/mode/{SUBJECT}", lambda c, s: c.delete_mode(s)),
    ("GET", r"/contexts", lambda c: c.get_contexts()),
    ("DELETE", r"/contexts/([^/]+)", lambda c, context: c.delete_context(context)),
    ("GET", r"/v1/metadata/id", lambda c: c.get_cluster_ids()),
    ("GET", r"/v1/metadata/version", lambda c: c.get_server_version()),
]


def recorded(line: str) -> Iterator[dict[str, Any]]:
    path = GOLDEN / f"confluent-{line}-transcript.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as text:
        for row in text:
            yield json.loads(row)


def asking(row: dict[str, Any]) -> Callable[[RegistryClient], object] | None:
    """The method that asks for what `row` answers, None where no method does."""
    path = row["path"].partition("?")[0]
    if row["method"] == "PUT" and (mode := re.fullmatch(r"/mode(?:/([^/]+))?", path)):
        subject = None if mode[1] is None else Subject(unquote(mode[1]))
        wanted = Mode(((row["response"] or {}).get("mode") or "IMPORT").upper())
        return lambda client: client.set_mode(wanted, subject)
    for method, pattern, call in CALLS:
        found = re.fullmatch(pattern, path)
        if found is not None and method == row["method"]:
            return lambda client: call(client, *(unquote(part) for part in found.groups()))
    return None


class Replayed(httpx.BaseTransport):
    """Gives the recorded answer to the first request, and to a lookup that follows."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row
        self.asked: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if len(self.asked) > 1:
            # 7.x registers with an id alone, and the client asks for the rest
            whole = {"subject": "s", "version": 1, "id": 1, "schema": '"int"'}
            return httpx.Response(200, json=whole)
        text = self._row.get("text")
        body = json.dumps(self._row["response"]) if text is None else text
        return httpx.Response(self._row["status"], content=body.encode())


# What only a test would ask for: no method of ours sends a mode that is null.
SENDS_NO_NULL = [1174, 1175]


@pytest.mark.parametrize("line", LINES)
def test_client_reads_what_was_recorded(line: str) -> None:
    patience = Patience(retry=NO_RETRY)
    read = 0
    for row in recorded(line):
        ask = asking(row)
        if ask is None or (row["n"] in SENDS_NO_NULL and row["status"] == 200):
            continue
        if "deletedAsNegative" in row["path"]:
            continue  # the client never sends it, so a negative version is no answer to it
        read += 1
        transport = Replayed(row)
        with connect("http://one", patience=patience, transport=transport) as client:
            if row["status"] < 400:
                ask(client)
            else:
                with pytest.raises((RegistryError, RegistryUnavailableError)) as raised:
                    ask(client)
                if not isinstance(row["response"], dict):
                    # the container's own page about a path, before any registry saw it
                    assert isinstance(raised.value, RegistryUnavailableError), row["n"]
                    continue
                if row["status"] == 500 and isinstance(raised.value, RegistryUnavailableError):
                    continue  # a write that failed inside the registry may have happened
                assert isinstance(raised.value, RegistryError), row["n"]
                assert raised.value.code == row["response"]["error_code"], row["n"]
                assert raised.value.status == row["status"], row["n"]
                words = " ".join(row["response"]["message"].split())
                assert raised.value.message.isprintable(), row["n"]
                assert len(raised.value.message) == len(words), row["n"]
        asked = transport.asked[0]
        assert asked.method == row["method"], row["n"]
        sent = unquote(asked.url.raw_path.decode().partition("?")[0])
        assert sent == unquote(row["path"].partition("?")[0]), row["n"]
    assert read >= 1500


def test_recorded_paths_are_spelled_as_the_client_spells_them() -> None:
    """Stock clients escape as `quote(safe="")` does, and so does ours."""
    subject = Subject("a/b c:d%é")
    transport = Replayed({"status": 200, "response": [1]})
    with connect("http://one", transport=transport) as client:
        client.get_versions(subject)
    assert (
        transport.asked[0].url.raw_path.decode() == f"/subjects/{quote(subject, safe='')}/versions"
    )
