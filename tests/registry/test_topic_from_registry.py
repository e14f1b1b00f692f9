"""A registry behind a URL into a new file: the whole state, or nothing."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemareg.cli.registry import import_topic
from schemareg.errors import ContentError, RegistryRouteMissingError, RegistryUnavailableError
from schemareg.registry import connect
from schemareg.registry.client.session import REQUESTS_AT_ONCE
from schemareg.registry.client.sync import RegistryClient
from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.profile import PROFILES
from schemareg.registry.store import Store
from schemareg.registry.topic import from_registry
from schemareg.registry.topic.applying import Effect
from schemareg.registry.topic.from_registry import import_registry, records_of_registry
from schemareg.registry.topic.importing import Imported, import_lines
from schemareg.subjects import CompatibilityLevel, Subject
from tests.support.asgi import AsgiTransport

GOLDEN = Path(__file__).parents[1] / "golden"
TOPICS = {8: "confluent-8.3.1-schemas-topic.jsonl.gz", 7: "confluent-7.9.9-schemas-topic.jsonl.gz"}


@contextmanager
def served(store: Store, line: int = 8) -> Iterator[AsgiTransport]:
    yield AsgiTransport(create_app(store, ServerSettings(profile=PROFILES[line].name)))


def recorded(store: Store, line: int) -> dict[str, tuple[int, object]]:
    """The store is filled from a topic of Confluent's registry; returns what that answered."""
    with gzip.open(GOLDEN / TOPICS[line], "rt", encoding="utf-8") as lines:
        *records, last = lines
    import_lines(store, records, pass_over=False)
    return dict(json.loads(last)["state"])


def taken_from(registry: RegistryClient, ours: Store) -> Imported | None:
    return import_registry(ours, registry, list(records_of_registry(registry)))


@pytest.mark.parametrize("line", TOPICS)
def test_registry_gives_the_state_that_it_had(line: int) -> None:
    with Store() as theirs, Store() as ours:
        state = recorded(theirs, line)
        with served(theirs, line) as transport, connect("http://old", transport=transport) as old:
            imported = taken_from(old, ours)
            assert imported is not None
            assert imported.passed_over == {}
            assert taken_from(old, ours) is None  # it has all of it
        with (
            served(ours, line) as transport,
            httpx.Client(transport=transport, base_url="http://new") as new,
        ):
            for path, (status, answer) in state.items():
                got = new.get(path)
                assert (path, got.status_code, got.json()) == (path, status, answer)


def register(registry: RegistryClient, count: int) -> None:
    for number in range(count):
        registry.register(Subject("many"), f'{{"type":"fixed","name":"F","size":{number + 1}}}')


def test_more_than_a_page_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_registry, "_PAGE", 7)
    with Store() as theirs, Store() as ours, served(theirs) as transport:
        with connect("http://old", transport=transport) as old:
            old.set_level(CompatibilityLevel.NONE)
            register(old, 23)
            imported = taken_from(old, ours)
        assert imported is not None
        # the level and the mode of the registry, and the versions
        assert imported.effects == {Effect.APPLIED: 25}


class Crowded(httpx.BaseTransport):
    """The first answer about a single subject waits for a second request; counts the most that
    were under way.
    """

    def __init__(self, inner: httpx.BaseTransport, missing: str) -> None:
        self._inner = inner
        self._missing = missing
        self._second = threading.Event()
        self._lock = threading.Lock()
        self._under_way = 0
        self.most = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == self._missing:
            return httpx.Response(404)
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        if self._under_way > 1:
            self._second.set()
        if "many" in request.url.path:
            assert self._second.wait(20), "one request at a time"
        try:
            return self._inner.handle_request(request)
        finally:
            with self._lock:
                self._under_way -= 1

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize("missing", ["", "/schemas"])
def test_several_requests_are_under_way_at_once(missing: str) -> None:
    with Store() as theirs, Store() as ours:
        with served(theirs) as transport, connect("http://old", transport=transport) as writer:
            for number in range(20):
                writer.register(Subject(f"many-{number}"), '{"type":"array","items":"int"}')
        with served(theirs) as transport:
            crowded = Crowded(transport, missing)
            with connect("http://old", transport=crowded) as old:
                assert taken_from(old, ours) is not None
        assert state_of(ours) == state_of(theirs)
        assert 2 <= crowded.most <= REQUESTS_AT_ONCE


def test_what_changes_meanwhile_leaves_nothing() -> None:
    with Store() as theirs, Store() as ours, served(theirs) as transport:
        with connect("http://old", transport=transport) as writer:
            writer.register(Subject("a"), '"int"')

            class Meanwhile(httpx.BaseTransport):
                asked = 0

                def handle_request(self, request: httpx.Request) -> httpx.Response:
                    if request.url.path == "/contexts":
                        self.asked += 1
                        if self.asked == 2:
                            writer.register(Subject("b"), '"long"')
                    return transport.handle_request(request)

            with (
                connect("http://old", transport=Meanwhile()) as old,
                pytest.raises(ContentError) as refused,
            ):
                taken_from(old, ours)
        assert str(refused.value) == (
            'not as in http://old: {"keytype":"SCHEMA","subject":"b","version":1,"magic":1};'
            " freeze it (PUT http://old/mode READONLY), and import again"
        )
        with ours.reading() as tables:
            assert tables.is_empty()


