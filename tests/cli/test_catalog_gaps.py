"""What the catalog shows of names without a page, proposed versions and recorded deployments."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

SERVICES = """\
[environments.production]
[services.shop]
paths = ["shop/**"]
produces = [
  { event = "shop.Placed", topic = "orders" },
  { event = "shop.Planned", topic = "plans" },
]
[services.reports]
paths = ["reports/**"]
consumes = [{ event = "shop.Placed", topic = "orders", fields = ["id"] }]
"""


def record(*names: str, kind: object = "string") -> str:
    fields = [{"name": name, "type": kind, "default": ""} for name in names]
    return json.dumps({"type": "record", "name": "shop.Placed", "fields": fields})


@pytest.fixture
def project(here: Path) -> Path:
    """`orders-value` has 7 versions; the newest refers to a subject that is wholly deleted."""
    folder = here / "registered/orders-value"
    folder.mkdir(parents=True)
    rows: list[dict[str, object]] = [{"version": number} for number in range(1, 8)]
    for number in range(1, 7):
        (folder / f"v{number}.avsc").write_text(record("id", *(f"f{n}" for n in range(number))))
    field = {"name": "code", "type": "shop.Code"}
    (folder / "v7.avsc").write_text(
        json.dumps({"type": "record", "name": "shop.Placed", "fields": [field]})
    )
    rows[-1]["references"] = [{"name": "shop.Code", "subject": "code", "version": 1}]
    content = {"subject": "orders-value", "versions": rows}
    (folder / "subject.json").write_text(json.dumps(content))
    code = here / "registered/code"
    code.mkdir()
    enum = {"type": "enum", "name": "shop.Code", "symbols": ["A"]}
    (code / "v1.avsc").write_text(json.dumps(enum))
    held = {"subject": "code", "versions": [{"version": 1, "deleted": True}]}
    (code / "subject.json").write_text(json.dumps(held))
    (here / "schemas").mkdir()
    (here / "schemas/Placed.avsc").write_text(record("id"))
    (here / "schemareg.toml").write_text(
        'roots = ["schemas"]\nsnapshot = "registered"\n[topics.orders]\nevents = ["shop.Placed"]\n'
    )
    (here / "services.toml").write_text(SERVICES)
    return here


def words(page: Path) -> str:
    return " ".join(re.sub(r"<wbr>|<[^>]*>", lambda m: "" if m[0] == "<wbr>" else " ",
                           page.read_text()).split())  # fmt: skip


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("subjects/orders-value/v7.html", "shop.Code from code version 1 which is deleted"),
        ("services/shop.html", "plans-value which has no schema on plans"),
        ("subjects/orders-value/versions.html", "Field 1 2 3 4 5 6 7 8 proposed"),
        ("subjects/orders-value/versions.html", "events of 1 2 3 4 5 6 7 8 proposed"),
        ("subjects/orders-value/v7-v8.html", "from version 7 to version 8 proposed"),
    ],
)
def test_what_has_no_page_is_named_without_a_link(
    page: str, shown: str, project: Path, schemareg: Schemareg
) -> None:
    assert schemareg("catalog", "build").code == 0
    assert shown in words(project / "site" / page)
    for html in (project / "site").rglob("*.html"):
        for address in re.findall(r'href="([^"#]+)', html.read_text()):
            assert (html.parent / address).exists(), (html, address)


def test_deployments_are_read_from_where_the_records_are(
    project: Path, schemareg: Schemareg
) -> None:
    where = ("--deployments", "records.db")
    answer = schemareg("record-version", "reports@1a", *where)
    assert answer.code == 0, answer.err
    assert schemareg("record-deployment", "reports@1a", "--to", "production", *where).code == 0
    assert schemareg("catalog", "build").code == 0
    assert "Deployed" not in words(project / "site/services/reports.html")
    assert schemareg("catalog", "build", *where).code == 0
    assert "Environment Version Since production 1a" in words(
        project / "site/services/reports.html"
    )


def test_the_order_is_of_what_was_registered_last_where_nothing_is_proposed(
    project: Path, schemareg: Schemareg
) -> None:
    def git(*arguments: str, day: int = 1) -> None:
        when = f"2026-01-{day:02}T00:00:00Z"
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        name = ("-c", "user.name=a", "-c", "user.email=a@company.example")
        command = ["git", *name, *arguments]
        subprocess.run(command, cwd=project, check=True, env={**os.environ, **dates}, timeout=60)

    folder = project / "registered/orders-value"
    newest = (folder / "v7.avsc").read_text()
    rows = json.loads((folder / "subject.json").read_text())
    last = rows["versions"].pop()
    (folder / "v7.avsc").unlink()
    (folder / "subject.json").write_text(json.dumps(rows))
    (project / "schemas/Placed.avsc").write_text((folder / "v6.avsc").read_text())
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    del last["references"], newest
    text = record("id", "note", kind="string")
    (folder / "v7.avsc").write_text(text)
    rows["versions"].append(last)
    (folder / "subject.json").write_text(json.dumps(rows))
    (project / "schemas/Placed.avsc").write_text(text)
    git("add", "-A")
    git("commit", "-qm", "second", day=9)
    assert schemareg("catalog", "build").code == 0
    shown = words(project / "site/order.html")
    assert "This is the order of what was registered last, on 09 Jan 2026" in shown
    assert "Registered first orders-value" in shown


def test_pact_files_of_names_that_differ_by_case_are_files_of_their_own(
    project: Path, schemareg: Schemareg
) -> None:
    (project / "registered/code").rename(project / "unused")
    (project / "registered/orders-value").rename(project / "also-unused")
    reader = 'consumes = [{ event = "shop.Placed", topic = "orders", fields = ["id"] }]\n'
    services = '[services.b-c]\nproduces = [{ event = "shop.Placed", topic = "orders" }]\n'
    services += "[services.c]\n" + services.partition("\n")[2]
    services = services.replace('"orders" }]', '"orders", shared = true }]')
    for name in ("a", "A", "a-b"):
        services += f"[services.{name}]\n{reader}"
    (project / "services.toml").write_text(services)
    schemareg("contracts", "--write-pact", "pacts")
    pairs = {
        (pact["consumer"]["name"], pact["provider"]["name"])
        for path in (project / "pacts").iterdir()
        for pact in [json.loads(path.read_text())]
    }
    assert pairs == {(consumer, provider) for consumer in ("a", "A", "a-b")
                     for provider in ("b-c", "c")}  # fmt: skip
    names = [path.name.casefold() for path in (project / "pacts").iterdir()]
    assert len(set(names)) == 6
