"""Confluent's own Python client with default settings, against the server over a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

from schemareg.registry.server import EmbeddedRegistry

ORDER_1 = json.dumps(
    {
        "type": "record",
        "name": "Order",
        "namespace": "shop",
        "fields": [{"name": "id", "type": "string"}],
    }
)
ORDER_2 = json.dumps(
    {
        "type": "record",
        "name": "Order",
        "namespace": "shop",
        "fields": [
            {"name": "id", "type": "string"},
            {"name": "note", "type": ["null", "string"], "default": None},
        ],
    }
)
ORDER_CLASHING = json.dumps(
    {
        "type": "record",
        "name": "Order",
        "namespace": "shop",
        "fields": [{"name": "id", "type": "int"}],
    }
)
MONEY = json.dumps(
    {
        "type": "record",
        "name": "Money",
        "namespace": "shop",
        "fields": [{"name": "cents", "type": "long"}],
    }
)
INVOICE = json.dumps(
    {
        "type": "record",
        "name": "Invoice",
        "namespace": "shop",
        "fields": [{"name": "total", "type": "shop.Money"}],
    }
)


@pytest.fixture(scope="module")
def registry() -> Iterator[EmbeddedRegistry]:
    with EmbeddedRegistry() as registry:
        yield registry


@pytest.fixture
def client(registry: EmbeddedRegistry) -> Iterator[SchemaRegistryClient]:
    with SchemaRegistryClient({"url": registry.url}) as client:
        yield client


def test_serializers_with_default_settings_round_trip(client: SchemaRegistryClient) -> None:
    context = SerializationContext("orders", MessageField.VALUE)
    message = AvroSerializer(client, ORDER_1)({"id": "o-1"}, context)
    assert message is not None
    assert message[0] == 0
    assert AvroDeserializer(client)(message, context) == {"id": "o-1"}
    assert client.get_latest_version("orders-value").version == 1


def test_reader_with_a_newer_schema_reads_older_messages(client: SchemaRegistryClient) -> None:
    context = SerializationContext("evolving", MessageField.VALUE)
    old = AvroSerializer(client, ORDER_1)({"id": "o-1"}, context)
    AvroSerializer(client, ORDER_2)({"id": "o-2", "note": "x"}, context)
    read = AvroDeserializer(client, ORDER_2)(old, context)
    assert read == {"id": "o-1", "note": None}
    assert client.get_versions("evolving-value") == [1, 2]


def test_incompatible_schema_is_409_with_confluents_code(client: SchemaRegistryClient) -> None:
    client.register_schema("rejecting", Schema(ORDER_1, "AVRO"))
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema("rejecting", Schema(ORDER_CLASHING, "AVRO"))
    assert (refused.value.http_status_code, refused.value.error_code) == (409, 40901)
    assert not client.test_compatibility("rejecting", Schema(ORDER_CLASHING, "AVRO"))


def test_references_are_registered_and_resolved(client: SchemaRegistryClient) -> None:
    client.register_schema("shop.Money", Schema(MONEY, "AVRO"))
    invoice = Schema(INVOICE, "AVRO", [SchemaReference("shop.Money", "shop.Money", 1)])
    context = SerializationContext("invoices", MessageField.VALUE)
    event = {"total": {"cents": 5}}
    message = AvroSerializer(client, invoice)(event, context)
    assert AvroDeserializer(client)(message, context) == event
    with pytest.raises(SchemaRegistryError) as refused:
        client.delete_subject("shop.Money")
    assert refused.value.error_code == 42206


def test_life_of_a_subject_register_delete_revive(
    registry: EmbeddedRegistry, client: SchemaRegistryClient
) -> None:
    first = client.register_schema("life", Schema(ORDER_1, "AVRO"))
    assert client.delete_subject("life") == [1]
    with pytest.raises(SchemaRegistryError) as gone:
        client.get_latest_version("life")
    assert gone.value.error_code == 40401
    with SchemaRegistryClient({"url": registry.url}) as fresh:
        assert fresh.register_schema("life", Schema(ORDER_1, "AVRO")) == first
        assert fresh.get_versions("life") == [2]
        assert fresh.delete_subject("life", permanent=False) == [2]
        assert fresh.delete_subject("life", permanent=True) == [2]


def test_levels_are_set_and_read(client: SchemaRegistryClient) -> None:
    assert client.get_compatibility() == "BACKWARD"
    client.set_compatibility("levels", "FULL_TRANSITIVE")
    assert client.get_compatibility("levels") == "FULL_TRANSITIVE"
