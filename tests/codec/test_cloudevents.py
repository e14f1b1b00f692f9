"""CloudEvents in both modes: what a message has of them, and its event as before."""

from __future__ import annotations

import base64
import json

import pytest

from schemareg.avro import Schema, parse
from schemareg.cloudevents import CloudEvent, binary_headers, cloud_event_of
from schemareg.codec import compile_encoder
from schemareg.codec.messages import EventDeserializer
from schemareg.errors import WireFormatError
from schemareg.subjects import SchemaId
from schemareg.wire import Headers, frame

REQUIRED = {"specversion": "1.0", "id": "1", "source": "/shop/order", "type": "shop.Placed"}
BINARY: Headers = [
    ("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/shop/order"),
    ("CE_type", "shop.Placed"), ("ce_subject", "ü".encode()), ("content-type", b"avro/binary"),
    ("other", b"x"),
]  # fmt: skip
STRUCTURED: Headers = [("Content-Type", b"Application/CloudEvents+JSON; charset=UTF-8")]


def structured(**members: object) -> bytes:
    return json.dumps({**REQUIRED, **members}).encode()


CASES = [
    pytest.param(
        b"v", BINARY,
        CloudEvent(
            "binary", {**REQUIRED, "subject": "ü", "datacontenttype": "avro/binary"}, b"v"
        ),
        id="binary",
    ),
    pytest.param(
        None, [("ce_specversion", b"1.0")],
        CloudEvent("binary", {"specversion": "1.0"}, None), id="a-tombstone",
    ),
    pytest.param(
        structured(data_base64="AQI=", count=3, gone=None), STRUCTURED,
        CloudEvent("structured", {**REQUIRED, "count": "3"}, b"\x01\x02"),
        id="structured-base64",
    ),
    pytest.param(
        structured(data={"a": 1}), STRUCTURED,
        CloudEvent("structured", REQUIRED, b'{"a": 1}'), id="structured-json",
    ),
    pytest.param(
        structured(), STRUCTURED, CloudEvent("structured", REQUIRED, None), id="no-data"
    ),
    pytest.param(b"v", [("content-type", b"avro/binary"), ("ce_id", b"1")], None, id="none"),
    pytest.param(None, STRUCTURED, None, id="a-tombstone-is-not-structured"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "headers", "expected"), CASES)
def test_both_modes(data: bytes | None, headers: Headers, expected: CloudEvent | None) -> None:
    assert cloud_event_of(data, headers) == expected


@pytest.mark.parametrize(
    ("data", "headers", "message"),
    [
        (b"{", STRUCTURED, "is no JSON"),
        (b"[]", STRUCTURED, "is no JSON object"),
        (b"[" * 100_000, STRUCTURED, "is no JSON"),
        (b'{"id": "1", "type": 2}', STRUCTURED, "lacks specversion, source, type"),
        (structured(data_base64="?"), STRUCTURED, "data_base64 of a CloudEvent"),
        (b"", [("content-type", b"application/cloudevents+avro")], "cloudevents+avro' is not read"),
    ],
)
def test_structured_events_that_are_refused(data: bytes, headers: Headers, message: str) -> None:
    with pytest.raises(WireFormatError) as raised:
        cloud_event_of(data, headers)
    assert message in str(raised.value)


def test_headers_are_read_again() -> None:
    headers = binary_headers(
        id="1", source="/shop/order", type="shop.Placed", correlationid="c",
        datacontenttype="application/avro",
    )  # fmt: skip
    found = cloud_event_of(b"", headers)
    assert found is not None
    assert found.attributes == {
        **REQUIRED, "correlationid": "c", "datacontenttype": "application/avro",
    }  # fmt: skip
    assert (found["type"], found["dataschema"]) == ("shop.Placed", "")


SCHEMA = parse('{"type": "record", "name": "P", "fields": [{"name": "n", "type": "int"}]}')
DATA = frame(SchemaId(7), compile_encoder(SCHEMA)({"n": 5}))


def fetch(id: object) -> Schema:
    assert id == 7
    return SCHEMA


@pytest.mark.parametrize(
    ("data", "headers", "mode"),
    [
        pytest.param(DATA, (), None, id="no-cloudevent"),
        pytest.param(DATA, BINARY, "binary", id="binary"),
        pytest.param(
            structured(data_base64=base64.b64encode(DATA).decode()), STRUCTURED, "structured",
            id="structured",
        ),
    ],
)  # fmt: skip
def test_the_codec_reads_both_modes(data: bytes, headers: Headers, mode: str | None) -> None:
    received = EventDeserializer(fetch).receive(data, headers=headers)
    assert (received.event, received.type, received.schema) == ({"n": 5}, "P", 7)
    assert (received.cloud_event and received.cloud_event.mode) == mode
    assert EventDeserializer(fetch)(data, headers=headers) == {"n": 5}


def test_a_structured_event_without_data() -> None:
    received = EventDeserializer(fetch).receive(structured(), headers=STRUCTURED)
    assert (received.event, received.type) == (None, "")
    assert received.cloud_event is not None
