"""The published JSON Schemas: up to date, and true of what the commands print."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from schemareg.commands.check import check_project
from schemareg.commands.diff import diff_schemas
from schemareg.commands.fingerprint import fingerprint_project
from schemareg.commands.fmt import format_files
from schemareg.commands.lint import lint_project
from schemareg.commands.rules import describe_rules
from schemareg.commands.sample import sample_project
from schemareg.report import Format, render
from schemareg.report.json_schema import RESULTS, document_schema
from schemareg.report.page import Page
from schemareg.results import Result
from schemareg.state import open_state
from schemareg.workspace import load_config, load_project

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas"
OLD = '{"type": "record", "name": "A", "fields": [{"name": "x", "type": "string"}]}'
NEW = '{"type": "record", "name": "A", "fields": [{"name": "x", "type": "double"}]}'


@pytest.mark.parametrize("command", RESULTS)
def test_published_schema_is_up_to_date(command: str) -> None:
    schema = document_schema(command)
    jsonschema.Draft202012Validator.check_schema(schema)
    text = (PUBLISHED / f"{command}.json").read_text(encoding="utf-8")
    assert json.loads(text) == schema, "run scripts/write-schemas"


def results(directory: Path) -> list[Result]:
    for folder, text in (("schemas", NEW), ("old", OLD)):
        (directory / folder).mkdir()
        (directory / folder / "A.avsc").write_text(text, encoding="utf-8")
    config = load_config(None, directory)
    project = load_project(config, None)
    state = open_state(str(directory / "old"), config=config, project=project)
    return [
        lint_project(project, config),
        check_project(project, state, with_proofs=True),
        fingerprint_project(project),
        diff_schemas("old/A.avsc", "schemas/A.avsc", project, config),
        sample_project(project, ["A"], seed=0, count=1, with_edges=True),
        describe_rules(),
        describe_rules(["SR001"]),
        format_files(config, write=False),
    ]


def test_outputs_are_valid(tmp_path: Path) -> None:
    for result in results(tmp_path):
        document = json.loads(render(result, Format.JSON, Page()))
        jsonschema.validate(document, document_schema(result.command))
        assert document["format_version"] == 1


def test_an_output_without_a_member_is_not_valid(tmp_path: Path) -> None:
    document = json.loads(render(results(tmp_path)[1], Format.JSON, Page()))
    del document["subjects"][0]["violations"][0]["location"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, document_schema("check"))
