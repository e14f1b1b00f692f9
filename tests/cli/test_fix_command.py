"""`schemareg lint --fix` as its users run it: what changes, what stays, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

PAID = """{
  // who paid what
  "namespace": "n", "type": "record",   "name": "Paid",
  "fields": [
    {"name": "coupon", "type": ["string", "null"], /* rarely */ "doc": "c"},
    {"name": "note", "type": ["null", "string"]}
  ]
}
"""
FIXED = """{
  // who paid what
  "namespace": "n", "type": "record",   "name": "Paid",
  "fields": [
    {"name": "coupon", "type": ["null", "string"], /* rarely */ "default": null, "doc": "c"},
    {"name": "note", "type": ["null", "string"], "default": null}
  ]
}
"""
RULES = '[lint]\npreset = "minimal"\n[lint.rules]\nnullable-without-default = "error"\n'


def project(here: Path, text: str, configuration: str, *, registered: str | None = None) -> Path:
    (here / "schemareg.toml").write_text(configuration, encoding="utf-8")
    (here / "schemas").mkdir()
    path = here / "schemas/Paid.avsc"
    path.write_bytes(text.encode())
    if registered is not None:
        (here / "old").mkdir()
        (here / "old/Paid.avsc").write_text(registered, encoding="utf-8")
    return path


def test_a_fix_touches_only_its_characters(schemareg: Schemareg, here: Path) -> None:
    path = project(here, PAID, RULES, registered=PAID)
    answer = schemareg("lint", "--fix", "--against", "old")
    assert (answer.code, answer.out) == (
        0,
        "schemas/Paid.avsc: fixed (2 times): add the default null\nclean: 1 schema file\n",
    )
    assert path.read_bytes() == FIXED.encode()
    again = schemareg("lint", "--fix", "--against", "old")
    assert (again.code, again.out) == (0, "clean: 1 schema file\n")
    assert path.read_bytes() == FIXED.encode()


def test_line_ends_and_byte_order_mark_survive(schemareg: Schemareg, here: Path) -> None:
    path = project(here, "\ufeff" + PAID.replace("\n", "\r\n"), RULES, registered=PAID)
    assert schemareg("lint", "--fix", "--against", "old").code == 0
    assert path.read_bytes() == ("\ufeff" + FIXED.replace("\n", "\r\n")).encode()


def test_text_in_another_encoding_is_named_and_stays(schemareg: Schemareg, here: Path) -> None:
    path = project(here, "", RULES, registered=PAID)
    path.write_bytes(PAID.encode("utf-16"))
    answer = schemareg("lint", "--fix", "--unsafe-fixes", "--against", "old")
    assert answer.code == 1
    assert answer.out.splitlines()[:3] == [
        "schemas/Paid.avsc:5:5: not fixed (2 times): add the default null",
        "    why: only UTF-8 is written, and the file has another encoding; save it as",
        "        UTF-8",
    ]
    assert path.read_bytes() == PAID.encode("utf-16")


def test_diff_writes_nothing(schemareg: Schemareg, here: Path) -> None:
    path = project(here, PAID, RULES, registered=PAID)
    answer = schemareg("lint", "--diff", "--against", "old")
    assert answer.code == 1
    assert answer.out.splitlines()[:2] == ["--- a/schemas/Paid.avsc", "+++ b/schemas/Paid.avsc"]
    assert answer.out.splitlines()[-1] == "clean: 1 schema file"
    assert path.read_bytes() == PAID.encode()


def test_without_registered_versions_only_what_keeps_the_canonical_form(
    schemareg: Schemareg, here: Path
) -> None:
    path = project(here, PAID, RULES)
    answer = schemareg("lint", "--fix")
    assert answer.code == 1
    assert "schemas/Paid.avsc: fixed: add the default null\n" in answer.out
    assert (
        "schemas/Paid.avsc:5:5: not fixed: add the default null\n"
        "    why: it changes what is registered, and there are no registered versions to\n"
    ) in answer.out
    assert '["string", "null"]' in path.read_text(encoding="utf-8")
    assert schemareg("lint", "--unsafe-fixes").code == 0
    assert path.read_bytes() == FIXED.encode()


FIELDS = (
    '{"type": "record", "name": "Paid", "fields": [{"name": "orderId", "type": "int"},'
    ' {"name": "paidBy", "type": "int"}, {"name": "paid_at", "type": "int"}]}'
)


@pytest.mark.parametrize(
    ("level", "code"), [("BACKWARD", 0), ("FULL", 1), ("FORWARD", 1), ("NONE", 0)]
)
def test_a_fix_that_breaks_readers_is_refused(
    schemareg: Schemareg, here: Path, level: str, code: int
) -> None:
    rules = f'level = "{level}"\n' + RULES.replace("nullable-without-default", "field-name-case")
    path = project(here, FIELDS, rules, registered=FIELDS)
    by_hand = schemareg("lint", "--fix", "--against", "old")
    assert by_hand.code == 1
    assert "why: it may change what the schema means" in by_hand.out
    assert path.read_text(encoding="utf-8") == FIELDS
    answer = schemareg("lint", "--unsafe-fixes", "--against", "old")
    assert answer.code == code, answer.out
    renamed = '{"name": "paidAt", "type": "int", "aliases": ["paid_at"]}'
    assert (renamed in path.read_text(encoding="utf-8")) is (code == 0)
    if code:
        assert "why: readers would break: Paid would break" in answer.out


BAD_SYMBOL = """{"type": "record", "name": "Sent", "fields": [
  {"name": "a", "type": ["null", {"type": "enum", "name": "E", "symbols": ["UNKNOWN"]}]},
  {"name": "b", "type": "int", "aliases": ["b"]},
  {"name": "c", "type": "int", "aliases": ["c", "d"], "defualt": 1},
  {"name": "t", "type": "long", "logicalType": "timestamp-millis"}]}
