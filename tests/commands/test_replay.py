"""The committed snapshot is what a registry answers, so that pulling it changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.commands.replay import replay
from schemareg.errors import ContentError
from schemareg.registry import connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.state import open_state, read_snapshot, write_snapshot
from schemareg.state.registry import read_registry
from schemareg.workspace import Config, load_config

REPOSITORY = Path(__file__).parents[2]


def test_a_version_that_no_registry_accepts_is_reported_at_its_place(tmp_path: Path) -> None:
    """A default that does not fit is read from a snapshot, as a registry reads its own past."""
    folder = tmp_path / "registered" / "paid-value"
    folder.mkdir(parents=True)
    (folder / "subject.json").write_text(
        '{"subject": "paid-value", "versions": [{"version": 1}]}', encoding="utf-8"
    )
    (folder / "v1.avsc").write_text(
        '{"type": "record", "name": "Paid", "fields": ['
        '{"name": "x", "type": "int", "default": "a"}]}',
        encoding="utf-8",
    )
    config = Config(cwd=tmp_path, snapshot=tmp_path / "registered")
    with (
        EmbeddedRegistry() as server,
        connect(server.url) as registry,
        pytest.raises(ContentError) as refusal,
    ):
        replay(open_state("snapshot", config=config), registry)
    message = str(refusal.value)
    assert message.startswith(
        "registered/paid-value/v1.avsc: no registry accepts paid-value version 1: "
    )
    assert message.endswith("; write the snapshot again with `schemareg pull`")
    assert "\n" not in message
    assert len(message) < 250


def test_the_snapshot_goes_into_a_registry_and_comes_back() -> None:
    config = load_config(None, REPOSITORY)
    snapshot = read_snapshot(config.snapshot, config)
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        replay(snapshot, registry)
        held = read_registry(registry, "embedded")
        assert {
            s: (h.level, [v.version for v in h.versions]) for s, h in held.subjects.items()
        } == {s: (h.level, [v.version for v in h.versions]) for s, h in snapshot.subjects.items()}
        assert write_snapshot(config.snapshot, held) == ()
