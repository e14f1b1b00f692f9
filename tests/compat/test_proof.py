from __future__ import annotations

import json
from typing import Any

import pytest

from schemareg.avro import Schema, parse
from schemareg.compat import can_read
from schemareg.compat.proof.fastavro_check import CrossCheck, fastavro_check
from schemareg.compat.proof.prove import Grade, Proof, prove
from schemareg.places import Pointer

REFUSES, READS, ABSTAINS = CrossCheck.REFUSES, CrossCheck.READS, CrossCheck.ABSTAINS


def schema(value: Any) -> Schema:
    return parse(json.dumps(value))


def record(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": field, "type": type_} for field, type_ in fields.items()],
    }


def enum(*symbols: str, **more: str) -> dict[str, Any]:
    return {"type": "enum", "name": "State", "symbols": symbols, **more}


ORDER = record("OrderCreated", orderId="string", items={"type": "array", "items": "string"})
TREE = record("Tree", label="string", parts={"type": "array", "items": "Tree"})
ENDLESS = record("Endless", next="Endless")

# (reader, writer, grade, event, bytes in hex, the decoder's reason, fastavro)
CASES: list[tuple[Any, Any, Grade, Any, str | None, str, CrossCheck]] = [
    (
        record("OrderCreated", orderId="string", total="double"),
        ORDER,
        Grade.PROVED,
        {"orderId": "a", "items": []},
        "026100",
        "OrderCreated.total: the writer's OrderCreated has no such field, and there is no default",
        REFUSES,
    ),
    (
        record("OrderCreated", items={"type": "array", "items": "int"}),
        ORDER,
        Grade.PROVED,
        {"orderId": "a", "items": ["a"]},
        "026102026100",
        "OrderCreated.items[]: the writer's string cannot be read as int",
        REFUSES,
    ),
    (
        record("O", state=enum("NEW")),
        record("O", state=enum("NEW", "PAID")),
        Grade.PROVED,
        {"state": "PAID"},
        "02",
        "O.state: the reader's enum State has no symbol 'PAID' and no default",
        REFUSES,
    ),
    (
        record("O", hash={"type": "fixed", "name": "H", "size": 2}),
        record("O", hash={"type": "fixed", "name": "H", "size": 3}),
        Grade.PROVED,
        {"hash": "\0\0\0"},
        "000000",
        "O.hash: the writer's fixed has 3 bytes, the reader's 2",
        REFUSES,
    ),
    (
        record("O", note="string"),
        record("O", note=["null", "string"]),
        Grade.PROVED,
        {"note": None},
        "00",
        "O.note: the writer's null cannot be read as string",
        REFUSES,
    ),
    (
        record("O", note=["null", "int"]),
        record("O", note=["null", "string"]),
        Grade.PROVED,
        {"note": "a"},
        "020261",
        "O.note: no branch of the reader's union [null, int] takes the writer's string",
        REFUSES,
    ),
    # the branch is there, what it holds is not
    (
        ["null", record("O", id="int")],
        ["null", record("O", id={"type": "map", "values": "string"})],
        Grade.PROVED,
        {"id": {}},
        "0200",
        "id: the writer's map cannot be read as int",
        REFUSES,
    ),
    # through a recursion
    (
        record("Tree", label="int", parts={"type": "array", "items": "Tree"}),
        TREE,
        Grade.PROVED,
        {"label": "a", "parts": []},
        "026100",
        "Tree.label: the writer's string cannot be read as int",
        REFUSES,
    ),
    (
        record("New", id="int"),
        record("Old", id="int"),
        Grade.NAME_ONLY,
        {"id": 1},
        "02",
        "New: the writer's record is named Old, the reader's New",
        REFUSES,
    ),
    (
        ["null", record("New", id="int")],
        record("Old", id="int"),
        Grade.NAME_ONLY,
        {"id": 1},
        "02",
        "[null, New]: no branch of the reader's union [null, New] takes the writer's Old",
        REFUSES,
    ),
    (
        enum("NEW") | {"name": "Status"},
        enum("NEW"),
        Grade.PROVED,
        "NEW",
        "00",
        "Status: the writer's enum is named State, the reader's Status",
        REFUSES,
    ),
    # no event can be written that gets there
    (
        record("O", id="int", loop="string"),
        record("O", id="int", loop=ENDLESS),
        Grade.VACUOUS,
        None,
        None,
        "the writer's type has no value at that place",
        ABSTAINS,
    ),
    (
        "int",
        enum(),
        Grade.VACUOUS,
        None,
        None,
        "the writer's type has no value at that place",
        ABSTAINS,
    ),
    # fastavro takes the empty union for no schema at all
    (
        [],
        "int",
        Grade.UNPROVED,
        1,
        "02",
        "[]: no branch of the reader's union [] takes the writer's int",
        READS,
    ),
    (
        {
            "type": "record",
            "name": "O",
            "fields": [{"name": "b", "type": "int", "aliases": ["a"]}],
        },
        record("O", a="int", b="int"),
        Grade.UNPROVED,
        None,
        None,
        "decoders differ on a field with two sources",
        ABSTAINS,
    ),
]


