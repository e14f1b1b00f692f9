"""What every store of deployments promises: a file for git, SQLite, and a registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemareg.errors import ContentError, UsageError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.services.deployment_registry import SUBJECT, RegistryDeployments
from schemareg.services.deployment_store import DeploymentStore, store_at
from schemareg.services.deployments import Deployments, Record, RecordKind

BUILT = Record(
    RecordKind.VERSION, "order", "1", by="ci", at="2026-01-01T00:00:00+00:00",
    writes={"shop.Placed@orders": 2}, reads={"shop.Paid@payments": 1},
)  # fmt: skip
DEPLOYED = Record(RecordKind.DEPLOYED, "order", "1", "production", "ci", "2026-01-02T00:00:00")
MakeStore = Callable[[], DeploymentStore]


@pytest.fixture(scope="module")
def registry() -> Iterator[RegistryClient]:
    with EmbeddedRegistry() as server, connect(server.url) as client:
        yield client


@pytest.fixture(params=["deployments.json", "deployments.db", "registry"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Opens the same store each time."""
    if request.param != "registry":
        return lambda: store_at(tmp_path / request.param, request.param)
    client: RegistryClient = request.getfixturevalue("registry")
    empty(client)
    return lambda: RegistryDeployments(client, client.shown_as)


def empty(registry: RegistryClient) -> None:
    for permanent in (False, True):
        if registry.get_subjects(deleted=permanent):
            registry.delete_subject(SUBJECT, permanent=permanent)


def adding(*records: Record) -> Callable[[Deployments], Deployments]:
    def change(held: Deployments) -> Deployments:
        for record in records:
            held = held.added(record)
        return held

    return change


def test_what_was_added_is_read(make_store: MakeStore) -> None:
    store = make_store()
    assert store.read() == Deployments()
    assert store.add(adding(BUILT, DEPLOYED)) == 2
    assert make_store().read() == Deployments((BUILT, DEPLOYED))
    assert make_store().add(adding(BUILT, DEPLOYED)) == 0
    assert store.read().records == (BUILT, DEPLOYED)


def test_a_refused_change_adds_nothing(make_store: MakeStore) -> None:
    unknown = Record(RecordKind.DEPLOYED, "order", "9", "production")
    with pytest.raises(UsageError, match="order@9 is not a recorded version"):
        make_store().add(adding(BUILT, unknown))
    assert make_store().read() == Deployments()


@pytest.mark.parametrize("name", ["deployments.json", "deployments.db"])
@pytest.mark.parametrize("content", [b"no records", b"\xff\x00", b'{"records": 1}'])
def test_something_else_is_refused(name: str, tmp_path: Path, content: bytes) -> None:
    store = store_at(tmp_path / name, name)
    (tmp_path / store.shown).write_bytes(content)
    for do in (store.read, lambda: store.add(adding(BUILT))):
        with pytest.raises((UsageError, ContentError)) as raised:
            do()
        assert store.shown in str(raised.value)
    assert (tmp_path / store.shown).read_bytes() == content


@pytest.mark.parametrize(
    "text",
    [
        '"string"',
        '{"type": "record", "name": "A", "fields": []}',
        '{"type": "record", "name": "A", "fields": [], "records": [{"kind": "built"}]}',
    ],
)
def test_a_subject_that_holds_something_else_is_refused(
    registry: RegistryClient, text: str
) -> None:
    empty(registry)
    registry.register(SUBJECT, text)
    store = RegistryDeployments(registry, registry.shown_as)
    for do in (store.read, lambda: store.add(adding(BUILT))):
        with pytest.raises(ContentError, match=r"schemareg\.deployments holds no records"):
            do()


@pytest.mark.parametrize("make_store", ["deployments.db", "registry"], indirect=True)
def test_records_of_many_at_once_are_all_stored(make_store: MakeStore) -> None:
    make_store().add(adding(BUILT))
    versions = [Record(RecordKind.VERSION, "order", str(n)) for n in range(2, 6)]
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda v: make_store().add(adding(v)), versions))
    assert counts == [1] * 4
    held = make_store().read().records
    assert sorted(int(r.version) for r in held) == list(range(1, 6))


def test_a_version_that_somebody_else_took_is_tried_again(registry: RegistryClient) -> None:
    empty(registry)
    store = RegistryDeployments(registry, "registry")
    other = Record(RecordKind.VERSION, "cart", "1")
    raced: list[int] = []

    def change(held: Deployments) -> Deployments:
        if not raced:
            raced.append(store.add(adding(other)))
        return held.added(BUILT)

    assert store.add(change) == 1
    assert store.read().records == (other, BUILT)
