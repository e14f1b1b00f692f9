"""What one question costs does not grow with what is stored: counted in SQLite's own steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from schemareg.registry.api.contexts import qualified
from schemareg.registry.store import Content, Store, Tables
from schemareg.registry.store.identity import digest, semantic_digest
from schemareg.subjects import Reference, SchemaId, Subject, Version

SMALL, LARGE = 20, 2000
SHARED = '"string"'


def text_of(number: int) -> str:
    return f'{{"type":"fixed","name":"F{number}","size":1}}'


def fill(tables: Tables, count: int) -> None:
    """`count` subjects of one version, one subject of `count` versions, one id under `count`
    subjects, and one version that a single other one refers to.
    """

    def content(text: str, *references: Reference) -> Content:
        given = Content(
            key=0,
            context=".",
            id=SchemaId(tables.last_id(".") + 1),
            digest=digest(text, ((r.name, r.subject, r.version) for r in references)),
            semantic=semantic_digest(text),
            text=text,
            references=references,
        )
        return tables.add_content(given, [(r.subject, r.version) for r in references])

    shared = content(SHARED)
    for number in range(1, count + 1):
        own = content(text_of(number))
        tables.put_version(qualified(f"single-{number}"), 1, own, written_ms=0)
        tables.put_version(qualified("many"), number, own, written_ms=0)
        tables.put_version(qualified(f"key-{number}"), 1, shared, written_ms=0)
    reference = Reference("F1", Subject("single-1"), Version(1))
    using = content('{"type":"array","items":"F1"}', reference)
    tables.put_version(qualified("using"), 1, using, written_ms=0)


def filled(count: int) -> Iterator[Store]:
    with Store() as store:
        store.write(lambda tables: fill(tables, count))
        yield store


@pytest.fixture(scope="module")
def small() -> Iterator[Store]:
    yield from filled(SMALL)


@pytest.fixture(scope="module")
def large() -> Iterator[Store]:
    yield from filled(LARGE)


def steps(store: Store, ask: Callable[[Tables], object]) -> int:
    """How many instructions SQLite ran for the answer."""
    count = 0

    def counted() -> int:
        nonlocal count
        count += 1
        return 0

    with store.reading() as tables:
        tables.connection.set_progress_handler(counted, 1)
        ask(tables)
        tables.connection.set_progress_handler(None, 1)
    return count


QUESTIONS: dict[str, Callable[[Tables], object]] = {
    "content by id": lambda t: t.content(".", 3),
    "content by digest": lambda t: t.contents_with_digest(".", digest(text_of(3))),
    "highest id": lambda t: t.last_id("."),
    "version": lambda t: t.version("many", 3),
    "latest": lambda t: t.latest("many"),
    "highest number": lambda t: t.last_version("many"),
    "has versions": lambda t: t.has_versions("many"),
    "newest": lambda t: t.newest("many"),
    "versions alike": lambda t: t.versions_alike(
        "many", semantic_digest(text_of(3)), with_references=True, deleted=False
    ),
    "versions alike, of a shared id": lambda t: t.versions_alike(
        "key-3", semantic_digest(SHARED), with_references=True, deleted=False
    ),
    "holders": lambda t: t.holders_of(1, limit=10),
    "holder": lambda t: t.holder_of(1, "key-3"),
    "deleted with content": lambda t: t.deleted_with_content("key-3", 1),
    "users": lambda t: t.users("single-1", 1),
    "configuration and mode": lambda t: t.settings_of(["a", "", ":.__GLOBAL:"]),
    "subjects by prefix": lambda t: list(t.subjects(".", "usi")),
    "a page of schemas": lambda t: list(
        t.versions_within(None, "", deleted=False, page=slice(0, 5))
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_costs_the_same_however_much_is_stored(
    small: Store, large: Store, question: str
) -> None:
    ask = QUESTIONS[question]
    few, many = steps(small, ask), steps(large, ask)
    assert few > 0
    assert many <= few + 40, f"{few} steps with {SMALL}, {many} with {LARGE}"


def test_a_question_that_goes_through_everything_would_be_seen(small: Store, large: Store) -> None:
    few, many = steps(small, Tables.counts), steps(large, Tables.counts)
    assert many > 20 * few
