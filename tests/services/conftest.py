"""A shop of three services with two topics, for tests of what follows from its manifest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from schemareg.services.manifest_file import parse_manifest
from schemareg.services.platform import Platform
from schemareg.state import RegistryState, StoredVersion, SubjectState
from schemareg.subjects import Subject, Version
from schemareg.workspace import load_config, load_project

CONFIG = """
roots = ["schemas"]
snapshot = "registered"
level = "NONE"
[topics.payments]
events = ["shop.Paid"]
[topics.orders]
events = ["shop.Placed"]
"""
Fields = Mapping[str, object]
MakePlatform = Callable[..., Platform]


def record(name: str, fields: Fields) -> str:
    """A record of the namespace shop; a field is a type, or (type, default)."""
    listed = [
        {"name": n, "type": t[0], "default": t[1]}
        if isinstance(t, tuple)
        else {"name": n, "type": t}
        for n, t in fields.items()
    ]
    return json.dumps({"type": "record", "name": f"shop.{name}", "fields": listed})


def held(subject: str, texts: list[str]) -> SubjectState:
    """A subject with the versions `texts`."""
    versions = tuple(StoredVersion(Version(n), text) for n, text in enumerate(texts, 1))
    return SubjectState(Subject(subject), versions)


@pytest.fixture
def make_platform(tmp_path: Path) -> MakePlatform:
    """Makes a platform of a manifest, and for each event its registered and proposed fields.

    Keys of orders are the events `Key`.
    """

    def made(manifest: str, **events: tuple[list[Fields], Fields]) -> Platform:
        keys = events.pop("Key", None)
        configuration = CONFIG + 'key = "shop.Key"\n' if keys else CONFIG
        (tmp_path / "schemareg.toml").write_text(configuration, encoding="utf-8")
        (tmp_path / "schemas").mkdir(exist_ok=True)
        subjects = {}
        if keys:
            (tmp_path / "schemas" / "Key.avsc").write_text(record("Key", keys[1]), encoding="utf-8")
            state = held("orders-key", [record("Key", fields) for fields in keys[0]])
            subjects[state.subject] = state
        for name, topic in (("Placed", "orders"), ("Paid", "payments")):
            history, proposed = events.get(name, ([{"id": "string"}], {"id": "string"}))
            text = record(name, proposed)
            (tmp_path / "schemas" / f"{name}.avsc").write_text(text, encoding="utf-8")
            state = held(f"{topic}-value", [record(name, fields) for fields in history])
            subjects[state.subject] = state
        config = load_config(tmp_path / "schemareg.toml", tmp_path)
        read = parse_manifest(manifest.encode(), tmp_path / "services.toml", config)
        assert read.problems == ()
        project = load_project(config)
        return Platform.of(read.manifest, project, config, RegistryState(subjects))

    return made
