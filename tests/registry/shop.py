"""A small registry for the tests of the pages: references, nested types, hostile texts."""

from __future__ import annotations

import json
from urllib.parse import quote

import httpx

MONEY = {
    "type": "record",
    "name": "Money",
    "namespace": "com.example.shared",
    "doc": "An exact amount.",
    "fields": [
        {
            "name": "amount",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 4},
            "doc": "In the unit of the currency.",
        },
        {"name": "currency", "type": "string", "doc": "ISO 4217.", "default": "EUR"},
    ],
}
ORDER_1 = {
    "type": "record",
    "name": "OrderCreated",
    "namespace": "com.example.events",
    "doc": "A customer has ordered.",
    "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "doc": "Of the order."},
        {"name": "total", "type": "com.example.shared.Money"},
        {
            "name": "status",
            "type": {
                "type": "enum",
                "name": "Status",
                "symbols": ["OPEN", "PAID", "CANCELLED"],
                "default": "OPEN",
            },
        },
    ],
}
ORDER_2 = {
    **ORDER_1,
    "fields": [
        *ORDER_1["fields"],
        {
            "name": "lines",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "OrderLine",
                    "fields": [
                        {"name": "sku", "type": "string", "aliases": ["articleNumber"]},
                        {"name": "price", "type": ["null", "com.example.shared.Money"]},
                        {"name": "parts", "type": {"type": "map", "values": "OrderLine"}},
                    ],
                },
            },
            "default": [],
            "pii": "none",
        },
        {
            "name": "createdAt",
            "type": {"type": "long", "logicalType": "timestamp-micros"},
            "doc": "When the order was accepted.",
            "default": 0,
        },
    ],
}
ORDER_3 = {**ORDER_2, "fields": ORDER_2["fields"][1:]}
HOSTILE_TEXT = "<script>document.title='owned'</script>\"'&<b>"
HOSTILE = {
    "type": "record",
    "name": "Hostile",
    "doc": HOSTILE_TEXT,
    "fields": [
        {"name": "text", "type": "string", "doc": HOSTILE_TEXT, "default": HOSTILE_TEXT},
        {"name": "prop", "type": "int", "x<y": HOSTILE_TEXT},
    ],
}
LONG_NAME = "AVeryLongNameThatHasNoPlaceToBreakALine" * 4
LONG = {
    "type": "record",
    "name": LONG_NAME,
    "namespace": "com.example." + "verylongnamespacepart" * 6,
    "fields": [
        {"name": "f" * 150, "type": "string", "default": "x" * 300, "doc": "d" * 300},
        {"name": "g", "type": {"type": "enum", "name": "E" * 120, "symbols": ["S" * 150, "T"]}},
    ],
}
HOSTILE_SUBJECT = "a/b <i>%&?#\"'-value"


def fill(url: str) -> None:
    """Registers the shop at `url`: orders-value has three versions, the last does not fit."""
    money = [{"name": "com.example.shared.Money", "subject": "com.example.shared.Money"}]
    with httpx.Client(base_url=url) as client:
        for subject, schema, references in (
            ("com.example.shared.Money", MONEY, []),
            ("orders-value", ORDER_1, money),
            ("orders-value", ORDER_2, money),
            ("orders-key", {"type": "string"}, []),
            (HOSTILE_SUBJECT, HOSTILE, []),
            ("long-" * 30 + "value", LONG, []),
            (":.eu:orders-value", {"type": "map", "values": ["null", "long"]}, []),
        ):
            _register(client, subject, schema, references)
        level = client.put("/config/orders-value", json={"compatibility": "NONE"})
        assert level.status_code == 200, level.text
        _register(client, "orders-value", ORDER_3, money)


def _register(
    client: httpx.Client, subject: str, schema: object, references: list[dict[str, str]]
) -> None:
    answer = client.post(
        f"/subjects/{quote(subject, safe='')}/versions",
        json={
            "schema": json.dumps(schema),
            "references": [{**reference, "version": 1} for reference in references],
            "metadata": {"properties": {"owner": "shop team"}, "tags": {"id": ["PII"]}},
        },
    )
    assert answer.status_code == 200, (subject, answer.text)
