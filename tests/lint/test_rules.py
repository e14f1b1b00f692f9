"""Every rule's own examples, run: it reports the bad one and accepts the good one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.findings import INVALID_SCHEMA, PROBLEM_RULES, Diagnostic
from schemareg.lint import RULES, LintSettings, Preset, Rule, RuleSetting, problems, run
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, TopicConfig, build_project

RELEASED = Path(__file__).parent.parent / "golden" / "lint-rules.txt"


def findings_of(rule: Rule, example: str) -> list[Diagnostic]:
    """What `rule` says of the texts in `example`.

    Lines before the first text set the scene: `topic: EVENT [key KEY] [level LEVEL]`,
    `file: NAME`, `avro_version = V`, or an option of the rule as `name = number`.
    """
    config = Config(cwd=Path("/"))
    options: dict[str, int] = {}
    name = "schema"
    lines = example.splitlines()
    while lines and not lines[0].lstrip("\ufeff").startswith(("{", "[", '"')):
        line = lines.pop(0)
        if topic := re.fullmatch(r"topic: (\w+)(?: key (\w+))?(?: level (\w+))?", line):
            level = CompatibilityLevel(topic[3]) if topic[3] else None
            config = replace(
                config, topics=(TopicConfig("t", (topic[1],), key=topic[2], level=level),)
            )
        elif file := re.fullmatch(r"file: (\w+)\.avsc", line):
            name = file[1]
        elif line == "avro_version = 1.11":
            config = replace(config, avro_version="1.11")
        else:
            option, _, value = line.partition(" = ")
            options[option] = int(value)
    settings = LintSettings(Preset.ALL, {rule.name: RuleSetting(options=options)})
    texts = [text.strip(" \n").encode() for text in "\n".join(lines).split("\n---\n")]
    project = build_project(
        [(f"{name}{i or ''}.avsc", text) for i, text in enumerate(texts)], config
    )
    return [
        f for f in run(project, settings, avro_version=config.avro_version) if f.rule == rule.name
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_reports_its_bad_example(rule: Rule) -> None:
    found = [f for f in findings_of(rule, rule.text.bad) if f.suppressed is None]
    assert found, f"{rule.name} is silent on its bad example"
    for finding in found:
        assert finding.location.line >= 1
        assert finding.location.column >= 1
        assert "\n" not in finding.message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_silent_on_its_good_example(rule: Rule) -> None:
    assert findings_of(rule, rule.text.good) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_documented(rule: Rule) -> None:
    assert rule.text.summary.endswith(".")
    assert rule.text.bad
    assert rule.text.good
    assert rule.text.bad != rule.text.good


def test_codes_and_names_are_as_released() -> None:
    """A new rule is added to the list; a rule that goes leaves its line there, as retired."""
    lines = RELEASED.read_text(encoding="utf-8").splitlines()
    released = [line for line in lines if not line.startswith(("#", "retired "))]
    assert sorted(f"{rule.code} {rule.name}" for rule in RULES) == released
    words = [word for line in lines if line[:1] != "#" for word in line.split()[-2:]]
    assert len(words) == len(set(words))


def test_problems_of_the_parser_have_rules() -> None:
    known = {(rule.code, rule.name) for rule in problems.RULES}
    assert {*PROBLEM_RULES.values(), INVALID_SCHEMA} == known
