"""The body of a test that sends an event and waits for it."""

from __future__ import annotations

BODY = """
    def test_round(event, kafka, schema_registry, published):
        placed = event("OrderPlaced", orderId="o-1", total=12.0)
        kafka.send("orders", "OrderPlaced", placed, key="o-1")
        came = published.expect_one("OrderPlaced", key="o-1", where={"total": 12.0})
        assert came.event == placed
        assert came.topic == "orders"
        subject = kafka.topic("orders") + "-shop.OrderPlaced"
        assert came.schema_id == schema_registry.client.get_version(subject, "latest").id
"""
