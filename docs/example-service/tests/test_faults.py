"""What the order service does when the registry or the broker fails, or a message is poison."""

from __future__ import annotations

from decimal import Decimal


def test_an_order_outlives_a_busy_registry(service, registry_faults, published):
    registry_faults.unavailable(2)  # 503, twice
    order = service.place_order("user-1", [("sku-1", 2)], Decimal("19.98"))
    published.expect_one("OrderPlaced", key=order)
    assert registry_faults.met == 2


def test_an_acknowledged_order_is_not_lost(service, kafka_faults, published):
    with kafka_faults.unreachable(for_s=0.5):
        order = service.place_order("user-1", [("sku-1", 2)], Decimal("19.98"))
    kafka_faults.restarted()
    published.expect_one("OrderPlaced", key=order)


def test_poison_does_not_stop_the_service(service, kafka, kafka_faults, event, published):
    poison = kafka_faults.poison("payments", "PaymentAuthorized", key="order-2")
    paid = event("PaymentAuthorized", orderId="order-2")
    kafka.send("payments", "PaymentAuthorized", paid, key="order-2")
    for _ in range(len(poison) + 1):
        assert service.handle_one(timeout_s=20)
    published.expect_one("OrderConfirmed", key="order-2")
