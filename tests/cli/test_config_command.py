"""`schemareg config show`: what is in force, and which place gives each value."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Schemareg

CONFIGURATION = """roots = ["schemas"]
level = "FULL"
[topics.paid]
events = ["Paid"]
level = "BACKWARD"
[subjects."*"]
semantic = "error"
[lint]
extends = ["house.toml"]
targets = ["go"]
[lint.rules]
field-doc-required = "off"
[[lint.overrides]]
paths = ["schemas/*"]
rules = { reserved-word = "error" }
"""
HOUSE = """[lint]
preset = "minimal"
[lint.rules]
field-doc-required = "error"
too-many-fields = { severity = "info", most = 7 }
"""
PAID = '{"type": "record", "name": "%s", "fields": []}'


def project(here: Path) -> None:
    (here / "schemas").mkdir()
    for name in ("Paid", "Shared"):
        (here / f"schemas/{name}.avsc").write_text(PAID % name, encoding="utf-8")
    (here / "schemareg.toml").write_text(CONFIGURATION, encoding="utf-8")
    (here / "house.toml").write_text(HOUSE, encoding="utf-8")


def test_the_policy_of_a_file(schemareg: Schemareg, here: Path) -> None:
    project(here)
    answer = schemareg("config", "show", "schemas/Paid.avsc")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "configuration for schemas/Paid.avsc: schemareg.toml",
        '  roots = ["schemas"] (schemareg.toml:1:1)',
        "  snapshot = schemas/registered (default)",
        "  level = FULL (schemareg.toml:2:1)",
        "  strategy = topic (default)",
        "  avro_version = 1.12 (default)",
        "  lint.preset = minimal (house.toml:2:1)",
        '  lint.targets = ["go"] (schemareg.toml:10:1)',
        "  subjects.paid-value.level = BACKWARD (schemareg.toml:5:1, topics.paid)",
        "  subjects.paid-value.semantic = error (schemareg.toml:7:1, subjects.*)",
        "  SR202 field-doc-required = off (schemareg.toml:12:1)",
        '  SR351 reserved-word = error { targets = ["go"] } (schemareg.toml:15:1)',
        "  SR404 too-many-fields = info { most = 7 } (house.toml:5:1)",
        answer.out.splitlines()[-1],
    ]


def test_the_policy_of_the_project_has_no_overrides(schemareg: Schemareg, here: Path) -> None:
    project(here)
    report = json.loads(schemareg("config", "show", "--format", "json").out)
    by_name = {rule["name"]: (rule["severity"], rule["origin"]) for rule in report["rules"]}
    assert "reserved-word" not in by_name
    assert by_name["field-doc-required"] == ("off", "schemareg.toml:12:1")
    assert by_name["json-syntax"] == ("error", "always")
    shared = json.loads(schemareg("config", "show", "schemas/Shared.avsc", "-f", "json").out)
    levels = {s["name"]: (s["value"], s["origin"]) for s in shared["settings"]}
    assert levels["subjects.Shared.level"] == ("FULL", "schemareg.toml:2:1")


def test_without_a_configuration(schemareg: Schemareg, here: Path) -> None:
    answer = schemareg("config", "show")
    assert (answer.code, answer.out.splitlines()[0]) == (
        0,
        "configuration: none, only defaults",
    )
    assert schemareg("config", "show", "missing.avsc").code == 2


def test_the_line_of_what_a_pattern_of_topics_and_a_module_give(
    schemareg: Schemareg, here: Path
) -> None:
    (here / "a").mkdir()
    (here / "a/Paid.avsc").write_text(PAID % "Paid", encoding="utf-8")
    (here / "pyproject.toml").write_text(
        '[tool.schemareg.modules.a]\nroots = ["a"]\n\n'
        '[tool.schemareg.topics."p*"]\nlevel = "FULL"\n'
        '[tool.schemareg.topics.paid]\nevents = ["Paid"]\n'
        '[tool.schemareg.subjects.paid-value]\nremoval = "error"\n',
        encoding="utf-8",
    )
    report = json.loads(schemareg("config", "show", "a/Paid.avsc", "-f", "json").out)
    origins = {each["name"]: (each["value"], each["origin"]) for each in report["settings"]}
    assert origins["modules.a.roots"] == ('["a"]', "pyproject.toml:2:1")
    assert origins["modules.a.prefix"] == ("a.", "default")
    assert origins["subjects.paid-value.level"] == ("FULL", "pyproject.toml:5:1, topics.p*")
    assert origins["subjects.paid-value.removal"] == (
        "error",
        "pyproject.toml:9:1, subjects.paid-value",
    )
