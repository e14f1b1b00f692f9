"""Where rules look: every site points at the JSON that describes it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.avro.schema import JsonValue
from schemareg.lint.sites import FieldSite, NodeSite, TypeSite, file_sites
from schemareg.places import tokens
from schemareg.workspace import Config, Project, build_project, load_config, load_project

TESTS = Path(__file__).parent.parent
GOLDEN = TESTS / "golden" / "avro-java-1.12.1-canonical.jsonl.gz"


def projects() -> Iterator[Project]:
    """The shop's, and one of each schema whose canonical form Avro Java gave."""
    yield load_project(load_config(None, TESTS.parent))
    config = Config(cwd=Path("/"))
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as lines:
        for line in lines:
            given = json.loads(line)["schema"]
            text = given if isinstance(given, str) else json.dumps(given)
            yield build_project([("golden.avsc", text.encode(errors="replace"))], config)


def at(value: JsonValue, pointer_tokens: tuple[str, ...]) -> JsonValue:
    for token in pointer_tokens:
        if isinstance(value, list):
            value = value[int(token)]
        else:
            assert isinstance(value, dict)
            value = value[token]
    return value


def test_every_site_points_at_its_json() -> None:
    seen = 0
    for project in projects():
        values = {file.path: json.loads(file.text) for file in project.files}
        for file in project.files:
            for site in file_sites(file, is_event=False):
                if isinstance(site, FieldSite | NodeSite | TypeSite):
                    seen += 1
                    assert at(values[file.path], tokens(site.pointer)) == site.value
                if isinstance(site, TypeSite):
                    assert str(site.value["name"]).rpartition(".")[2] == site.node.name
    assert seen > 4_000


NESTED = """{"type": "record", "name": "A", "namespace": "n", "fields": [
  {"name": "b", "type": ["null", {"type": "map", "values": {"type": "record", "name": "B",
    "fields": [{"name": "c", "type": {"type": "array", "items": {"type": "enum", "name": "C",
      "symbols": ["X"]}}}]}}]},
  {"name": "again", "type": "B"}]}"""

PLACES = [
    ("n.A", ""),
    ("n.A.b", "/fields/0"),
    ("n.A.again", "/fields/1"),
    ("n.B", "/fields/0/type/1/values"),
    ("n.B.c", "/fields/0/type/1/values/fields/0"),
    ("n.C", "/fields/0/type/1/values/fields/0/type/items"),
]


def test_elements_are_named_after_types_and_fields() -> None:
    project = build_project([("A.avsc", NESTED.encode())], Config(cwd=Path("/")))
    sites = file_sites(project.files[0], is_event=False)
    named = [site for site in sites if isinstance(site, TypeSite | FieldSite)]
    assert [(site.element, site.pointer) for site in named] == PLACES


@pytest.mark.parametrize(("fullname", "depth"), [("n.A", 0), ("n.B", 1), ("n.C", 2)])
def test_depth_counts_the_records_around(fullname: str, depth: int) -> None:
    project = build_project([("A.avsc", NESTED.encode())], Config(cwd=Path("/")))
    sites = file_sites(project.files[0], is_event=False)
    (site,) = (s for s in sites if isinstance(s, TypeSite) and s.node.fullname == fullname)
    assert site.depth == depth