def test_file_that_holds_something_else_is_refused() -> None:
    with (
        Store() as theirs,
        Store() as ours,
        served(theirs) as transport,
        connect("http://old", transport=transport) as old,
    ):
        old.register(Subject("a"), '"int"')
        taken_from(old, ours)
        old.register(Subject("b"), '"long"')
        with pytest.raises(ContentError, match="the file holds something else"):
            taken_from(old, ours)


def test_registry_that_does_not_answer_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMAREG_REGISTRY_TRIES", "1")
    with pytest.raises(RegistryUnavailableError):
        import_topic("http://127.0.0.1:1", tmp_path / "new.db")
    assert list(tmp_path.iterdir()) == []


class OfAnotherKind(httpx.BaseTransport):
    """A registry that lacks routes, and answers `unset` where a subject has no level of its own.

    As Apicurio 3.0.9 (no list, no modes, NONE) and Karapace at 3bbc1f8 (no contexts, modes that
    are fixed, a list without the deleted versions).
    """

    def __init__(self, inner: AsgiTransport, *, missing: set[str], unset: str, texts: bool) -> None:
        self.inner = inner
        self.missing = missing
        self.unset = unset
        self.texts = texts

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        kind, _, rest = request.url.path.removeprefix("/").partition("/")
        if kind in self.missing:
            return httpx.Response(404)
        if not self.texts and rest == "gone/versions/1":
            return httpx.Response(404, json={"error_code": 40401, "message": "not there"})
        if kind == "schemas":
            request = httpx.Request("GET", "http://old/schemas")
        response = self.inner.handle_request(request)
        if kind == "config" and self.unset and response.status_code == 404:
            return httpx.Response(200, json={"compatibilityLevel": self.unset})
        if kind == "mode" and response.status_code == 404:
            return httpx.Response(200, json={"mode": "READWRITE"})
        return response

    def close(self) -> None:
        self.inner.close()


def state_of(store: Store) -> dict[str, Any]:
    """What a server over the store answers, without the time at which it stored a version."""
    paths = ["/schemas?deleted=true", "/subjects?deleted=true", "/subjects", "/config", "/mode"]
    paths += [f"/{what}/{subject}" for what in ("config", "mode") for subject in ("a", "b", "gone")]
    with (
        served(store) as transport,
        httpx.Client(transport=transport, base_url="http://any") as client,
    ):
        state = {path: client.get(path).json() for path in paths}
    for version in state["/schemas?deleted=true"]:
        del version["ts"]
    return state


KINDS = {
    "no list, no modes, NONE as unset": ({"schemas", "contexts", "mode"}, "NONE"),
    "no contexts, modes as if they were the subject's own": ({"contexts"}, ""),
}


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_give_what_their_subjects_have_of_their_own(kind: str) -> None:
    missing, unset = KINDS[kind]
    with Store() as theirs, Store() as ours:
        with served(theirs) as transport, connect("http://old", transport=transport) as writer:
            writer.set_level(CompatibilityLevel.FULL)
            writer.register(Subject("a"), '"int"')
            writer.set_level(CompatibilityLevel.FORWARD, Subject("a"))
            writer.register(Subject("b"), '"long"')
            writer.register(Subject("gone"), '"string"')
            writer.delete_subject(Subject("gone"))
        other = OfAnotherKind(
            AsgiTransport(create_app(theirs, ServerSettings())),
            missing=missing,
            unset=unset,
            texts=True,
        )
        with connect("http://old", transport=other) as old:
            assert taken_from(old, ours) is not None
            assert taken_from(old, ours) is None
        got = state_of(ours)
        assert got == state_of(theirs)
        assert got["/config/a"] == {"compatibilityLevel": "FORWARD"}
        assert got["/config/b"] == {
            "error_code": 40408,
            "message": "Subject 'b' does not have subject-level compatibility configured",
        }


def test_deleted_version_whose_text_is_not_given_is_named() -> None:
    with Store() as theirs, Store() as ours:
        with served(theirs) as transport, connect("http://old", transport=transport) as writer:
            writer.register(Subject("gone"), '"string"')
            writer.delete_subject(Subject("gone"))
        other = OfAnotherKind(
            AsgiTransport(create_app(theirs, ServerSettings())),
            missing={"schemas"},
            unset="",
            texts=False,
        )
        with connect("http://old", transport=other) as old, pytest.raises(ContentError) as refused:
            taken_from(old, ours)
    assert str(refused.value) == (
        "http://old lists version 1 of 'gone' as deleted, and does not give its text;"
        " delete it there for good (permanent=true), and import again"
    )


def test_url_that_is_no_registry_is_named() -> None:
    nothing = httpx.MockTransport(lambda request: httpx.Response(404, text="no such page"))
    with (
        connect("http://old", transport=nothing) as old,
        pytest.raises(RegistryRouteMissingError, match="check that the URL is the registry's"),
    ):
        list(records_of_registry(old))
