"""Events as dataclasses, there and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from schemareg.avro import Schema, parse
from schemareg.codec import (
    EventDeserializer,
    compile_decoder,
    compile_encoder,
    decode_slowly,
    maker,
)
from schemareg.errors import DecodeError, EncodeError, UsageError


class Currency(StrEnum):
    EUR = "EUR"
    USD = "USD"


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: Currency


@dataclass
class Card:
    last4: str


@dataclass
class Invoice:
    number: int


@dataclass
class Paid:
    order: str
    sum: Money
    parts: list[Money]
    by: Card | Invoice
    rates: dict[str, Money] = field(default_factory=dict)
    refund: Money | None = None
    currency: Currency | None = None


@dataclass
class Tree:
    value: int
    children: list[Tree]


MONEY = {
    "type": "record",
    "name": "Money",
    "fields": [
        {
            "name": "amount",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        },
        {
            "name": "currency",
            "type": {"type": "enum", "name": "Currency", "symbols": ["EUR", "USD"]},
        },
    ],
}
CARD = {"type": "record", "name": "Card", "fields": [{"name": "last4", "type": "string"}]}
INVOICE = {"type": "record", "name": "Invoice", "fields": [{"name": "number", "type": "int"}]}
PAID = {
    "type": "record",
    "name": "Paid",
    "namespace": "shop",
    "fields": [
        {"name": "order", "type": "string"},
        {"name": "sum", "type": MONEY},
        {"name": "parts", "type": {"type": "array", "items": "Money"}},
        {"name": "by", "type": [CARD, INVOICE]},
        {"name": "rates", "type": {"type": "map", "values": "Money"}},
        {"name": "refund", "type": ["null", "Money"]},
        {"name": "currency", "type": ["null", "Currency"]},
    ],
}
EURO = Money(Decimal("1.00"), Currency.EUR)


@pytest.mark.parametrize(
    "paid",
    [
        Paid("o-1", EURO, [EURO, EURO], Card("1234"), {"a": EURO}, EURO, Currency.USD),
        Paid("o-1", EURO, [], Invoice(7)),
    ],
)
def test_dataclasses_come_back_as_they_went(paid: Paid) -> None:
    schema = parse(json.dumps(PAID))
    event = compile_decoder(writer=schema)(compile_encoder(schema)(paid))
    back = maker(Paid)(event)
    assert back == paid
    assert type(back.sum.currency) is Currency


def test_a_class_may_hold_itself() -> None:
    tree = maker(Tree)({"value": 1, "children": [{"value": 2, "children": []}]})
    assert tree == Tree(1, [Tree(2, [])])


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"last4": "1", "x": 2}, "Card has no field 'x'"),
        ({}, "Card needs 'last4', which the event lacks"),
        (5, "5 is not the record of a Card"),
    ],
)
def test_maker_refuses_an_event_of_another_shape(event: Any, says: str) -> None:
    with pytest.raises(DecodeError, match=says):
        maker(Card)(event)


def test_maker_refuses_a_symbol_that_the_enum_lacks() -> None:
    with pytest.raises(DecodeError, match="'GBP' is no Currency"):
        maker(Money)({"amount": Decimal(1), "currency": "GBP"})


def test_maker_wants_a_dataclass() -> None:
    with pytest.raises(UsageError, match="int is not a dataclass"):
        maker(int)


def test_deserializer_makes_the_class_of_the_readers_type() -> None:
    schema = parse(json.dumps(CARD))
    deserialize = EventDeserializer(lambda _: schema, classes={"Card": Card})
    message = b"\0\0\0\0\1" + compile_encoder(schema)({"last4": "1234"})
    assert [deserialize(message), deserialize(message)] == [Card("1234"), Card("1234")]


@dataclass
class ByCard:
    id: int


@dataclass
class ByBank:
    id: int


@dataclass
class ByCash:
    id: int
    note: str = ""


@dataclass
class Payment:
    how: ByCard | ByBank | dict[str, int] | None
    more: list[ByCard | ByBank] = field(default_factory=list)
    untyped: Any = None


def of_one_shape() -> Schema:
    def by(name: str) -> dict[str, Any]:
        fields = [{"name": "id", "type": "int"}]
        return {"type": "record", "name": name, "fields": fields}

    return parse(
        json.dumps(
            {
                "type": "record",
                "name": "Payment",
                "namespace": "shop",
                "fields": [
                    {
                        "name": "how",
                        "type": [
                            "null",
                            by("ByCard"),
                            by("ByBank"),
                            {"type": "map", "values": "int"},
                        ],
                    },
                    {"name": "more", "type": {"type": "array", "items": ["ByCard", "ByBank"]}},
                    {"name": "untyped", "type": ["ByCard", "ByBank", "string"]},
                ],
            }
        )
    )


ONE_SHAPE = [
    (
        Payment(ByBank(7), [ByCard(1), ByBank(2)], ("shop.ByBank", {"id": 3})),
        {
            "how": ("shop.ByBank", {"id": 7}),
            "more": [("shop.ByCard", {"id": 1}), ("shop.ByBank", {"id": 2})],
            "untyped": ("shop.ByBank", {"id": 3}),
        },
    ),
    (
        Payment(("map", {"id": 7}), [], "text"),  # type: ignore[arg-type]
        {"how": ("map", {"id": 7}), "more": [], "untyped": "text"},
    ),
    (Payment(None, [], "text"), {"how": None, "more": [], "untyped": "text"}),
]


@pytest.mark.parametrize(("paid", "named"), ONE_SHAPE)
def test_records_of_one_shape_keep_their_branch(paid: Payment, named: dict[str, Any]) -> None:
    schema = of_one_shape()
    encode = compile_encoder(schema)
    data = encode(paid)
    assert compile_decoder(writer=schema, branch_names=True)(data) == named
    slowly = decode_slowly(data, writer=schema, reader=schema, branch_names=True)
    assert slowly == named
    assert encode(named) == data


def test_records_of_one_shape_become_their_own_class() -> None:
    schema = of_one_shape()
    data = compile_encoder(schema)(ONE_SHAPE[0][0])
    message = b"\0\0\0\0\1" + data
    classes = {"shop.Payment": Payment}
    read = EventDeserializer(lambda _: schema, classes=classes)
    assert read(message) == Payment(ByBank(7), [ByCard(1), ByBank(2)], {"id": 3})
    keep = EventDeserializer(lambda _: schema, classes=classes, branch_names=True)
    assert keep(message) == ONE_SHAPE[0][0]
    as_dicts = EventDeserializer(lambda _: schema, branch_names=True)
    assert as_dicts(message) == ONE_SHAPE[0][1]


@pytest.mark.parametrize(
    ("branches", "classes", "written", "read"),
    [
        (["ByCard", "ByBank"], [ByCard, ByBank], ByBank(7), ByBank(7)),
        (["ByCard", "ByBank"], [ByCard, ByBank], ("shop.ByCard", {"id": 7}), ByCard(7)),
        (["ByCard", "ByBank"], [ByCard], ByBank(7), {"id": 7}),
        (["null", "ByBank"], [ByCard, ByBank], ByBank(7), ByBank(7)),
        (["null", "ByBank"], [ByCard, ByBank], None, None),
        (["ByBank", {"type": "map", "values": "int"}], [ByBank], ("map", {"id": 7}), {"id": 7}),
        (["ByBank", {"type": "map", "values": "int"}], [ByBank], ByBank(7), ByBank(7)),
    ],
)
def test_event_of_a_union_at_the_root_becomes_the_class_of_its_branch(
    branches: list[Any], classes: list[type], written: Any, read: Any
) -> None:
    def defined(branch: Any) -> Any:
        if branch not in ("ByCard", "ByBank"):
            return branch
        fields = [{"name": "id", "type": "int"}]
        return {"type": "record", "name": branch, "namespace": "shop", "fields": fields}

    schema = parse(json.dumps([defined(branch) for branch in branches]))
    message = b"\0\0\0\0\1" + compile_encoder(schema)(written)
    by_name = {f"shop.{cls.__name__}": cls for cls in classes}
    assert EventDeserializer(lambda _: schema, classes=by_name)(message) == read


@pytest.mark.parametrize(
    ("branches", "value", "names"),
    [
        (
            [
                {"type": "enum", "name": "Size", "symbols": ["S", "M"]},
                {"type": "enum", "name": "Level", "symbols": ["M", "X"]},
            ],
            "M",
            ("Size", "Level"),
        ),
        (
            [
                "null",
                {"type": "fixed", "name": "Md5", "size": 2},
                {"type": "fixed", "name": "Crc", "size": 2},
            ],
            b"ab",
            ("Md5", "Crc"),
        ),
    ],
)
def test_value_of_several_types_of_a_kind_is_refused_unless_it_has_a_name(
    branches: list[Any], value: object, names: tuple[str, str]
) -> None:
    schema = parse(json.dumps(branches))
    encode = compile_encoder(schema)
    with pytest.raises(EncodeError, match=f"may be {names[0]} or {names[1]}: name the branch"):
        encode(value)
    for name in names:
        data = encode((name, value))
        assert compile_decoder(writer=schema, branch_names=True)(data) == (name, value)


CARD_OR_BANK = [
    {"type": "record", "name": "ByCard", "fields": [{"name": "id", "type": "int"}]},
    {"type": "record", "name": "ByBank", "fields": [{"name": "id", "type": "int"}]},
]


@pytest.mark.parametrize("logical", [True, False])
@pytest.mark.parametrize(
    ("type_", "default", "named"),
    [
        (CARD_OR_BANK, {"id": 7}, ("ByCard", {"id": 7})),
        ({"type": "array", "items": CARD_OR_BANK}, [{"id": 7}], [("ByCard", {"id": 7})]),
        ({"type": "map", "values": CARD_OR_BANK}, {"k": {"id": 7}}, {"k": ("ByCard", {"id": 7})}),
        (["null", *CARD_OR_BANK], None, None),
    ],
)
def test_default_in_a_union_of_records_of_one_shape_has_its_branch(
    type_: Any, default: Any, named: Any, logical: bool
) -> None:
    fields = [{"name": "how", "type": type_, "default": default}]
    reader = parse(json.dumps({"type": "record", "name": "Paid", "fields": fields}))
    writer = parse('{"type": "record", "name": "Paid", "fields": []}')
    read = compile_decoder(writer=writer, reader=reader, logical=logical, branch_names=True)
    assert read(b"") == {"how": named}
    slowly = decode_slowly(b"", writer=writer, reader=reader, logical=logical, branch_names=True)
    assert slowly == {"how": named}
    bare = compile_decoder(writer=writer, reader=reader, logical=logical)(b"")
    assert bare == {"how": default}
    compile_encoder(reader, logical=logical)(read(b""))  # what is read can be written again


@dataclass
class Plastic:
    id: int


@dataclass
class Transfer:
    id: int


@dataclass
class Renamed:
    how: Plastic | Transfer | None
    more: list[Plastic | Transfer]
    untyped: Any


def test_class_with_another_name_than_its_record_is_found_in_classes() -> None:
    schema = of_one_shape()
    message = b"\0\0\0\0\1" + compile_encoder(schema)(ONE_SHAPE[0][0])
    named = {"shop.ByCard": Plastic, "shop.ByBank": Transfer}
    read = EventDeserializer(lambda _: schema, classes={"shop.Payment": Renamed, **named})
    assert read(message) == Renamed(Transfer(7), [Plastic(1), Transfer(2)], {"id": 3})
    guess = EventDeserializer(lambda _: schema, classes={"shop.Payment": Renamed})
    with pytest.raises(DecodeError, match=r"shop\.ByBank may be Plastic or Transfer; name one"):
        guess(message)


def test_dataclass_goes_by_the_record_of_its_name_or_not_at_all() -> None:
    schema = parse(
        json.dumps(
            [
                {"type": "record", "name": "A", "fields": [{"name": "id", "type": "int"}]},
                {
                    "type": "record",
                    "name": "ByBank",
                    "fields": [{"name": "id", "type": "int"}, {"name": "x", "type": "int"}],
                },
            ]
        )
    )
    with pytest.raises(EncodeError, match=r"\.x: the value is missing"):
        compile_encoder(schema)(ByBank(7))


@pytest.mark.parametrize(
    ("branches", "value", "message"),
    [
        (["null", "ByCard"], {"ByCard": {"id": 1}}, "bare value, or ('ByCard', value)"),
        (["null", "ByCard"], {"shop.ByCard": {"id": 1}}, "bare value, or ('shop.ByCard', value)"),
        (["null", "string"], {"string": "x"}, "bare value, or ('string', value)"),
        (["ByCard", "ByBank"], {"id": 1}, "for example ('shop.ByCard', value)"),
        (
            ["ByCard", {"type": "map", "values": "int"}],
            {"id": 1},
            "may be shop.ByCard or map: name the branch as (name, value)",
        ),
    ],
)
def test_union_value_that_no_branch_accepts_alone_has_its_form_named(
    branches: list[Any], value: Any, message: str
) -> None:
    fields = [{"name": "id", "type": "int"}]
    records = [
        {"name": name, "type": {"type": "record", "name": name, "fields": fields}}
        for name in ("ByCard", "ByBank")
    ]
    schema = parse(
        json.dumps(
            {
                "type": "record",
                "name": "R",
                "namespace": "shop",
                "fields": [*records, {"name": "how", "type": branches}],
            }
        )
    )
    with pytest.raises(EncodeError) as refused:
        compile_encoder(schema)({"ByCard": {"id": 1}, "ByBank": {"id": 1}, "how": value})
    assert message in str(refused.value)
