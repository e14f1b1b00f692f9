"""Versions in folders, file names and namespaces: one subject, its history from the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.commands.check import check_project
from schemareg.commands.register import register_project
from schemareg.errors import UsageError
from schemareg.registry import connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.state import open_state
from schemareg.subjects import CompatibilityLevel, Subject, Version
from schemareg.workspace import Config, Project, load_config, load_project


def record(fullname: str, **fields: object) -> str:
    space, _, name = fullname.rpartition(".")
    listed = [
        {"name": n, "type": t[0], "default": t[1]}
        if isinstance(t, tuple)
        else {"name": n, "type": t}
        for n, t in fields.items()
    ]
    return json.dumps({"type": "record", "name": name, "namespace": space, "fields": listed})


TOPICS = '[topics.orders]\nevents = ["shop.Order"]\n'
ITEM = (record("shop.Item", sku="string"), record("shop.Item", sku="string", n=("int", 1)))
ORDER = (record("shop.Order", item="Item"), record("shop.Order", item="Item", note="string"))
FORMS = {
    "folders": (
        "folders",
        {
            "orders/v1/Item.avsc": ITEM[0],
            "orders/v1/Order.avsc": ORDER[0],
            "orders/v2/Item.avsc": ITEM[1],
            "orders/v2/Order.avsc": ORDER[1],
        },
        ("shop.Item", "shop.Item"),
    ),
    "dotted folders": (
        "folders",
        {
            "1.0.0/Item.avsc": ITEM[0],
            "1.0.0/Order.avsc": ORDER[0],
            "1.10.0/Item.avsc": ITEM[1],
            "1.10.0/Order.avsc": ORDER[1],
        },
        ("shop.Item", "shop.Item"),
    ),
    "file names": (
        "files",
        {
            "Item-v1.avsc": ITEM[0],
            "Order-v1.avsc": ORDER[0],
            "Item-v2.avsc": ITEM[1],
            "Order-v2.avsc": ORDER[1],
        },
        ("shop.Item", "shop.Item"),
    ),
    "file names, the newest without a version": (
        "files",
        {
            "Item.v1.avsc": ITEM[0],
            "Order.v1.avsc": ORDER[0],
            "Item.avsc": ITEM[1],
            "Order.avsc": ORDER[1],
        },
        ("shop.Item", "shop.Item"),
    ),
    "namespaces": (
        "namespaces",
        {
            "a.avsc": ITEM[0].replace('"shop"', '"shop.v1"'),
            "b.avsc": ORDER[0].replace('"shop"', '"shop.v1"'),
            "c.avsc": ITEM[1].replace('"shop"', '"shop.v2"'),
            "d.avsc": ORDER[1].replace('"shop"', '"shop.v2"'),
        },
        ("shop.v1.Item", "shop.v2.Item"),
    ),
}


def project_of(
    tmp_path: Path, layout: str, files: dict[str, str], more: str = "", topics: str = TOPICS
) -> tuple[Project, Config]:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    head = f'roots = ["."]\nversions = ["{layout}"]\n'
    (tmp_path / "schemareg.toml").write_text(head + more + topics, encoding="utf-8")
    config = load_config(None, tmp_path)
    return load_project(config), config


@pytest.mark.parametrize("form", FORMS)
def test_one_subject_with_the_versions_of_its_files(tmp_path: Path, form: str) -> None:
    layout, files, (first, second) = FORMS[form]
    project, config = project_of(tmp_path, layout, files)
    assert project.failures == ()
    assert [(s.subject, s.version, len(s.earlier)) for s in project.subjects] == [
        ("shop.Item", 2, 1),
        ("orders-value", 2, 1),
    ]
    assert len(project.files) == 2
    order = project.subjects[1]
    assert (order.references, dict(order.reference_versions)) == (
        ((second, "shop.Item"),),
        {second: 2},
    )
    (earlier,) = order.earlier
    assert [(r.name, r.subject, r.version) for r in earlier.references] == [(first, "shop.Item", 1)]
    result = check_project(project, open_state("versions", config=config, project=project))
    assert [(s.subject, str(s.verdict), s.level) for s in result.subjects] == [
        ("shop.Item", "compatible", "BACKWARD"),
        ("orders-value", "incompatible", "BACKWARD"),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_the_versions_are_registered_in_order_and_once(tmp_path: Path, form: str) -> None:
    layout, files, _ = FORMS[form]
    project, _ = project_of(tmp_path, layout, files, 'level = "NONE"\n')
    with EmbeddedRegistry() as server, connect(server.url) as client:
        result = register_project(project, client, name="r")
        assert [(r.subject, r.version, r.is_new) for r in result.registrations] == [
            ("shop.Item", 1, True),
            ("shop.Item", 2, True),
            ("orders-value", 1, True),
            ("orders-value", 2, True),
        ]
        held = [client.get_version(Subject("orders-value"), Version(v)) for v in (1, 2)]
        assert [[r.version for r in each.references] for each in held] == [[1], [2]]
        again = register_project(project, client, name="r")
        assert [(r.subject, r.version, r.is_new) for r in again.registrations] == [
            ("shop.Item", 2, False),
            ("orders-value", 2, False),
        ]


def test_a_type_that_is_gone_stays_a_subject_of_what_used_it(tmp_path: Path) -> None:
    files = {
        "v1/Item.avsc": ITEM[0],
        "v1/Order.avsc": ORDER[0],
        "v2/Order.avsc": record("shop.Order", sku=("string", "")),
    }
    project, _ = project_of(tmp_path, "folders", files)
    assert [s.subject for s in project.subjects] == ["orders-value"]
    assert [(s.subject, s.version) for s in project.retired] == [("shop.Item", 1)]
    with EmbeddedRegistry() as server, connect(server.url) as client:
        register_project(project, client, name="r")
        assert client.get_versions(Subject("orders-value")) == (1, 2)


@pytest.mark.parametrize(
    ("layout", "paths"),
    [("folders", ("v1/Order.avsc", "1/Order.avsc")), ("files", ("O-v1.avsc", "O.v1.avsc"))],
)
def test_one_version_twice_is_refused(tmp_path: Path, layout: str, paths: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        project_of(tmp_path, layout, dict.fromkeys(paths, ORDER[1].replace("Item", "int")))
    assert str(caught.value) == (
        f"versions: {' and '.join(sorted(paths))} are the same version;"
        " remove one of the two, or exclude it"
    )


def test_what_is_wrong_in_an_earlier_version_is_reported(tmp_path: Path) -> None:
    files = {"v1/Order.avsc": "{", "v2/Order.avsc": record("shop.Order")}
    project, _ = project_of(tmp_path, "folders", files)
    assert [f.location and f.location.path for f in project.failures] == ["v1/Order.avsc"]


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        ([], [("shop.Order", "incompatible", [1]), ("shop.Order", "compatible", [1, 2])]),
        ([1], [("shop.Order", "incompatible", [1]), ("shop.Order", "compatible", [1, 2])]),
        ([1, 2], [("shop.Order", "compatible", [1, 2])]),
        ([1, 2, 3], [("shop.Order", "unchanged", [1, 2, 3])]),
    ],
)
def test_versions_that_would_be_registered_are_judged_in_turn(
    tmp_path: Path, registered: list[int], expected: list[tuple[str, str, list[int]]]
) -> None:
    """Version 2 breaks version 1, and version 3 does not break version 2."""
    texts = {
        1: record("shop.Order", a="int"),
        2: record("shop.Order", a="int", b="int"),
        3: record("shop.Order", a="int", b="int", c=("int", 0)),
    }
    files = {f"v{n}/Order.avsc": text for n, text in texts.items()}
    project, config = project_of(tmp_path, "folders", files, topics="")
    with EmbeddedRegistry() as server, connect(server.url) as client:
        client.set_level(CompatibilityLevel.NONE, Subject("shop.Order"))
        for n in registered:
            client.register(Subject("shop.Order"), texts[n])
        state = open_state(server.url, config=config, project=project)
        result = check_project(project, state, level=CompatibilityLevel.BACKWARD)
    assert [
        (s.subject, str(s.verdict), [v.version for v in s.versions]) for s in result.subjects
    ] == expected
