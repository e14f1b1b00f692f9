"""Short changes on the event loop: one commit for many, and the writer's thread where they fail."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemareg.errors import RegistryError
from schemareg.registry.server.application import readiness
from schemareg.registry.store import Store, Tables
from schemareg.registry.store.at_once import LoopWriter
from tests.registry.filling import add, adding


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "registry.db")) as store:
        yield store


def on_loop(store: Store, use: Callable[[LoopWriter], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        writer = store.loop_writer(asyncio.get_running_loop())
        assert writer is not None
        assert store.loop_writer(asyncio.get_running_loop()) is writer
        return await asyncio.wait_for(use(writer), 30)

    return asyncio.run(run())


def subjects_of(store: Store) -> list[str]:
    with store.reading() as tables:
        return [subject for subject, _ in tables.subjects(None, "")]


def thread_of(tables: Tables) -> int:
    add(tables, "t", '"double"')
    return threading.get_ident()


def fail(tables: Tables) -> None:
    add(tables, "lost", '"bytes"')
    raise RegistryError("no", code=42201, status=422)


def test_changes_that_arrive_together_share_one_commit(store: Store) -> None:
    async def use(writer: LoopWriter) -> list[int]:
        return await asyncio.gather(*(writer.submit(adding(f"s{n:02}")) for n in range(8)))

    assert on_loop(store, use) == list(range(1, 9))
    assert store.generation == 1
    assert len(subjects_of(store)) == 8


def test_long_row_of_changes_is_committed_in_parts(store: Store) -> None:
    async def use(writer: LoopWriter) -> list[int]:
        return await asyncio.gather(*(writer.submit(adding(f"s{n:03}")) for n in range(100)))

    assert on_loop(store, use) == list(range(1, 101))
    assert store.generation == 4


def test_failed_change_is_undone_and_its_neighbours_are_not(store: Store) -> None:
    async def use(writer: LoopWriter) -> list[Any]:
        changes: list[Callable[[Tables], Any]] = [adding("a"), fail, adding("b")]
        return await asyncio.gather(*map(writer.submit, changes), return_exceptions=True)

    first, failure, last = on_loop(store, use)
    assert (first, last) == (1, 2)
    assert isinstance(failure, RegistryError)
    assert subjects_of(store) == ["a", "b"]


def test_change_runs_on_the_loop_or_where_the_store_is_busy_on_its_writer(store: Store) -> None:
    async def use(writer: LoopWriter) -> tuple[int, int]:
        here = await writer.submit(thread_of)
        holding, release = threading.Event(), threading.Event()

        def hold(tables: Tables) -> None:
            holding.set()
            release.wait(10)

        held = asyncio.wrap_future(store.submit(hold))
        await asyncio.to_thread(holding.wait, 10)
        waiting = writer.submit(thread_of)
        await asyncio.sleep(0.05)
        assert not waiting.done()
        release.set()
        await held
        return here, await waiting

    here, there = on_loop(store, use)
    assert here == threading.get_ident()
    assert there != here


def test_loop_does_not_wait_for_a_lock_of_another_process(store: Store) -> None:
    stranger = sqlite3.connect(store.path, isolation_level=None)

    async def use(writer: LoopWriter) -> int:
        await writer.submit(adding("a"))
        stranger.execute("BEGIN IMMEDIATE")
        waiting = writer.submit(adding("b"))
        await asyncio.sleep(0.1)  # a loop that waited would not get here for 10 s
        assert not waiting.done()
        stranger.execute("ROLLBACK")
        return await waiting

    assert on_loop(store, use) == 2
    stranger.close()


def test_commit_that_fails_refuses_every_change_of_it(store: Store) -> None:
    async def use(writer: LoopWriter) -> list[Any]:
        await writer.submit(adding("a"))
        assert store._at_once is not None
        (pages,) = store._at_once.execute("PRAGMA page_count").fetchone()
        store._at_once.execute(f"PRAGMA max_page_count = {pages}")
        changes = [adding("b", '"int"'), adding("big", f'"{"x" * 100_000}"')]
        return await asyncio.gather(*map(writer.submit, changes), return_exceptions=True)

    for failure in on_loop(store, use):
        assert isinstance(failure, RegistryError)
        assert (failure.code, failure.status) == (50001, 500)
    assert subjects_of(store) == ["a"]
    assert not store._turn.locked()
    assert readiness(store).ready  # the writer's own connection has room
    assert store.write(adding("c", '"long"')) == 2


def test_key_of_an_undone_content_brings_no_schema_of_another(store: Store) -> None:
    """What is remembered of a content that was undone is not taken for the next one."""
    from schemareg.registry.service.reaching import remember, schema_of
    from schemareg.registry.service.session import Policy, Session

    policy = Policy(lambda: 0)

    def undone(tables: Tables) -> None:
        add(tables, "a", '"int"')
        latest = tables.latest("a")
        assert latest is not None
        session = Session(policy, tables)
        remember(session, latest.content, schema_of(session, latest.content))
        raise RegistryError("no", code=42201, status=422)

    with pytest.raises(RegistryError):
        store.write(undone)
    store.write(adding("a", '"long"'))
    with store.reading() as tables:
        latest = tables.latest("a")
        assert latest is not None
        assert latest.content.key == 1
        assert schema_of(Session(policy, tables), latest.content).text == '"long"'


def test_change_of_a_loop_that_ended_is_committed_all_the_same(store: Store) -> None:
    async def leave() -> None:
        writer = store.loop_writer(asyncio.get_running_loop())
        assert writer is not None
        writer.submit(adding("a"))
        await asyncio.sleep(0)  # it has begun; nobody waits for it

    asyncio.run(leave())
    assert store.write(adding("b", '"int"')) == 2
    assert subjects_of(store) == ["a", "b"]


def test_store_in_memory_has_no_loop_writer() -> None:
    async def writer_of(store: Store) -> LoopWriter | None:
        return store.loop_writer(asyncio.get_running_loop())

    with Store() as store:
        assert asyncio.run(writer_of(store)) is None
