"""Own rules from installed packages: found by entry point, configured and reported as ours."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.findings import Severity
from schemareg.lint import Issue
from schemareg.lint.examples import check_examples
from schemareg.lint.plugins import plugin_versions
from schemareg.lint.rule import rule
from schemareg.lint.sites import FieldSite
from schemareg.workspace import load_config
from tests.cli.conftest import Schemareg

CODE = '''"""Rules of a company."""

from schemareg.findings import Severity
from schemareg.lint.rule import Issue, rule
from schemareg.lint.sites import FieldSite


@rule("ACME001", FieldSite, severity=Severity.ERROR)
def no_customer_number(site, *, names=("customerNo",)):
    """A field with a number of a customer.

    Bad:
        {"type": "record", "name": "R", "fields": [{"name": "customerNo", "type": "int"}]}
    Good:
        {"type": "record", "name": "R", "fields": [{"name": "customerId", "type": "string"}]}
    """
    if site.field.name == "broken":
        raise ValueError("no idea")
    if site.field.name in names:
        yield Issue(f"{site.field.name!r} counts customers", "use customerId")
'''
PAID = '{"type": "record", "name": "Paid", "fields": [{"name": "%s", "type": "int"}]}'
CONFIGURATION = '[lint]\npreset = "minimal"\nplugins = ["acme"]\n[lint.rules]\n'


@pytest.fixture
def site(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, with one that offers rules."""
    folder = here / "site"
    install(folder, CODE)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    yield folder
    sys.modules.pop("acme_rules", None)


def install(folder: Path, code: str) -> None:
    info = folder / "acme_rules-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (folder / "acme_rules.py").write_text(code, encoding="utf-8")
    (info / "METADATA").write_text("Name: acme-rules\nVersion: 1.0\n", encoding="utf-8")
    entry = "[schemareg.rules]\nacme = acme_rules\n"
    (info / "entry_points.txt").write_text(entry, encoding="utf-8")


def project(here: Path, configuration: str, field: str = "customerNo") -> None:
    (here / "schemas").mkdir()
    (here / "schemas/Paid.avsc").write_text(PAID % field, encoding="utf-8")
    (here / "schemareg.toml").write_text(configuration, encoding="utf-8")


CONFIGURED = [
    ("no-customer-number = {}\n", [("ACME001", "error")]),
    ('ACME001 = "info"\n', [("ACME001", "info")]),
    ('no-customer-number = { names = ["customerId"] }\n', []),
    ('no-customer-number = "off"\n', []),
]


@pytest.mark.parametrize(("rules", "expected"), CONFIGURED)
@pytest.mark.usefixtures("site")
def test_an_own_rule_is_configured_as_ours(
    schemareg: Schemareg, here: Path, rules: str, expected: list[tuple[str, str]]
) -> None:
    project(here, CONFIGURATION + rules)
    report = json.loads(schemareg("lint", "--format", "json").out)
    assert [(d["code"], d["severity"]) for d in report["findings"]] == expected


@pytest.mark.usefixtures("site")
def test_an_own_rule_in_the_baseline_and_in_sarif(schemareg: Schemareg, here: Path) -> None:
    project(here, CONFIGURATION.replace("minimal", "recommended"))
    sarif = json.loads(schemareg("lint", "--format", "sarif").out)
    assert "ACME001" in [r["ruleId"] for r in sarif["runs"][0]["results"]]
    assert schemareg("lint", "--baseline", "write").code == 0
    assert schemareg("lint").code == 0


@pytest.mark.usefixtures("site")
def test_a_rule_that_fails_is_named(schemareg: Schemareg, here: Path) -> None:
    project(here, CONFIGURATION + "ACME001 = {}\n", "broken")
    answer = schemareg("lint")
    assert (answer.code, answer.err) == (
        2,
        "schemareg: error: the rule 'no-customer-number' of 'acme' failed in schemas/Paid.avsc:"
        " ValueError: no idea; correct the plugin, or switch the rule off\n",
    )


REFUSED = [
    # how the plugin's code differs, and the message
    (("ACME001", "SR001"), "the rule 'no-customer-number' has the code SR001"),
    (("def no_customer_number", "def plain_json"), "there is a rule 'plain-json' already"),
    (('"""Rules', '1/0\n"""Rules'), "'acme' cannot be loaded: ZeroDivisionError"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_a_plugin_that_is_refused(
    schemareg: Schemareg, here: Path, site: Path, change: tuple[str, str], message: str
) -> None:
    install(site, CODE.replace(*change))
    project(here, CONFIGURATION)
    answer = schemareg("lint")
    assert answer.code == 2
    assert message in answer.err


def test_what_is_not_installed_is_not_loaded(
    schemareg: Schemareg, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(here, CONFIGURATION)
    answer = schemareg("lint")
    assert (answer.code, "no installed package offers the rules 'acme'" in answer.err) == (2, True)
    install(here, "raise SystemExit('loaded')")
    monkeypatch.setattr(sys, "path", [str(here), *sys.path])
    answer = schemareg("lint")
    assert (answer.code, "the package with the rules 'acme' is not installed" in answer.err) == (
        2,
        True,
    )


@rule("ACME002", FieldSite, severity=Severity.ERROR)
def never(site: FieldSite) -> Iterator[Issue]:
    """Nothing is wrong.

    Bad:
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    Good:
        {"type": "record", "name": "R", "fields": []}
    """
    yield from ()


def test_examples_of_an_own_rule() -> None:
    with pytest.raises(AssertionError, match="never reports nothing in its bad example"):
        check_examples(never)


def test_rules_of_plugins_are_listed_and_explained(
    schemareg: Schemareg, here: Path, site: Path
) -> None:
    assert "no-customer-number" not in schemareg("rules").out
    (here / "schemareg.toml").write_text(CONFIGURATION, encoding="utf-8")
    assert "no-customer-number" in schemareg("rules").out
    assert '"customerNo"' in schemareg("rules", "no-customer-number").out


@pytest.mark.parametrize(
    ("files", "is_known"),
    [
        ({"RECORD": "acme_rules.py,,\n"}, True),
        ({}, False),
        (
            {
                "RECORD": "acme_rules.py,,\n",
                "direct_url.json": '{"url": "file:///x", "dir_info": {"editable": true}}',
            },
            False,
        ),
    ],
)
def test_the_version_of_a_plugin_is_known_where_its_code_cannot_change_under_it(
    here: Path, site: Path, files: dict[str, str], is_known: bool
) -> None:
    for name, text in files.items():
        (site / "acme_rules-1.0.dist-info" / name).write_text(text, encoding="utf-8")
    (here / "schemareg.toml").write_text(CONFIGURATION, encoding="utf-8")
    versions = plugin_versions(load_config(None, here))
    assert (versions is not None) == is_known
    if versions is not None:
        (site / "acme_rules.py").write_text(CODE + "# another\n", encoding="utf-8")
        assert plugin_versions(load_config(None, here)) != versions
