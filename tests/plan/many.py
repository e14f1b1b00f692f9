"""A project of many subjects that refer to each other, and what a registry holds of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemareg.registry import RegistryClient
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, Project, build_project

CONFIG = Config(cwd=Path("/nowhere"), level=CompatibilityLevel.FULL)


def many(subjects: int, *, grown: bool = False) -> Project:
    """So many records; each third uses the one before it. `grown` by a field with a default."""
    texts = []
    for number in range(subjects):
        fields: list[dict[str, Any]] = [{"name": "id", "type": "long"}]
        if number % 3 == 2:
            fields.append({"name": "inner", "type": f"many.R{number - 1:05}"})
        if grown:
            fields.append({"name": "note", "type": "string", "default": ""})
        value = {"type": "record", "name": f"many.R{number:05}", "fields": fields}
        texts.append((f"R{number:05}.avsc", json.dumps(value).encode()))
    return build_project(texts, CONFIG)


def content(registry: RegistryClient) -> dict[str, Any]:
    """Everything in the registry, in what matters: levels, texts, pinned references."""
    state = read_registry(registry, "registry", with_modes=True)
    return {
        subject: (held.level, held.mode, [(v.version, v.text, v.references) for v in held.versions])
        for subject, held in state.subjects.items()
    }
