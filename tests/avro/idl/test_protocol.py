"""Protocols in JSON: their types as schemas, with the places of the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from schemareg.avro.idl.declarations import read_idl
from schemareg.avro.idl.protocol import read_protocol
from schemareg.errors import SchemaParseError
from schemareg.places import Pointer
from schemareg.workspace import Config, load_project

SHOP = """\
{"protocol": "Shop", "namespace": "shop",
 // JSON with comments, as Avro Java reads it
 "types": [
  {"type": "record", "name": "Order", "fields": [{"name": "total", "type": "Money"}]},
  {"type": "record", "name": "Money", "namespace": "pay", "fields": []},
  {"type": "record", "name": "Money", "fields": [{"name": "unit", "type": "Unit"}]},
  {"type": "enum", "name": "bank.Unit", "symbols": ["A"]},
  {"type": "fixed", "name": "Unit", "size": 2}],
 "messages": {"ping": {"request": [], "response": "null"}, "pong": {}}}
"""


def test_types_are_in_the_namespace_of_the_protocol_and_after_those_they_use() -> None:
    document, messages = read_protocol(SHOP)
    assert isinstance(document.value, list)
    names = [(t["name"], t.get("namespace")) for t in document.value if isinstance(t, dict)]
    assert names == [
        ("Unit", "shop"), ("Money", "shop"), ("Order", "shop"), ("Money", "pay"),
        ("bank.Unit", None),
    ]  # fmt: skip
    assert messages == 2
    assert json.loads(document.text) == document.value


@pytest.mark.parametrize(
    ("pointer", "place"),
    [("", (3, 11)), ("/0", (8, 3)), ("/0/size", (8, 45)), ("/0/namespace", (8, 29)),
     ("/2/fields/0/type", (4, 76)), ("/9", (0, 0))],
)  # fmt: skip
def test_places_are_those_of_the_file(pointer: str, place: tuple[int, int]) -> None:
    tree = read_protocol(SHOP).document.tree
    assert tree is not None
    assert tree.locate(Pointer(pointer)) == place


def test_types_in_a_cycle_become_one() -> None:
    text = """{"protocol": "a.P", "types": [
      {"type": "record", "name": "A", "fields": [{"name": "b", "type": ["null", "B"]}]},
      {"type": "record", "name": "B", "fields": [{"name": "a", "type": "A"}]}]}"""
    assert read_protocol(text).document.value == [
        {"type": "record", "name": "A", "namespace": "a", "fields": [
            {"name": "b", "type": ["null",
                {"type": "record", "name": "B", "namespace": "a",
                 "fields": [{"name": "a", "type": "A"}]}]}]},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", ("not a protocol: there is no name of one", 1, 1)),
        ('{"protocol": 1}', ("not a protocol: there is no name of one", 1, 1)),
        ('{"protocol": "P",\n "types": {}}', ("the types are no array", 2, 11)),
        ('{"protocol": "P", "types": ["int"]}', ("a protocol defines named types only", 1, 29)),
        ('{"protocol": "P", "types": [{"type": "enum"}]}',
         ("a protocol defines named types only", 1, 29)),
        ("{", ("not JSON: expecting property name enclosed in double quotes,"
               " found the end of the text", 1, 2)),
    ],
)  # fmt: skip
def test_no_protocol(text: str, problem: tuple[str, int, int]) -> None:
    with pytest.raises(SchemaParseError) as error:
        read_protocol(text)
    assert [(p.message, p.line, p.column) for p in error.value.problems] == [problem]


def test_protocols_and_schemas_of_a_project_use_each_other(tmp_path: Path) -> None:
    (tmp_path / "shop.avpr").write_text(SHOP, encoding="utf-8")
    user = {"type": "record", "name": "Paid", "namespace": "shop", "fields": [
        {"name": "order", "type": "Order"}]}  # fmt: skip
    (tmp_path / "Paid.avsc").write_text(json.dumps(user), encoding="utf-8")
    project = load_project(Config(cwd=tmp_path, roots=(tmp_path,)))
    assert project.failures == ()
    assert {s.subject: [name for name, _ in s.references] for s in project.subjects} == {
        "shop.Unit": [],
        "shop.Money": ["shop.Unit"],
        "shop.Order": ["shop.Money"],
        "pay.Money": [],
        "bank.Unit": [],
        "shop.Paid": ["shop.Order"],
    }
    assert [(p.shown, p.reason) for p in project.passed_over] == [
        ("shop.avpr (2)", "the messages of")
    ]


CYCLE = [(f"R{n}", f"R{(n + 1) % 400}") for n in range(400)]


@pytest.mark.parametrize(
    "text",
    [
        "protocol P {" + "".join(f"record {name} {{ {used} r; }}" for name, used in CYCLE) + "}",
        json.dumps(
            {
                "protocol": "P",
                "types": [
                    {"type": "record", "name": name, "fields": [{"name": "r", "type": used}]}
                    for name, used in CYCLE
                ],
            }
        ),
    ],
    ids=["idl", "protocol"],
)
def test_a_cycle_that_nests_too_deep_is_one_problem(text: str) -> None:
    read: Callable[[str], object] = read_idl if text.startswith("protocol") else read_protocol
    with pytest.raises(SchemaParseError) as refusal:
        read(text)
    assert [(p.code, p.message) for p in refusal.value.problems] == [
        ("too-deep", "its types use each other in a cycle that nests deeper than 1000 levels")
    ]
