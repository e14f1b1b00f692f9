"""The committed snapshot is what a registry answers, so that pulling it changes nothing."""

from __future__ import annotations

from pathlib import Path

from schemareg.bases import RegistryBase, open_base, write_snapshot
from schemareg.config import load_config
from schemareg.jobs.replay import replay
from schemareg.registry import connect
from schemareg.registry.server import EmbeddedRegistry

REPOSITORY = Path(__file__).parents[2]


def test_the_snapshot_goes_into_a_registry_and_comes_back() -> None:
    config = load_config(None, REPOSITORY)
    snapshot = open_base("snapshot", config=config)
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        replay(snapshot, registry)
        held = RegistryBase(registry, "embedded", config)
        assert held.subjects() == snapshot.subjects()
        for subject in snapshot.subjects():
            assert held.level(subject) == snapshot.level(subject), subject
            assert [v.version for v in held.history(subject)] == [
                v.version for v in snapshot.history(subject)
            ]
        assert write_snapshot(config.snapshot, held) == ()
