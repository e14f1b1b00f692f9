"""What a command read, judged and passed over is on stderr, whatever the format on stdout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.report import Format
from tests.cli.conftest import Schemareg

WITHOUT_SUBJECT = [
    pytest.param(["check", "--against", "old"], 1, id="check"),
    pytest.param(["register", "--registry", "embedded"], 1, id="register"),
    pytest.param(["plan", "--registry", "embedded"], 1, id="plan"),
    pytest.param(["drift", "--registry", "embedded"], 1, id="drift"),
    pytest.param(["diff", "old"], 1, id="diff"),
    pytest.param(["roundtrip", "--broker", "embedded"], 0, id="roundtrip"),
    pytest.param(["catalog", "build"], 0, id="catalog"),
]


@pytest.mark.parametrize("format", Format)
def test_lint_ends_with_what_it_read_judged_and_passed_over(
    schemareg: Schemareg, here: Path, format: Format
) -> None:
    (here / "schemas").mkdir()
    for name in ("Placed.avsc", "Sent.avsc", "Paid.json"):
        text = f'{{"type": "enum", "name": "{name.partition(".")[0]}", "symbols": ["A"]}}'
        (here / "schemas" / name).write_text(text, encoding="utf-8")
    answer = schemareg("lint", "--format", format.value)
    assert answer.err.splitlines()[-1] == (
        "schemareg: 3 schema files read, 2 judged, 1 passed over"
    )


@pytest.mark.parametrize(("arguments", "passed_over"), WITHOUT_SUBJECT)
def test_a_file_that_no_subject_holds_is_named_by_every_command_about_subjects(
    schemareg: Schemareg, here: Path, arguments: list[str], passed_over: int
) -> None:
    for folder in ("schemas", "old"):
        (here / folder).mkdir()
        (here / folder / "Sizes.avsc").write_text('{"type": "array", "items": "int"}')
        (here / folder / "Kind.avsc").write_text('{"type": "enum", "name": "K", "symbols": ["A"]}')
    (here / "schemareg.toml").write_text('roots = ["schemas"]')
    answer = schemareg(*arguments)
    text = " ".join((answer.out + answer.err).split())
    assert "Sizes.avsc" in text
    assert "no subject holds this file: its outermost type is an array" in text
    assert answer.err.endswith(f" {passed_over} passed over\n")


@pytest.mark.parametrize("command", ["lint", "check --against old", "register --registry embedded"])
def test_files_that_use_a_refused_file_are_counted_and_named(
    schemareg: Schemareg, here: Path, command: str
) -> None:
    for folder in ("schemas", "old"):
        (here / folder).mkdir()
        (here / folder / "Money.avsc").write_text('{"type": "enum", "name": "Money",')
        for name in ("A", "B"):
            field = '{"name": "price", "type": "Money"}'
            text = f'{{"type": "record", "name": "{name}", "fields": [{field}]}}'
            (here / folder / f"{name}.avsc").write_text(text)
    (here / "schemareg.toml").write_text('roots = ["schemas"]')
    answer = schemareg(*command.split())
    unit, judged, passed_over = ("schema file", 1, 2) if command == "lint" else ("subject", 0, 3)
    total = judged + passed_over
    assert answer.err.splitlines() == [
        "schemareg: passed over 2 files, using types of the refused schemas/Money.avsc:"
        " schemas/A.avsc, schemas/B.avsc",
        f"schemareg: {total} {unit}s read, {judged} judged, {passed_over} passed over",
    ]


@pytest.mark.parametrize(
    ("command", "exit_code", "error"),
    [
        (
            "sample shop.Sold",
            2,
            "'shop.Sold' has no schema: schemas/Sold.avsc uses types of the refused"
            " schemas/Money.avsc; correct what `schemareg lint schemas/Money.avsc` reports",
        ),
        (
            "sample Sold",
            2,
            "'Sold' has no schema: schemas/Sold.avsc uses types of the refused"
            " schemas/Money.avsc; correct what `schemareg lint schemas/Money.avsc` reports",
        ),
        (
            "sample Money",
            2,
            "'Money' has no schema: schemas/Money.avsc is refused;"
            " correct what `schemareg lint schemas/Money.avsc` reports",
        ),
        ("sample Soldier", 2, "no schema defines 'Soldier'; known: shop.Other"),
        (
            "fingerprint schemas/Sold.avsc",
            1,
            "schemas/Money.avsc:1:34: not JSON: expecting property name",
        ),
    ],
)
def test_a_type_of_a_file_that_uses_a_refused_one_is_not_called_unknown(
    schemareg: Schemareg, here: Path, command: str, exit_code: int, error: str
) -> None:
    (here / "schemas").mkdir()
    (here / "schemas" / "Money.avsc").write_text('{"type": "enum", "name": "Money",')
    for name, type_ in (("Sold", "shop.Money"), ("Other", "int")):
        field = {"name": "price", "type": type_}
        schema = {"type": "record", "name": name, "namespace": "shop", "fields": [field]}
        (here / "schemas" / f"{name}.avsc").write_text(json.dumps(schema))
    (here / "schemareg.toml").write_text('roots = ["schemas"]')
    answer = schemareg(*command.split())
    assert answer.code == exit_code
    assert answer.err.splitlines()[-1].startswith(f"schemareg: error: {error}")


def test_files_that_use_one_refused_as_before_are_judged(schemareg: Schemareg, here: Path) -> None:
    for folder, type_ in (("schemas", "string"), ("old", "int")):
        (here / folder).mkdir()
        (here / folder / "Money.avsc").write_text(
            '{"type": "record", "name": "Money", "fields": [{"name": "cents", "type":'
            ' {"type": "array", "items": "int"}, "default": null}]}'
        )
        (here / folder / "Paid.avsc").write_text(
            '{"type": "record", "name": "Paid", "fields": [{"name": "of", "type": "Money"},'
            f' {{"name": "by", "type": "{type_}"}}]}}'
        )
    (here / "schemareg.toml").write_text('roots = ["schemas"]')
    answer = schemareg("check", "--against", "old")
    assert answer.err == "schemareg: 2 subjects read, 2 judged, 0 passed over\n"
    assert answer.out.startswith("INCOMPATIBLE Paid (BACKWARD) with old\n")
    assert answer.code == 1
