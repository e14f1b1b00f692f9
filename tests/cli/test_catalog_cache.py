"""Pages that are not rendered again: they are the bytes that a build of everything makes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from schemareg.site.catalog.model import Catalog
from schemareg.site.catalog.views import SubjectPage, subject_page
from tests.cli.conftest import Schemareg

SETTINGS = """\
roots = ["schemas"]
snapshot = "registered"
[topics.orders]
events = ["shop.Placed"]
[topics.returns]
events = ["shop.Returned"]
[topics.parcels]
events = ["shop.Sent"]
"""
SERVICES = """\
[services.shop]
owner = "sales"
paths = ["shop/**"]
produces = [
  { event = "shop.Placed", topic = "orders" },
  { event = "shop.Returned", topic = "returns" },
]
[services.reports]
paths = ["reports/**"]
consumes = [{ event = "shop.Placed", topic = "orders", reader = "reports/Placed.avsc" }]
"""
ALL = {"orders-value", "parcels-value", "returns-value"}


def record(name: str, kind: object, doc: str = "Which.") -> str:
    fields = [{"name": "id", "type": kind, "doc": doc}]
    return json.dumps({"type": "record", "name": name, "doc": "An.", "fields": fields})


def write(here: Path, path: str, text: str) -> None:
    (here / path).parent.mkdir(parents=True, exist_ok=True)
    (here / path).write_text(text)


def replace(here: Path, path: str, old: str, new: str) -> None:
    text = (here / path).read_text()
    assert old in text
    (here / path).write_text(text.replace(old, new))


@pytest.fixture
def project(here: Path) -> Path:
    write(here, "schemareg.toml", SETTINGS)
    write(here, "services.toml", SERVICES)
    write(here, "reports/Placed.avsc", record("shop.Placed", "string"))
    for name, topic in (("Placed", "orders"), ("Returned", "returns"), ("Sent", "parcels")):
        text = record(f"shop.{name}", "string")
        write(here, f"schemas/{name}.avsc", text)
        write(here, f"registered/{topic}-value/v1.avsc", text)
        row = {"subject": f"{topic}-value", "versions": [{"version": 1, "id": 1}]}
        write(here, f"registered/{topic}-value/subject.json", json.dumps(row))
    return here


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The subjects whose pages were rendered, in the order of the builds."""
    subjects: list[str] = []

    def recorded(of: Catalog, subject: str) -> SubjectPage:
        subjects.append(subject)
        return subject_page(of, subject)

    monkeypatch.setattr("schemareg.commands.catalog.subject_page", recorded)
    return subjects


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def new_version(here: Path) -> None:
    folder = "registered/orders-value"
    write(here, f"{folder}/v2.avsc", record("shop.Placed", "string", "Which order."))
    replace(here, f"{folder}/subject.json", "}]", '}, {"version": 2, "id": 5}]')


def uses_a_new_type(here: Path) -> None:
    write(here, "schemas/Returned.avsc", record("shop.Returned", ["null", "shop.Reason"]))
    enum = {"type": "enum", "name": "shop.Reason", "doc": "Why.", "symbols": ["NONE"]}
    write(here, "schemas/Reason.avsc", json.dumps(enum))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda _: None, set(), id="nothing"),
        pytest.param(
            lambda here: replace(here, "schemas/Sent.avsc", "Which.", "Which parcel."),
            {"parcels-value"},
            id="the doc of a field",
        ),
        pytest.param(new_version, {"orders-value"}, id="a registered version"),
        pytest.param(
            lambda here: replace(here, "registered/returns-value/subject.json", ": 1}", ": 7}"),
            {"returns-value"},
            id="a schema id",
        ),
        pytest.param(
            lambda here: write(here, "reports/Placed.avsc", record("shop.Placed", "long")),
            {"orders-value"},
            id="the schema of a reader",
        ),
        pytest.param(
            lambda here: replace(here, "services.toml", '"sales"', '"trade"'),
            {"orders-value", "returns-value"},
            id="an owner",
        ),
        pytest.param(
            lambda here: replace(here, "services.toml", "[services.shop]", "\n[services.shop]"),
            set(),
            id="an empty line among the services",
        ),
        pytest.param(
            lambda here: replace(here, "schemareg.toml", "roots", 'level = "FULL"\nroots'),
            ALL,
            id="the level",
        ),
        pytest.param(uses_a_new_type, {"returns-value", "shop.Reason"}, id="a type that is new"),
        pytest.param(
            lambda here: replace(here, "schemas/Placed.avsc", "Which.", ""),
            {"orders-value"},
            id="what the linter finds",
        ),
    ],
)
def test_a_change_renders_what_it_concerns_and_the_bytes_are_those_of_a_whole_build(
    change: Callable[[Path], None],
    expected: set[str],
    project: Path,
    schemareg: Schemareg,
    rendered: list[str],
) -> None:
    assert schemareg("catalog", "build", "--out", "site").code == 0
    assert set(rendered) == ALL
    rendered.clear()
    change(project)
    assert schemareg("catalog", "build", "--out", "site").code == 0
    assert set(rendered) == expected
    assert schemareg("catalog", "build", "--out", "whole", "--no-cache").code == 0
    assert bytes_in(project / "site") == bytes_in(project / "whole")


def test_a_file_of_the_site_that_somebody_changed_is_written_again(
    project: Path, schemareg: Schemareg
) -> None:
    assert schemareg("catalog", "build", "--out", "site").code == 0
    whole = bytes_in(project / "site")
    (project / "site/subjects/orders-value/index.html").write_text("else")
    shutil.rmtree(project / "site/subjects/returns-value")
    assert schemareg("catalog", "build", "--out", "site").code == 0
    assert bytes_in(project / "site") == whole


@pytest.mark.parametrize("content", [b"", b"{}", b"x\x9cK"], ids=["empty", "plain", "cut off"])
def test_a_broken_cache_counts_as_none(
    content: bytes,
    project: Path,
    schemareg: Schemareg,
    rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    assert schemareg("catalog", "build").code == 0
    files = list((project / "cache").rglob("*.z"))
    assert len(files) == 3
    for path in files:
        path.write_bytes(content)
    rendered.clear()
    assert schemareg("catalog", "build").code == 0
    assert set(rendered) == ALL


@pytest.mark.parametrize("cache", [(), ("--no-cache",)], ids=["warm", "cold"])
def test_the_bytes_do_not_depend_on_the_number_of_processes(
    cache: tuple[str, ...],
    project: Path,
    schemareg: Schemareg,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert schemareg("catalog", "build", "--out", "one").code == 0
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("schemareg.commands.catalog._SUBJECTS_PER_PROCESS", 1)
    assert schemareg("catalog", "build", "--out", "two", *cache).code == 0
    assert bytes_in(project / "two") == bytes_in(project / "one")
