"""Confluent's framing: which schema a message was written with, as an id or as a GUID.

Source: Confluent, "Wire format"; the header form came with Confluent Platform 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from schemareg.errors import EncodeError, WireFormatError
from schemareg.integers import INT_MAX
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import SchemaId

MAGIC_ID = 0
"""First byte of a message whose schema id, four bytes big-endian, follows."""
MAGIC_GUID = 1
"""First byte of a header (or message) whose schema GUID, sixteen bytes, follows."""
KEY_HEADER = "__key_schema_id"
VALUE_HEADER = "__value_schema_id"

_ID_SIZE_BYTES = 5
_GUID_SIZE_BYTES = 17

Headers = Iterable[tuple[str, bytes | str | None]]


class Framing(StrEnum):
    """Where a producer puts the schema's identity."""

    ID = "id"
    GUID = "guid"


@dataclass(frozen=True, slots=True)
class Framed:
    """A message taken apart: `schema` is what the frame names, `body` the Avro bytes."""

    schema: SchemaId | UUID
    body: bytes


def frame(schema_id: SchemaId, body: bytes) -> bytes:
    """`body` behind the magic byte 0 and `schema_id`.

    Raises: EncodeError for an id outside 0 … 2³¹-1.
    """
    if not 0 <= schema_id <= INT_MAX:
        raise EncodeError(f"schema id {schema_id} does not fit the frame's four bytes")
    return b"\x00" + schema_id.to_bytes(4, "big") + body


def unframe(message: bytes) -> tuple[SchemaId, bytes]:
    """The schema id and the Avro bytes of a message framed with an id.

    Raises: WireFormatError when the frame is too short, its magic byte is not 0, or its id is
    negative.
    """
    if len(message) < _ID_SIZE_BYTES:
        raise WireFormatError(
            f"message of {len(message)} bytes ({message.hex(' ') or 'empty'}) is shorter than "
            f"its frame of {_ID_SIZE_BYTES}",
            advice="it was not written by a serializer that uses a schema registry",
        )
    if message[0] != MAGIC_ID:
        raise _unknown_magic(message)
    schema_id = int.from_bytes(message[1:5], "big", signed=True)
    if schema_id < 0:
        raise WireFormatError(f"schema id {schema_id} in the frame is negative")
    return SchemaId(schema_id), message[5:]


def guid_header(guid: UUID, *, is_key: bool = False) -> tuple[str, bytes]:
    """The record header that names the schema of a message's key or value; its body is unframed."""
    return header_name(is_key=is_key), bytes([MAGIC_GUID]) + guid.bytes


def header_name(*, is_key: bool) -> str:
    """The header in which the schema of the key or of the value is named."""
    return KEY_HEADER if is_key else VALUE_HEADER


def with_guid_header(
    headers: Headers, guid: UUID, *, is_key: bool = False
) -> list[tuple[str, bytes | str | None]]:
    """`headers` and the one naming `guid`; an identical one is not repeated.

    A different one stays and is overruled, since readers take the last.
    """
    kept = list(headers)
    header = guid_header(guid, is_key=is_key)
    last = [value for name, value in kept if name == header[0]][-1:]
    return kept if last == [header[1]] else [*kept, header]


def open_frame(message: bytes, headers: Headers = (), *, is_key: bool = False) -> Framed:
    """What the header names, else what the message's own prefix names (id or GUID).

    Both places may hold either form, as Confluent's default deserializer reads them.

    Raises: WireFormatError when neither place holds a whole frame.
    """
    wanted = header_name(is_key=is_key)
    named = [value for name, value in headers if name == wanted and value is not None]
    if not named:
        return _split(message)
    header = named[-1]
    if not isinstance(header, bytes):
        raise WireFormatError(f"header {wanted} holds text {header!r}, not bytes")
    identity = _split(header)
    if identity.body:
        raise WireFormatError(
            f"header {wanted} has {len(identity.body)} bytes behind the schema's identity: "
            f"{header.hex(' ')}"
        )
    return Framed(identity.schema, message)


def _split(framed: bytes) -> Framed:
    if framed[:1] != bytes([MAGIC_GUID]):
        schema_id, body = unframe(framed)
        return Framed(schema_id, body)
    if len(framed) < _GUID_SIZE_BYTES:
        raise WireFormatError(
            f"frame of {len(framed)} bytes ({framed.hex(' ')}) is too short for a GUID "
            f"of {_GUID_SIZE_BYTES - 1}"
        )
    return Framed(UUID(bytes=framed[1:_GUID_SIZE_BYTES]), framed[_GUID_SIZE_BYTES:])


def _unknown_magic(message: bytes) -> WireFormatError:
    return WireFormatError(
        f"unknown magic byte 0x{message[0]:02x} in {message[:8].hex(' ')}…",
        advice="a message in Confluent's framing begins with 00 and a schema id",
    )
