"""The service under test: its schemas registered, its topics this test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from order_service import OrderService, Settings


@pytest.fixture
def service(kafka, schema_registry) -> Iterator[OrderService]:
    orders, payments = kafka.topic("orders"), kafka.topic("payments")
    # what the pipeline does on a merge: the service itself registers nothing
    for name in ("OrderPlaced", "OrderConfirmed", "OrderCancelled"):
        schema_registry.register(name, topic=orders)
    settings = Settings(
        bootstrap_servers=kafka.bootstrap_servers,
        registry_url=schema_registry.url,
        orders_topic=orders,
        payments_topic=payments,
        group=kafka.group("order-service"),
        client_settings=kafka.client_settings,
    )
    with OrderService(settings) as service:
        yield service
