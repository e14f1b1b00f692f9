"""Which services a change reaches: by files, by fields, through requests, and from the base."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.report.pipelines import Pipeline, as_pipeline
from schemareg.services.impact import ImpactReport, impact_of
from schemareg.services.manifest_file import parse_manifest
from schemareg.workspace import Config
from tests.services.conftest import Fields, MakePlatform

MANIFEST = """
shared_paths = ["lib/**"]
[services.shop]
paths = ["shop/**"]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.till]
paths = ["till/**"]
consumes = [{ event = "shop.Placed", topic = "orders", fields = ["line.price"] }]
[services.post]
consumes = [{ event = "shop.Placed", topic = "orders", fields = ["id"] }]
[services.web]
calls = [{ service = "till" }]
"""


def line(**fields: object) -> dict[str, object]:
    listed = [{"name": name, "type": type_} for name, type_ in fields.items()]
    return {"type": "record", "name": "Line", "fields": listed}


OLD: Fields = {"id": "string", "line": line(price="int", sku="string")}


def reached(report: ImpactReport) -> dict[str, list[str]]:
    return {
        a.service: [" ".join(f"{link.kind}:{link.name}" for link in chain) for chain in a.chains]
        for a in report.affected
    }


@pytest.mark.parametrize(
    ("files", "expected", "unowned"),
    [
        ([], {}, ()),
        (["shop/a.py"], {"shop": ["file:shop/a.py"]}, ()),
        (
            ["till/a/b.py"],
            {"till": ["file:till/a/b.py"], "web": ["file:till/a/b.py call:till"]},
            (),
        ),
        (["shopping/a.py", "README.md"], {}, ("shopping/a.py", "README.md")),
        (
            ["lib/x.py"],
            {name: ["shared-file:lib/x.py"] for name in ("shop", "till", "post", "web")},
            (),
        ),
    ],
)
def test_files_reach_their_services(
    make_platform: MakePlatform,
    files: list[str],
    expected: dict[str, list[str]],
    unowned: tuple[str, ...],
) -> None:
    report = impact_of(make_platform(MANIFEST), files)
    assert (reached(report), report.unowned) == (expected, unowned)


@pytest.mark.parametrize(
    ("new", "services", "spared"),
    [
        (OLD, [], []),
        # only what uses the field, what produces it, and what calls those
        (
            {**OLD, "line": line(price="int", sku=["string", "null"])},
            ["shop", "till", "post", "web"],  # readers of today cannot read a null
            [],
        ),
        ({**OLD, "note": ("string", "")}, ["shop"], ["till", "post"]),
        ({"id": ["string"], "line": OLD["line"]}, ["shop", "post"], ["till"]),
    ],
)
def test_consumers_are_affected_by_field(
    make_platform: MakePlatform, new: Fields, services: list[str], spared: list[str]
) -> None:
    report = impact_of(make_platform(MANIFEST, Placed=([OLD], new)), [])
    assert [a.service for a in report.affected] == services
    assert [name for name, _ in report.spared] == spared


def test_consumer_without_declared_fields_is_affected(make_platform: MakePlatform) -> None:
    manifest = MANIFEST.replace(', fields = ["id"]', "")
    report = impact_of(make_platform(manifest, Placed=([OLD], {**OLD, "n": ("int", 0)})), [])
    assert [a.service for a in report.affected] == ["shop", "post"]


def test_type_used_twice_counts_at_both_places(make_platform: MakePlatform) -> None:
    old: Fields = {"line": line(price="int"), "other": "shop.Line", "id": "string"}
    new: Fields = {"line": line(price="long"), "other": "shop.Line", "id": "string"}
    manifest = MANIFEST.replace('["line.price"]', '["other.price"]')
    report = impact_of(make_platform(manifest, Placed=([new], old)), [])
    assert "field:other.price" in " ".join(reached(report)["till"])


def test_former_consumers_of_a_removed_service_are_affected(make_platform: MakePlatform) -> None:
    before = parse_manifest(MANIFEST.encode(), Path("/p/services.toml"), Config(cwd=Path("/p")))
    now = MANIFEST.replace("[services.shop]", "[services.store]")
    now = now.replace('produces = [{ event = "shop.Placed", topic = "orders" }]\n', "")
    report = impact_of(make_platform(now), ["shop/a.py"], before=before.manifest)
    assert reached(report) == {
        "store": ["file:shop/a.py"],
        "till": ["removed:shop consumes:shop.Placed"],
        "post": ["removed:shop consumes:shop.Placed"],
        "web": ["removed:shop consumes:shop.Placed call:till"],
    }


WAVES = (("a", "b"), ("c",))


def test_github_matrix() -> None:
    lines = as_pipeline(WAVES, Pipeline.GITHUB).splitlines()
    assert lines[:3] == ["any=true", "count=3", "waves=2"]
    assert json.loads(lines[3].removeprefix("matrix=")) == {
        "include": [
            {"service": "a", "wave": 0},
            {"service": "b", "wave": 0},
            {"service": "c", "wave": 1},
        ]
    }
    assert as_pipeline((), Pipeline.GITHUB).splitlines()[0] == "any=false"


def test_github_takes_256_jobs() -> None:
    many = (tuple(f"s{n}" for n in range(257)),)
    with pytest.raises(UsageError, match="257 services are more than the 256 jobs"):
        as_pipeline(many, Pipeline.GITHUB)
    lines = as_pipeline(many, Pipeline.GITHUB, chunk=True).splitlines()
    parts = [json.loads(text.partition("=")[2])["include"] for text in lines[4:]]
    assert (lines[3], [len(part) for part in parts]) == ("chunks=2", [256, 1])


def test_github_counts_outputs_as_utf16() -> None:
    with pytest.raises(UsageError, match="as UTF-16"):
        as_pipeline((tuple("x" * 3000 + str(n) for n in range(200)),), Pipeline.GITHUB)


def test_gitlab_child_is_never_empty() -> None:
    value = json.loads(as_pipeline((), Pipeline.GITLAB))
    assert value["nothing to deploy"] == {"stage": "wave-0", "script": ["true"]}
    value = json.loads(as_pipeline(WAVES, Pipeline.GITLAB))
    assert value["stages"] == ["wave-0", "wave-1"]
    assert value["deploy c"]["stage"] == "wave-1"
    with pytest.raises(UsageError):
        as_pipeline((("x" * 101,),), Pipeline.GITLAB)


def test_argocd_and_helmfile() -> None:
    value = json.loads(as_pipeline(WAVES, Pipeline.ARGOCD))
    assert value["c"] == {"argocd.argoproj.io/sync-wave": "1"}
    value = json.loads(as_pipeline(WAVES, Pipeline.HELMFILE))
    assert value["releases"][2] == {"name": "c", "needs": ["a", "b"]}
