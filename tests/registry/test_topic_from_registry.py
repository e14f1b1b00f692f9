"""A registry behind a URL into a new file: the whole state, or nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from schemareg.cli.registry import import_topic
from schemareg.errors import ContentError, RegistryUnavailableError
from schemareg.registry import connect
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
