"""Every rule's own examples, run: it reports the bad one and is silent on the good one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.findings import Finding
from schemareg.lint import RULES, LintSettings, Preset, RuleSetting, run
from schemareg.lint.rule import AnyRule
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, TopicConfig, build_project


def findings_of(rule: AnyRule, example: str) -> list[Finding]:
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
    settings = LintSettings(Preset.ALL, {rule.id: RuleSetting(options=options)})
    texts = [text.strip(" \n").encode() for text in "\n".join(lines).split("\n---\n")]
    project = build_project(
        [(f"{name}{i or ''}.avsc", text) for i, text in enumerate(texts)], config
    )
    return [
        f for f in run(project, settings, avro_version=config.avro_version) if f.rule == rule.id
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_reports_its_bad_example(rule: AnyRule) -> None:
    found = [f for f in findings_of(rule, rule.bad) if f.suppressed is None]
    assert found, f"{rule.id} is silent on its bad example"
    for finding in found:
        assert finding.location.line >= 1
        assert finding.location.column >= 1
        assert "\n" not in finding.message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_silent_on_its_good_example(rule: AnyRule) -> None:
    assert findings_of(rule, rule.good) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_documented(rule: AnyRule) -> None:
    assert rule.summary.endswith(".")
    assert rule.bad
    assert rule.good
    assert rule.bad != rule.good


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
