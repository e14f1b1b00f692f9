"""`check` names the declared consumers that a change breaks, whatever the level promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

FIELD = '{"name": "%s", "type": "string"}'
PAID = '{"type": "record", "name": "Paid", "fields": [%s]}'
BOTH = PAID % f"{FIELD % 'id'}, {FIELD % 'note'}"
ID = PAID % (FIELD % "id")
CONFIG = """[topics.payments]
events = ["Paid"]

[consumers.billing.reads]
payments-value = "consumers/billing.avsc"
"""
MESSAGE = "billing cannot read it with consumers/billing.avsc: "


@pytest.mark.parametrize(
    ("before", "after", "reader", "code", "broken"),
    [
        pytest.param(BOTH, ID, BOTH, 1, ["payments-value"], id="a-field-that-it-needs-is-gone"),
        pytest.param(BOTH, ID, ID, 0, [], id="a-field-that-it-does-not-read-is-gone"),
        pytest.param(ID, ID, BOTH, 0, [], id="nothing-changed"),
    ],
)
def test_check_names_consumers_that_break(
    schemareg: Schemareg,
    here: Path,
    before: str,
    after: str,
    reader: str,
    code: int,
    broken: list[str],
) -> None:
    (here / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    for path, text in (
        ("old/Paid.avsc", before),
        ("schemas/Paid.avsc", after),
        ("consumers/billing.avsc", reader),
    ):
        (here / path).parent.mkdir()
        (here / path).write_text(text, encoding="utf-8")
    result = schemareg("check", "--against", "old", "--format", "json")
    found = [f for f in json.loads(result.out)["policy"] if f["rule"] == "consumer-breaks"]
    assert (result.code, [f["element"] for f in found]) == (code, broken)
    assert all(f["message"].startswith(MESSAGE) for f in found)
