"""Every command ends with what it read, judged and passed over, in every format."""

from __future__ import annotations

import inspect
import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from xml.etree import ElementTree

import pytest

import schemareg.commands
from schemareg.commands.check_result import CheckResult
from schemareg.commands.lint import LintResult
from schemareg.golden import FixturesResult
from schemareg.report import Format, render
from schemareg.report.counted import counted
from schemareg.report.page import Page
from schemareg.results import Counts, Result
from schemareg.subjects import Subject
from schemareg.workspace.schema_paths import PassedOver

LINT = LintResult((), 21, passed_over=(PassedOver("Old.json", "it is no .avsc"),))
SENTENCE = "22 schema files read, 21 judged, 1 passed over"


def results() -> Iterator[type[Result]]:
    yield FixturesResult
    for found in pkgutil.iter_modules(schemareg.commands.__path__, "schemareg.commands."):
        module = import_module(found.name)
        yield from (
            each
            for _, each in inspect.getmembers(module, inspect.isclass)
            if issubclass(each, Result) and each.__module__ == module.__name__
        )


@pytest.mark.parametrize("kind", [*results()], ids=lambda kind: kind.__name__)
def test_every_result_counts(kind: type[Result]) -> None:
    assert "counts" in vars(kind)


def test_sentence() -> None:
    assert counted(LINT) == SENTENCE
    missing = CheckResult("the snapshot in s", (), missing=(Subject("a"), Subject("b")))
    assert counted(missing) == "2 subjects read, 0 judged, 2 passed over"


def test_formats_hold_it() -> None:
    text = {format: render(LINT, format, Page()) for format in Format}
    numbers = {"unit": "schema file", "read": 22, "judged": 21, "passed_over": 1}
    assert json.loads(text[Format.JSON])["counts"] == numbers
    assert json.loads(text[Format.SARIF])["runs"][0]["properties"] == {"counts": numbers}
    suite = ElementTree.fromstring(text[Format.JUNIT])
    assert [(p.get("name"), p.get("value")) for p in suite.iter("property")] == [
        ("schemareg.unit", "schema file"),
        ("schemareg.read", "22"),
        ("schemareg.judged", "21"),
        ("schemareg.passed_over", "1"),
    ]
    assert text[Format.MARKDOWN].endswith(f"\n{SENTENCE}\n")
    assert f"<dd>{SENTENCE}</dd>" in text[Format.HTML]


def test_numbers_add_up() -> None:
    counts = LINT.counts()
    assert counts == Counts("schema file", 22, 21, 1)
    assert counts.read == counts.judged + counts.passed_over
