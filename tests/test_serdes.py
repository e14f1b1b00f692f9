"""Our serializers and confluent-kafka's through one registry, each reading the other's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schemareg.avro import parse
from schemareg.errors import EncodeError, RegistryError, UsageError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.serdes import event_deserializer, event_serializer
from schemareg.subjects import Reference, SchemaId, Subject, Version
from schemareg.wire import Framing

MONEY = json.dumps(
    {
        "type": "record",
        "name": "Money",
        "namespace": "shop",
        "fields": [
            {
                "name": "amount",
                "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            },
            {"name": "currency", "type": "string"},
        ],
    }
)
PAID = json.dumps(
    {
        "type": "record",
        "name": "Paid",
        "namespace": "shop",
        "fields": [
            {"name": "order", "type": {"type": "string", "logicalType": "uuid"}},
            {"name": "sum", "type": "Money"},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "note", "type": ["null", "string"], "default": None},
        ],
    }
)
EVENT = {
    "order": UUID(int=1),
    "sum": {"amount": Decimal("9.90"), "currency": "EUR"},
    "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    "note": "grüße",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with EmbeddedRegistry() as registry:
        yield registry.url


@pytest.fixture
def registry(url: str) -> Iterator[RegistryClient]:
    with connect(url) as client:
        yield client


def money(registry: RegistryClient) -> Reference:
    registered = registry.register(Subject("shop.Money"), MONEY)
    return Reference("shop.Money", registered.subject, registered.version)


def test_confluents_deserializer_reads_what_ours_wrote(registry: RegistryClient, url: str) -> None:
    schema = parse(PAID, references=[parse(MONEY)])
    serialize = event_serializer(registry, schema, references=[money(registry)], register=True)
    message = serialize(EVENT, topic="ours").data
    context = SerializationContext("ours", MessageField.VALUE)
    with SchemaRegistryClient({"url": url}) as client:
        assert AvroDeserializer(client)(message, context) == EVENT


@pytest.mark.parametrize("framing", Framing)
def test_ours_reads_what_confluents_serializer_wrote(
    registry: RegistryClient, url: str, framing: Framing
) -> None:
    text = json.dumps(json.loads(PAID) | {"name": f"Paid{framing.value}"})
    text = text.replace('"Money"', MONEY)
    conf: dict[str, Any] = (
        {"schema.id.serializer": header_schema_id_serializer} if framing is Framing.GUID else {}
    )
    headers: list[tuple[str, bytes | str | None]] = []
    context = SerializationContext(f"theirs-{framing}", MessageField.VALUE, headers)
    with SchemaRegistryClient({"url": url}) as client:
        message = AvroSerializer(client, text, conf=conf)(EVENT, context)
    assert len(headers) == (framing is Framing.GUID)
    received = event_deserializer(registry).receive(message, headers=headers)
    assert received.event == EVENT
    assert received.type == f"shop.Paid{framing.value}"


@pytest.mark.parametrize("framing", Framing)
def test_ours_reads_ours(registry: RegistryClient, framing: Framing) -> None:
    schema = parse(PAID, references=[parse(MONEY)])
    serialize = event_serializer(
        registry, schema, references=[money(registry)], register=True, framing=framing
    )
    payload = serialize(EVENT, topic=f"both-{framing}")
    assert event_deserializer(registry)(payload.data, headers=payload.headers) == EVENT


OTHER_PAID = json.dumps(
    json.loads(PAID.replace('"Money"', MONEY))
    | {"doc": "Registered by another team.", "aliases": ["Settled"]}
)


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("by", ["latest", "id"])
def test_serializer_writes_with_the_schema_that_others_registered(
    registry: RegistryClient, by: str, framing: Framing
) -> None:
    topic = f"others-{by}-{framing}"
    registered = registry.register(Subject(f"{topic}-value"), OTHER_PAID)
    schema = parse(PAID, references=[parse(MONEY)])
    serialize = event_serializer(
        registry,
        schema,
        latest=by == "latest",
        schema_id=registered.id if by == "id" else None,
        framing=framing,
    )
    payload = serialize(EVENT, topic=topic)
    received = event_deserializer(registry).receive(payload.data, headers=payload.headers)
    assert received.event == EVENT
    named = received.schema if framing is Framing.ID else registered.id
    assert named == registered.id
    assert registry.get_versions(registered.subject) == (Version(1),)


def test_latest_version_with_another_field_is_the_one_that_is_written(
    registry: RegistryClient,
) -> None:
    old = '{"type":"record","name":"Seen","fields":[{"name":"id","type":"int"}]}'
    new = old.replace("]}", ',{"name":"at","type":"long","default":7}]}')
    newest = registry.register(Subject("newest-value"), new)
    serialize = event_serializer(registry, parse(old), latest=True)
    event = {"id": 5, "at": 7}
    received = event_deserializer(registry).receive(serialize(event, topic="newest").data)
    assert (received.event, received.schema) == (event, newest.id)
    with pytest.raises(EncodeError, match=r"Seen\.at: the value is missing"):
        serialize({"id": 5}, topic="newest")


@pytest.mark.parametrize("by", ["latest", "id"])
def test_schema_of_another_type_is_not_written_with(registry: RegistryClient, by: str) -> None:
    admitted = '{"type":"record","name":"ward.Admitted","fields":[{"name":"id","type":"int"}]}'
    topic = f"of-another-type-{by}"
    discharged = admitted.replace("Admitted", "Discharged")
    other = registry.register(Subject(f"{topic}-value"), discharged)
    serialize = event_serializer(
        registry,
        parse(admitted),
        latest=by == "latest",
        schema_id=other.id if by == "id" else None,
    )
    with pytest.raises(EncodeError) as caught:
        serialize({"id": 5}, topic=topic)
    assert str(caught.value) == (
        f"schema {other.id} is of ward.Discharged, and events of ward.Admitted would be written "
        "as such; give the id of a schema of this type, or another topic"
    )


@pytest.mark.parametrize(
    "registered",
    [
        '{"type":"record","name":"ward.v2.Admitted","fields":[{"name":"id","type":"int"}]}',
        '{"type":"record","name":"In","aliases":["ward.Admitted"],"fields":[{"name":"id","type":"int"}]}',
        '[{"type":"record","name":"ward.Left","fields":[]},'
        '{"type":"record","name":"ward.Admitted","fields":[{"name":"id","type":"int"}]}]',
    ],
    ids=["namespace-moved", "alias", "union"],
)
def test_latest_version_of_the_type_is_written_with(
    registry: RegistryClient, registered: str, request: pytest.FixtureRequest
) -> None:
    admitted = '{"type":"record","name":"ward.Admitted","fields":[{"name":"id","type":"int"}]}'
    topic = request.node.callspec.id
    newest = registry.register(Subject(f"{topic}-value"), registered)
    serialize = event_serializer(registry, parse(admitted), latest=True)
    received = event_deserializer(registry).receive(serialize({"id": 5}, topic=topic).data)
    assert (received.event, received.schema) == ({"id": 5}, newest.id)


def test_normalize_finds_a_schema_of_the_same_normal_form(registry: RegistryClient) -> None:
    text = '{"type":"record","name":"Seen","fields":[{"name":"id","type":{"type":"int"}}]}'
    registered = registry.register(Subject("normal-value"), text, normalize=True)
    serialize = event_serializer(registry, parse(text), normalize=True)
    received = event_deserializer(registry).receive(serialize({"id": 5}, topic="normal").data)
    assert received.schema == registered.id


def test_schema_that_others_registered_with_a_doc_is_reported_with_the_options(
    registry: RegistryClient,
) -> None:
    registry.register(Subject("docs-value"), OTHER_PAID)
    with pytest.raises(RegistryError, match=r"40403 .*register it first, or give latest=True"):
        event_serializer(registry, parse(PAID.replace('"Money"', MONEY)))(EVENT, topic="docs")


def test_options_that_exclude_each_other(registry: RegistryClient) -> None:
    with pytest.raises(UsageError, match="more than one of register, latest and schema_id"):
        event_serializer(registry, parse('"int"'), register=True, latest=True)


@pytest.mark.parametrize("id_", ["1", 0, -1, 2**31, True, 1.0], ids=str)
def test_what_is_no_id_is_refused_at_once(registry: RegistryClient, id_: Any) -> None:
    with pytest.raises(UsageError) as caught:
        event_serializer(registry, parse('"int"'), schema_id=id_)
    assert str(caught.value) == (
        f"schema_id is {id_!r}, which is no id of a schema; give a whole number from 1 to"
        " 2147483647, such as registered.id"
    )


def test_unknown_id_advises_to_give_another(registry: RegistryClient) -> None:
    serialize = event_serializer(registry, parse('"int"'), schema_id=SchemaId(2147483647))
    with pytest.raises(RegistryError, match=r"40403 .*; give the id of a schema of this registry"):
        serialize(5, topic="unknown")


def test_serializer_finds_what_its_schema_refers_to(registry: RegistryClient) -> None:
    other = parse('{"type":"record","name":"Unused","namespace":"shop","fields":[]}')
    schema = parse(PAID, references=[other, parse(MONEY)])
    event_serializer(registry, schema, register=True)(EVENT, topic="found")
    registered = registry.get_version(Subject("found-value"), "latest")
    assert registered.references == (money(registry),)
    message = event_serializer(registry, schema)(EVENT, topic="found").data
    assert event_deserializer(registry)(message) == EVENT
    assert Subject("shop.Unused") not in registry.get_subjects()


def test_serializer_registers_nothing_unasked(registry: RegistryClient) -> None:
    serialize = event_serializer(registry, parse(MONEY))
    with pytest.raises(RegistryError, match="40401"):
        serialize({"amount": Decimal(1), "currency": "EUR"}, topic="nobody-registered-this")


def test_deserializer_tells_of_an_id_that_nobody_registered(registry: RegistryClient) -> None:
    with pytest.raises(RegistryError, match="40403"):
        event_deserializer(registry)(b"\x00\x00\x00\xff\xff\x00")


def test_old_messages_reach_a_new_reader(registry: RegistryClient) -> None:
    old = '{"type":"record","name":"Seen","fields":[{"name":"id","type":"int"}]}'
    new = (
        '{"type":"record","name":"Seen","fields":[{"name":"id","type":"long"},'
        '{"name":"by","type":"string","default":"?"}]}'
    )
    message = event_serializer(registry, parse(old), register=True)({"id": 5}, topic="seen").data
    assert registry.register(Subject("seen-value"), new).version == Version(2)
    read = event_deserializer(registry, readers=[parse(new)])
    assert read(message) == {"id": 5, "by": "?"}
