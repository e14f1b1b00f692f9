"""A command decodes the JSON of each text once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from schemareg.avro.parse import source
from schemareg.avro.schema import JsonValue
from schemareg.commands.check import check_project
from schemareg.commands.lint import lint_paths
from schemareg.state import open_state
from schemareg.workspace import load_config, load_project

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text was decoded."""
    counts: Counter[str] = Counter()
    load = source.load

    def counting(text: str) -> JsonValue:
        counts[text] += 1
        return load(text)

    monkeypatch.setattr(source, "load", counting)
    return counts


def test_lint_decodes_each_file_once(decoded: Counter[str]) -> None:
    config = load_config(None, REPOSITORY)
    result = lint_paths(config)
    assert result.files == len(decoded) == decoded.total() > 15


def test_check_decodes_each_text_once(decoded: Counter[str]) -> None:
    config = load_config(None, REPOSITORY)
    project = load_project(config)
    check_project(project, open_state("snapshot", config=config, project=project))
    assert len(decoded) == decoded.total() > 40
