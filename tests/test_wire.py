"""Framing against bytes written by hand and by confluent-kafka's own serializers."""

from __future__ import annotations

from uuid import UUID

import pytest
from confluent_kafka.schema_registry.serde import SchemaId as ConfluentSchemaId

from schemareg.errors import EncodeError, WireFormatError
from schemareg.subjects import SchemaId
from schemareg.wire import (
    Framed,
    frame,
    guid_header,
    open_frame,
    unframe,
    with_guid_header,
)

GUID = UUID("89791762-2336-186f-9674-299b90a8e2e7")
OTHER = UUID("00000000-0000-0000-0000-0000000000ff")
GUID_BYTES = bytes.fromhex("01 89791762 2336 186f 9674 299b90a8e2e7")


@pytest.mark.parametrize(
    ("schema_id", "body", "framed"),
    [
        (1, b"", "00 00000001"),
        (258, b"ab", "00 00000102 6162"),
        (2**31 - 1, b"\x00", "00 7fffffff 00"),
    ],
)
def test_frame_and_unframe_an_id(schema_id: int, body: bytes, framed: str) -> None:
    message = bytes.fromhex(framed)
    assert frame(SchemaId(schema_id), body) == message
    assert unframe(message) == (schema_id, body)
    assert open_frame(message) == Framed(SchemaId(schema_id), body)


@pytest.mark.parametrize("schema_id", [-1, 2**31])
def test_frame_refuses_an_id_beyond_four_bytes(schema_id: int) -> None:
    with pytest.raises(EncodeError, match=str(schema_id)):
        frame(SchemaId(schema_id), b"")


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (b"", "0 bytes (empty)"),
        (b"\x00\x00\x00\x01", "4 bytes (00 00 00 01)"),
        (b'{"a":1}', "magic byte 0x7b"),
        (b"\x00\xff\xff\xff\xff", "schema id -1"),
    ],
)
def test_unframe_refuses_what_no_serializer_wrote(message: bytes, says: str) -> None:
    with pytest.raises(WireFormatError) as refused:
        unframe(message)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("message", "headers", "is_key", "framed"),
    [
        (b"ab", [("__value_schema_id", GUID_BYTES)], False, Framed(GUID, b"ab")),
        (b"ab", [("__key_schema_id", GUID_BYTES)], True, Framed(GUID, b"ab")),
        (
            b"ab",
            [("__value_schema_id", bytes.fromhex("0000000007"))],
            False,
            Framed(SchemaId(7), b"ab"),
        ),
        (GUID_BYTES + b"ab", [], False, Framed(GUID, b"ab")),
        (b"\0\0\0\0\1ab", [("__key_schema_id", GUID_BYTES)], False, Framed(SchemaId(1), b"ab")),
        (
            b"ab",
            [guid_header(OTHER), ("trace", b"x"), guid_header(GUID)],
            False,
            Framed(GUID, b"ab"),
        ),
    ],
    ids=["value", "key", "id in header", "guid in body", "other part's header", "last wins"],
)
def test_open_frame_looks_where_confluents_deserializer_looks(
    message: bytes, headers: list[tuple[str, bytes]], is_key: bool, framed: Framed
) -> None:
    assert open_frame(message, headers, is_key=is_key) == framed


@pytest.mark.parametrize(
    ("message", "headers", "says"),
    [
        (b"ab", [("__value_schema_id", GUID_BYTES[:-1])], "too short for a GUID"),
        (b"ab", [("__value_schema_id", GUID_BYTES + b"x")], "1 bytes behind"),
        (b"ab", [("__value_schema_id", "text")], "holds text"),
        (b"ab", [("__value_schema_id", b"\x07" * 17)], "magic byte 0x07"),
        (GUID_BYTES[:9], [], "too short for a GUID"),
    ],
)
def test_open_frame_refuses_half_a_frame(
    message: bytes, headers: list[tuple[str, bytes | str | None]], says: str
) -> None:
    with pytest.raises(WireFormatError) as refused:
        open_frame(message, headers)
    assert says in str(refused.value)


def test_guid_header_is_the_one_confluents_client_writes() -> None:
    theirs = ConfluentSchemaId("AVRO", None, str(GUID))
    assert guid_header(GUID) == ("__value_schema_id", theirs.guid_to_bytes())
    assert guid_header(GUID, is_key=True)[0] == "__key_schema_id"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [guid_header(GUID)]),
        ([guid_header(GUID)], [guid_header(GUID)]),
        ([guid_header(OTHER)], [guid_header(OTHER), guid_header(GUID)]),
        ([guid_header(GUID, is_key=True)], [guid_header(GUID, is_key=True), guid_header(GUID)]),
    ],
    ids=["none", "identical", "different", "the key's"],
)
def test_with_guid_header_appends_only_what_is_new(
    before: list[tuple[str, bytes | str | None]], after: list[tuple[str, bytes | str | None]]
) -> None:
    assert with_guid_header(before, GUID) == after
