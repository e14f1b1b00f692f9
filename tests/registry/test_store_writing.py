"""The store's one writer: what is shared, what is undone, what readers see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.errors import RegistryError
from schemareg.registry.store import Store, Tables
from tests.registry.filling import add, adding


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    path = ":memory:" if request.param == "memory" else str(tmp_path / "registry.db")
    with Store(path) as store:
        yield store


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "registry.db")) as store:
        yield store


def subjects_of(store: Store) -> list[str]:
    with store.reading() as tables:
        return [subject for subject, _ in tables.subjects(None, "")]


def test_write_answers_what_the_change_returned(store: Store) -> None:
    assert store.write(adding("a")) == 1
    assert store.write(adding("b")) == 2
    assert subjects_of(store) == ["a", "b"]


def test_change_that_raises_leaves_nothing(store: Store) -> None:
    def fail(tables: Tables) -> None:
        add(tables, "a")
        raise RegistryError("no", code=42201, status=422)

    with pytest.raises(RegistryError, match="no"):
        store.write(fail)
    assert subjects_of(store) == []


def test_bug_in_a_change_reaches_its_caller_and_the_writer_lives(store: Store) -> None:
    def broken(tables: Tables) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(broken)
    assert store.write(adding("a")) == 1


def test_writes_that_arrive_together_share_one_commit(file_store: Store) -> None:
    holding, release = threading.Event(), threading.Event()

    def hold(tables: Tables) -> None:
        holding.set()
        release.wait(10)

    first = file_store.submit(hold)
    assert holding.wait(10)
    others = [file_store.submit(adding(f"s{n:02}")) for n in range(20)]
    release.set()
    first.result(10)
    assert [other.result(10) for other in others] == list(range(1, 21))
    assert file_store.generation == 1


def test_failed_write_does_not_undo_its_neighbours_in_the_commit(file_store: Store) -> None:
    holding, release = threading.Event(), threading.Event()

    def hold(tables: Tables) -> None:
        holding.set()
        release.wait(10)

    def fail(tables: Tables) -> None:
        add(tables, "lost")
        raise RegistryError("no", code=42201, status=422)

    file_store.submit(hold)
    assert holding.wait(10)
    before = file_store.submit(adding("before"))
    failing = file_store.submit(fail)
    after = file_store.submit(adding("after"))
    release.set()
    assert (before.result(10), after.result(10)) == (1, 2)
    assert isinstance(failing.exception(10), RegistryError)
    assert subjects_of(file_store) == ["after", "before"]


def test_reader_sees_one_state_while_others_write(file_store: Store) -> None:
    file_store.write(adding("a"))
    with file_store.reading() as tables:
        assert [s for s, _ in tables.subjects(None, "")] == ["a"]
        file_store.write(adding("b"))
        assert [s for s, _ in tables.subjects(None, "")] == ["a"]
    assert subjects_of(file_store) == ["a", "b"]


def test_ids_are_counted_in_each_context_and_never_given_twice(store: Store) -> None:
    assert store.write(adding("a")) == 1
    assert store.write(adding(":.x:a", '"int"')) == 1
    assert store.write(adding("a", '"int"')) == 2
    store.write(lambda tables: tables.erase("a", 2))
    assert store.write(adding("b", '"long"')) == 3
    with store.reading() as tables:
        assert tables.content(".", 2) is None
        assert tables.contexts() == [".", ".x"]


def test_closed_store_refuses_writes_after_finishing_the_submitted_ones(tmp_path: Path) -> None:
    path = str(tmp_path / "registry.db")
    store = Store(path)
    submitted = [store.submit(adding(f"s{n}")) for n in range(5)]
    store.close()
    assert [future.result(0) for future in submitted] == [1, 2, 3, 4, 5]
    with pytest.raises(RegistryError, match="closed"):
        store.submit(adding("late"))
    with Store(path) as again:
        assert len(subjects_of(again)) == 5
