"""`schemareg check --fix`: what is fixed by machine, what by hand, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg


def paid(*fields: str, name: str = "Paid", more: str = "") -> str:
    listed = ", ".join(fields)
    return f'{{"type": "record", "name": "{name}", "namespace": "n", "fields": [{listed}]{more}}}'


ID = '{"name": "id", "type": "int"}'
HOW = '{"name": "how", "type": {"type": "enum", "name": "How", "symbols": %s}}'

FIXES = [
    # level, old, new, fixed (None: not), whether --fix suffices
    (
        "BACKWARD",
        paid(ID),
        paid(ID, '{"name": "note", "type": ["string", "null"], "doc": "n"}'),
        paid(ID, '{"name": "note", "type": ["null", "string"], "default": null, "doc": "n"}'),
        True,
    ),
    (
        "FULL_TRANSITIVE",
        paid(ID),
        paid(ID, '{"name": "note", "type": ["null", "string"]}'),
        paid(ID, '{"name": "note", "type": ["null", "string"], "default": null}'),
        True,
    ),
    (
        "BACKWARD",
        paid('{"name": "order_id", "type": "int"}'),
        paid('{"name": "orderId", "type": "int", "aliases": ["no"]}'),
        paid('{"name": "orderId", "type": "int", "aliases": ["no", "order_id"]}'),
        True,
    ),
    (
        "BACKWARD",
        paid(ID, '{"name": "price", "type": "long"}'),
        paid(ID, '{"name": "net", "type": "long"}'),
        paid(ID, '{"name": "net", "type": "long", "aliases": ["price"]}'),
        False,
    ),
    (
        "BACKWARD",  # two came, one went: nobody knows which it was
        paid('{"name": "price", "type": "long"}'),
        paid('{"name": "net", "type": ["null", "long"]}', '{"name": "gross", "type": "long"}'),
        paid(
            '{"name": "net", "type": ["null", "long"], "default": null}',
            '{"name": "gross", "type": ["null", "long"], "default": null}',
        ),
        False,
    ),
    (
        "BACKWARD",
        paid(ID),
        paid(ID, '{"name": "lines", "type": {"type": "array", "items": "int"}}'),
        paid(ID, '{"name": "lines", "type": {"type": "array", "items": "int"}, "default": []}'),
        False,
    ),
    (
        "BACKWARD",
        paid(HOW % '["CARD", "CASH", "UNKNOWN"]'),
        paid(HOW % '["CARD", "UNKNOWN"]'),
        paid(HOW % '["CARD", "UNKNOWN"], "default": "UNKNOWN"'),
        True,
    ),
    ("BACKWARD", paid(HOW % '["CARD", "CASH"]'), paid(HOW % '["CARD"]'), None, False),
    ("BACKWARD", paid(ID), paid(ID, '{"name": "x", "type": ["int", "string"]}'), None, False),
    ("BACKWARD", paid(ID), paid('{"name": "id", "type": "string"}'), None, False),
    ("FORWARD", paid(ID, '{"name": "x", "type": "int"}'), paid(ID), None, False),
    # under FULL an alias helps new readers only: both names have to be written
    (
        "FULL",
        paid('{"name": "order_id", "type": "int"}'),
        paid('{"name": "orderId", "type": "int"}'),
        None,
        False,
    ),
]


def project(here: Path, level: str, old: str, new: str) -> Path:
    for folder, text in (("old", old), ("schemas", new)):
        (here / folder).mkdir()
        (here / folder / "Paid.avsc").write_text(text, encoding="utf-8")
    (here / "schemareg.toml").write_text(f'level = "{level}"\n', encoding="utf-8")
    return here / "schemas/Paid.avsc"


@pytest.mark.parametrize(("level", "old", "new", "fixed", "by_machine"), FIXES)
def test_what_is_fixed(
    schemareg: Schemareg,
    here: Path,
    level: str,
    old: str,
    new: str,
    fixed: str | None,
    by_machine: bool,
) -> None:
    path = project(here, level, old, new)
    answer = schemareg("check", "--against", "old", "--fix")
    assert (answer.code == 0) is by_machine, answer.out
    if not by_machine:
        answer = schemareg("check", "--against", "old", "--unsafe-fixes")
        assert (answer.code == 0) is (fixed is not None), answer.out
    assert path.read_text(encoding="utf-8") == (fixed or new)
    again = schemareg("check", "--against", "old", "--unsafe-fixes")
    assert ": fixed" not in again.out
    assert path.read_text(encoding="utf-8") == (fixed or new)


def test_diff_writes_nothing(schemareg: Schemareg, here: Path) -> None:
    new = paid(ID, '{"name": "note", "type": ["null", "string"]}')
    path = project(here, "BACKWARD", paid(ID), new)
    answer = schemareg("check", "--against", "old", "--diff")
    assert answer.code == 1
    assert answer.out.splitlines()[:2] == ["--- a/schemas/Paid.avsc", "+++ b/schemas/Paid.avsc"]
    assert path.read_text(encoding="utf-8") == new


def test_a_shared_type_is_fixed_where_it_is_defined(schemareg: Schemareg, here: Path) -> None:
    path = project(here, "BACKWARD", paid(ID), paid(ID))
    order = paid('{"name": "paid", "type": "n.Paid"}', name="Order")
    for folder in ("old", "schemas"):
        (here / folder / "Order.avsc").write_text(order, encoding="utf-8")
    path.write_text(paid(ID, '{"name": "note", "type": ["null", "string"]}'), encoding="utf-8")
    answer = schemareg("check", "--against", "old", "--fix")
    assert answer.code == 0, answer.out
    assert answer.out.startswith("schemas/Paid.avsc: fixed: give note the default null\n")
    assert (here / "schemas/Order.avsc").read_text(encoding="utf-8") == order


def test_what_no_machine_can_fix_hinders_no_other(schemareg: Schemareg, here: Path) -> None:
    new = paid(ID, '{"name": "note", "type": ["null", "string"]}')
    path = project(here, "BACKWARD", paid(ID), new)
    other = paid('{"name": "id", "type": "string"}', name="Other")
    (here / "old/Other.avsc").write_text(paid(ID, name="Other"), encoding="utf-8")
    (here / "schemas/Other.avsc").write_text(other, encoding="utf-8")
    answer = schemareg("check", "--against", "old", "--fix")
    assert answer.code == 1
    assert "schemas/Paid.avsc: fixed: give note the default null" in answer.out
    assert "TYPE_MISMATCH" in answer.out
    assert '"default": null' in path.read_text(encoding="utf-8")


def test_fixes_in_json(schemareg: Schemareg, here: Path) -> None:
    project(here, "BACKWARD", paid(ID), paid(ID, '{"name": "tip", "type": "long"}'))
    report = json.loads(schemareg("check", "--against", "old", "--format", "json").out)
    (violation,) = report["subjects"][0]["violations"]
    assert violation["fix"]["title"] == "let tip be null, which is its default"
    assert violation["fix"]["is_safe"] is False
    report = json.loads(schemareg("check", "--against", "old", "--fix", "--format", "json").out)
    assert [fix["title"] for fix in report["refused"]] == ["let tip be null, which is its default"]
