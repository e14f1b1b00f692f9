"""Events as dataclasses, there and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from schemareg.avro import parse
from schemareg.codec import EventDeserializer, compile_decoder, compile_encoder, maker
from schemareg.errors import DecodeError, UsageError


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
