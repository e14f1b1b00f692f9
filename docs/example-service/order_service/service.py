"""The service: what it publishes, and what it does about payments."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

from confluent_kafka import Consumer, KafkaException, Message, Producer

from schemareg.avro import Schema, parse
from schemareg.brokers.clients import close_consumer
from schemareg.errors import DecodeError, RegistryError
from schemareg.registry import connect
from schemareg.serdes import event_deserializer, event_serializer
from schemareg.subjects import SubjectNameStrategy

_SCHEMAS = Path(__file__).parent / "schemas"
_NOT_FOUND = 404
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Kafka and the registry are, and what the topics are called there."""

    bootstrap_servers: str
    registry_url: str
    orders_topic: str = "orders"
    payments_topic: str = "payments"
    group: str = "order-service"
    client_settings: Mapping[str, Any] = field(default_factory=dict)


class OrderService:
    """Publishes to the orders topic, follows the payments topic."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        client = {**settings.client_settings, "bootstrap.servers": settings.bootstrap_servers}
        self._registry = connect(settings.registry_url)
        self._producer = Producer({**client, "linger.ms": 0})
        self._consumer = Consumer(
            {**client, "group.id": settings.group, "auto.offset.reset": "earliest"}
        )
        self._consumer.subscribe([settings.payments_topic])
        schemas = load_schemas()
        self._serializers = {
            name: event_serializer(
                self._registry, schemas[name], strategy=SubjectNameStrategy.TOPIC_RECORD
            )
            for name in ("OrderPlaced", "OrderConfirmed", "OrderCancelled")
        }
        self._deserialize = event_deserializer(
            self._registry, readers=[schemas["PaymentAuthorized"], schemas["PaymentFailed"]]
        )

    def place_order(self, user: str, lines: Sequence[tuple[str, int]], total: Decimal) -> str:
        """The id of a new order of `lines` (article and pieces); it is published."""
        order = f"order-{uuid4()}"
        placed = {
            "orderId": order,
            "userId": user,
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
            "total": total,
            "metadata": metadata(correlation=uuid4(), cause=None),
        }
        self._publish("OrderPlaced", placed)
        return order

    def handle_one(self, timeout_s: float) -> bool:
        """One message about payments is dealt with; False: none came in `timeout_s`.

        What cannot be read is logged and passed over, since it would be unreadable for ever.
        """
        message = self._consumer.poll(timeout_s)
        if message is None or message.error() is not None:
            return False
        try:
            self._handle(message)
        except DecodeError as error:
            _LOG.warning("message at offset %s passed over: %s", message.offset(), error)
        except RegistryError as error:
            if error.status != _NOT_FOUND:
                raise
            _LOG.warning("message at offset %s names no schema: %s", message.offset(), error)
        self._consumer.commit(message)
        return True

    def _handle(self, message: Message) -> None:
        received = self._deserialize.receive(message.value(), headers=message.headers() or ())
        payment = received.event
        match received.type:
            case "shop.PaymentAuthorized":
                confirmed = {"orderId": payment["orderId"], "metadata": following(payment)}
                self._publish("OrderConfirmed", confirmed)
            case "shop.PaymentFailed":
                cancelled = {
                    "orderId": payment["orderId"],
                    "reason": f"payment failed: {payment['reason']}",
                    "metadata": following(payment),
                }
                self._publish("OrderCancelled", cancelled)

    def _publish(self, name: str, event: dict[str, Any]) -> None:
        topic = self._settings.orders_topic
        payload = self._serializers[name](event, topic=topic)
        failures: list[str] = []
        self._producer.produce(
            topic,
            key=event["orderId"],
            value=payload.data,
            headers=payload.headers,
            on_delivery=lambda error, _: failures.append(error.str()) if error else None,
        )
        if self._producer.flush(10) or failures:
            raise KafkaException(f"{name} was not acknowledged: {failures or 'no answer'}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        close_consumer(self._consumer)
        self._registry.close()


def metadata(*, correlation: UUID, cause: UUID | None) -> dict[str, Any]:
    """The metadata of a new event."""
    now = datetime.now(UTC)
    return {
        "eventId": uuid4(),
        "occurredAt": now.replace(microsecond=now.microsecond // 1000 * 1000),
        "correlationId": correlation,
        "causationId": cause,
    }


def following(event: dict[str, Any]) -> dict[str, Any]:
    """The metadata of an event that `event` led to."""
    cause = event["metadata"]
    return metadata(correlation=cause["correlationId"], cause=cause["eventId"])


def load_schemas() -> dict[str, Schema]:
    """The service's schemas by short name."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in _SCHEMAS.glob("*.avsc")}
    shared = parse(texts.pop("EventMetadata"))
    return {name: parse(text, references=[shared]) for name, text in texts.items()}
