"""Tests of the pytest plugin run pytest inside pytest, in a directory with a small shop."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest

# pytester forgets what a run inside imported: what is here already is not imported anew each time
import schemareg.pytest_plugin.saga
import schemareg.pytest_plugin.session
import schemareg.registry.server  # noqa: F401  # see above

METADATA = {
    "type": "record",
    "name": "Metadata",
    "namespace": "shop",
    "fields": [
        {"name": "eventId", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "correlationId", "type": {"type": "string", "logicalType": "uuid"}},
        {
            "name": "causationId",
            "type": ["null", {"type": "string", "logicalType": "uuid"}],
            "default": None,
        },
    ],
}
CONFIG = """
roots = ["schemas"]

[topics.orders]
strategy = "topic-record"
events = ["shop.OrderPlaced", "shop.OrderCancelled"]

[topics.stock]
strategy = "record"
events = ["shop.StockReserved", "shop.StockReleased"]

[topics.payments]
events = ["shop.PaymentFailed"]
"""


def event_schema(name: str, *fields: Any) -> str:
    return json.dumps(
        {
            "type": "record",
            "name": name,
            "namespace": "shop",
            "fields": [
                {"name": "orderId", "type": "string"},
                {"name": "metadata", "type": "Metadata"},
                *fields,
            ],
        }
    )


SCHEMAS = {
    "Metadata": json.dumps(METADATA),
    "OrderPlaced": event_schema(
        "OrderPlaced",
        {"name": "total", "type": "double"},
        {
            "name": "lines",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Line",
                    "fields": [
                        {"name": "sku", "type": "string"},
                        {"name": "quantity", "type": "int"},
                    ],
                },
            },
        },
        {
            "name": "shipTo",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "Address",
                    "fields": [{"name": "city", "type": "string"}],
                },
            ],
        },
    ),
    "OrderCancelled": event_schema("OrderCancelled"),
    "StockReserved": event_schema("StockReserved"),
    "StockReleased": event_schema("StockReleased"),
    "PaymentFailed": event_schema("PaymentFailed", {"name": "reason", "type": "string"}),
}


@pytest.fixture
def shop(pytester: pytest.Pytester) -> Iterator[pytest.Pytester]:
    """A directory with the shop's schemas and configuration."""
    folder = pytester.mkdir("schemas")
    for name, text in SCHEMAS.items():
        (folder / f"{name}.avsc").write_text(text, encoding="utf-8")
    (pytester.path / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    pytester.makeini(
        "[pytest]\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
    )
    # in a run where every warning is an error, what other tests left behind is not blamed
    gc.freeze()
    yield pytester
    gc.unfreeze()
