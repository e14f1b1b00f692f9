"""Files into a project: their order, their subjects, and everything wrong with them at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.errors import ExitCode, UsageError
from schemareg.subjects import Subject
from schemareg.workspace import (
    Config,
    load_config,
    load_project,
)
from tests.workspace.paid import CONFIG, LINE, MONEY, OTHER_FIELDS, PAID, project_of, record


def test_files_come_after_those_they_use() -> None:
    project = project_of(a_paid=PAID, b_line=LINE, c_money=MONEY)
    assert [f.path for f in project.files] == ["c_money.avsc", "b_line.avsc", "a_paid.avsc"]
    assert [f.fullname for f in project.files] == ["shop.Money", "shop.Line", "shop.Paid"]
    paid = project.files[2]
    assert [used.fullname for used in paid.uses] == ["shop.Line", "shop.Money"]
    assert list(paid.schema.names) == ["shop.Paid"]


def test_file_may_use_a_type_of_the_null_namespace() -> None:
    project = project_of(
        a='{"type": "record", "name": "x.A", "fields": [{"name": "b", "type": "B"}]}',
        b='{"type": "fixed", "name": "B", "size": 1}',
    )
    assert project.failures == ()
    assert [f.fullname for f in project.files] == ["B", "x.A"]


def test_file_may_use_a_type_defined_inside_another() -> None:
    project = project_of(
        a='{"type": "record", "name": "A", "fields": [{"name": "d", "type": "D"}]}',
        b='{"type": "record", "name": "B", "fields": [{"name": "d", "type":'
        ' {"type": "fixed", "name": "D", "size": 1}}]}',
    )
    assert [f.fullname for f in project.files] == ["B", "A"]
    assert project.subjects[1].references == (("B", Subject("B")),)


PROBLEMS: list[tuple[dict[str, str], list[str]]] = [
    ({"a": "{"}, ["a.avsc:1:2: "]),
    (
        {"a": MONEY, "b": MONEY.replace("[]", OTHER_FIELDS)},
        [
            "b.avsc:1:1: 'shop.Money' is already defined at a.avsc:1:1, differently;"
            " remove one of the two and use 'shop.Money' by name, or make them equal"
        ],
    ),
    (
        {"a": MONEY, "b": LINE.replace('"Money"', '"Mony"')},
        ["b.avsc:1:94: unknown type 'shop.Mony'; did you mean 'shop.Money'?"],
    ),
    (
        {"a": MONEY, "b": LINE.replace('"Money"', '"other.Money"')},
        ["b.avsc:1:94: unknown type 'other.Money'; did you mean 'shop.Money'?"],
    ),
    (
        {"b": LINE.replace('"Money"', '"strin"')},
        ["b.avsc:1:94: unknown type 'shop.strin'; did you mean 'string'?"],
    ),
    (
        {"b": LINE.replace('"Money"', '"Zebra"')},
        ["b.avsc:1:94: unknown type 'shop.Zebra'; define it, or correct the name"],
    ),
    (
        {
            "a": '{"type": "record", "name": "A", "fields": [{"name": "b", "type": "B"}]}',
            "b": '{"type": "record", "name": "B", "fields": [{"name": "c", "type": "C"}]}',
            "c": '{"type": "record", "name": "C", "fields": [{"name": "a", "type": "A"}]}',
            "d": '{"type": "record", "name": "D", "fields": [{"name": "a", "type": "A"}]}',
        },
        [
            "a.avsc:1:66: these files use each other in a cycle: a.avsc → b.avsc → c.avsc → a.avsc;"
            " a registry can store none of them first: define the types of the cycle in one file",
            "b.avsc:1:66: these files use each other in a cycle: b.avsc → c.avsc → a.avsc → b.avsc;"
            " a registry can store none of them first: define the types of the cycle in one file",
            "c.avsc:1:66: these files use each other in a cycle: c.avsc → a.avsc → b.avsc → c.avsc;"
            " a registry can store none of them first: define the types of the cycle in one file",
        ],
    ),
    # a broken file does not make its users look broken, nor hide what is
    ({"a": MONEY.replace("[]", "{}"), "b": LINE}, ["a.avsc:1:68: "]),
    (
        {
            "a": MONEY.replace("[]", "{}"),
            "b": LINE.replace('{"name": "price"', '{"name": "no-name"'),
        },
        ["a.avsc:1:68: ", "b.avsc:1:77: "],
    ),
    (
        {"a": MONEY, "b": MONEY.replace("[]", OTHER_FIELDS), "c": "[", "d": PAID},
        [
            "b.avsc:1:1: 'shop.Money' is already defined",
            "c.avsc:1:2: ",
            "d.avsc:1:121: unknown type 'shop.Line'",
        ],
    ),
]


@pytest.mark.parametrize(("files", "messages"), PROBLEMS)
def test_project_reports_every_failure_with_its_place(
    files: dict[str, str], messages: list[str]
) -> None:
    failures = [str(failure) for failure in project_of(CONFIG, **files).failures]
    assert len(failures) == len(messages), failures
    for failure, message in zip(failures, messages, strict=True):
        assert failure.startswith(message)
        assert "\n" not in failure


UNREADABLE: list[tuple[str, str]] = [
    ("trailing comma", MONEY.replace("[]", "[],")),
    ("open", MONEY[:-3]),
    (
        "namespace of the outer type",
        LINE.replace('"Money"', MONEY.replace('"namespace": "shop", ', "") + ","),
    ),
    ("of which nothing is recognized", "{"),
    ("without a type", '{"name": "Money", "namespace": "shop"}'),
    ("misspelt type", MONEY.replace('"record"', '"recrod"')),
    ("inside, misspelt type", LINE.replace('"Money"', MONEY.replace('"record"', '"recrod"'))),
]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in UNREADABLE])
def test_one_unreadable_file_makes_no_other_look_broken(text: str) -> None:
    users = {f"user{i}": record(f"User{i}", 'm: "Money"') for i in range(7)}
    project = project_of(CONFIG, Money=text, **users)
    assert [f.location and f.location.path for f in project.failures] == ["Money.avsc"]
    assert project.files == ()
    assert project.blocked == dict.fromkeys((f"{user}.avsc" for user in users), "Money.avsc")


def test_project_keeps_what_does_not_depend_on_a_failure() -> None:
    project = project_of(a=MONEY.replace("[]", "{}"), b=LINE, c=MONEY.replace("Money", "Other"))
    assert [f.fullname for f in project.files] == ["shop.Other"]


def put(directory: Path, **files: str) -> Config:
    for name, text in files.items():
        path = directory / f"{name.replace('__', '/')}.avsc"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (directory / "schemareg.toml").write_text('roots = ["shared", "events"]', encoding="utf-8")
    return load_config(None, directory)


def test_project_of_several_roots(tmp_path: Path) -> None:
    config = put(tmp_path, shared__Money=MONEY, events__line__Line=LINE, other__Other=MONEY)
    project = load_project(config)
    assert [f.path for f in project.files] == ["shared/Money.avsc", "events/line/Line.avsc"]
    assert project.is_whole
    assert project.selected is None


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        pytest.param("nowhere.avsc", "No such file or directory", id="dangling"),
        pytest.param("Link.avsc", "Too many levels of symbolic links", id="loop"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(tmp_path: Path, target: str, reason: str) -> None:
    config = put(tmp_path, shared__Money=MONEY, events__Line=LINE)
    (tmp_path / "events" / "Link.avsc").symlink_to(target)
    with pytest.raises(UsageError) as refusal:
        load_project(config)
    assert str(refusal.value) == (
        f"events/Link.avsc cannot be read: {reason}; check its permissions, or the target of its"
        " link"
    )


def test_project_of_one_file_knows_the_others(tmp_path: Path) -> None:
    config = put(tmp_path, shared__Money=MONEY, events__Line=LINE)
    project = load_project(config, [Path("events")])
    assert project.failures == ()
    assert project.selected == frozenset({"events/Line.avsc"})
    assert not project.is_selected("shared/Money.avsc")


def test_project_of_a_path_outside_the_roots_stands_alone(tmp_path: Path) -> None:
    config = put(tmp_path, shared__Money=MONEY, events__Line=LINE, copy__Money=MONEY)
    project = load_project(config, [tmp_path / "copy"])
    assert [f.path for f in project.files] == ["copy/Money.avsc"]
    assert not project.is_whole
    assert project.selected is None


def test_project_passes_snapshots_over(tmp_path: Path) -> None:
    config = put(tmp_path, shared__Money=MONEY, events__registered__x__v1=MONEY)
    config = replace(config, snapshot=tmp_path / "events/registered")
    (tmp_path / "events/registered/x/subject.json").write_text("{}", encoding="utf-8")
    assert [f.path for f in load_project(config).files] == ["shared/Money.avsc"]


def test_project_without_schemas(tmp_path: Path) -> None:
    for name in ("shared", "events"):
        (tmp_path / name).mkdir()
    with pytest.raises(UsageError) as refusal:
        load_project(put(tmp_path))
    assert str(refusal.value) == (
        "no schemas found: there is no schema (*.avsc, *.avpr, *.avdl) file under shared, events;"
        " name the directory that holds them, or set roots in schemareg.toml"
    )
    assert refusal.value.exit_code is ExitCode.ASKED_WRONGLY


def test_project_with_a_missing_root(tmp_path: Path) -> None:
    config = put(tmp_path, shared__Money=MONEY)
    with pytest.raises(UsageError) as refusal:
        load_project(config)
    assert str(refusal.value) == (
        "schemareg.toml: roots: there is no events;"
        " create it, or correct the path (it is relative to the configuration file)"
    )


def test_project_with_a_missing_path(tmp_path: Path) -> None:
    config = put(tmp_path, shared__Money=MONEY, events__Line=LINE)
    with pytest.raises(UsageError) as refusal:
        load_project(config, [Path("event")])
    assert str(refusal.value) == (
        "event: no such file or directory; name a schema file or a directory of them"
    )
