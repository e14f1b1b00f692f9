"""Whole pages of versions: fewer requests, the same state, whatever happens meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import pytest

from schemareg.errors import RegistryError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.types import Registry
from schemareg.state import pages
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
from tests.support.listening import Listening

SHOP = [Subject(f"shop-{n:02}") for n in range(24)]


def text(doc: int) -> str:
    return f'{{"type":"fixed","name":"F","size":1,"doc":"{doc}"}}'


@pytest.fixture(scope="module")
def registry() -> Iterator[RegistryClient]:
    """24 subjects of three versions; one refers to a soft-deleted version of another's."""
    with Listening() as server, server.empty() as url, connect(url) as client:
        client.set_level(CompatibilityLevel.NONE)
        for subject in SHOP:
            for doc in range(3):
                client.register(subject, text(doc))
        used = Reference("F", SHOP[5], Version(1))
        client.register(Subject("shop-user"), '["null","F"]', references=[used])
        client.register(Subject("tenant"), '"string"')
        client.delete_version(SHOP[5], Version(2))
        yield client


class Counting:
    """A client that counts its requests by operation, and may be without pages."""

    def __init__(self, registry: RegistryClient, *, without_pages: bool = False) -> None:
        self.registry = registry
        self.counts: Counter[str] = Counter()
        self.without_pages = without_pages

    def __getattr__(self, name: str) -> Any:
        self.counts[name] += 1
        if self.without_pages and name == "get_schemas":
            raise RegistryError("no such route", code=404, status=404)
        return getattr(self.registry, name)


def read(registry: object, wanted: list[Subject] | None) -> RegistryState:
    return read_registry(cast(Registry, registry), "r", wanted)


WANTED = [*SHOP, Subject("shop-user"), Subject("shop-new")]


@pytest.mark.parametrize("wanted", [WANTED, None], ids=["some", "all"])
@pytest.mark.parametrize("page", [7, 10, 1000])
def test_pages_give_the_same_state(
    registry: RegistryClient, monkeypatch: pytest.MonkeyPatch, page: int, wanted: Any
) -> None:
    monkeypatch.setattr(pages, "PAGE", page)
    one_by_one = read(Counting(registry, without_pages=True), wanted)
    counting = Counting(registry)
    state = read(counting, wanted)
    assert state.subjects == one_by_one.subjects
    assert list(state.subjects) == list(one_by_one.subjects)
    if page == 1000:
        assert counting.counts["get_schemas"] == 2
        assert counting.counts["get_versions"] == (1 if wanted else 0)  # of shop-new
        assert counting.counts["get_version"] == 0


def test_few_among_many_are_read_one_by_one(registry: RegistryClient) -> None:
    counting = Counting(registry)
    read(counting, [Subject(f"shop-0{n}") for n in range(3)])
    assert counting.counts["get_schemas"] == 0
    assert counting.counts["get_versions"] == 3


class Moving:
    """Deletes a version between two pages, so that all that follow move by one."""

    def __init__(self, registry: RegistryClient) -> None:
        self.registry = registry
        self.pages = 0

    def __getattr__(self, name: str) -> Any:
        if name == "get_schemas":
            self.pages += 1
            if self.pages == 3:
                self.registry.register(Subject("shop-000"), text(99))
                self.registry.delete_version(SHOP[0], Version(1))
                self.registry.delete_version(SHOP[0], Version(2))
        return getattr(self.registry, name)


def test_what_moves_over_the_edge_of_a_page_is_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "PAGE", 7)
    with Listening() as server, server.empty() as url, connect(url) as client:
        client.set_level(CompatibilityLevel.NONE)
        for subject in SHOP:
            for doc in range(3):
                client.register(subject, text(doc))
        state = read(Moving(client), SHOP)
    versions = {s: [v.version for v in h.versions] for s, h in state.subjects.items()}
    assert {s: v for s, v in versions.items() if s != SHOP[0]} == {s: [1, 2, 3] for s in SHOP[1:]}