"""
GOOD_SYMBOL = """{"type": "record", "name": "Sent", "fields": [
  {"name": "a", "type": ["null", {"type": "enum", "name": "E", "symbols": ["UNKNOWN"],\
 "default": "UNKNOWN"}], "default": null},
  {"name": "b", "type": "int"},
  {"name": "c", "type": "int", "aliases": ["d"], "default": 1},
  {"name": "t", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
"""


def test_several_fixes_of_one_file(schemareg: Schemareg, here: Path) -> None:
    path = project(here, BAD_SYMBOL, "")
    schemareg("lint", "--unsafe-fixes")
    assert path.read_text(encoding="utf-8") == GOOD_SYMBOL


def test_a_suppressed_diagnostic_is_not_fixed(schemareg: Schemareg, here: Path) -> None:
    ignore = (
        '[[lint.ignore]]\nrule = "nullable-without-default"\npath = "*"\nreason = "as agreed"\n'
    )
    path = project(here, PAID, RULES + ignore)
    assert schemareg("lint", "--unsafe-fixes").code == 0
    assert path.read_bytes() == PAID.encode()


def test_fixes_in_json(schemareg: Schemareg, here: Path) -> None:
    project(here, PAID, RULES)
    found = json.loads(schemareg("lint", "--format", "json").out)["findings"]
    assert [one["fix"] for one in found][1] == {
        "title": "add the default null",
        "edits": [
            {"range": {"start": 215, "end": 215}, "text": ","},
            {"range": {"start": 215, "end": 215}, "text": ' "default": null'},
        ],
        "is_safe": True,
    }
    report = json.loads(schemareg("lint", "--fix", "--format", "json").out)
    assert [file["titles"] for file in report["fixed"]] == [["add the default null"]]
    assert [fix["rule"] for fix in report["refused"]] == ["nullable-without-default"]


FIX_ROWS = [
    # rule, is it safe, before, after
    ("unknown-type-attribute", False,
     '{"name": "f", "type": {"type": "long", "logicaltype": "timestamp-millis"}}',
     '{"name": "f", "type": {"type": "long", "logicalType": "timestamp-millis"}}'),
    ("null-not-first", False,
     '{"name": "f", "type": ["string", "null"], "default": null}',
     '{"name": "f", "type": ["null", "string"], "default": null}'),
    ("enum-field-default-only", False,
     '{"name": "f", "type": {"type": "enum", "name": "E", "symbols": ["A"]}, "default": "A"}',
     '{"name": "f", "type": {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"},'
     ' "default": "A"}'),
    ("enum-field-default-only", False,
     '{"name": "f", "type": [{"type": "enum", "name": "E", "symbols": ["A"]}, "null"],'
     ' "default": "A"}',
     '{"name": "f", "type": [{"type": "enum", "name": "E", "symbols": ["A"], "default": "A"},'
     ' "null"], "default": "A"}'),
    ("type-alias-equals-name", True,
     '{"name": "f", "type": {"type": "enum", "name": "E", "aliases": ["E"], "symbols": ["A"]}}',
     '{"name": "f", "type": {"type": "enum", "name": "E", "symbols": ["A"]}}'),
    ("unused-suppression", True,
     '{"name": "f", "type": "int", "schemareg.ignore": {"complex-union": "later"}}',
     '{"name": "f", "type": "int", "schemareg.ignore": {}}'),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "is_safe", "before", "after"), FIX_ROWS)
def test_what_the_fix_of_a_rule_writes(
    schemareg: Schemareg, here: Path, rule: str, is_safe: bool, before: str, after: str
) -> None:
    record = '{"type": "record", "name": "Paid", "fields": [%s]}\n'
    more = 'complex-union = "error"\n' if rule == "unused-suppression" else ""
    rules = f'[lint]\npreset = "minimal"\n[lint.rules]\n{rule} = "error"\n{more}'
    path = project(here, record % before, rules)
    safe = schemareg("lint", "--fix")
    assert (path.read_text(encoding="utf-8") == record % after) is is_safe, safe.out
    if not is_safe:
        assert "    why: " in safe.out
        answer = schemareg("lint", "--unsafe-fixes")
        assert path.read_text(encoding="utf-8") == record % after, answer.out
    assert schemareg("lint").code == 0


def test_an_enum_defined_elsewhere_is_not_fixed_and_the_advice_names_the_place(
    schemareg: Schemareg, here: Path
) -> None:
    fields = (
        '{"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["A"]}},'
        ' {"name": "b", "type": "E", "default": "A"}'
    )
    rules = '[lint]\npreset = "minimal"\n[lint.rules]\nenum-field-default-only = "error"\n'
    record = '{"type": "record", "name": "Paid", "fields": [%s]}'
    path = project(here, record % fields, rules)
    answer = schemareg("lint", "--unsafe-fixes")
    assert (answer.code, "do: give E a default where it is defined" in answer.out) == (1, True)
    assert path.read_text(encoding="utf-8") == record % fields
