"""The examples of a rule run through it: the test that every rule, and that of a plugin, passes."""

from __future__ import annotations

from pathlib import Path

from schemareg.findings import Diagnostic
from schemareg.lint.engine import run_rules
from schemareg.lint.rule import Rule
from schemareg.lint.settings import LintSettings, Preset
from schemareg.workspace import Config, TopicConfig, build_project

_TOPIC = "topic: "


def example_diagnostics(rule: Rule, example: str) -> list[Diagnostic]:
    """What `rule` reports of the schema texts in `example`, which `---` separates.

    A first line `topic: EVENT` makes that type an event.

    Raises:
        SchemaParseError: a text that is no schema.
    """
    head, _, rest = example.partition("\n")
    is_event = head.startswith(_TOPIC)
    topics = (TopicConfig("t", (head.removeprefix(_TOPIC).strip(),)),) if is_event else ()
    texts = (rest if is_event else example).split("\n---\n")
    files = [(f"schema{n or ''}.avsc", text.encode()) for n, text in enumerate(texts)]
    project = build_project(files, Config(cwd=Path.cwd(), topics=topics))
    for failure in project.failures:
        raise failure
    return list(run_rules((rule,), project, LintSettings(preset=Preset.ALL), "1.12"))


def check_examples(rule: Rule) -> None:
    """Nothing, where `rule` reports its bad example and accepts its good one.

    Raises:
        AssertionError: it does not, or has no summary or examples.
    """
    text = rule.text
    if not (text.summary and text.bad and text.good):
        raise AssertionError(f"{rule.name}: give it a summary, and examples Bad: and Good:")
    if not example_diagnostics(rule, text.bad):
        raise AssertionError(f"{rule.name} reports nothing in its bad example")
    if found := example_diagnostics(rule, text.good):
        raise AssertionError(f"{rule.name} reports its good example: {found[0].message}")
