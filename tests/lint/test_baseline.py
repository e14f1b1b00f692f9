"""The baseline: the past is accepted, whatever is new is reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.commands.lint import LintResult, lint_paths
from schemareg.errors import ExitCode, UsageError
from schemareg.findings import BaselineMode, Severity
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.workspace import Config, load_config

FILE = "schemareg-baseline.json"


def project(folder: Path, *, toml: str = "", **files: str) -> Config:
    (folder / "schemas").mkdir(exist_ok=True)
    (folder / "schemareg.toml").write_text(toml, encoding="utf-8")
    for name, text in files.items():
        (folder / "schemas" / f"{name}.avsc").write_text(text, encoding="utf-8")
    return load_config(None, folder)


def record(*fields: str, name: str = "Paid") -> str:
    spelt = ", ".join(f'{{"name": "{field}", "type": "double"}}' for field in fields)
    head = f'{{"type": "record", "name": "{name}", "namespace": "shop",'
    return f'{head}\n "fields": [{spelt}]}}'


def counted(result: LintResult) -> list[tuple[str, str]]:
    return [(d.rule, d.element) for d in result.counting()]


def test_baseline_is_written_for_people_to_read(tmp_path: Path) -> None:
    config = project(tmp_path, Paid=record("price", "cost", "orderId"))
    result = lint_paths(config, mode=BaselineMode.WRITE)
    assert result.baseline_written == FILE
    assert result.exit_code(Severity.INFO) is ExitCode.YES
    assert (tmp_path / FILE).read_text(encoding="utf-8") == (
        """{
  "format_version": 1,
  "accepted": {
    "SR151": {
      "shop.Paid.cost": 1,
      "shop.Paid.price": 1
    },
    "SR153": {
      "shop.Paid.orderId": 1
    }
  }
}
"""
    )
    assert render(result, Format.TEXT, Page(80)) == (
        "clean: 1 schema file; 3 diagnostics accepted in schemareg-baseline.json\n"
    )


CHANGES: list[tuple[str, dict[str, str], list[tuple[str, str]]]] = [
    ("nothing", {}, []),
    ("lines move", {"Paid": "\n\n" + record("price", "cost")}, []),
    ("fields change places", {"Paid": record("cost", "price")}, []),
    ("a field more", {"Paid": record("price", "cost", "tax")}, [
        ("money-as-double", "shop.Paid.tax")]),
    ("a file more", {"Sent": record("price", name="Sent")}, [
        ("money-as-double", "shop.Sent.price")]),
    ("one is gone", {"Paid": record("price")}, [("outdated-baseline", "")]),
    ("a file that does not parse", {"Paid": "{"}, [("json-syntax", "")]),
    ("another rule at the same field",
     {"Paid": record("price", "cost").replace('"cost"', '"cost", "aliases": ["cost"]')},
     [("alias-equals-name", "shop.Paid.cost")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES]
)
@pytest.mark.parametrize("has_cache", [False, True], ids=["no cache", "cache"])
def test_only_what_is_new_is_reported(
    tmp_path: Path, changes: dict[str, str], expected: list[tuple[str, str]], has_cache: bool
) -> None:
    cache = tmp_path / "cache" if has_cache else None
    config = project(tmp_path, Paid=record("price", "cost"))
    lint_paths(config, mode=BaselineMode.WRITE, cache=cache)
    project(tmp_path, **changes)
    assert counted(lint_paths(config, cache=cache)) == expected


def test_what_does_not_parse_is_never_accepted(tmp_path: Path) -> None:
    config = project(tmp_path, Paid="{", Sent=record("price", name="Sent"))
    result = lint_paths(config, mode=BaselineMode.WRITE)
    assert counted(result) == [("json-syntax", "")]
    assert result.exit_code() is ExitCode.NO
    assert counted(lint_paths(config)) == [("json-syntax", "")]


def test_suppressed_diagnostics_need_no_baseline(tmp_path: Path) -> None:
    toml = '[[lint.ignore]]\nrule = "SR151"\nelement = "shop.*"\nreason = "old"\n'
    config = project(tmp_path, toml=toml, Paid=record("price"))
    lint_paths(config, mode=BaselineMode.WRITE)
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8"))["accepted"] == {}


def test_baseline_of_a_part_of_the_project(tmp_path: Path) -> None:
    config = project(tmp_path, Paid=record("price"), Sent=record("cost", name="Sent"))
    lint_paths(config, mode=BaselineMode.WRITE)
    one = [Path("schemas/Paid.avsc")]
    assert counted(lint_paths(config, one)) == []
    assert counted(lint_paths(config, one, mode=BaselineMode.IGNORE)) == [
        ("money-as-double", "shop.Paid.price")
    ]
    with pytest.raises(UsageError, match="a baseline is of the whole project"):
        lint_paths(config, one, mode=BaselineMode.WRITE)


def test_baseline_where_the_configuration_puts_it(tmp_path: Path) -> None:
    config = project(tmp_path, toml='[lint]\nbaseline = "past.json"\n', Paid=record("price"))
    with pytest.raises(UsageError, match=r"past\.json: the baseline cannot be read"):
        lint_paths(config)
    assert lint_paths(config, mode=BaselineMode.WRITE).baseline_written == "past.json"
    assert counted(lint_paths(config)) == []


BROKEN = [
    ("{", "schemareg-baseline.json: the baseline is not JSON"),
    ("[]", "schemareg-baseline.json: the baseline has another format than 1"),
    ('{"format_version": 2}', "schemareg-baseline.json: the baseline has another format than 1"),
    (
        '{"format_version": 1, "accepted": {"SR151": {"shop.Paid.price": "all"}}}',
        "schemareg-baseline.json: the baseline accepts 'all' of SR151 at shop.Paid.price",
    ),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_a_broken_baseline_is_refused(tmp_path: Path, text: str, message: str) -> None:
    config = project(tmp_path, Paid=record("price"))
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        lint_paths(config)
    assert str(refusal.value).startswith(message)