@pytest.mark.parametrize(
    ("reader", "writer", "grade", "event", "data", "refusal", "fastavro"),
    CASES,
    ids=lambda v: str(v)[:30],
)
def test_prove_incompatibility(
    reader: Any,
    writer: Any,
    grade: Grade,
    event: Any,
    data: str | None,
    refusal: str,
    fastavro: CrossCheck,
) -> None:
    readers, writers = schema(reader), schema(writer)
    [found] = can_read(reader=readers, writer=writers)
    expected = Proof(grade, event, None if data is None else bytes.fromhex(data), refusal, fastavro)
    assert prove(found, reader=readers, writer=writers) == expected


def test_prove_each_of_several_at_its_own_place() -> None:
    reader = schema(record("O", a="int", b=enum("X"), c="int"))
    writer = schema(record("O", a="string", b=enum("X", "Y"), c="int"))
    events = [
        prove(found, reader=reader, writer=writer).event
        for found in can_read(reader=reader, writer=writer)
    ]
    assert events == [{"a": "a", "b": "X", "c": 1}, {"a": "a", "b": "Y", "c": 1}]


def test_prove_tells_the_reason_of_each_even_where_another_comes_first() -> None:
    reader = schema(record("O", a="int", b="int", c="int", d=["null", record("P", e="int")]))
    writer = schema(record("O", d=["null", record("P")], a="string"))
    reasons = [
        prove(found, reader=reader, writer=writer).refusal
        for found in can_read(reader=reader, writer=writer)
    ]
    assert reasons == [
        "O.a: the writer's string cannot be read as int",
        "O.b: the writer's O has no such field, and there is no default",
        "O.c: the writer's O has no such field, and there is no default",
        "O.d.e: the writer's P has no such field, and there is no default",
    ]


def test_prove_tells_apart_what_one_referenced_type_holds() -> None:
    text = json.dumps(record("Order", total="Money"))
    old = parse(text, references=[schema(record("Money", amount="string", currency="string"))])
    new = parse(text, references=[schema(record("Money", amount="long", currency="int"))])
    assert [
        prove(found, reader=new, writer=old).refusal for found in can_read(reader=new, writer=old)
    ] == [
        "Order.total.amount: the writer's string cannot be read as long",
        "Order.total.currency: the writer's string cannot be read as int",
    ]


def test_prove_by_an_event_that_is_right_in_all_else() -> None:
    """fastavro has to refuse the clash, and not a uuid or a decimal that is none."""
    logical = {
        "id": {"type": "string", "logicalType": "uuid"},
        "total": {"type": "bytes", "logicalType": "decimal", "precision": 1},
    }
    reader = schema(record("O", **logical, n="string"))
    writer = schema(record("O", **logical, n="int"))
    [found] = can_read(reader=reader, writer=writer)
    proof = prove(found, reader=reader, writer=writer)
    assert proof.data is not None
    assert fastavro_check(proof.data, writer=writer, reader=writer) is CrossCheck.READS
    assert (proof.grade, proof.fastavro) == (Grade.PROVED, CrossCheck.REFUSES)


def test_prove_without_fastavro_where_it_knows_no_such_schema() -> None:
    """Avro Java 1.12 takes a name before its definition, fastavro does not."""
    later = record("Money", amount="long")
    reader = schema(record("O", first="Money", then=later, n="string"))
    writer = schema(record("O", first="Money", then=later, n="int"))
    [found] = can_read(reader=reader, writer=writer)
    proof = prove(found, reader=reader, writer=writer)
    assert (proof.grade, proof.fastavro) == (Grade.PROVED, CrossCheck.ABSTAINS)


def test_prove_a_clash_inside_a_referenced_type() -> None:
    text = json.dumps(record("Order", id="string", total="Money"))
    old = parse(text, references=[schema(record("Money", amount="string"))])
    new = parse(text, references=[schema(record("Money", amount="long"))])
    [found] = can_read(reader=new, writer=old)
    assert prove(found, reader=new, writer=old) == Proof(
        Grade.PROVED,
        {"id": "a", "total": {"amount": "a"}},
        bytes.fromhex("02610261"),
        "Order.total.amount: the writer's string cannot be read as long",
        REFUSES,
    )


def test_prove_schemas_deeper_than_the_stack() -> None:
    def nested(leaf: str) -> Schema:
        return parse('{"type":"array","items":' * 900 + f'"{leaf}"' + "}" * 900)

    reader, writer = nested("int"), nested("string")
    (found,) = can_read(reader=reader, writer=writer)
    assert found.reader_pointer == Pointer("/items" * 900)
    proof = prove(found, reader=reader, writer=writer)
    assert (proof.grade, proof.data) == (
        Grade.PROVED,
        b"\x02" * 900 + b"\x02a" + b"\x00" * 900,
    )
