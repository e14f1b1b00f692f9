"""Avro IDL: the types that Avro Java reads, places, and one clear error for what is no IDL."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from schemareg.avro.idl.declarations import read_idl
from schemareg.avro.parse.parser import parse_document
from schemareg.avro.schema import PRIMITIVES, JsonDict, JsonValue
from schemareg.errors import SchemaParseError
from schemareg.places import Pointer
from schemareg.workspace import Config, load_project
from schemareg.workspace.source_languages import read_source

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "idl"
EXPECTED = json.loads((GOLDEN / "avro-java-1.12.1.json").read_text(encoding="utf-8"))
_NAMED = ("record", "error", "enum", "fixed")


def types_of(path: Path) -> dict[str, JsonValue]:
    """The types of a file, and of those that it imports, by full name: each without the others."""
    raw = path.read_bytes()
    types: dict[str, JsonValue] = {}
    for imported in read_idl(raw).imports if path.suffix == ".avdl" else ():
        types |= types_of(path.parent / imported)
    flat(read_source(path.name, raw).value, "", types)
    return types


def flat(value: JsonValue, space: str, types: dict[str, JsonValue]) -> JsonValue:
    """`value` with `["ref", full name]` for each named type; definitions are put into `types`."""
    if isinstance(value, list):
        return [flat(branch, space, types) for branch in value]
    if isinstance(value, str):
        full = f"{space}.{value}" if space and "." not in value else value
        return value if value in PRIMITIVES else ["ref", full]
    assert isinstance(value, dict)
    if value["type"] in _NAMED:
        return definition(value, space, types)
    inner: JsonDict = {
        key: flat(value[key], space, types) for key in ("items", "values") if key in value
    }
    return {**value, **inner}


def definition(value: JsonDict, space: str, types: dict[str, JsonValue]) -> JsonValue:
    name, given = str(value["name"]), value.get("namespace", space)
    full = f"{given}.{name}" if given and "." not in name else name
    inside = full.rpartition(".")[0]
    own = {key: v for key, v in value.items() if key not in ("name", "namespace")}
    aliases, fields = own.get("aliases"), own.get("fields")
    if isinstance(aliases, list):
        own["aliases"] = [f"{inside}.{a}" if inside and "." not in str(a) else a for a in aliases]
    if isinstance(fields, list):
        own["fields"] = [
            {**field, "type": flat(field["type"], inside, types)}
            for field in fields
            if isinstance(field, dict)
        ]
    types[full] = own
    return ["ref", full]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_types_are_those_of_avro_java(name: str) -> None:
    expected: Mapping[str, JsonValue] = EXPECTED[name]
    types = types_of(GOLDEN / name)
    assert sorted(types) == sorted(expected)
    for full, type_ in types.items():
        # a double and an integer are equal in Python, and no default of ours may be the other
        assert json.dumps(type_, sort_keys=True) == json.dumps(expected[full], sort_keys=True)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_text_is_the_value(name: str) -> None:
    document = read_idl((GOLDEN / name).read_bytes()).document
    assert json.loads(document.text) == document.value


SHOP = """\
@namespace("shop") protocol P {
  /** Paid. */
  @deprecated(true) record Paid {
    string id; union { null, Money } total
      = null;
    @x({"y": [1]}) array<Kind> `kinds`, more = [];
  }
  record Money { decimal(9, 2)? amount; }
  enum Kind { A, B } = A;
  void ping(Money m, int k = 3) oneway;
  string get() throws Oops, Worse;
}
"""


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/0", (8, 3)), ("/0/fields/0/type/1", (8, 18)), ("/0/fields/0/name", (8, 33)),
        ("/1/symbols/1", (9, 18)), ("/1/default", (9, 24)), ("/2", (3, 21)),
        ("/2/name", (3, 28)), ("/2/deprecated", (3, 3)), ("/2/fields/1", (4, 16)),
        ("/2/fields/1/type/1", (4, 30)), ("/2/fields/1/default", (5, 9)),
        ("/2/fields/2/name", (6, 32)), ("/2/fields/2/type/x/y/0", (6, 15)),
        ("/2/fields/3", (6, 41)), ("/2/fields/3/type/items", (6, 26)),
    ],
)  # fmt: skip
def test_places_are_those_of_the_file(pointer: str, place: tuple[int, int]) -> None:
    read = read_idl(SHOP)
    assert read.document.tree is not None
    assert read.document.tree.locate(Pointer(pointer)) == place
    assert read.messages == 2


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "expected a protocol, a record, an error, an enum, a fixed, an import,"
                   " found the end of the text"),
        ("protocol P {", 1, 13, "expected a type, found the end of the text"),
        ("protocol P { } x", 1, 16, "expected nothing behind the protocol, found 'x'"),
        ("protocol P { @Marker record A { } }", 1, 22, "expected '(', found 'record'"),
        ("protocol P { record A { @x(1) B b; } }", 1, 31,
         "a type by its name has no annotations of its own"),
        ("protocol P { record A { } record A { } }", 1, 34, "'A' is already defined at 1:21"),
        ("record A { int a = 1 }", 1, 22, "expected ';', found '}'"),
        ("record A { string a = 'x'; }", 1, 23, "\"'x'; }\" is no part of Avro IDL"),
        ('record A { string a = "x; }', 1, 23, "a text without an end"),
        ("record A { /* }", 1, 12, "a comment without an end"),
        ("record A { array<int a; }", 1, 22, "expected '>', found 'a'"),
        ("record A { decimal(x) a; }", 1, 20, "expected a JSON value, found 'x'"),
        ("record A { decimal(1.5) a; }", 1, 20, "expected a whole number, found '1.5'"),
        ('import "x.avdl";', 1, 1,
         "expected a record, an error, an enum, a fixed, an import, found 'import'"),
        ("import idl x;", 1, 12, "expected the path of a file in quotes, found 'x'"),
        ('record A { string a = "\\ud800"; }', 1, 23, "the text holds half of a character"),
        (f"record A {{ double a = 1{'0' * 1000}; }}", 1, 23,
         "a number of 1001 characters; 1000 is the most"),
        ("record A { double a = 1e999; }", 1, 23, "1e999 is no double"),
        (f"record A {{ {'array<' * 200}int{'>' * 200} a; }}", 1, 612,
         "nested deeper than 100 levels"),
        (f"record A {{ int a = {'[' * 200}; }}", 1, 120, "nested deeper than 100 levels"),
    ],
)  # fmt: skip
def test_no_idl(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(SchemaParseError) as error:
        read_idl(text)
    found = [(p.line, p.column, p.message) for p in error.value.problems]
    assert found == [(line, column, message)]


def test_any_text_gives_types_or_errors_with_places() -> None:
    pieces = [*SHOP.split(), *'{}[]()<>,;:=?@`"/*', "/**", "*/", "null", "0x", "-", "1e", "\\u"]
    choice = random.Random(15)
    places: list[int] = []
    for _ in range(2000):
        words = SHOP.split(" ")
        for _ in range(choice.randint(1, 4)):
            at = choice.randrange(len(words))
            words[at : at + choice.randint(0, 2)] = choice.choices(pieces, k=choice.randint(0, 2))
        try:
            parse_document(read_idl(" ".join(words)).document)
        except SchemaParseError as error:
            places += (problem.line for problem in error.problems)
    assert len(places) > 1000
    assert min(places) > 0


def test_idl_and_schemas_of_a_project_use_each_other(tmp_path: Path) -> None:
    (tmp_path / "shop.avdl").write_text(SHOP.replace("  string id;", "  Id id;"), encoding="utf-8")
    id_ = {"type": "fixed", "name": "Id", "namespace": "shop", "size": 8}
    (tmp_path / "Id.avsc").write_text(json.dumps(id_), encoding="utf-8")
    project = load_project(Config(cwd=tmp_path, roots=(tmp_path,)))
    assert project.failures == ()
    assert {s.subject: [name for name, _ in s.references] for s in project.subjects} == {
        "shop.Id": [],
        "shop.Money": [],
        "shop.Kind": [],
        "shop.Paid": ["shop.Id", "shop.Kind", "shop.Money"],
    }


def test_a_type_that_nothing_defines_is_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "shop.avdl").write_text(SHOP.replace("<Kind>", "<Kid>"), encoding="utf-8")
    project = load_project(Config(cwd=tmp_path, roots=(tmp_path,)))
    (failure,) = project.failures
    assert [(p.message, p.line, p.column, p.advice) for p in failure.problems] == [
        ("unknown type 'shop.Kid'", 6, 26, "did you mean 'shop.Kind'?"),
        ("unknown type 'shop.Kid'", 6, 26, "did you mean 'shop.Kind'?"),
    ]
