"""`schemareg metrics` over a small history in git."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from schemareg.state.history import Commit, sampled
from tests.cli.conftest import Schemareg
from tests.cli.test_json_outputs import validated

SETTINGS = 'roots = ["schemas"]\n[topics.orders]\nevents = ["shop.Placed"]\n'
SERVICES = """\
[services.shop]
owner = "sales"
paths = ["shop/**"]
produces = [{ event = "shop.Placed", topic = "orders" }]
[[services.reports.consumes]]
event = "shop.Placed"
topic = "orders"
fields = ["id"]
"""
DAYS = (1_700_000_000, 1_710_000_000)


def commit(folder: Path, at_s: int) -> None:
    own = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    environment = {"GIT_AUTHOR_DATE": f"{at_s} +0000", "GIT_COMMITTER_DATE": f"{at_s} +0000"}
    for command in (["init", "-q"], ["add", "-A"], [*own, "commit", "-q", "-m", "change"]):
        subprocess.run(
            ["git", *command], cwd=folder, check=True, env={"PATH": "/usr/bin:/bin", **environment}
        )


def write(folder: Path, fields: list[dict[str, object]]) -> None:
    schema = {"type": "record", "name": "shop.Placed", "doc": "An order.", "fields": fields}
    (folder / "schemas").mkdir(exist_ok=True)
    (folder / "schemas/Placed.avsc").write_text(json.dumps(schema))


@pytest.fixture
def history(here: Path) -> Path:
    (here / "schemareg.toml").write_text(SETTINGS)
    write(here, [{"name": "id", "type": "string"}])
    commit(here, DAYS[0])
    (here / "schemareg.toml").write_text('level = "FULL"\n' + SETTINGS)
    (here / "services.toml").write_text(SERVICES)
    note = {"name": "note", "type": "string", "default": "", "doc": "What.", "deprecated": True}
    write(here, [{"name": "id", "type": "string", "doc": "Which."}, note])
    commit(here, DAYS[1])
    return here


def test_numbers_of_each_commit(schemareg: Schemareg, history: Path) -> None:
    answer = schemareg("metrics", "--lines", "numbers.jsonl", "--prometheus", "schemas.prom")
    assert answer.code == 0, answer.err
    lines = [json.loads(line) for line in (history / "numbers.jsonl").read_text().splitlines()]
    for line in lines:
        del line["commit"], line["findings"]
    first = {
        "at": "2023-11-14T22:13:20Z", "subjects": 1, "types": 1, "fields": 1,
        "documented_fields": 0, "deprecated_fields": 0, "owned_subjects": 0,
        "contract_subjects": 0, "strict_subjects": 0, "failures": 0, "covered_subjects": 0,
        "overdue_fields": 0, "deprecation_days_mean": None, "deprecation_days_max": None,
        "drifting_subjects": None,
    }  # fmt: skip
    assert lines == [
        first,
        {
            **first, "at": "2024-03-09T16:00:00Z", "fields": 2, "documented_fields": 2,
            "deprecated_fields": 1, "owned_subjects": 1, "contract_subjects": 1,
            "strict_subjects": 1, "covered_subjects": 1, "deprecation_days_mean": 0,
            "deprecation_days_max": 0,
        },
    ]  # fmt: skip
    exposed = (history / "schemas.prom").read_text()
    assert "# TYPE schemareg_fields gauge\nschemareg_fields 2\n" in exposed
    assert "2 commits of 2 that changed a schema or the settings" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


def test_json_is_valid_by_its_schema(schemareg: Schemareg, history: Path) -> None:
    answer = schemareg("metrics", "--commits", "1", "--format", "json")
    document = validated(answer.out)
    assert (answer.code, document["command"], document["commits"]) == (0, "metrics", 2)


def test_without_a_repository(schemareg: Schemareg, here: Path) -> None:
    (here / "schemareg.toml").write_text(SETTINGS)
    write(here, [])
    assert schemareg("metrics").code == 2


@pytest.mark.parametrize(
    ("most", "chosen"),
    [(4, "abcd"), (3, "bcd"), (2, "cd"), (1, "d")],
)
def test_long_histories_are_sampled(most: int, chosen: str) -> None:
    days = {"a": 1_700_000_000, "b": 1_700_000_100, "c": 1_703_000_000, "d": 1_706_000_000}
    commits = tuple(Commit(name, at_s) for name, at_s in days.items())
    assert "".join(commit.id for commit in sampled(commits, most)) == chosen


def test_deprecations_age_and_drift_is_counted(schemareg: Schemareg, here: Path) -> None:
    fields: list[dict[str, object]] = [
        {"name": "id", "type": "string", "deprecated": {"since": "2023-11-04"}},
        {"name": "note", "type": "string", "deprecated": {"removal": "2024-03-09"}},
    ]
    (here / "schemareg.toml").write_text('snapshot = "registered"\n' + SETTINGS)
    write(here, fields)
    commit(here, DAYS[0])
    folder = here / "registered/orders-value"
    folder.mkdir(parents=True)
    (folder / "v1.avsc").write_text((here / "schemas/Placed.avsc").read_text())
    row = {"subject": "orders-value", "versions": [{"version": 1, "id": 1}]}
    (folder / "subject.json").write_text(json.dumps(row))
    commit(here, DAYS[1])
    write(here, [*fields, {"name": "late", "type": "string", "default": ""}])
    commit(here, DAYS[1] + 86_400)
    assert schemareg("metrics", "--lines", "numbers.jsonl").code == 0
    lines = [json.loads(line) for line in (here / "numbers.jsonl").read_text().splitlines()]
    assert [line["drifting_subjects"] for line in lines] == [None, 0, 1]
    assert [line["deprecation_days_max"] for line in lines] == [10, 126, 127]
    assert [line["deprecation_days_mean"] for line in lines] == [5, 121, 122]
    assert [line["overdue_fields"] for line in lines] == [0, 1, 1]


def test_catalog_shows_trends_of_the_history(schemareg: Schemareg, history: Path) -> None:
    assert schemareg("catalog", "build").code == 0
    page = (history / "site/trends.html").read_text()
    assert 'aria-label="Fields: 1 on 2023-11-14, 2 on 2024-03-09"' in page
    assert "Deprecated fields <strong>1</strong>" in page
    assert schemareg("catalog", "build", "--commits", "0").code == 0
    assert not (history / "site/trends.html").exists()
