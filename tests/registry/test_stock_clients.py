"""Clients that others wrote, with no special setting, against our server: they cannot tell.

Every test runs through the sync and the async client, and against the release line 7 as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    AssociationCreateOrUpdateInfo,
    AssociationCreateOrUpdateRequest,
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    MetadataTags,
    Schema,
    SchemaReference,
    SchemaRegistryError,
    ServerConfig,
    header_schema_id_serializer,
    record_subject_name_strategy,
    topic_record_subject_name_strategy,
)
from confluent_kafka.serialization import MessageField, SerializationContext
from schema_registry.client import AsyncSchemaRegistryClient as OtherAsyncClient
from schema_registry.client import SchemaRegistryClient as OtherClient
from schema_registry.client.errors import ClientError
from schema_registry.client.schema import AvroSchema
from schema_registry.serializers.message_serializer import (
    AsyncAvroMessageSerializer,
    AvroMessageSerializer,
)

from schemareg.registry.service.profile import PROFILE_7, PROFILE_8, Profile
from tests.registry.stock_clients import (
    CLASH,
    ID,
    INVOICE,
    LINE,
    MONEY,
    V1,
    V2,
    Awaited,
    Confluent,
    record,
    runner_for,
)
from tests.support.listening import Listening

CASES = [(PROFILE_8, "sync"), (PROFILE_8, "async"), (PROFILE_7, "sync")]
NAMES = ["8-sync", "8-async", "7-sync"]
ONLY_8 = pytest.mark.parametrize("case", CASES[:2], ids=NAMES[:2], indirect=True)


@pytest.fixture(params=CASES, ids=NAMES)
def case(request: pytest.FixtureRequest) -> tuple[Profile, str]:
    profile: Profile
    kind: str
    profile, kind = request.param
    return profile, kind


@pytest.fixture(scope="module")
def listening() -> Iterator[Listening]:
    with Listening() as listening:
        yield listening


@pytest.fixture
def url(case: tuple[Profile, str], listening: Listening) -> Iterator[str]:
    with listening.empty(case[0]) as url:
        yield url


@pytest.fixture
def kind(case: tuple[Profile, str]) -> str:
    return case[1]


@pytest.fixture
def confluent(url: str, kind: str) -> Iterator[Confluent]:
    with runner_for(kind) as runner, closing(Confluent(url, runner)) as confluent:
        yield confluent


VALUE = SerializationContext("orders", MessageField.VALUE)


def code(raised: pytest.ExceptionInfo[Any]) -> tuple[int, int]:
    return raised.value.http_status_code, raised.value.error_code


def test_whole_life_of_a_subject(confluent: Confluent) -> None:
    c = confluent.client
    assert c.register_schema("a/b c", Schema(V1)) == 1
    assert c.register_schema("a/b c", Schema(V1)) == 1
    assert c.test_compatibility("a/b c", Schema(V2))
    assert c.test_compatibility_all_versions("a/b c", Schema(V2), verbose=True)
    assert not c.test_compatibility("a/b c", Schema(CLASH))
    assert c.register_schema("a/b c", Schema(V2)) == 2
    assert c.get_versions("a/b c") == [1, 2]
    assert c.get_latest_version("a/b c").version == 2
    assert json.loads(c.get_version("a/b c", 1).schema.schema_str) == json.loads(V1)
    assert json.loads(c.get_schema(2).schema_str) == json.loads(V2)
    assert c.lookup_schema("a/b c", Schema(V2)).version == 2
    with pytest.raises(SchemaRegistryError) as refused:
        c.register_schema("a/b c", Schema(CLASH))
    assert refused.value.http_status_code == 409
    assert c.delete_version("a/b c", 1) == 1
    assert c.delete_version("a/b c", 1, permanent=True) == 1
    assert c.delete_subject("a/b c") == [2]
    with pytest.raises(SchemaRegistryError) as gone:
        c.get_versions("a/b c")
    assert code(gone) == (404, 40401)
    assert c.get_subjects() == []
    assert c.get_subjects(deleted=True) == ["a/b c"]
    c.clear_caches()
    assert c.register_schema("a/b c", Schema(V2)) == 2
    assert c.get_versions("a/b c") == [3]


def test_levels_modes_and_configuration(confluent: Confluent) -> None:
    c = confluent.client
    assert c.get_compatibility() == "BACKWARD"
    assert c.set_compatibility(level="full")["compatibility"] == "FULL"
    with pytest.raises(SchemaRegistryError) as unset:
        c.get_compatibility("s")
    assert code(unset) == (404, 40408)
    with pytest.raises(SchemaRegistryError) as unknown:
        c.set_compatibility("s", "SOMETIMES")
    assert code(unknown) == (422, 42203)
    changed = c.set_config("s", ServerConfig(compatibility=ConfigCompatibilityLevel.NONE))
    assert changed["compatibility"] == "NONE"
    assert c.get_config("s").compatibility_level is ConfigCompatibilityLevel.NONE
    assert c.delete_config("s").compatibility_level is ConfigCompatibilityLevel.NONE
    assert c.get_global_mode() == "READWRITE"
    assert c.update_mode("s", "READONLY") == "READONLY"
    with pytest.raises(SchemaRegistryError) as read_only:
        c.register_schema("s", Schema(V1))
    assert code(read_only) == (422, 42205)
    assert c.delete_mode("s") == "READONLY"


def test_listings_and_where_ids_are_used(confluent: Confluent) -> None:
    c = confluent.client
    for subject in ("x", "y"):
        c.register_schema(subject, Schema(V1))
    assert c.get_schema_types()[-1] == "AVRO"
    assert sorted(c.get_subjects_by_schema_id(1)) == ["x", "y"]
    assert {(each.subject, each.version) for each in c.get_schema_versions(1)} == {
        ("x", 1),
        ("y", 1),
    }
    assert c.get_contexts() == ["."]


def test_references_over_two_levels(confluent: Confluent) -> None:
    c = confluent.client
    c.register_schema("money", Schema(MONEY))
    to_money = SchemaReference("shop.Money", "money", 1)
    c.register_schema("line", Schema(LINE, "AVRO", [to_money]))
    invoice = Schema(INVOICE, "AVRO", [SchemaReference("shop.Line", "line", 1)])
    event = {"lines": [{"price": {"cents": 5}}]}
    message = confluent.serializer(invoice)(event, VALUE)
    assert confluent.deserializer()(message, VALUE) == event
    assert c.get_referenced_by("line", 1) == [3]
    assert c.get_latest_version("orders-value").schema.references[0].subject == "line"
    with pytest.raises(SchemaRegistryError) as held:
        c.delete_subject("line")
    assert code(held) == (422, 42206)


def test_serializers_with_default_settings(confluent: Confluent) -> None:
    message = confluent.serializer(V1)({"id": "1"}, VALUE)
    assert message[:5] == b"\x00\x00\x00\x00\x01"
    assert confluent.client.get_subjects() == ["orders-value"]
    assert confluent.deserializer()(message, VALUE) == {"id": "1"}
    assert confluent.deserializer(V2)(message, VALUE) == {"id": "1", "note": None}


@ONLY_8
def test_serializers_write_under_the_associated_subject(confluent: Confluent) -> None:
    client = confluent.client
    assert client.register_schema("shared", Schema(V1)) == 1
    weak = AssociationCreateOrUpdateInfo(subject="shared", association_type="value")
    request = AssociationCreateOrUpdateRequest(
        resource_name="orders",
        resource_namespace="cluster",
        resource_id="topic-1",
        associations=[weak],
    )
    created = client.create_association(request)
    assert [(a.subject, a.lifecycle, a.frozen) for a in created.associations] == [
        ("shared", "WEAK", False)
    ]
    assert client.create_association(request).associations is None
    message = confluent.serializer(V1)({"id": "1"}, VALUE)
    assert message[:5] == b"\x00\x00\x00\x00\x01"
    assert client.get_subjects() == ["shared"]
    assert confluent.deserializer()(message, VALUE) == {"id": "1"}
    (found,) = client.get_associations_by_resource_name("orders", "-", "topic", ["value"])
    assert (found.subject, found.resource_id) == ("shared", "topic-1")
    client.delete_associations("topic-1", "topic", ["value"])
    assert client.get_associations_by_resource_name("orders", "cluster", "topic") == []
    with pytest.raises(SchemaRegistryError) as gone:
        client.delete_associations("topic-1", "topic")
    assert code(gone) == (404, 40410)


@ONLY_8
def test_strong_association_brings_its_schema(confluent: Confluent) -> None:
    client = confluent.client
    strong = AssociationCreateOrUpdateInfo(association_type="key", schema=Schema('"string"'))
    request = AssociationCreateOrUpdateRequest(
        resource_name="orders",
        resource_namespace="cluster",
        resource_id="topic-1",
        associations=[strong],
    )
    (created,) = client.create_association(request).associations
    assert (created.subject, created.lifecycle) == (":.cluster:orders-key", "STRONG")
    assert (created.frozen, created.schema.schema_str) == (True, '"string"')
    key = SerializationContext("orders", MessageField.KEY)
    message = confluent.serializer('"string"')("k", key)
    assert client.get_subjects() == [":.cluster:orders-key"]
    assert confluent.deserializer()(message, key) == "k"
    with pytest.raises(SchemaRegistryError) as frozen:
        client.delete_associations("topic-1", "topic")
    assert code(frozen) == (409, 40908)
    client.delete_associations("topic-1", "topic", cascade_lifecycle=True)
    assert client.get_subjects() == []


def test_key_serializer_has_a_subject_of_its_own(confluent: Confluent) -> None:
    key = SerializationContext("orders", MessageField.KEY)
    message = confluent.serializer('"string"')("k", key)
    assert confluent.client.get_subjects() == ["orders-key"]
    assert confluent.deserializer()(message, key) == "k"


@pytest.mark.parametrize(
    ("strategy", "subject"),
    [
        (record_subject_name_strategy, "shop.Order"),
        (topic_record_subject_name_strategy, "orders-shop.Order"),
    ],
)
def test_serializer_with_another_subject_name(
    strategy: Any, subject: str, confluent: Confluent
) -> None:
    confluent.serializer(V1, subject_name_strategy=strategy)({"id": "1"}, VALUE)
    assert confluent.client.get_subjects() == [subject]


def test_serializer_that_uses_the_latest_version(confluent: Confluent) -> None:
    confluent.client.register_schema("orders-value", Schema(V1))
    confluent.client.register_schema("orders-value", Schema(V2))
    uses_latest = confluent.serializer(V1, auto_register_schemas=False, use_latest_version=True)
    message = uses_latest({"id": "1", "note": "n"}, VALUE)
    assert message[:5] == b"\x00\x00\x00\x00\x02"
    assert confluent.client.get_versions("orders-value") == [1, 2]


def test_serializer_that_may_not_register(confluent: Confluent) -> None:
    looks_up = confluent.serializer(V1, auto_register_schemas=False)
    with pytest.raises(SchemaRegistryError) as missing:
        looks_up({"id": "1"}, VALUE)
    assert code(missing) == (404, 40401)
    confluent.client.register_schema("orders-value", Schema(V1))
    assert looks_up({"id": "1"}, VALUE)[:5] == b"\x00\x00\x00\x00\x01"


def test_serializer_that_normalizes(confluent: Confluent) -> None:
    one = record("Order", {**ID, "y": 1, "x": 2})
    other = record("Order", {**ID, "x": 2, "y": 1})
    first = confluent.serializer(one, normalize_schemas=True)({"id": "1"}, VALUE)
    elsewhere = SerializationContext("others", MessageField.VALUE)
    second = confluent.serializer(other, normalize_schemas=True)({"id": "1"}, elsewhere)
    assert first == second


def test_incompatible_schema_in_a_serializer(confluent: Confluent) -> None:
    confluent.serializer(V1)({"id": "1"}, VALUE)
    with pytest.raises(SchemaRegistryError) as refused:
        confluent.serializer(CLASH)({"id": 1}, VALUE)
    assert refused.value.http_status_code == 409


@ONLY_8
def test_guid_in_a_header(confluent: Confluent) -> None:
    headers: list[Any] = []
    context = SerializationContext("orders", MessageField.VALUE, headers=headers)
    serializer = confluent.serializer(V1, schema_id_serializer=header_schema_id_serializer)
    message = serializer({"id": "longer"}, context)
    assert message == b"\x0clonger"
    assert [name for name, _ in headers] == ["__value_schema_id"]
    assert confluent.deserializer()(message, context) == {"id": "longer"}


@ONLY_8
def test_metadata_chooses_the_version(confluent: Confluent) -> None:
    def with_owner(text: str, owner: str) -> Schema:
        return Schema(
            text,
            metadata=Metadata(
                tags=MetadataTags({}), properties=MetadataProperties({"o": owner}), sensitive=[]
            ),
        )

    c = confluent.client
    c.register_schema("orders-value", with_owner(V1, "a"))
    c.register_schema("orders-value", with_owner(V2, "b"))
    assert c.get_latest_with_metadata("orders-value", {"o": "a"}).version == 1
    message = confluent.serializer(
        V1, auto_register_schemas=False, use_latest_with_metadata={"o": "a"}
    )({"id": "1"}, VALUE)
    assert message[:5] == b"\x00\x00\x00\x00\x01"


def test_contexts_by_url_and_by_name(url: str, kind: str) -> None:
    with (
        runner_for(kind) as runner,
        closing(Confluent(url, runner)) as outside,
        closing(Confluent(f"{url}/contexts/.test", runner)) as inside,
    ):
        outside.client.register_schema("orders-value", Schema(V2))
        message = inside.serializer(V1)({"id": "1"}, VALUE)
        # ids are counted per context
        assert message[:5] == b"\x00\x00\x00\x00\x01"
        assert inside.deserializer()(message, VALUE) == {"id": "1"}
        assert inside.client.get_subjects() == [":.test:orders-value"]
        assert outside.client.get_versions(":.test:orders-value") == [1]
        assert outside.client.get_contexts() == [".", ".test"]


# python-schema-registry-client


@pytest.fixture
def other(url: str, kind: str) -> Iterator[tuple[Any, Any]]:
    """Its client and its Avro serializer."""
    with runner_for(kind) as runner:
        if runner is None:
            client = OtherClient(url)
            yield client, AvroMessageSerializer(client)
        else:
            async_client = OtherAsyncClient(url)
            yield (
                Awaited(async_client, runner),
                Awaited(AsyncAvroMessageSerializer(async_client), runner),
            )


def test_other_clients_whole_life(other: tuple[Any, Any]) -> None:
    client, _ = other
    first = client.register("orders", AvroSchema(V1))
    assert first == 1
    assert client.check_version("orders", AvroSchema(V1)).version == 1
    assert client.check_version("orders", AvroSchema(V2)) is None
    assert client.test_compatibility("orders", AvroSchema(V2))
    assert not client.test_compatibility("orders", AvroSchema(CLASH))
    verdict = client.test_compatibility("orders", AvroSchema(CLASH), verbose=True)
    assert "TYPE_MISMATCH" in verdict["messages"][0]
    with pytest.raises(ClientError) as refused:
        client.register("orders", AvroSchema(CLASH))
    assert refused.value.http_code == 409
    assert client.register("orders", AvroSchema(V2)) == 2
    assert client.get_schema("orders").version == 2
    assert client.get_schema("orders", version=1).schema_id == 1
    assert client.get_schema("orders", version=9) is None
    assert client.get_versions("orders") == [1, 2]
    assert client.get_subjects() == ["orders"]
    assert client.get_by_id(99) is None
    assert [(at.subject, at.version) for at in client.get_schema_subject_versions(1)] == [
        ("orders", 1)
    ]
    assert client.update_compatibility("FULL", "orders")
    assert client.get_compatibility("orders") == "FULL"
    assert client.get_compatibility() == "BACKWARD"
    assert client.delete_version("orders", 1) == 1
    assert client.delete_subject("orders") == [2]
    assert client.get_versions("orders") == []


def test_other_clients_messages_are_everybodys(other: tuple[Any, Any], url: str) -> None:
    _, serializer = other
    message = serializer.encode_record_with_schema("orders-value", AvroSchema(V1), {"id": "1"})
    assert serializer.decode_message(message) == {"id": "1"}
    with closing(Confluent(url, None)) as confluent:
        assert confluent.deserializer()(message, VALUE) == {"id": "1"}
