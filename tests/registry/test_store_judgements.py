"""A judgement is stored as it is until what it depends on changes; then the request is judged
again inside the transaction.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemareg.errors import RegistryError
from schemareg.registry.server.routing_app import RegistryApp
from schemareg.registry.server.workers import RequestThreads
from schemareg.registry.service import settings
from schemareg.registry.service.session import Policy, Session
from schemareg.registry.store import Store, Tables
from schemareg.registry.store.changes import Changes, Judgement
from tests.registry.filling import add, adding


def judgement(subject: str = "s", position: int = 0) -> Judgement:
    return Judgement(subject, position, lambda tables: None)


def committed(changes: Changes, *subjects: str | None) -> None:
    for subject in subjects:
        changes.note(subject)
    changes.end_transaction()


@pytest.mark.parametrize(
    ("before", "since", "is_open", "holds", "has_subjects_only"),
    [
        ((), (), (), True, True),
        (("s", None), (), (), True, True),
        ((), ("other",), ("third",), True, True),
        ((), ("s",), (), False, True),
        ((), (), ("s",), False, True),
        ((), (None,), (), False, False),
        ((), (), (None,), False, False),
        ((), (None, "s"), (), False, False),
    ],
)
def test_judgement_holds_until_what_it_depends_on_changes(
    before: tuple[str | None, ...],
    since: tuple[str | None, ...],
    is_open: tuple[str | None, ...],
    holds: bool,
    has_subjects_only: bool,
) -> None:
    changes = Changes()
    for subject in before:
        committed(changes, subject)
    judged = judgement(position=changes.position)
    for subject in since:
        committed(changes, subject)
    for subject in is_open:
        changes.note(subject)
    assert changes.holds(judged) is holds
    assert changes.has_subjects_only(judged) is has_subjects_only


def test_position_counts_a_change_after_its_transaction_only() -> None:
    """What is read while a commit runs may lack it, so a judgement on that must not hold."""
    changes = Changes()
    changes.note("s")
    judged = judgement(position=changes.position)
    changes.end_transaction()
    assert not changes.holds(judged)
    assert changes.holds(judgement(position=changes.position))


def test_many_subjects_are_forgotten_together() -> None:
    changes = Changes()
    judged = judgement()
    for number in range(10_002):
        committed(changes, f"t{number}")
    assert len(changes._subjects) <= 10_001
    assert not changes.holds(judged)
    assert changes.holds(judgement(position=changes.position))


Interference = Callable[[Tables], Any]
SAME = '{"type":"record","name":"R","fields":[]}'
SUBJECT = "/subjects/s/versions"


def session_of(tables: Tables) -> Session:
    return Session(Policy(lambda: 0), tables)


def read_only(tables: Tables) -> None:
    settings.set_mode(session_of(tables), "s", "READONLY", force=False)


def alias(tables: Tables) -> None:
    settings.set_config(session_of(tables), "s", {"alias": "t"})


def nothing(tables: Tables) -> None:
    pass


async def post(app: RegistryApp, text: str) -> tuple[int, Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": json.dumps({"schema": text}).encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": SUBJECT, "headers": [], "query_string": b""}
    await app({**scope, "raw_path": SUBJECT.encode(), "state": {}}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


@pytest.mark.parametrize(
    ("interference", "text", "answer", "stored"),
    [
        (nothing, SAME, (200, 2), {"s": [1]}),
        (adding("other", '"int"'), SAME, (200, 3), {"s": [1], "other": [1]}),
        (adding("s", '"int"'), SAME, (409, 40901), {"s": [1]}),
        (adding("s", SAME), SAME, (200, 2), {"s": [1]}),
        (read_only, SAME, (422, 42205), {"s": []}),
        (alias, SAME, (200, 2), {"s": [], "t": [1]}),
    ],
    ids=["nothing", "another-subject", "clash", "the-same-schema", "mode", "alias"],
)
def test_what_changes_between_judgement_and_transaction_counts(
    tmp_path: Path,
    interference: Interference,
    text: str,
    answer: tuple[int, int],
    stored: dict[str, list[int]],
) -> None:
    """The judged request waits in the store's row behind a change that voids its judgement."""

    async def run(store: Store, app: RegistryApp) -> tuple[int, Any]:
        writer = store.loop_writer(asyncio.get_running_loop())
        assert writer is not None
        asked = asyncio.ensure_future(post(app, text))  # judged in the loop's next turn
        first = writer.submit(interference)  # in the row already, and run after that
        got = await asyncio.wait_for(asked, 30)
        await first
        return got

    threads = RequestThreads()
    with Store(str(tmp_path / "registry.db")) as store:
        store.write(lambda tables: add(tables, "filler", '"bytes"'))
        app = RegistryApp(store, Policy(lambda: 0), threads)
        status, body = asyncio.run(run(store, app))
        assert (status, body.get("id", body.get("error_code"))) == answer
        with store.reading() as tables:
            for subject, versions in stored.items():
                assert [n for n, _ in tables.version_numbers(subject)] == versions
    threads.close()


def test_failed_storing_is_undone(tmp_path: Path) -> None:
    def fails(tables: Tables) -> None:
        add(tables, "s", '"bytes"')
        raise RegistryError("no", code=42201, status=422)

    async def run(store: Store) -> None:
        writer = store.loop_writer(asyncio.get_running_loop())
        assert writer is not None
        with pytest.raises(RegistryError):
            await writer.submit(nothing, Judgement("s", store.changes.position, fails))

    with Store(str(tmp_path / "registry.db")) as store:
        asyncio.run(run(store))
        with store.reading() as tables:
            assert tables.is_empty()
