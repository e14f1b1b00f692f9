"""What the order service publishes, and what it makes of payments."""

from __future__ import annotations

from decimal import Decimal

import pytest


def test_placing_an_order_publishes_it(service, published):
    order = service.place_order("user-1", [("sku-1", 2)], Decimal("19.98"))
    placed = published.expect_one("OrderPlaced", key=order)
    assert placed.event["total"] == Decimal("19.98")
    assert placed.event["lines"] == [{"sku": "sku-1", "quantity": 2}]


def test_an_order_is_written_with_the_registered_schema(service, published, schema_registry, kafka):
    order = service.place_order("user-1", [("sku-1", 1)], Decimal(5))
    subject = f"{kafka.topic('orders')}-shop.OrderPlaced"
    registered = schema_registry.client.get_version(subject, "latest")
    published.expect_one("OrderPlaced", key=order, schema_id=registered.id)


def test_a_paid_order_is_confirmed(service, event, kafka, published):
    paid = event("PaymentAuthorized", orderId="order-1", amount=Decimal("5.00"))
    kafka.send("payments", "PaymentAuthorized", paid, key="order-1")
    assert service.handle_one(timeout_s=20)
    cause = published.expect_one("PaymentAuthorized")
    published.chain(cause, published.expect_one("OrderConfirmed", key="order-1"))


def test_an_unpaid_order_is_cancelled(service, event, kafka, published, saga):
    order = service.place_order("user-1", [("sku-1", 2)], Decimal("19.98"))
    placed = published.expect_one("OrderPlaced", key=order)
    failed = event(
        "PaymentFailed",
        {
            "metadata.correlationId": placed.event["metadata"]["correlationId"],
            "metadata.causationId": placed.event["metadata"]["eventId"],
        },
        orderId=order,
        reason="card expired",
    )
    kafka.send("payments", "PaymentFailed", failed, key=order)
    assert service.handle_one(timeout_s=20)
    events = saga.expect(
        ["OrderPlaced", "PaymentFailed", "OrderCancelled"],
        by={"orderId": order},
        failed="PaymentFailed",
        compensations={"OrderPlaced": "OrderCancelled"},
    )
    published.chain(*events)
    assert events[-1].event["reason"] == "payment failed: card expired"


@pytest.mark.event_cases("PaymentFailed")
def test_any_failed_payment_cancels_its_order(event_case, service, kafka, published):
    kafka.send("payments", "PaymentFailed", event_case.event)
    assert service.handle_one(timeout_s=20)
    reason = f"payment failed: {event_case.event['reason']}"
    published.expect_one("OrderCancelled", where={"reason": reason})


def test_poison_is_passed_over(service, event, kafka, published):
    kafka.send_raw("payments", b"not Avro at all")
    paid = event("PaymentAuthorized", orderId="order-2")
    kafka.send("payments", "PaymentAuthorized", paid)
    # without a key the two may lie on two partitions, in either order
    assert service.handle_one(timeout_s=20)
    assert service.handle_one(timeout_s=20)
    published.expect_one("OrderConfirmed", key="order-2")
