"""A command decodes the JSON of each text once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from schemareg import syntax
from schemareg.avro.parse import source
from schemareg.avro.schema import JsonValue
from schemareg.commands.check import check_project
from schemareg.commands.lint import lint_paths
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.state import Origin, open_state
from schemareg.state.files import SourceFile, state_of_files
from schemareg.syntax import Tree
from schemareg.workspace import Config, build_project, load_config, load_project
from tests.commands.shop import state_before
from tests.support.schemas import field

REPOSITORY = Path(__file__).parents[2]
CONFIG = Config(cwd=Path("/"))


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


def test_check_lays_out_each_text_once_however_many_violations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out: Counter[str] = Counter()
    parse = syntax.parse_text

    def counting(text: str) -> Tree:
        laid_out[text] += 1
        return parse(text)

    monkeypatch.setattr("schemareg.avro.schema.parse_text", counting)

    def record(type_: str) -> str:
        return json.dumps(
            {"type": "record", "name": "E", "fields": [field(f"f{n}", type_) for n in range(200)]}
        )

    project = build_project([("E.avsc", record("int").encode())], CONFIG)
    result = check_project(project, state_before({"E.avsc": record("string")}))
    assert len([*result.annotations()]) == 2 * 200  # in both directions
    assert max(laid_out.values(), default=0) <= 1


@pytest.mark.parametrize("format", Format)
def test_a_report_of_changes_lays_out_no_text(
    monkeypatch: pytest.MonkeyPatch, format: Format
) -> None:
    def refusing(text: str) -> Tree:
        raise AssertionError(f"laid out: {text}")

    monkeypatch.setattr("schemareg.avro.schema.parse_text", refusing)
    fields = [field(f"f{n}", "int") for n in range(3)]
    before = json.dumps({"type": "record", "name": "E", "fields": fields})
    fields.append(field("g", "int", default=0))
    after = json.dumps({"type": "record", "name": "E", "doc": "New.", "fields": fields})
    project = build_project([("E.avsc", after.encode())], CONFIG)
    result = check_project(project, state_before({"E.avsc": before}))
    assert [change.new_pointer for change in result.subjects[0].changes] == ["", "/fields/3"]
    render(result, format, Page())


def test_a_file_that_did_not_change_is_decoded_once(decoded: Counter[str]) -> None:
    raw = json.dumps({"type": "record", "name": "E", "fields": [field("a", "int")]}).encode()
    project = build_project([("E.avsc", raw)], CONFIG)
    state = state_of_files(
        [SourceFile("E.avsc", "HEAD:E.avsc", raw)],
        Origin("git:HEAD"),
        today=CONFIG,
        then=None,
        project=project,
    )
    result = check_project(project, state)
    assert [subject.verdict.value for subject in result.subjects] == ["unchanged"]
    assert decoded == {raw.decode(): 1}
