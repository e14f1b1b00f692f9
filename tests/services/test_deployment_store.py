"""What every store of deployments promises: a file for git, and SQLite."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemareg.errors import ContentError, UsageError
from schemareg.services.deployment_store import DeploymentStore, store_at
from schemareg.services.deployments import Deployments, Record, RecordKind

BUILT = Record(
    RecordKind.VERSION, "order", "1", by="ci", at="2026-01-01T00:00:00+00:00",
    writes={"shop.Placed@orders": 2}, reads={"shop.Paid@payments": 1},
)  # fmt: skip
DEPLOYED = Record(RecordKind.DEPLOYED, "order", "1", "production", "ci", "2026-01-02T00:00:00")
MakeStore = Callable[[], DeploymentStore]


@pytest.fixture(params=["deployments.json", "deployments.db"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Opens the same store each time."""
    return lambda: store_at(tmp_path / request.param, request.param)


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


@pytest.mark.parametrize("content", [b"no records", b"\xff\x00", b'{"records": 1}'])
def test_something_else_is_refused(make_store: MakeStore, tmp_path: Path, content: bytes) -> None:
    store = make_store()
    (tmp_path / store.shown).write_bytes(content)
    for do in (store.read, lambda: store.add(adding(BUILT))):
        with pytest.raises((UsageError, ContentError)) as raised:
            do()
        assert store.shown in str(raised.value)
    assert (tmp_path / store.shown).read_bytes() == content


def test_a_database_takes_records_of_many_at_once(tmp_path: Path) -> None:
    path = tmp_path / "deployments.sqlite"
    store_at(path, "d").add(adding(BUILT))
    versions = [Record(RecordKind.VERSION, "order", str(n)) for n in range(2, 22)]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda v: store_at(path, "d").add(adding(v)), versions))
    assert counts == [1] * 20
    held = store_at(path, "d").read().records
    assert sorted(int(r.version) for r in held) == list(range(1, 22))
