"""What the parser takes and keeps, and what it says about a text that it refuses."""

from __future__ import annotations

import json

import pytest

from schemareg.avro import parse
from schemareg.avro.canonical import to_text
from schemareg.avro.schema import (
    Array,
    Default,
    Enum,
    Map,
    NameRef,
    Primitive,
    Record,
    Union,
)
from schemareg.errors import SchemaParseError, UsageError
from tests.avro.texts import fields_of, problems

# text, then of each problem: line, column, pointer, code
REFUSED = [
    ("", [(1, 1, "", "not-json")]),
    ("  \n ", [(1, 1, "", "not-json")]),
    ("null", [(1, 1, "", "not-a-schema")]),
    ("12", [(1, 1, "", "not-a-schema")]),
    ("{}", [(1, 1, "", "not-a-schema")]),
    ('"Money"', [(1, 1, "", "unknown-type")]),
    ('{"type":\n int}', [(2, 2, "", "not-json")]),
    ("{'type':'int'}", [(1, 2, "", "not-json")]),
    ('{"type": "int", "x": NaN}', [(1, 22, "", "not-json")]),
    ('{"type": "int", "x": -Infinity}', [(1, 22, "", "not-json")]),
    ('"int"\n"long"', [(2, 1, "", "trailing-text")]),
    ('"int" // the end', [(1, 7, "", "trailing-text")]),
    ("# no\n'int'", [(1, 1, "", "not-json")]),
    ('"a\x01b"', [(1, 3, "", "not-json")]),
    ('"\\ud800"', [(1, 1, "", "unknown-type")]),
    ('\ufeff"int"', [(1, 1, "", "not-json")]),
    ('{"type":"int","x":' + "1" * 1001 + "}", [(1, 19, "", "not-json")]),
    ('{"type":["null","int"]}', [(1, 9, "/type", "not-a-schema")]),
    ('{"type":"array"}', [(1, 1, "", "missing-attribute")]),
    ('{"type":"map","values":3}', [(1, 24, "/values", "not-a-schema")]),
    ('["int",["int"]]', [(1, 8, "/1", "nested-union")]),
    ('["int","int"]', [(1, 8, "/1", "duplicate-branch")]),
    # nothing follows from what is refused already
    ("[1,2]", [(1, 2, "/0", "not-a-schema"), (1, 4, "/1", "not-a-schema")]),
    ('[1,"null"]', [(1, 2, "/0", "not-a-schema")]),
    ('["null",1]', [(1, 9, "/1", "not-a-schema")]),
    (
        '["null",1,"null"]',
        [(1, 9, "/1", "not-a-schema"), (1, 11, "/2", "duplicate-branch")],
    ),
    ('[{"type":7},{}]', [(1, 10, "/0/type", "not-a-schema"), (1, 13, "/1", "not-a-schema")]),
    (
        '[{"type":"record","fields":[]},{"type":"enum","symbols":[]}]',
        [(1, 2, "/0", "missing-attribute"), (1, 32, "/1", "missing-attribute")],
    ),
    (
        '{"type":"enum","name":"E","symbols":5,"default":"A"}',
        [
            (1, 37, "/symbols", "missing-attribute"),
        ],
    ),
    (
        fields_of(
            '{"name":"s","type":{"type":"record","name":"S","fields":[{"name":"z","type":5}]}}',
            '{"name":"t","type":"S","default":{"z":1}}',
        ),
        [(1, 115, "/fields/0/type/fields/0/type", "not-a-schema")],
    ),
    (
        fields_of(
            '{"name":"s","type":{"type":"record","name":"S","fields":[{"name":"z","type":"Q"}]}}',
            '{"name":"t","type":"S","default":{"z":1}}',
        ),
        [(1, 115, "/fields/0/type/fields/0/type", "unknown-type")],
    ),
    ('{"type":"record","fields":[]}', [(1, 1, "", "missing-attribute")]),
    ('{"type":"record","name":"R"}', [(1, 1, "", "missing-attribute")]),
    ('{"type":"record","name":"R","fields":{}}', [(1, 38, "/fields", "missing-attribute")]),
    ('{"type":"record","name":"int","fields":[]}', [(1, 25, "/name", "invalid-name")]),
    ('{"type":"record","name":"a-b","fields":[]}', [(1, 25, "/name", "invalid-name")]),
    ('{"type":"record","name":"a b.R","fields":[]}', [(1, 25, "/name", "invalid-name")]),
    (
        '{"type":"record","name":"R","namespace":"a..b","fields":[]}',
        [(1, 41, "/namespace", "invalid-name")],
    ),
    ('{"type":"record","name":"\U0001d49c","fields":[]}', [(1, 25, "/name", "invalid-name")]),
    (
        '{"type":"record","name":"R","aliases":"Q","fields":[]}',
        [(1, 39, "/aliases", "invalid-aliases")],
    ),
    ('{"type":"fixed","name":"F","size":1.0}', [(1, 35, "/size", "invalid-size")]),
    ('{"type":"fixed","name":"F","size":-1}', [(1, 35, "/size", "invalid-size")]),
    ('{"type":"fixed","name":"F","size":2147483640}', [(1, 35, "/size", "invalid-size")]),
    ('{"type":"fixed","name":"F"}', [(1, 1, "", "invalid-size")]),
    ('{"type":"enum","name":"E","symbols":"A"}', [(1, 37, "/symbols", "missing-attribute")]),
    (
        '{"type":"enum","name":"E","symbols":["A","A",null],"default":"Z"}',
        [
            (1, 42, "/symbols/1", "duplicate-symbol"),
            (1, 46, "/symbols/2", "invalid-name"),
            (1, 62, "/default", "invalid-default"),
        ],
    ),
    ('{"type":"array","items":"int","x":9223372036854775808}', [(1, 35, "/x", "huge-number")]),
    (fields_of("5"), [(1, 39, "/fields/0", "not-a-field")]),
    (fields_of('{"type":"int"}'), [(1, 39, "/fields/0", "missing-attribute")]),
    (fields_of('{"name":"a"}'), [(1, 39, "/fields/0", "missing-attribute")]),
    (
        fields_of('{"name":"a","type":"int"}', '{"name":"a","type":"int"}'),
        [(1, 73, "/fields/1/name", "duplicate-field")],
    ),
    (
        fields_of('{"name":"a","type":"int","order":"up"}'),
        [(1, 72, "/fields/0/order", "invalid-order")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=[t[:40] for t, _ in REFUSED])
def test_parse_refuses(text: str, expected: list[tuple[int, int, str, str]]) -> None:
    assert [(p.line, p.column, p.pointer, p.code) for p in problems(text)] == expected


def test_all_problems_come_at_once_in_text_order() -> None:
    text = """{
  "type": "record", "name": "Order", "namespace": "shop",
  "fields": [
    {"name": "id", "type": "sting"},
    {"name": "total", "type": "Mony", "default": 1},
    {"name": "id", "type": "int", "default": "x"},
    {"name": "money", "type": {"type": "record", "name": "Money", "fields": []}}
  ]
}"""
    assert [(p.line, p.column, p.message, p.advice) for p in problems(text)] == [
        (4, 28, "unknown type 'shop.sting'", "did you mean 'string'?"),
        (5, 31, "unknown type 'shop.Mony'", "did you mean 'shop.Money'?"),
        (6, 14, "field 'id' appears twice", "rename one of them"),
        (
            6,
            46,
            "default \"x\" of field 'id' does not fit int",
            "choose a default of type int, or drop it",
        ),
    ]


UNKNOWN = [
    ('"integer"', "did you mean 'int'?"),
    ('"bool"', "did you mean 'boolean'?"),
    ('"union"', 'write it out: ["null", "string"]'),
    ('"array"', 'write it out: {"type": "array", "items": "string"}'),
    (
        '"timestamp-millis"',
        "'timestamp-millis' is a logical type: "
        'write {"type": "long", "logicalType": "timestamp-millis"}',
    ),
    (
        '[{"type":"fixed","name":"a.b.Money","size":1},{"type":"array","items":"x.Money"}]',
        "did you mean 'a.b.Money'?",
    ),
    (
        '[{"type":"fixed","name":"a.Currency","size":1},{"type":"array","items":"a.Curency"}]',
        "did you mean 'a.Currency'?",
    ),
    (
        '[{"type":"fixed","name":"a.Money","size":1},{"type":"array","items":"a.Moeny"}]',
        "did you mean 'a.Money'?",
    ),
    # a namespace, a word or letters in common make no two types alike
    *(
        (
            f'[{{"type":"fixed","name":"{known}","size":1}},{{"type":"array","items":"{written}"}}]',
            "define it, or correct the name",
        )
        for known, written in (
            ("com.shop.events.PaymentAuthorized", "com.shop.shared.Money"),
            ("com.shop.events.MoneyMoved", "com.shop.events.Money"),
            ("com.shop.events.OrderCancelled", "com.shop.events.OrderCreated"),
        )
    ),
]


@pytest.mark.parametrize(("text", "advice"), UNKNOWN)
def test_an_unknown_type_comes_with_the_nearest_word(text: str, advice: str) -> None:
    assert [(p.code, p.advice) for p in problems(text)] == [("unknown-type", advice)]


NULL_NAMESPACE_IN_ITSELF = json.dumps(
    {
        "type": "record",
        "name": "C",
        "fields": [
            {
                "name": "a",
                "type": {
                    "type": "record",
                    "name": "D",
                    "namespace": "n2",
                    "fields": [{"name": "c", "type": ["null", "C"]}],
                },
            }
        ],
    }
)


def test_a_type_without_namespace_cannot_be_named_inside_itself_in_1_12() -> None:
    (problem,) = problems(NULL_NAMESPACE_IN_ITSELF)
    assert problem.message == "unknown type 'n2.C'"
    assert problem.advice == (
        "'C' has no namespace, so it cannot be named from inside namespace 'n2' before its "
        "definition is complete: give 'C' a namespace"
    )
    assert isinstance(parse(NULL_NAMESPACE_IN_ITSELF, avro_version="1.11").root, Record)


FORWARD = fields_of(
    '{"name":"a","type":"F"}', '{"name":"b","type":{"type":"fixed","name":"F","size":1}}'
)
TWICE = '[{"type":"fixed","name":"F","size":1},{"type":"map","values":' + (
    '{"type":"fixed","name":"F","size":1,"doc":"again"}}]'
)
DEFAULT_OF_SECOND_BRANCH = fields_of('{"name":"a","type":["null","int"],"default":1}')
NAMESPACE_OF_BLANKS = '{"type":"record","name":"R","namespace":"a b","fields":[]}'
NULL_ALIAS = '{"type":"record","name":"x.R","aliases":[".Q"],"fields":[]}'


@pytest.mark.parametrize(
    ("text", "in_1_11", "in_1_12"),
    [
        (FORWARD, False, True),
        (TWICE, False, True),
        (DEFAULT_OF_SECOND_BRANCH, False, True),
        (NAMESPACE_OF_BLANKS, True, False),
        (NULL_NAMESPACE_IN_ITSELF, True, False),
        ('{"type":"array","items":"int","x":9223372036854775808}', True, False),
        (NULL_ALIAS, True, True),
    ],
)
def test_the_two_profiles_differ(text: str, in_1_11: bool, in_1_12: bool) -> None:
    answers = []
    for version in ("1.11", "1.12"):
        try:
            parse(text, avro_version=version)
            answers.append(True)
        except SchemaParseError:
            answers.append(False)
    assert answers == [in_1_11, in_1_12]


def test_an_alias_in_the_null_namespace_keeps_its_dot_only_in_1_12() -> None:
    aliases = {}
    for version in ("1.11", "1.12"):
        root = parse(NULL_ALIAS, avro_version=version).root
        assert isinstance(root, Record)
        aliases[version] = root.aliases
    assert aliases == {"1.11": ("Q",), "1.12": (".Q",)}


def test_an_unknown_avro_version_is_a_wrong_question() -> None:
    with pytest.raises(UsageError, match=r"unknown Avro version '1.13'; did you mean '1.1\d'\?"):
        parse('"int"', avro_version="1.13")


NAMES = [
    ("é٣", {"utf": True, "strict": False, "none": True}),
    ("a b", {"utf": False, "strict": False, "none": True}),
    ("ⅷ", {"utf": False, "strict": False, "none": True}),
    ("_1", {"utf": True, "strict": True, "none": True}),
    ("", {"utf": False, "strict": False, "none": True}),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_names_by_rule(name: str, expected: dict[str, bool]) -> None:
    text = fields_of(json.dumps({"name": name, "type": "int"}))
    answers = {}
    for rule in expected:
        try:
            parse(text, names=rule)  # type: ignore[arg-type]  # the keys are the rules
            answers[rule] = True
        except SchemaParseError:
            answers[rule] = False
    assert answers == expected


def test_everything_in_a_text_is_kept() -> None:
    schema = parse(
        """// a comment
        {"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.",
         "aliases": ["Purchase", "old.Order"], "owner": {"team": "sales", "since": 2019},
         "fields": [
           {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "doc": ""},
           {"name": "note", "type": ["null", "string"], "default": null, "aliases": ["text"]},
           {"name": "total", "type": "double", "order": "Descending", "default": "1e3"},
           {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["A", "B"],
                                      "default": "A"}, "unit": null},
           {"name": "lines", "type": {"type": "array", "items": {"type": "map",
                                      "values": "State"}, "java-class": "L"}}
         ]}"""
    )
    root = schema.root
    assert isinstance(root, Record)
    assert (root.fullname, root.doc, root.is_error) == ("shop.Order", "An order.", False)
    assert root.aliases == ("shop.Purchase", "old.Order")
    assert list(root.props.items()) == [("owner", {"team": "sales", "since": 2019})]
    identity, note, total, state, lines = root.fields
    assert isinstance(identity.type, Primitive)
    assert (identity.type.kind, identity.type.props) == ("string", {"logicalType": "uuid"})
    assert (identity.doc, identity.default) == ("", None)
    assert isinstance(note.type, Union)
    assert [branch.kind for branch in note.type.branches] == ["null", "string"]
    assert (note.default, note.aliases) == (Default(None), ("text",))
    assert (total.order, total.default) == ("descending", Default(1000.0))
    assert isinstance(state.type, Enum)
    assert (state.type.symbols, state.type.default) == (("A", "B"), "A")
    assert state.props == {"unit": None}
    assert isinstance(lines.type, Array)
    assert lines.type.props == {"java-class": "L"}
    assert isinstance(lines.type.items, Map)
    assert isinstance(lines.type.items.values, NameRef)
    assert lines.type.items.values.target is state.type
    assert list(schema.names) == ["shop.Order", "shop.State"]


def test_references_are_known_by_full_name_and_those_of_references_too() -> None:
    currency = parse('{"type":"fixed","name":"a.Currency","size":3}')
    money = parse(
        '{"type":"record","name":"a.Money","fields":[{"name":"c","type":"Currency"}]}',
        references=[currency],
    )
    order = parse(
        '{"type":"record","name":"b.Order","fields":['
        '{"name":"m","type":"a.Money"},{"name":"c","type":"a.Currency"}]}',
        references=[money],
    )
    root = order.root
    assert isinstance(root, Record)
    targets = [f.type.target for f in root.fields if isinstance(f.type, NameRef)]
    assert targets == [money.root, currency.root]
    assert list(order.names) == ["b.Order"]
    assert to_text(order) == (
        '{"type":"record","name":"Order","namespace":"b","fields":['
        '{"name":"m","type":"a.Money"},{"name":"c","type":"a.Currency"}]}'
    )
