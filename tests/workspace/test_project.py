"""Files into a project: their order, their subjects, and everything wrong with them at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.errors import ExitCode, UsageError
from schemareg.places import Pointer
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy
from schemareg.workspace import (
    Config,
    Project,
    TopicConfig,
    build_project,
    load_config,
    load_project,
)

CONFIG = Config(cwd=Path("/"))
MONEY = '{"type": "record", "name": "Money", "namespace": "shop", "fields": []}'
OTHER_FIELDS = '[{"name": "x", "type": "int"}]'
LINE = (
    '{"type": "record", "name": "Line", "namespace": "shop", "fields": ['
    '{"name": "price", "type": "Money"}]}'
)
PAID = (
    '{"type": "record", "name": "Paid", "namespace": "shop", "fields": ['
    '{"name": "lines", "type": {"type": "array", "items": "shop.Line"}},'
    '{"name": "sum", "type": ["null", "Money"], "default": null}]}'
)


def project_of(config: Config = CONFIG, /, **files: str) -> Project:
    texts = [(f"{name}.avsc", text.encode()) for name, text in files.items()]
    return build_project(texts, config)


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


def _record(name: str, *fields: str, more: str = "") -> str:
    """A record of namespace shop; each field is `name: JSON of its type`."""
    pairs = (field.split(": ", 1) for field in fields)
    inner = ", ".join(f'{{"name": "{name}", "type": {type_}}}' for name, type_ in pairs)
    return f'{{"type": "record", "name": "{name}", "namespace": "shop", {more}"fields": [{inner}]}}'


KIND = '{"type": "enum", "name": "Kind", "namespace": "shop", "symbols": ["A", "B"]}'
KIND_WITH_DOC = KIND.replace('"symbols"', '"doc": "Which.", "symbols"')
KIND_WITH_DEFAULT = KIND.replace('["A", "B"]', '["A", "B"], "default": "A"')
TREE = _record("Tree", 'below: {"type": "array", "items": "Tree"}')

COPIES: list[tuple[str, dict[str, str], list[str]]] = [
    ("of an enum", {"a": _record("A", f"k: {KIND}"), "b": _record("B", f"k: {KIND}")}, []),
    (
        "in doc only",
        {"a": _record("A", f"k: {KIND}"), "b": _record("B", f"k: {KIND_WITH_DOC}")},
        [],
    ),
    ("of a file", {"a": KIND, "b": _record("B", f"k: {KIND}")}, []),
    ("of a recursive type", {"a": TREE, "b": _record("B", f"t: {TREE}")}, []),
    (
        "inside a file that uses others",
        {
            "a": _record("A", f"k: {KIND}"),
            "b": MONEY,
            "c": _record("C", f"k: {KIND}", 'm: "Money"'),
        },
        [],
    ),
    (
        "with another default",
        {"a": _record("A", f"k: {KIND}"), "b": _record("B", f"k: {KIND_WITH_DEFAULT}")},
        [
            "b.avsc:1:87: 'shop.Kind' is already defined at a.avsc:1:87, differently; remove one"
            " of the two and use 'shop.Kind' by name, or make them equal"
        ],
    ),
    (
        "with another symbol",
        {
            "a": _record("A", f"k: {KIND}"),
            "b": _record("B", "k: " + KIND.replace('"B"]', '"B", "C"]')),
            "c": _record("C", 'b: "B"'),
        },
        ["b.avsc:1:87: 'shop.Kind' is already defined at a.avsc:1:87, differently; "],
    ),
]


@pytest.mark.parametrize(("files", "messages"), [pytest.param(f, m, id=i) for i, f, m in COPIES])
def test_files_that_repeat_a_definition(files: dict[str, str], messages: list[str]) -> None:
    project = project_of(CONFIG, **files)
    failures = [str(failure) for failure in project.failures]
    assert len(failures) == len(messages), failures
    for failure, message in zip(failures, messages, strict=True):
        assert failure.startswith(message)
    if not messages:
        assert len(project.files) == len(files)
        assert project.without_subject() == ()


UNREADABLE: list[tuple[str, str]] = [
    ("trailing comma", MONEY.replace("[]", "[],")),
    ("open", MONEY[:-3]),
    (
        "namespace of the outer type",
        LINE.replace('"Money"', MONEY.replace('"namespace": "shop", ', "") + ","),
    ),
    ("of which nothing is recognized", "{"),
]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in UNREADABLE])
def test_one_unreadable_file_makes_no_other_look_broken(text: str) -> None:
    users = {f"user{i}": _record(f"User{i}", 'm: "Money"') for i in range(7)}
    project = project_of(CONFIG, Money=text, **users)
    assert [f.location and f.location.path for f in project.failures] == ["Money.avsc"]
    assert project.files == ()


LISTED = replace(CONFIG, topics=(TopicConfig("moved", ("shop.Moved",), key="shop.Id"),))
ID = '{"type": "fixed", "name": "shop.Id", "size": 4}'
MOVED = _record("Moved", 'kind: "shop.Kind"')
KIND_IS_A_TYPE = ("shop.Kind", "type", None, KIND, ())
MOVED_USES = ("shop.Kind", "shop.Kind")

PARTS: list[tuple[str, dict[str, str], list[tuple[object, ...]], list[str]]] = [
    (
        "union of definitions",
        {"u": f"[ {KIND}, {ID} ]", "m": MOVED},
        [
            KIND_IS_A_TYPE,
            ("moved-key", "key", "moved", ID, ()),
            ("moved-value", "value", "moved", MOVED, (MOVED_USES,)),
        ],
        [],
    ),
    (
        "array of a definition",
        {"u": f'{{"type": "array", "items": {KIND}}}', "m": MOVED, "i": ID},
        [
            KIND_IS_A_TYPE,
            ("moved-key", "key", "moved", ID, ()),
            ("moved-value", "value", "moved", MOVED, (MOVED_USES,)),
        ],
        [],
    ),
    (
        "branches that use each other",
        {"u": '[{"type": "record", "name": "shop.Moved", "fields": [{"name": "k", "type":'
         f' "Kind"}}]}}, {KIND}, {ID}]'},
        [
            KIND_IS_A_TYPE,
            ("moved-key", "key", "moved", ID, ()),
            (
                "moved-value", "value", "moved",
                '{"type": "record", "name": "shop.Moved", "fields": [{"name": "k",'
                ' "type": "Kind"}]}',
                (MOVED_USES,),
            ),
        ],
        [],
    ),
    (
        "key that is inside of a type",
        {"m": _record("Moved", f"id: {ID}")},
        [
            ("shop.Moved", "type", None, _record("Moved", f"id: {ID}"), ()),
            ("moved-key", "key", "moved", '"shop.Id"', (("shop.Moved", "shop.Moved"),)),
            ("moved-value", "value", "moved", _record("Moved", f"id: {ID}"), ()),
        ],
        [],
    ),
    (
        "roots that no subject can hold",
        {"a": '{"type": "map", "values": "int"}', "m": _record("Moved", "a: " + ID), "p": '"int"'},
        [
            ("shop.Moved", "type", None, _record("Moved", "a: " + ID), ()),
            ("moved-key", "key", "moved", '"shop.Id"', (("shop.Moved", "shop.Moved"),)),
            ("moved-value", "value", "moved", _record("Moved", "a: " + ID), ()),
        ],
        ["a.avsc", "p.avsc"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "subjects", "unheld"), [pytest.param(f, s, u, id=i) for i, f, s, u in PARTS]
)
def test_every_named_type_is_in_a_subject_whatever_the_root(
    files: dict[str, str], subjects: list[tuple[object, ...]], unheld: list[str]
) -> None:
    project = project_of(LISTED, **files)
    assert project.failures == ()
    assert [
        (s.subject, s.role, s.topic, s.text, s.references) for s in project.subjects
    ] == subjects
    assert [file.path for file in project.without_subject()] == unheld


def test_types_that_use_each_other_in_a_file_without_a_name() -> None:
    pair = [_record("A", 'b: ["null", "B"]'), _record("B", 'a: ["null", "A"]')]
    project = project_of(CONFIG, u=f"[{', '.join(pair)}]", c=_record("C", 'a: "A"'))
    assert [str(failure) for failure in project.failures] == [
        "c.avsc:1:87: 'shop.A' is in u.avsc, whose types use each other in a cycle; a registry can"
        " store none of them first: nest them in one named type"
    ]
    assert [file.path for file in project.without_subject()] == ["u.avsc"]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (
            SubjectNameStrategy.TOPIC,
            [
                ("shop.Paid", "type", "NONE"),
                ("paid-value", "value", "NONE"),
                ("shop.U", "type", "FULL"),
            ],
        ),
        (SubjectNameStrategy.RECORD, [("shop.Paid", "value", "NONE"), ("shop.U", "type", "FULL")]),
    ],
)
def test_event_of_which_another_file_uses_a_nested_type_keeps_its_level(
    strategy: SubjectNameStrategy, expected: list[tuple[str, str, str]]
) -> None:
    topic = TopicConfig("paid", ("shop.Paid",), strategy, level=CompatibilityLevel.NONE)
    config = replace(CONFIG, level=CompatibilityLevel.FULL, topics=(topic,))
    project = project_of(config, a=_record("Paid", f"k: {KIND}"), b=_record("U", 'k: "Kind"'))
    found = [(s.subject, s.role, s.level and s.level.value) for s in project.subjects]
    assert sorted(found) == sorted(expected)


def test_places_in_a_part_are_those_of_its_file() -> None:
    project = project_of(CONFIG, u=f"[\n  {KIND},\n  {ID}\n]")
    assert [str(s.location(Pointer("/name"))) for s in project.subjects] == [
        "u.avsc:2:28",
        "u.avsc:3:29",
    ]


def test_project_keeps_what_does_not_depend_on_a_failure() -> None:
    project = project_of(a=MONEY.replace("[]", "{}"), b=LINE, c=MONEY.replace("Money", "Other"))
    assert [f.fullname for f in project.files] == ["shop.Other"]


TYPE_IN_TWO_ROLES = replace(
    CONFIG,
    level=CompatibilityLevel.FULL,
    subjects={Subject("shop.Money"): CompatibilityLevel.NONE},
    topics=(
        TopicConfig("paid", ("shop.Paid",), key="long", level=CompatibilityLevel.BACKWARD),
        TopicConfig(
            "money",
            ("shop.Money", "shop.Line"),
            SubjectNameStrategy.TOPIC_RECORD,
            key="shop.Key",
        ),
    ),
)


def test_subjects_of_topics_keys_and_shared_types() -> None:
    key = MONEY.replace("Money", "Key")
    project = project_of(TYPE_IN_TWO_ROLES, a=PAID, b=LINE, c=MONEY, d=key)
    money, line = ("shop.Money", "shop.Money"), ("shop.Line", "shop.Line")
    assert [
        (s.subject, s.role, s.topic, s.level and s.level.value, s.references)
        for s in project.subjects
    ] == [
        ("shop.Money", "type", None, "NONE", ()),
        ("shop.Line", "type", None, "FULL", (money,)),
        ("paid-key", "key", "paid", "BACKWARD", ()),
        ("paid-value", "value", "paid", "BACKWARD", (line, money)),
        ("money-key", "key", "money", "FULL", ()),
        ("money-shop.Money", "value", "money", "FULL", ()),
        ("money-shop.Line", "value", "money", "FULL", (money,)),
    ]
    assert project.subjects[2].text == '"long"'
    assert project.subjects[2].file is None
    assert project.subjects[3].text == PAID


@pytest.mark.parametrize(
    ("files", "path", "text"),
    [
        pytest.param({}, None, '["shop.Paid", "shop.Money"]', id="made-of-the-names"),
        pytest.param(
            {"u": '["shop.Money", "shop.Paid"]'}, "u.avsc", '["shop.Money", "shop.Paid"]', id="file"
        ),
        pytest.param(
            {"u": '["null", "shop.Paid"]'}, None, '["shop.Paid", "shop.Money"]', id="other-union"
        ),
    ],
)
def test_topic_of_several_events_has_the_union_of_them(
    files: dict[str, str], path: str | None, text: str
) -> None:
    config = replace(CONFIG, topics=(TopicConfig("paid", ("shop.Paid", "shop.Money")),))
    project = project_of(config, a=PAID, b=LINE, c=MONEY, **files)
    assert [(s.subject, s.role) for s in project.subjects] == [
        ("shop.Money", "type"),
        ("shop.Line", "type"),
        ("shop.Paid", "type"),
        ("paid-value", "value"),
    ]
    union = project.subjects[-1]
    assert (union.file and union.file.path, union.text) == (path, text)
    assert union.references == (("shop.Money", "shop.Money"), ("shop.Paid", "shop.Paid"))
    assert [file.path for file in project.without_subject()] == (
        ["u.avsc"] if files and path is None else []
    )


def test_topic_names_an_event_that_no_file_defines() -> None:
    config = replace(
        CONFIG, source=Path("/schemareg.toml"), topics=(TopicConfig("paid", ("shop.Payd",)),)
    )
    with pytest.raises(UsageError) as refusal:
        project_of(config, a=PAID, b=LINE, c=MONEY)
    assert str(refusal.value) == (
        "schemareg.toml: topics.paid.events: no schema file defines 'shop.Payd';"
        " did you mean 'shop.Paid'? Otherwise add its file, or take it out of the configuration"
    )


@pytest.mark.parametrize(
    ("subject", "advice"),
    [
        pytest.param("shop.Mony", "did you mean 'shop.Money'?", id="misspelt"),
        pytest.param("paid-valeu", "did you mean 'paid-value'?", id="of-a-topic"),
    ],
)
def test_a_level_for_a_subject_that_is_not_there(subject: str, advice: str) -> None:
    """Its author believes that something is protected which is not."""
    config = replace(
        CONFIG,
        source=Path("/schemareg.toml"),
        topics=(TopicConfig("paid", ("shop.Paid",)),),
        subjects={Subject(subject): CompatibilityLevel.FULL},
    )
    with pytest.raises(UsageError) as refusal:
        project_of(config, a=PAID, b=LINE, c=MONEY)
    assert str(refusal.value) == (
        f"schemareg.toml: subjects.{subject}: the project has no such subject; {advice}"
    )


def test_topic_names_an_event_whose_file_is_broken() -> None:
    config = replace(CONFIG, topics=(TopicConfig("paid", ("shop.Paid",)),))
    project = project_of(config, a="{")
    assert len(project.failures) == 1
    assert project.subjects == ()


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
