"""Rules that compare files take a name for what its own module means by it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Schemareg

CONFIG = """[modules.a]
roots = ["a"]
[modules.b]
roots = ["b"]
[lint]
preset = "minimal"
[lint.rules]
recursive-type = "warning"
inline-type-not-reusable = "warning"
"""


def record(name: str, *fields: tuple[str, object]) -> str:
    given = [{"name": field, "type": type_} for field, type_ in fields]
    return json.dumps({"type": "record", "name": name, "fields": given})


def test_a_type_of_another_module_makes_none_recursive_or_inline(
    schemareg: Schemareg, here: Path
) -> None:
    inline = {"type": "record", "name": "Node", "fields": []}
    for path, text in {
        "schemareg.toml": CONFIG,
        "a/Node.avsc": record("Node", ("below", ["null", "Leaf"])),
        "a/Leaf.avsc": record("Leaf"),
        "b/Leaf.avsc": record("Leaf", ("up", ["null", "Node"])),
        "b/Tree.avsc": record("Tree", ("top", inline)),
    }.items():
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).write_text(text, encoding="utf-8")
    report = json.loads(schemareg("lint", "--format", "json").out)
    assert [(f["rule"], f["element"]) for f in report["findings"]] == [
        ("inline-type-not-reusable", "Node")
    ]
    assert report["findings"][0]["location"]["path"] == "b/Tree.avsc"
