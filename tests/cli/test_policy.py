"""Overrides by path and subject, languages for all rules, and policies that are extended."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

FIELDS = '"fields": [{"name": "total", "type": "double"}]'
PAID = f'{{"type": "record", "name": "Paid", {FIELDS}}}'
SENT = f'{{"type": "record", "name": "Sent", {FIELDS}}}'
USES = '{"type": "record", "name": "%s", "fields": [{"name": "when", "type": %s}]}'


COUNTED = re.compile(r"schemareg: \d schema files? read, \d judged, 0 passed over\n")


def project(here: Path, configuration: str) -> None:
    for path, text in (("a/Paid.avsc", PAID), ("b/Sent.avsc", SENT)):
        (here / "schemas" / path).parent.mkdir(parents=True, exist_ok=True)
        (here / "schemas" / path).write_text(text, encoding="utf-8")
    (here / "schemareg.toml").write_text(configuration, encoding="utf-8")


def reported(schemareg: Schemareg, *arguments: str) -> list[tuple[str, str, str]]:
    answer = schemareg("lint", "--format", "json", *arguments)
    assert COUNTED.fullmatch(answer.err)
    return sorted(
        (d["location"]["path"].rpartition("/")[2], d["rule"], d["severity"])
        for d in json.loads(answer.out)["findings"]
    )


PAID_DOC = ("Paid.avsc", "field-doc-required", "error")
SENT_DOC = ("Sent.avsc", "field-doc-required", "error")
BASE = '[lint]\npreset = "minimal"\n[lint.rules]\nfield-doc-required = "error"\n'

OVERRIDES = [
    ("", [PAID_DOC, SENT_DOC]),
    ('paths = ["schemas/a/*"]\nrules = { field-doc-required = "off" }', [SENT_DOC]),
    (
        'paths = ["schemas/a/*"]\nrules = { SR202 = "info" }',
        [("Paid.avsc", "field-doc-required", "info"), SENT_DOC],
    ),
    ('subjects = ["S*"]\nrules = { field-doc-required = "off" }', [PAID_DOC]),
    ('subjects = ["orders-*"]\nrules = { field-doc-required = "off" }', [PAID_DOC, SENT_DOC]),
    (
        'paths = ["*/b/*"]\nrules = { record-doc-required = "error" }',
        [PAID_DOC, SENT_DOC, ("Sent.avsc", "record-doc-required", "error")],
    ),
    # a later override counts before an earlier one
    (
        'paths = ["*"]\nrules = { field-doc-required = "off" }\n[[lint.overrides]]\n'
        'paths = ["schemas/b/*"]\nrules = { field-doc-required = "error" }',
        [SENT_DOC],
    ),
]


@pytest.mark.parametrize(("override", "expected"), OVERRIDES)
@pytest.mark.parametrize("cache", [(), ("--no-cache",)])
def test_override(
    schemareg: Schemareg,
    here: Path,
    override: str,
    expected: list[tuple[str, str, str]],
    cache: tuple[str, ...],
) -> None:
    project(here, BASE + (f"[[lint.overrides]]\n{override}\n" if override else ""))
    assert reported(schemareg, *cache) == expected
    assert reported(schemareg, *cache) == expected  # from the cache


def test_a_rule_that_compares_files_runs_where_an_override_wants_it(
    schemareg: Schemareg, here: Path
) -> None:
    project(
        here,
        '[lint]\npreset = "minimal"\n[[lint.overrides]]\npaths = ["*/b/*"]\n'
        'rules = { inconsistent-field-type = "error" }\n',
    )
    for name, type_ in (("Paid", '"long"'), ("Other", '"string"')):
        (here / f"schemas/a/{name}.avsc").write_text(USES % (name, type_), encoding="utf-8")
    (here / "schemas/b/Sent.avsc").write_text(USES % ("Sent", '"int"'), encoding="utf-8")
    found = {path for path, _, _ in reported(schemareg)}
    assert found <= {"Sent.avsc"}


def test_paths_are_relative_to_the_configuration_wherever_it_is_run(
    schemareg: Schemareg, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    override = '[[lint.overrides]]\npaths = ["schemas/a/*"]\nrules = { SR202 = "off" }\n'
    ignore = '[[lint.ignore]]\nrule = "SR202"\npath = "schemas/b/*"\nreason = "as it is"\n'
    project(here, BASE + override + ignore)
    monkeypatch.chdir(here / "schemas")
    answer = schemareg("lint")
    assert (answer.code, answer.out) == (0, "clean: 2 schema files (1 suppressed, with reasons)\n")


def test_languages_for_all_rules(schemareg: Schemareg, here: Path) -> None:
    project(here, '[lint]\ntargets = ["rust"]\n[lint.rules]\nSR351 = "error"\n')
    text = '{"type": "record", "name": "Paid", "fields": [{"name": "%s", "type": "int"}]}'
    (here / "schemas/a/Paid.avsc").write_text(text % "impl", encoding="utf-8")
    assert ("Paid.avsc", "reserved-word", "error") in reported(schemareg)
    (here / "schemas/a/Paid.avsc").write_text(text % "class", encoding="utf-8")
    assert "reserved-word" not in {rule for _, rule, _ in reported(schemareg)}


POLICY = """[lint]
preset = "minimal"
[lint.rules]
field-doc-required = "error"
record-doc-required = "error"
"""
EXTENDED = [
    # the project's own table beside `extends`, and the rules that report
    ("", {"field-doc-required", "record-doc-required"}),
    ('[lint.rules]\nrecord-doc-required = "off"\n', {"field-doc-required"}),
    ('preset = "minimal"\n', {"field-doc-required", "record-doc-required"}),
]


@pytest.mark.parametrize(("own", "expected"), EXTENDED)
@pytest.mark.parametrize("where", ["policy/house.toml", "acme-schema-policy"])
def test_extends(
    schemareg: Schemareg,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    own: str,
    expected: set[str],
    where: str,
) -> None:
    project(here, f'[lint]\nextends = ["{where}"]\n{own}')
    if where.endswith(".toml"):
        (here / "policy").mkdir()
        (here / where).write_text(POLICY, encoding="utf-8")
    else:
        package(here / "site", POLICY)
        monkeypatch.setattr(sys, "path", [*sys.path, str(here / "site")])
    assert {rule for _, rule, _ in reported(schemareg)} == expected


def package(site: Path, policy: str | None) -> None:
    """An installed distribution `acme-schema-policy` whose code must never run."""
    code = site / "acme_schema_policy"
    info = site / "acme_schema_policy-1.0.dist-info"
    code.mkdir(parents=True)
    info.mkdir()
    (code / "__init__.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    (info / "METADATA").write_text("Name: acme-schema-policy\nVersion: 1.0\n", encoding="utf-8")
    record = ["acme_schema_policy/__init__.py,,"]
    if policy is not None:
        (code / "schemareg.toml").write_text(policy, encoding="utf-8")
        record.append("acme_schema_policy/schemareg.toml,,")
    (info / "RECORD").write_text("\n".join(record) + "\n", encoding="utf-8")


REFUSED = [
    # what is in house.toml (None: no file), and the message
    (None, "schemareg.toml:2:1: lint.extends: 'house.toml' cannot be read: "),
    ("x = ", "house.toml:1:5: the policy is not TOML: "),
    ("[lin]\n", "house.toml: lint: a policy without [lint]"),
    ("[lint]\n[topics.x]\n", "house.toml: topics: unknown key"),
    ('[lint]\nextends = ["x"]\n', "house.toml:2:1: lint.extends: a policy that is extended"),
    ('[lint]\nbaseline = "x"\n', "house.toml:2:1: lint.baseline: a policy that is extended"),
    ('[lint.rules]\nno-rule = "off"\n', "house.toml:2:1: lint.rules.no-rule: unknown rule"),
]


@pytest.mark.parametrize(("policy", "message"), REFUSED)
def test_a_policy_that_is_refused(
    schemareg: Schemareg, here: Path, policy: str | None, message: str
) -> None:
    project(here, '[lint]\nextends = ["house.toml"]\n')
    if policy is not None:
        (here / "house.toml").write_text(policy, encoding="utf-8")
    answer = schemareg("lint")
    assert answer.code == 2
    assert answer.err.startswith(f"schemareg: error: {message}")


def test_a_policy_outside_of_the_repository_is_refused(schemareg: Schemareg, here: Path) -> None:
    (here / "repository/.git").mkdir(parents=True)
    project(here / "repository", '[lint]\nextends = ["../house.toml"]\n')
    (here / "house.toml").write_text(POLICY, encoding="utf-8")
    answer = schemareg("lint", "--config", "repository/schemareg.toml")
    assert answer.code == 2
    assert "'../house.toml' cannot be read" in answer.err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme-schema-policy", "the package 'acme-schema-policy' has no schemareg.toml"),
        ("acme", "'acme' is neither a *.toml file nor an installed package"),
    ],
)
def test_a_package_without_a_policy(
    schemareg: Schemareg, here: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    package(here / "site", None)
    monkeypatch.setattr(sys, "path", [*sys.path, str(here / "site")])
    project(here, f'[lint]\nextends = ["{name}"]\n')
    answer = schemareg("lint")
    assert answer.code == 2
    assert message in answer.err


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ('rules = { SR202 = "off" }', "lint.overrides[0].paths: an override is for some paths"),
        ('paths = ["*"]', "lint.overrides[0].rules: an override without a preset and rules"),
        (
            'path = ["*"]\nsubjects = ["*"]\npreset = "all"',
            "lint.overrides[0].path: unknown key; did you mean 'paths'?",
        ),
        (
            'paths = ["*"]\nrules = { json-syntax = "off" }',
            "lint.overrides[0].rules.json-syntax: 'json-syntax' cannot be off",
        ),
        ('paths = ["*"]\npreset = "strickt"', "unknown preset 'strickt'; did you mean 'strict'?"),
    ],
)
def test_an_override_that_is_refused(
    schemareg: Schemareg, here: Path, override: str, message: str
) -> None:
    project(here, f"[[lint.overrides]]\n{override}\n")
    answer = schemareg("lint")
    assert answer.code == 2
    assert message in answer.err
