"""Messages: framing, subjects, readers of their type; identities come from a table here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import pytest

from schemareg.avro import parse
from schemareg.avro.schema import Schema
from schemareg.codec import EventDeserializer, EventSerializer, Identity
from schemareg.errors import DecodeError, EncodeError, WireFormatError
from schemareg.subjects import SchemaId, Subject, SubjectNameStrategy
from schemareg.wire import Framing

GUID = UUID("89791762-2336-186f-9674-299b90a8e2e7")
PLACED = parse(
    '{"type":"record","name":"Placed","namespace":"shop","fields":[{"name":"id","type":"int"}]}'
)
PAID = parse(
    '{"type":"record","name":"Paid","namespace":"shop","fields":[{"name":"sum","type":"int"}]}'
)
PLACED_2 = parse(
    '{"type":"record","name":"Placed","namespace":"shop","fields":'
    '[{"name":"id","type":"long"},{"name":"by","type":"string","default":"?"}]}'
)
RENAMED = parse(
    '{"type":"record","name":"Ordered","namespace":"shop","aliases":["Placed"],'
    '"fields":[{"name":"id","type":"int"}]}'
)


class Asked:
    """Identities by subject, and the subjects that were asked for."""

    def __init__(self, identities: Mapping[str, Identity]) -> None:
        self.identities = identities
        self.subjects: list[str] = []

    def __call__(self, subject: Subject) -> Identity:
        self.subjects.append(subject)
        return self.identities[subject]


def fetching(**schemas: Schema) -> Callable[[SchemaId | UUID], Schema]:
    known: dict[SchemaId | UUID, Schema] = {
        (GUID if name == "guid" else SchemaId(int(name[1:]))): schema
        for name, schema in schemas.items()
    }
    return known.__getitem__


@pytest.mark.parametrize(
    ("strategy", "is_key", "subject"),
    [
        (SubjectNameStrategy.TOPIC, False, "orders-value"),
        (SubjectNameStrategy.TOPIC, True, "orders-key"),
        (SubjectNameStrategy.RECORD, False, "shop.Placed"),
        (SubjectNameStrategy.RECORD, True, "shop.Placed"),
        (SubjectNameStrategy.TOPIC_RECORD, False, "orders-shop.Placed"),
    ],
)
def test_serializer_asks_once_for_the_subject_of_its_strategy(
    strategy: SubjectNameStrategy, is_key: bool, subject: str
) -> None:
    asked = Asked({subject: Identity(SchemaId(7))})
    serialize = EventSerializer(PLACED, asked, strategy=strategy)
    for _ in range(2):
        payload = serialize({"id": 3}, topic="orders", is_key=is_key)
        assert payload == (bytes.fromhex("00 00000007 06"), [])
    assert asked.subjects == [subject]


def test_serializer_keeps_topics_and_keys_apart() -> None:
    asked = Asked(
        {
            f"{t}-{p}": Identity(SchemaId(i))
            for i, (t, p) in enumerate(
                [("a", "key"), ("a", "value"), ("b", "key"), ("b", "value")], 1
            )
        }
    )
    serialize = EventSerializer(PLACED, asked)
    ids = [
        serialize({"id": 0}, topic=topic, is_key=is_key).data
        for topic in ("a", "b")
        for is_key in (True, False)
    ]
    assert ids == [bytes([0, 0, 0, 0, i, 0]) for i in (1, 2, 3, 4)]


def test_serializer_puts_the_guid_into_a_header() -> None:
    serialize = EventSerializer(
        PLACED, Asked({"t-value": Identity(SchemaId(7), GUID)}), framing=Framing.GUID
    )
    header = ("__value_schema_id", b"\x01" + GUID.bytes)
    assert serialize({"id": 3}, topic="t") == (b"\x06", [header])
    assert serialize({"id": 3}, topic="t", headers=[("a", b"1")]) == (
        b"\x06",
        [("a", b"1"), header],
    )


def test_serializer_refuses_guids_where_the_registry_tells_none() -> None:
    serialize = EventSerializer(
        PLACED, Asked({"t-value": Identity(SchemaId(7))}), framing=Framing.GUID
    )
    with pytest.raises(EncodeError, match="no GUID of schema 7"):
        serialize({"id": 3}, topic="t")


def test_serializer_refuses_record_subjects_for_a_type_without_a_name() -> None:
    serialize = EventSerializer(parse('"string"'), Asked({}), strategy=SubjectNameStrategy.RECORD)
    with pytest.raises(EncodeError, match="string has no name; use the topic strategy"):
        serialize("x", topic="t")


def test_serializer_does_not_ask_for_an_event_that_does_not_fit() -> None:
    asked = Asked({})
    with pytest.raises(EncodeError, match=r"shop\.Placed\.id"):
        EventSerializer(PLACED, asked)({"id": "3"}, topic="t")
    assert asked.subjects == []


def test_tombstones_stay_none() -> None:
    assert EventSerializer(PLACED, Asked({}))(None, topic="t") == (None, [])
    received = EventDeserializer(fetching()).receive(None)
    assert (received.event, received.type, received.schema) == (None, "", None)


def test_deserializer_reads_ids_and_guids() -> None:
    deserialize = EventDeserializer(fetching(_7=PLACED, guid=PAID))
    placed = bytes.fromhex("00 00000007 06")
    assert deserialize(placed) == {"id": 3}
    assert deserialize(placed) == {"id": 3}
    header = ("__value_schema_id", b"\x01" + GUID.bytes)
    assert deserialize(b"\x08", headers=[header]) == {"sum": 4}
    received = deserialize.receive(b"\x08", headers=[header])
    assert (received.type, received.schema) == ("shop.Paid", GUID)
    key_header = ("__key_schema_id", b"\x01" + GUID.bytes)
    assert deserialize(placed, headers=[key_header]) == {"id": 3}
    assert deserialize(b"\x08", headers=[key_header], is_key=True) == {"sum": 4}


@pytest.mark.parametrize(
    ("readers", "event"),
    [
        ([], {"id": 3}),
        ([PLACED_2], {"id": 3, "by": "?"}),
        ([PAID, PLACED_2], {"id": 3, "by": "?"}),
        ([PAID, RENAMED], {"id": 3}),
    ],
    ids=["the writer's own", "the only one", "of the same name", "by alias"],
)
def test_deserializer_picks_the_reader_of_the_type(
    readers: list[Schema], event: dict[str, object]
) -> None:
    deserialize = EventDeserializer(fetching(_7=PLACED), readers=readers)
    assert deserialize(bytes.fromhex("00 00000007 06")) == event


@pytest.mark.parametrize(
    ("message", "error", "says"),
    [
        (b"", WireFormatError, "shorter than its frame"),
        (b"\x05hello", WireFormatError, "unknown magic byte 0x05"),
        (bytes.fromhex("00 00000007"), DecodeError, "missing"),
        (bytes.fromhex("00 00000007 06 00"), DecodeError, "1 bytes are left over"),
    ],
)
def test_deserializer_refuses_poison(message: bytes, error: type[DecodeError], says: str) -> None:
    deserialize = EventDeserializer(fetching(_7=PLACED))
    for _ in range(2):
        with pytest.raises(error) as refused:
            deserialize(message)
        assert says in str(refused.value)


def test_bare_bytes_travel_without_a_length() -> None:
    schema = parse('"bytes"')
    serialize = EventSerializer(schema, Asked({"t-value": Identity(SchemaId(1))}))
    message = serialize(b"abc", topic="t").data
    assert message == b"\0\0\0\0\1abc"
    assert EventDeserializer(fetching(_1=schema))(message) == b"abc"
