"""Which store a server keeps its registry in."""

from __future__ import annotations

from schemareg.registry.server.settings import MEMORY, ServerSettings
from schemareg.registry.store import Store
from schemareg.registry.topic.opening import open_topic_store


def open_store(settings: ServerSettings, own_url: str) -> Store:
    """The store that the settings name: a file, memory, or a topic of Kafka.

    Raises: `UsageError`, `ExternalFailureError`.
    """
    if settings.store is None:
        return Store(settings.db)
    return open_topic_store(
        settings.store,
        advertised=settings.advertise or own_url,
        path=None if settings.db == MEMORY else settings.db,
        group=settings.kafka_group,
        read_only=settings.read_only,
        names_avro=settings.profile == "8",
        security=kafka_security(settings),
        session_timeout_ms=settings.kafka_session_timeout_ms,
    )


def kafka_security(settings: ServerSettings) -> dict[str, str]:
    """The settings of librdkafka for the connection to the brokers."""
    named = {
        "security.protocol": settings.kafka_security_protocol,
        "sasl.mechanism": settings.kafka_sasl_mechanism,
        "sasl.username": settings.kafka_sasl_username,
        "sasl.password": settings.kafka_sasl_password,
        "ssl.ca.location": settings.kafka_ssl_ca,
    }
    return {name: value for name, value in named.items() if value is not None}
