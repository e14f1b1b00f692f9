"""A registry over a log answers as one over a file does, and its log holds all that it knows."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schemareg.errors import UsageError
from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.backup import backup
from schemareg.registry.service.profile import PROFILES
from schemareg.registry.store import Store
from schemareg.registry.topic.journal import Record
from schemareg.registry.topic.opening import open_topic_store, parse_store_url
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_transcripts import DEVIATIONS, ask, difference, requests_of
from tests.support.memory_log import MemoryLog


def lines_of(store: Store) -> list[str]:
    with store.reading() as tables:
        return list(backup(tables))


@pytest.mark.parametrize("line", [8, 7])
def test_a_log_gives_the_recorded_answers_and_the_same_state_again(line: int) -> None:
    async def run() -> dict[int, str]:
        found: dict[int, str] = {}
        log = MemoryLog()
        store: TopicStore | None = None
        app: Any = None
        for request in requests_of(line):
            if app is None or request.get("fresh"):
                if store is not None:
                    check_rebuilt(log, store)
                log = MemoryLog()
                store = TopicStore(log, names_avro=line == 8)
                assert store.is_caught_up.wait(10)
                app = create_app(store, ServerSettings(profile=PROFILES[line].name))
            differs = difference(request, await ask(app, request))
            if differs:
                found[request["n"]] = f"{request['method']} {request['path']}: {differs}"
        assert store is not None
        check_rebuilt(log, store)
        return found

    found = asyncio.run(run())
    assert {n: text for n, text in found.items() if n not in DEVIATIONS[line]} == {}


def check_rebuilt(log: MemoryLog, store: TopicStore) -> None:
    expected = lines_of(store)
    store.close()
    log.seek(0)
    again = TopicStore(log)
    try:
        assert again.is_caught_up.wait(10)
        assert lines_of(again) == expected
    finally:
        again.close()


RECORDS_OF_OTHERS = [
    # key, value, what it does: seen on 8.3.1 where a case is in its table, else what is safe
    (None, b"{}", "unreadable"),
    (b"{", None, "unreadable"),
    (b"[]", None, "unreadable"),
    (b'{"magic":0,"keytype":"NOOP"}', None, "idle"),
    (b'{"keytype":"ASSOC","magic":0}', b"{}", "foreign_key"),
    (b'{"keytype":"SCHEMA","subject":"a","version":1,"magic":2}', b"{}", "unreadable"),
    (b'{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}', b"null", "unreadable"),
    (b'{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}', b"{", "unreadable"),
    (b'{"keytype":"SCHEMA","subject":"a","version":9,"magic":1}', None, "applied"),
    (
        b'{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}',
        b'{"subject":"b","version":1,"id":1,"schema":"\\"string\\"","deleted":false}',
        "unreadable",
    ),
    (
        b'{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}',
        b'{"subject":"a","version":1,"id":null,"schema":"\\"string\\"","deleted":false}',
        "unreadable",
    ),
    (
        b'{"keytype":"SCHEMA","subject":"p","version":1,"magic":1}',
        b'{"subject":"p","version":1,"id":7,"schemaType":"PROTOBUF","schema":"x","deleted":false}',
        "foreign_type",
    ),
    (b'{"keytype":"DELETE_SUBJECT","subject":"never","magic":0}', None, "idle"),
    (
        b'{"keytype":"DELETE_SUBJECT","subject":"never","magic":0}',
        b'{"subject":"never","version":3}',
        "applied",
    ),
    (b'{"keytype":"CLEAR_SUBJECT","subject":"never","magic":0}', b'{"subject":"never"}', "applied"),
    (
        b'{"version":1,"subject":"a","keytype":"SCHEMA","magic":0}',
        b'{"subject":"a","version":1,"id":1,"schema":"\\"string\\"","more":1}',
        "applied",
    ),
    (
        b'{"keytype":"SCHEMA","subject":"c","version":1,"magic":1}',
        b'{"subject":"c","version":1,"id":1,"schema":"\\"long\\"","deleted":false}',
        "clash",
    ),
]


def test_records_of_others_are_passed_over_by_kind_and_counted() -> None:
    log = MemoryLog()
    store = TopicStore(log)
    try:
        for key, value, _ in RECORDS_OF_OTHERS:
            # a null key cannot be written by a node of ours
            last = log.append([Record(key, value)])  # type: ignore[arg-type]
        assert store.wait_for(last, 10)
        assert store.trouble is None
        expected = Counter(effect for *_, effect in RECORDS_OF_OTHERS)
        assert {str(effect): count for effect, count in store.effects.items()} == expected
        with store.reading() as tables:
            assert dict(tables.subjects(None, "")) == {"a": True, "p": True}
    finally:
        store.close()


def test_a_follower_refuses_what_it_cannot_decide_and_finds_what_it_has() -> None:
    log = MemoryLog()
    store = TopicStore(log)
    try:
        assert store.is_caught_up.wait(10)
        app = create_app(store, ServerSettings())
        body = {"schema": '"string"'}

        def post(path: str, body: object) -> tuple[int, Any]:
            status, _, answer = asyncio.run(
                ask(app, {"method": "POST", "path": path, "body": body})
            )
            return status, json.loads(answer)

        assert post("/subjects/a/versions", body)[0] == 200
        log.can_write = False
        assert post("/subjects/a/versions", body)[0] == 200
        refused = (500, {"error_code": 50004, "message": "Leader not known."})
        assert post("/subjects/a/versions", {"schema": '"bytes"'}) == refused
        assert post("/subjects/b/versions", body) == refused
    finally:
        store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://host/db", "the store 'postgres://host/db' is of no known kind"),
        ("kafka://", "the store 'kafka://' is no address"),
        ("kafka://host:9092/a/b", "the store 'kafka://host:9092/a/b' is no address"),
        (
            "kafka://user:word@host:9092",
            "the store's address holds credentials, which are not shown here",
        ),
    ],
)
def test_a_store_that_is_none_is_refused(url: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_store_url(url)
    assert refused.value.message == words


def test_a_registry_of_its_own_never_becomes_the_state_of_a_topic(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    Store(str(path)).close()
    kept = path.read_bytes()
    with pytest.raises(UsageError, match="holds no state of a topic: it may be"):
        open_topic_store(
            "kafka://127.0.0.1:1/_schemas",
            advertised="http://127.0.0.1:1",
            path=str(path),
            group="schema-registry",
            read_only=False,
            names_avro=True,
            security={},
            session_timeout_ms=10_000,
        )
    assert path.read_bytes() == kept
