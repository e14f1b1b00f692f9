"""Which rules run, with what weight, where their findings are, and what is lived with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.findings import Diagnostic, Severity
from schemareg.lint import RULES, ConfiguredSuppression, LintSettings, Preset, RuleSetting, run
from schemareg.workspace import Config, build_project, load_config, load_project

PAID = """{
  "type": "record", "name": "Paid", "namespace": "shop", "doc": "An order was paid.",
  "fields": [
    {"name": "eventId", "type": "string", "doc": "Identity of the event."},
    {"name": "paidAt", "type": "long", "doc": "When it was paid."},
    {"name": "sum", "type": {"type": "record", "name": "Sum", "doc": "Money.", "fields": [
      {"name": "amount", "type": ["null", "double"], "default": null, "doc": "How much."}
    ]}, "doc": "What was paid."}
  ]
}
"""


def lint(settings: LintSettings, **files: str) -> list[Diagnostic]:
    config = Config(cwd=Path("/"))
    settings = replace(settings, path="schemareg.toml")
    texts = [(f"{name}.avsc", text.encode()) for name, text in files.items()]
    return list(run(build_project(texts, config), settings))


def told(findings: list[Diagnostic]) -> list[tuple[str, str, str]]:
    return [(str(f.location), f.severity.value, f.rule) for f in findings if f.suppressed is None]


def test_findings_have_places_and_are_in_the_order_of_the_text() -> None:
    found = lint(LintSettings(), Paid=PAID)
    assert told(found) == [
        ("Paid.avsc:5:5", "warning", "timestamp-without-logical-type"),
        ("Paid.avsc:7:7", "warning", "money-as-double"),
    ]
    assert [f.element for f in found] == ["shop.Paid.paidAt", "shop.Sum.amount"]
    assert found[1].location.pointer == "/fields/2/type/fields/0"


PRESETS = [
    (Preset.MINIMAL, 0),
    (Preset.RECOMMENDED, 2),
    (Preset.STRICT, 5),
    (Preset.ALL, 6),
]


@pytest.mark.parametrize(("preset", "count"), PRESETS)
def test_each_preset_holds_the_one_before(preset: Preset, count: int) -> None:
    assert len(told(lint(LintSettings(preset), Paid=PAID))) == count


def test_minimal_preset_still_finds_what_is_no_schema() -> None:
    assert told(lint(LintSettings(Preset.MINIMAL), Paid="{", Other='{"doc": "a", "doc": "b"}')) == [
        ("Other.avsc:1:1", "error", "invalid-schema"),
        ("Paid.avsc:1:2", "error", "json-syntax"),
    ]


def test_rule_off_and_rule_with_another_severity() -> None:
    rules = {
        "timestamp-without-logical-type": RuleSetting(off=True),
        "money-as-double": RuleSetting(Severity.ERROR),
    }
    assert told(lint(LintSettings(rules=rules), Paid=PAID)) == [
        ("Paid.avsc:7:7", "error", "money-as-double"),
    ]


def test_rule_named_in_the_configuration_runs_in_any_preset() -> None:
    rules = {"recursive-type": RuleSetting()}
    text = (
        '{"type": "record", "name": "A", "fields": ['
        '{"name": "a", "type": ["null", "A"], "default": null}]}'
    )
    found = told(lint(LintSettings(Preset.MINIMAL, rules), A=text))
    assert found == [("A.avsc:1:75", "info", "recursive-type")]


def test_option_of_a_rule() -> None:
    rules = {"money-as-double": RuleSetting(options={"names": ("sum",)})}
    assert [f.rule for f in lint(LintSettings(rules=rules), Paid=PAID)] == [
        "timestamp-without-logical-type",
    ]


IGNORES = [
    (ConfiguredSuppression("money-as-double", "old", element="shop.Sum.amount"), True),
    (ConfiguredSuppression("money-as-double", "old", element="shop.Sum.*"), True),
    (ConfiguredSuppression("money-as-double", "old", element="shop.Paid.*"), False),
    (ConfiguredSuppression("money-as-double", "old", element="Shop.Sum.amount"), False),
    (ConfiguredSuppression("money-as-double", "old", path="P*.avsc"), True),
    (ConfiguredSuppression("money-as-double", "old", path="Other.avsc"), False),
]


@pytest.mark.parametrize(("ignore", "covers"), IGNORES)
def test_ignore_of_the_configuration(ignore: ConfiguredSuppression, covers: bool) -> None:
    found = lint(LintSettings(suppressions=(ignore,)), Paid=PAID)
    (money,) = (f for f in found if f.rule == "money-as-double")
    assert money.suppressed == ("old" if covers else None)
    unused = [
        (str(f.location), f.message, f.element) for f in found if f.rule == "unused-suppression"
    ]
    assert unused == (
        []
        if covers
        else [("schemareg.toml", "nothing here breaks 'money-as-double'", ignore.element or "")]
    )


IN_SCHEMA = [
    # where the property is put, and whether it reaches the field
    ('"doc": "How much."', True),
    ('"doc": "Money."', True),
    ('"doc": "What was paid."', True),
    ('"doc": "An order was paid."', True),
    ('"doc": "When it was paid."', False),
]


@pytest.mark.parametrize(("beside", "covers"), IN_SCHEMA)
def test_ignore_in_the_schema_reaches_what_is_inside(beside: str, covers: bool) -> None:
    ignore = '"schemareg.ignore": {"money-as-double": "old"}'
    found = lint(LintSettings(), Paid=PAID.replace(beside, f"{beside}, {ignore}"))
    (money,) = (f for f in found if f.rule == "money-as-double")
    assert money.suppressed == ("old" if covers else None)
    assert [f.rule for f in found if f.rule == "unused-suppression"] == (
        [] if covers else ["unused-suppression"]
    )


def test_suppression_of_a_rule_that_did_not_run_is_not_called_unused() -> None:
    settings = LintSettings(
        Preset.MINIMAL, suppressions=(ConfiguredSuppression("money-as-double", "old", path="*"),)
    )
    assert lint(settings, Paid=PAID) == []


def test_suppression_is_not_called_unused_where_a_file_is_broken() -> None:
    settings = LintSettings(
        suppressions=(ConfiguredSuppression("money-as-double", "old", path="*"),)
    )
    assert [f.rule for f in lint(settings, Paid="{")] == ["json-syntax"]


def test_validity_cannot_be_ignored() -> None:
    settings = LintSettings(suppressions=(ConfiguredSuppression("json-syntax", "later", path="*"),))
    assert [f.suppressed for f in lint(settings, Paid="{")] == [None]


def test_only_files_asked_for_are_told_about(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for name in ("Paid", "Refunded"):
        text = PAID.replace('"Paid"', f'"{name}"').replace('"Sum"', f'"{name}Sum"')
        (tmp_path / f"schemas/{name}.avsc").write_text(text, encoding="utf-8")
    config = load_config(None, tmp_path)
    found = list(run(load_project(config, [Path("schemas/Refunded.avsc")]), LintSettings()))
    assert {f.location.path for f in found} == {"schemas/Refunded.avsc"}
    assert len(found) == 2


def test_an_ignore_of_a_file_that_is_not_selected_is_not_called_unused(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/Paid.avsc").write_text(PAID, encoding="utf-8")
    rest = '{"type": "fixed", "name": "Rest", "namespace": "shop", "size": 1, "doc": "The rest."}'
    (tmp_path / "schemas/Rest.avsc").write_text(rest, encoding="utf-8")
    ignore = ConfiguredSuppression("money-as-double", "old", element="shop.Sum.amount")
    project = load_project(load_config(None, tmp_path), [Path("schemas/Rest.avsc")])
    assert [f.rule for f in run(project, LintSettings(suppressions=(ignore,)))] == []


def test_every_problem_of_every_file_is_told() -> None:
    found = lint(
        LintSettings(),
        A='{"type": "record", "name": "A", "fields": [\n'
        '{"name": "x", "type": "int", "default": "a"},\n{"name": "x", "type": "Missing"}]}',
        B="[",
    )
    assert told(found) == [
        ("A.avsc:2:41", "error", "invalid-default"),
        ("A.avsc:3:10", "error", "duplicate-field-name"),
        ("A.avsc:3:23", "error", "unresolved-type"),
        ("B.avsc:1:2", "error", "json-syntax"),
    ]


def test_windows_line_ends_are_told_in_bytes() -> None:
    found = lint(LintSettings(), Paid=PAID.replace("\n", "\r\n"))
    assert ("Paid.avsc:1:1", "warning", "file-encoding") in told(found)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_wide_encoding_is_told(encoding: str) -> None:
    config, settings = Config(cwd=Path("/")), LintSettings(path="schemareg.toml")
    found = run(build_project([("Paid.avsc", PAID.encode(encoding))], config), settings)
    assert [f.message for f in found if f.rule == "file-encoding"] == [
        "the file is in UTF-16 or UTF-32"
    ]


def test_minimal_rules_are_those_without_which_no_reader_works() -> None:
    minimal = {rule.family for rule in RULES if rule.preset is Preset.MINIMAL}
    assert minimal == {"validity", "defaults"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"type": "record", "name": "R",\n /* why */ "fields": []}', "R.avsc:2:2"),
        ('\ufeff{"type": /* why */ "string"}', "R.avsc:1:10"),
    ],
)
def test_plain_json_is_reported_where_it_ends(text: str, place: str) -> None:
    found = lint(LintSettings(), R=text)
    assert [str(f.location) for f in found if f.rule == "plain-json"] == [place]


def test_a_suppression_names_its_rule_by_name_or_code() -> None:
    rule = next(rule for rule in RULES if rule.name == "money-as-double")
    for word in (rule.name, rule.code):
        text = PAID.replace(
            '"doc": "How much."', f'"doc": "How much.", "schemareg.ignore": {{"{word}": "old"}}'
        )
        found = lint(LintSettings(), Paid=text)
        assert [f.suppressed for f in found if f.rule == rule.name] == ["old"]
        assert "unknown-suppression" not in [f.rule for f in found]


def test_diagnostics_have_the_range_of_what_they_are_about() -> None:
    found = {f.rule: f for f in lint(LintSettings(Preset.ALL), Paid=PAID)}
    ranges = {
        rule: (f.location.line, f.location.column, f.end_line, f.end_column)
        for rule, f in found.items()
    }
    assert ranges == {
        "owner-required": (1, 1, 10, 2),
        "redundant-prefix": (5, 5, 5, 67),
        "timestamp-without-logical-type": (5, 5, 5, 67),
        "doc-null-meaning": (7, 7, 7, 90),
        "money-as-double": (7, 7, 7, 90),
        "money-without-currency": (7, 7, 7, 90),
    }
