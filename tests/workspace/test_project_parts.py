"""Files with several types, repeated definitions, and types that others nest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.places import Pointer
from schemareg.subjects import CompatibilityLevel, SubjectNameStrategy
from schemareg.workspace import (
    Config,
    TopicConfig,
    build_project,
)
from tests.workspace.paid import CONFIG, MONEY, project_of, record

KIND = '{"type": "enum", "name": "Kind", "namespace": "shop", "symbols": ["A", "B"]}'
KIND_WITH_DOC = KIND.replace('"symbols"', '"doc": "Which.", "symbols"')
KIND_WITH_DEFAULT = KIND.replace('["A", "B"]', '["A", "B"], "default": "A"')
TREE = record("Tree", 'below: {"type": "array", "items": "Tree"}')

COPIES: list[tuple[str, dict[str, str], list[str]]] = [
    ("of an enum", {"a": record("A", f"k: {KIND}"), "b": record("B", f"k: {KIND}")}, []),
    (
        "in doc only",
        {"a": record("A", f"k: {KIND}"), "b": record("B", f"k: {KIND_WITH_DOC}")},
        [],
    ),
    ("of a file", {"a": KIND, "b": record("B", f"k: {KIND}")}, []),
    ("of a recursive type", {"a": TREE, "b": record("B", f"t: {TREE}")}, []),
    (
        "inside a file that uses others",
        {
            "a": record("A", f"k: {KIND}"),
            "b": MONEY,
            "c": record("C", f"k: {KIND}", 'm: "Money"'),
        },
        [],
    ),
    (
        "with another default",
        {"a": record("A", f"k: {KIND}"), "b": record("B", f"k: {KIND_WITH_DEFAULT}")},
        [
            "b.avsc:1:87: 'shop.Kind' is already defined at a.avsc:1:87, differently; remove one"
            " of the two and use 'shop.Kind' by name, or make them equal"
        ],
    ),
    (
        "with another symbol",
        {
            "a": record("A", f"k: {KIND}"),
            "b": record("B", "k: " + KIND.replace('"B"]', '"B", "C"]')),
            "c": record("C", 'b: "B"'),
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


LISTED = replace(CONFIG, topics=(TopicConfig("moved", ("shop.Moved",), key="shop.Id"),))
ID = '{"type": "fixed", "name": "shop.Id", "size": 4}'
MOVED = record("Moved", 'kind: "shop.Kind"')
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
        {"m": record("Moved", f"id: {ID}")},
        [
            ("shop.Moved", "type", None, record("Moved", f"id: {ID}"), ()),
            ("moved-key", "key", "moved", '"shop.Id"', (("shop.Moved", "shop.Moved"),)),
            ("moved-value", "value", "moved", record("Moved", f"id: {ID}"), ()),
        ],
        [],
    ),
    (
        "roots that no subject can hold",
        {"a": '{"type": "map", "values": "int"}', "m": record("Moved", "a: " + ID), "p": '"int"'},
        [
            ("shop.Moved", "type", None, record("Moved", "a: " + ID), ()),
            ("moved-key", "key", "moved", '"shop.Id"', (("shop.Moved", "shop.Moved"),)),
            ("moved-value", "value", "moved", record("Moved", "a: " + ID), ()),
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
    pair = [record("A", 'b: ["null", "B"]'), record("B", 'a: ["null", "A"]')]
    project = project_of(CONFIG, u=f"[{', '.join(pair)}]", c=record("C", 'a: "A"'))
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
    project = project_of(config, a=record("Paid", f"k: {KIND}"), b=record("U", 'k: "Kind"'))
    found = [(s.subject, s.role, s.level and s.level.value) for s in project.subjects]
    assert sorted(found) == sorted(expected)


def test_places_in_a_part_are_those_of_its_file() -> None:
    project = project_of(CONFIG, u=f"[\n  {KIND},\n  {ID}\n]")
    assert [str(s.location(Pointer("/name"))) for s in project.subjects] == [
        "u.avsc:2:28",
        "u.avsc:3:29",
    ]


def test_a_copy_is_held_by_the_subject_of_the_first() -> None:
    text = b'{"type": "record", "name": "Paid", "fields": []}'
    files = [("a/Paid.avsc", text), ("b/Paid.avsc", text), ("c/list.avsc", b'["null", "string"]')]
    project = build_project(files, Config(cwd=Path("/project")))
    assert [file.path for file in project.without_subject()] == ["c/list.avsc"]
