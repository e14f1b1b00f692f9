"""What was answered survives kill -9 at any instant; scripts/kill-test does it more often."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from schemareg.registry.store import Store
from tests.registry.filling import golden_store
from tests.registry.kill import Ledger, kill_again_and_again, lost


def test_nothing_acknowledged_is_lost_in_25_kills(tmp_path: Path) -> None:
    ledger, found = kill_again_and_again(25, 1, tmp_path)
    assert found == []
    assert len(ledger) > 25


def test_a_lost_write_would_be_seen(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store:
        path = Path(store.path)
    ledger = Ledger(
        registered={("orders-value", 1): (2, "another"), ("never", 1): (9, '"int"')},
        deleted={("orders-value", 2)},
        levels={"orders": {"NONE"}},
    )
    assert lost(path, ledger) == [
        "orders-value version 1: lost, or another",
        "never version 1: lost, or another",
        "orders-value version 2: its deletion is lost",
        "orders: its level is lost",
    ]


def test_a_gap_between_versions_would_be_seen(tmp_path: Path) -> None:
    with golden_store(tmp_path) as store:
        path = store.path
    db = sqlite3.connect(path)
    db.execute("DELETE FROM versions WHERE subject = 'orders-value' AND version = 1")
    db.commit()
    db.close()
    assert lost(Path(path), Ledger()) == ["orders-value: versions [2]"]
    with Store(path):
        pass
