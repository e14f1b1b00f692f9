"""Reading services.toml: every problem of the file, at its line, and what it names wrongly."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from schemareg.errors import UsageError
from schemareg.services.findings import manifest_findings
from schemareg.services.manifest import Retention
from schemareg.services.manifest_file import parse_manifest, read_manifest
from schemareg.services.rows import manifest_schema
from schemareg.workspace import Config
from tests.services.conftest import MakePlatform

REPOSITORY = Path(__file__).parents[2]


def problems(text: str) -> list[tuple[int, str, str | None]]:
    read = parse_manifest(text.encode(), Path("/p/services.toml"), Config(cwd=Path("/p")))
    return [(p.location.line, p.message, p.advice) for p in read.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[services.a]\nownr = "x"\n', [(2, "unknown key 'ownr'", "did you mean 'owner'?")]),
        (
            '[[services.a.consumes]]\ntopic = "t"\n',
            [(1, "event is missing: Full name of the event.", None)],
        ),
        (
            "[services.a]\nowner = 3\npaths = ['x', 4]\n",
            [(2, "3 is not a text", None), (3, "4 is not a list of texts", None)],
        ),
        (
            '[topics.t]\nretention = "7 days"\n',
            [
                (
                    2,
                    "'7 days' is not a duration such as 30s, 15m, 12h, 7d, 2w, or forever",
                    None,
                )
            ],
        ),
        ("services = 3\n", [(1, "3 is not a table of tables", None)]),
        ("services = { a = 3 }\n", [(1, "3 is not a table", None)]),
        (
            "[services.a]\nproduces = [{ event = 'E', topic = 't', strategy = 'x' }]\n",
            [(2, "'x' is not one of topic, record, topic-record", None)],
        ),
        ("[chains.c]\ndeadline = '1d'\n", [(1, "steps is missing: The steps in order.", None)]),
    ],
)
def test_problems_have_line_value_and_advice(
    text: str, expected: list[tuple[int, str, str | None]]
) -> None:
    assert problems(text) == expected


def test_all_problems_of_a_file_are_reported() -> None:
    text = "x = 1\n[services.a]\nb = 1\n[services.c]\nd = 1\n"
    assert [line for line, _, _ in problems(text)] == [1, 3, 5]


@pytest.mark.parametrize("text", [b"\xff", b"= 1", b"a = " + b"[" * 5000])
def test_what_is_not_toml_is_a_usage_error(text: bytes) -> None:
    with pytest.raises(UsageError):
        parse_manifest(text, Path("/p/services.toml"), Config(cwd=Path("/p")))


def test_manifests_of_services_are_included(tmp_path: Path) -> None:
    (tmp_path / "services.toml").write_text('include = ["*/service.toml"]\n[services.a]\n')
    for name in ("b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "service.toml").write_text(f"[services.{name}]\n[services.a]\n")
    read = read_manifest(tmp_path / "services.toml", Config(cwd=tmp_path))
    assert list(read.manifest.services) == ["a", "b", "c"]
    assert [(str(p.location), p.message) for p in read.problems] == [
        ("b/service.toml:2:1", "the service 'a' is declared twice"),
        ("c/service.toml:2:1", "the service 'a' is declared twice"),
    ]


@pytest.mark.parametrize("glob", ["../*.toml", "/etc/*.toml", "none/*.toml"])
def test_includes_stay_below_the_manifest(tmp_path: Path, glob: str) -> None:
    (tmp_path / "services.toml").write_text(f'include = ["{glob}"]\n')
    read = read_manifest(tmp_path / "services.toml", Config(cwd=tmp_path))
    assert [p.rule for p in read.problems] == ["manifest-value"]


@pytest.mark.parametrize("glob", ["*/service.toml", "**/service.toml", "**/**/b/*.toml", "b/[s]*"])
def test_an_include_that_leads_out_is_an_error(tmp_path: Path, glob: str) -> None:
    top = tmp_path / "repository"
    (top / "b").mkdir(parents=True)
    (top / ".git").mkdir()
    (tmp_path / "service.toml").write_text("[services.x]\n", encoding="utf-8")
    (top / "b/service.toml").symlink_to("../../service.toml")
    (top / "services.toml").write_text(f'include = ["{glob}"]\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"b/service\.toml cannot be used: it leads out of the"):
        read_manifest(top / "services.toml", Config(cwd=top))


def test_retention_is_for_ever_unless_it_ends() -> None:
    text = "[topics]\na = {}\nb = {retention = '2d'}\nc = {compacted = true}\nd = {wiped = true}\n"
    read = parse_manifest(text.encode(), Path("/p/services.toml"), Config(cwd=Path("/p")))
    assert dict(read.manifest.retention) == {
        "a": Retention(),
        "b": Retention(seconds=172_800),
        "c": Retention(compacted=True),
        "d": Retention(wiped=True),
    }
    assert [r.for_ever for r in read.manifest.retention.values()] == [True, False, True, False]


BASE = """
[services.shop]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.till]
produces = [{ event = "shop.Paid", topic = "payments" }]
consumes = [{ event = "shop.Placed", topic = "orders" }]
[services.post]
consumes = [{ event = "shop.Paid", topic = "payments" }]
"""


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("", []),
        (
            'calls = [{ service = "tills" }]',
            [("unknown-service", "post.calls", "did you mean 'till'?")],
        ),
        (
            '[services.x]\nproduces = [{ event = "shop.Paid", topic = "payments" }]',
            [
                (
                    "two-producers",
                    "shop.Paid",
                    "set shared = true at each of them where that is intended",
                )
            ],
        ),
        (
            '[services.x]\nconsumes = [{ event = "shop.Payd", topic = "payments" }]',
            [
                ("unknown-event", "x.consumes.shop.Payd", "did you mean 'shop.Paid'?"),
                ("not-produced", "shop.Payd", "declare its producer"),
            ],
        ),
        (
            '[[services.x.consumes]]\nevent = "shop.Paid"\ntopic = "payments"\nfields = ["ids"]',
            [("unknown-field", "x.consumes.shop.Paid", "did you mean 'id'?")],
        ),
        (
            '[services.x]\nconsumes = [{ event = "shop.Paid", topic = "payment" }]',
            [
                ("unknown-topic", "x.consumes.shop.Paid", "did you mean 'payments'?"),
                ("not-produced", "shop.Paid", "declare its producer"),
            ],
        ),
        (
            '[[services.x.consumes]]\nevent = "shop.Paid"\ntopic = "payments"\nreader = "no.avsc"',
            [("unreadable-reader", "x.consumes.shop.Paid", None)],
        ),
        (
            '[chains.c]\nsteps = [{ event = "shop.Placed", undo = "shop.Gone" }]',
            [("not-produced", "chains.c", "known: shop.Paid, shop.Placed")],
        ),
        ("[topics.order]", [("unknown-topic", "topics.order", "did you mean 'orders'?")]),
    ],
)
def test_findings_about_names(
    make_platform: MakePlatform, added: str, expected: list[tuple[str, str, str | None]]
) -> None:
    platform = make_platform(BASE + added)
    found = [(f.rule, f.element, f.advice) for f in manifest_findings(platform)]
    assert found == expected


def test_published_schema_is_up_to_date() -> None:
    text = (REPOSITORY / "docs/schemas/services-manifest.json").read_text(encoding="utf-8")
    assert json.loads(text) == manifest_schema(), "write it anew: scripts/write-schemas"


def test_published_schema_accepts_the_example_and_refuses_problems() -> None:
    schema = manifest_schema()
    example = tomllib.loads((REPOSITORY / "schemas/services.toml").read_text(encoding="utf-8"))
    jsonschema.validate(example, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"services": {"a": {"ownr": "x"}}}, schema)
