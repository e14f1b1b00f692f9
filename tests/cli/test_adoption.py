"""A repository that was never linted: one command, all green; the next bad field is reported."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.cli.conftest import Schemareg

FILES = 200


def git(*arguments: str) -> None:
    own = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    subprocess.run(["git", *own, *arguments], check=True, capture_output=True, timeout=60)


def schema(number: int, *more: dict[str, object]) -> str:
    """A record without docs, in two styles of names, with a sum of money as a double."""
    fields: list[dict[str, object]] = [
        {"name": "orderID" if number % 2 else "order_id", "type": ["null", "string"]},
        {"name": "price", "type": "double"},
        *more,
    ]
    name = f"shop.event_{number}"
    return json.dumps({"type": "record", "name": name, "fields": fields}, indent=2)


def test_two_hundred_schemas_are_adopted_by_one_command(schemareg: Schemareg, here: Path) -> None:
    (here / "events").mkdir()
    for number in range(FILES):
        (here / f"events/Event{number}.avsc").write_text(schema(number), encoding="utf-8")
    git("init", "-q", "-b", "main")
    before = json.loads(schemareg("lint", "events", "--format", "json").out)
    assert len(before["findings"]) > FILES

    done = schemareg("init")
    assert done.code == 0, done.err
    assert f"{FILES} schemas from the schemas here" in done.out
    answer = schemareg("lint", "--fail-on", "info")
    assert (answer.code, "clean" in answer.out) == (0, True), answer.out
    git("add", ".")
    git("commit", "-qm", "Adopt")
    assert schemareg("ci").code == 0

    bad = schema(7, {"name": "unitPrice", "type": "double"})
    (here / "events/Event7.avsc").write_text(bad, encoding="utf-8")
    report = json.loads(schemareg("lint", "--format", "json", "--fail-on", "warning").out)
    new = [f for f in report["findings"] if f["suppressed"] is None]
    assert {f["element"] for f in new} == {"shop.event_7.unitPrice"}
    line = bad[: bad.index('"unitPrice"')].count("\n")  # that of the brace before
    assert {f["location"]["line"] for f in new} == {line}
    checked = schemareg("check")
    assert checked.code == 1
    assert "unitPrice" in checked.out
