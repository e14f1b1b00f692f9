"""Golden events: what a change of a schema does to them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemareg.errors import ContentError, ExitCode, UsageError
from schemareg.golden import FixturesResult, check_fixtures, generate_fixtures
from schemareg.state import open_state
from schemareg.workspace import load_config, load_project

CONFIG = 'roots = ["schemas"]\n[topics.orders]\nevents = ["shop.Placed"]\n'
ID = {"name": "orderId", "type": "string"}
TOTAL = {"name": "total", "type": "double"}
NOTE = {"name": "note", "type": ["null", "string"], "default": None}


def placed(*fields: Any) -> str:
    return json.dumps(
        {"type": "record", "name": "Placed", "namespace": "shop", "fields": list(fields)}
    )


class Shop:
    """A project with one event, registered as it was in `registered/`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.golden = path / "golden"
        for folder in ("schemas", "registered"):
            (path / folder).mkdir()
            (path / folder / "Placed.avsc").write_text(placed(ID, TOTAL), encoding="utf-8")
        (path / "schemareg.toml").write_text(CONFIG, encoding="utf-8")

    def change(self, text: str, folder: str = "schemas") -> None:
        (self.path / folder / "Placed.avsc").write_text(text, encoding="utf-8")

    def generate(self) -> FixturesResult:
        config = load_config(None, self.path)
        project = load_project(config)
        state = open_state("registered", config=config, project=project)
        return generate_fixtures(project, state, self.golden)

    def check(self) -> FixturesResult:
        config = load_config(None, self.path)
        project = load_project(config)
        state = open_state("registered", config=config, project=project)
        return check_fixtures(project, state, self.golden, shown="golden")

    def file(self, name: str) -> Any:
        return json.loads((self.golden / "shop.Placed" / name).read_text(encoding="utf-8"))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_generate_writes_bytes_and_what_they_mean(shop: Shop) -> None:
    outcome = shop.generate()
    assert outcome.written == ("shop.Placed/v1.json",)
    golden = shop.file("v1.json")
    assert golden["subject"] == "orders-value"
    assert len(golden["events"]) == 3
    for event in golden["events"]:
        size = len(event["event"]["orderId"])
        assert bytes.fromhex(event["bytes"])[1 : 1 + size].decode() == event["event"]["orderId"]
        assert event.keys() == {"bytes", "event"}


def test_check_is_content_with_what_generate_wrote(shop: Shop) -> None:
    shop.generate()
    outcome = shop.check()
    assert (outcome.checked, outcome.findings) == (1, ())
    assert outcome.exit_code() == ExitCode.YES
    assert shop.generate().written == ()


@pytest.mark.parametrize(
    ("change", "findings"),
    [
        (
            lambda shop: shop.change(placed(ID, TOTAL, NOTE)),
            {
                "golden/shop.Placed/current.json": "this version has no golden events yet",
                "golden/shop.Placed/v1.json": "reads it differently: /note was nothing and is None",
            },
        ),
        (
            lambda shop: shop.change(placed(ID, {**TOTAL, "type": "string"})),
            {
                "golden/shop.Placed/current.json": "this version has no golden events yet",
                "golden/shop.Placed/v1.json": "today's schema reads it differently",
            },
        ),
        (
            lambda shop: shop.change(placed(ID, {"name": "sum", "type": "double"}), "registered"),
            {
                "golden/shop.Placed/current.json": "this version has no golden events yet",
                "golden/shop.Placed/v1.json": "the same bytes mean another event: /",
            },
        ),
        (
            lambda shop: shop.change(placed(ID, {"name": "total", "type": "float"}), "registered"),
            {
                "golden/shop.Placed/current.json": "this version has no golden events yet",
                "golden/shop.Placed/v1.json": "event 1: its bytes are no longer the schema's",
            },
        ),
    ],
    ids=["a field more", "another type", "history renamed", "history rewritten"],
)
def test_check_tells_what_a_change_does(
    shop: Shop, change: Callable[[Shop], None], findings: dict[str, str]
) -> None:
    shop.generate()
    change(shop)
    outcome = shop.check()
    assert outcome.exit_code() == ExitCode.NO
    assert [f.location.path for f in outcome.findings] == sorted(findings)
    for finding in outcome.findings:
        assert findings[str(finding.location.path)] in finding.message
    shop.generate()
    assert shop.check().findings == ()


def test_generate_shows_what_today_makes_of_old_bytes(shop: Shop) -> None:
    shop.generate()
    shop.change(placed(ID, TOTAL, NOTE))
    assert shop.generate().written == ("shop.Placed/v1.json", "shop.Placed/current.json")
    event = shop.file("v1.json")["events"][0]
    assert event["today"] == {**event["event"], "note": None}
    assert "today" not in shop.file("current.json")["events"][0]


def test_generate_shows_what_today_refuses(shop: Shop) -> None:
    shop.change(placed(ID, {**TOTAL, "type": "int"}))
    shop.generate()
    event = shop.file("v1.json")["events"][0]
    assert "shop.Placed.total" in event["refused_today"]


def test_a_version_keeps_the_bytes_that_it_had_before_it_was_registered(shop: Shop) -> None:
    (shop.path / "registered" / "Placed.avsc").unlink()
    (shop.path / "registered" / "Other.avsc").write_text(
        placed(ID).replace("Placed", "Other"), encoding="utf-8"
    )
    shop.generate()
    before = shop.file("current.json")["events"]
    shop.change(placed(ID, TOTAL), "registered")
    outcome = shop.generate()
    assert outcome.removed == ("shop.Placed/current.json",)
    assert shop.file("v1.json")["events"] == before


def test_check_tells_of_files_that_nothing_stands_behind(shop: Shop) -> None:
    shop.generate()
    stale = shop.golden / "shop.Placed" / "v7.json"
    stale.write_text((shop.golden / "shop.Placed" / "v1.json").read_text(encoding="utf-8"))
    (finding,) = shop.check().findings
    assert finding.message == "golden events of a version that does not exist any more"
    assert shop.generate().removed == ("shop.Placed/v7.json",)
    assert not stale.exists()


def test_check_without_a_folder_says_what_to_run(shop: Shop) -> None:
    with pytest.raises(UsageError, match="run `schemareg fixtures generate`"):
        shop.check()


def test_project_without_events_is_refused(shop: Shop) -> None:
    (shop.path / "schemareg.toml").write_text('roots = ["schemas"]\n', encoding="utf-8")
    for command in (shop.generate, shop.check):
        with pytest.raises(UsageError, match=r"no topic has events.*\[topics\.NAME\] with events"):
            command()
    assert not shop.golden.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": 9, "events": []}'])
def test_check_refuses_a_file_of_somebody_elses(shop: Shop, text: str) -> None:
    shop.generate()
    (shop.golden / "shop.Placed" / "v1.json").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="not a file of golden events"):
        shop.check()


def test_commands_write_and_check(shop: Shop) -> None:
    def run(command: str) -> subprocess.CompletedProcess[str]:
        base = ["--against", "registered", "--folder", "golden"]
        return subprocess.run(
            [sys.executable, "-m", "schemareg", "fixtures", command, *base],
            cwd=shop.path,
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )

    made = run("generate")
    told = "wrote   shop.Placed/v1.json\ngolden events in 1 file\n"
    assert (made.returncode, made.stdout) == (0, told)
    assert run("check").returncode == 0
    shop.change(placed(ID, TOTAL, NOTE))
    checked = run("check")
    assert checked.returncode == 1
    assert "golden/shop.Placed/v1.json: error golden-event" in checked.stdout
