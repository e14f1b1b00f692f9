"""What a command read, judged and passed over is on stderr, whatever the format on stdout."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.report import Format
from tests.cli.conftest import Schemareg


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
