"""Where hazards point, and what they cost."""

from __future__ import annotations

import json
from typing import Any

from schemareg.avro import Schema, parse
from schemareg.avro.binary import decode
from schemareg.compat.hazard import Hazard, HazardKind
from schemareg.compat.hazards.pairs import hazards
from tests.compat.schemas import decimal, enum, schema
from tests.support.schemas import field, record


def facts(hazard: Hazard) -> tuple[HazardKind, str, str, str]:
    return hazard.kind, hazard.message, hazard.advice, hazard.path


def test_hazards_name_their_place_in_both_texts() -> None:
    reader = record("Order", field("id", "string"), field("total", ["null", decimal(9, 4)]))
    writer = record("Order", field("total", ["null", decimal(9, 2)]), field("id", "string"))
    [hazard] = hazards(reader=schema(reader), writer=schema(writer))
    assert (hazard.reader_pointer, hazard.writer_pointer) == (
        "/fields/1/type/1",
        "/fields/0/type/1",
    )
    assert facts(hazard) == (
        HazardKind.DECIMAL_SCALE,
        "decimal of scale 2 read with scale 4: the bytes carry no scale, so amounts are off by"
        " a factor of 100 for readers that go by their own",
        "Keep scale 2, and put amounts of scale 4 into a new field.",
        "Order.total",
    )


def test_hazard_of_an_unknown_symbol_names_what_is_read_for_which() -> None:
    reader = record("Paid", field("by", enum("CARD", "OTHER", name="p.Method", default="OTHER")))
    writer = record("Paid", field("by", enum("CARD", "CASH", "IOU", name="p.Method")))
    readers, writers = schema(reader), schema(writer)
    [hazard] = hazards(reader=readers, writer=writers)
    assert (hazard.reader_pointer, hazard.writer_pointer) == ("/fields/0/type", "/fields/0/type")
    assert facts(hazard) == (
        HazardKind.UNKNOWN_SYMBOL,
        "the reader's p.Method does not know 'CASH', 'IOU', and silently reads its default "
        "'OTHER' instead",
        "Keep 'CASH', 'IOU' while events hold them, or make sure that 'OTHER' is right for them.",
        "Paid.by",
    )
    # IOU
    assert decode(b"\x04", writer=writers, reader=readers) == {"by": "OTHER"}


def test_no_hazard_of_symbols_between_enums_that_do_not_match() -> None:
    reader, writer = schema(enum("A", name="E", default="A")), schema(enum("B", name="F"))
    assert list(hazards(reader=reader, writer=writer)) == []


def test_hazards_in_a_referenced_type_point_at_its_use() -> None:
    text = json.dumps(record("Order", field("id", "string"), field("total", "Money")))
    old = parse(text, references=[schema(record("Money", field("amount", "long")))])
    new = parse(text, references=[schema(record("Money", field("amount", "double")))])
    [hazard] = hazards(reader=new, writer=old)
    assert (hazard.kind, hazard.path, hazard.reader_pointer) == (
        HazardKind.LOSSY_PROMOTION,
        "Order.total.amount",
        "/fields/1/type",
    )


def test_hazard_of_an_alias_that_is_a_referenced_type() -> None:
    money = schema(record("Money", field("amount", "long")))
    fields = [field("paid", "Money")]
    old = parse(json.dumps(record("Order", *fields)), references=[money])
    new = parse(json.dumps(record("Order", *fields, aliases=["Money"])), references=[money])
    assert [h.kind for h in hazards(reader=new, writer=old)] == [HazardKind.ALIAS_SHADOWS_TYPE]


def test_hazards_of_an_incompatible_pair_leave_refusals_to_can_read() -> None:
    assert list(hazards(reader=schema("int"), writer=schema("string"))) == []


def test_hazards_of_schemas_deeper_than_the_stack() -> None:
    def nested(leaf: str) -> Schema:
        return parse('{"type":"array","items":' * 900 + f'"{leaf}"' + "}" * 900)

    [hazard] = hazards(reader=nested("double"), writer=nested("long"))
    assert (hazard.kind, hazard.reader_pointer) == (HazardKind.LOSSY_PROMOTION, "/items" * 900)


def test_decimals_of_scales_far_apart_cost_nothing() -> None:
    def decimal(scale: int) -> Any:
        return schema(
            {"type": "bytes", "logicalType": "decimal", "precision": 2**31 - 1, "scale": scale}
        )

    (hazard,) = hazards(reader=decimal(0), writer=decimal(1_900_000_000))
    assert "off by a factor of 10^1900000000 for" in hazard.message
