"""Events in Kafka messages: framed, under a subject, read with whatever schema they name.

This room knows no registry. A serializer is handed a function that gives the identity of its
schema under a subject, a deserializer one that gives the schema behind an identity;
`schemareg.serdes` makes both from a registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from schemareg.avro.resolution import is_known_by, names_match
from schemareg.avro.schema import (
    Enum,
    Fixed,
    Primitive,
    Record,
    Schema,
    Type,
    Union,
    name_of,
    resolve,
)
from schemareg.cloudevents import CloudEvent, cloud_event_of
from schemareg.codec.decoder import Decoder, compile_decoder
from schemareg.codec.encoder import Encoder, compile_encoder
from schemareg.codec.objects import maker, maker_of_branch
from schemareg.codec.varint import long_bytes, read_length
from schemareg.errors import EncodeError
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import SchemaId, Subject, SubjectNameStrategy, subject_for
from schemareg.wire import Framing, Headers, frame, open_frame, with_guid_header

KafkaHeaders: TypeAlias = list[tuple[str, bytes | str | None]]


@dataclass(frozen=True, slots=True)
class Identity:
    """A schema's id and guid at a registry; `guid` is None before Confluent 8.

    `schema` is the schema to write with, None where it is the serializer's own.
    """

    id: SchemaId
    guid: UUID | None = None
    schema: Schema | None = None


class Payload(NamedTuple):
    """The key or value of a message to produce, and the headers to send with it."""

    data: bytes | None
    headers: KafkaHeaders


@dataclass(frozen=True, slots=True)
class Received:
    """An event as its reader sees it.

    `type` is the writer's full name of its type (its kind where it has no name), of a union at the
    root that of the branch; `schema` what the message named, `event` None for a tombstone (then
    `type` is "" and `schema` None).
    `cloud_event` is what the message has as a CloudEvent, None where it is none.
    """

    event: Any
    type: str
    schema: SchemaId | UUID | None
    cloud_event: CloudEvent | None = None


_Known: TypeAlias = tuple[bytes, Encoder]
Identify: TypeAlias = Callable[[Subject], Identity]
FetchSchema: TypeAlias = Callable[[SchemaId | UUID], Schema]


class EventSerializer:
    """Makes payloads of the events of one schema; safe to share between threads.

    `identify` is called once per topic; its errors pass through. With `registry_schema` its
    identities have schemas, with which events are written.
    """

    def __init__(
        self,
        schema: Schema,
        identify: Identify,
        *,
        strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC,
        framing: Framing = Framing.ID,
        logical: bool = True,
        registry_schema: bool = False,
    ) -> None:
        self.schema = schema
        self._registry_schema = registry_schema
        self._encode = _encoder(schema, logical=logical)
        self._logical = logical
        self._identify = identify
        self._strategy = strategy
        self._framing = framing
        self._fullname = type_name(schema)
        # the prefix of the body ("" with GUIDs) and the encoder by topic, for values and for keys
        self._known: tuple[dict[str, _Known], dict[str, _Known]] = ({}, {})
        self._guids: dict[tuple[str, bool], UUID] = {}

    def __call__(
        self, event: object, *, topic: str, is_key: bool = False, headers: Headers = ()
    ) -> Payload:
        """The framed bytes of `event` and the headers to send; None, a tombstone, stays None.

        Raises:
            EncodeError: the event does not fit, the strategy needs a named type, or the registry
                has no GUID for a frame that needs one.
        """
        if event is None:
            return Payload(None, list(headers))
        known = self._known[is_key].get(topic)
        if known is None:
            if not self._registry_schema:
                self._encode(event)  # nothing is registered for an event that does not fit
            known = self._introduced(topic, is_key)
        prefix, encode = known
        body = encode(event)
        if prefix:
            return Payload(prefix + body, list(headers))
        return Payload(body, with_guid_header(headers, self._guids[topic, is_key], is_key=is_key))

    def _introduced(self, topic: str, is_key: bool) -> _Known:
        """The prefix and the encoder for `topic`, from the schema's identity at the registry."""
        identity = self._identify(self._subject(topic, is_key))
        if self._framing is Framing.ID:
            prefix = frame(identity.id, b"")
        elif identity.guid is None:
            raise EncodeError(
                f"the registry returned no GUID of schema {identity.id}",
                advice="frame with ids: GUIDs came with Confluent's 8.0",
            )
        else:
            prefix, self._guids[topic, is_key] = b"", identity.guid
        encode = self._encode
        if identity.schema is not None:
            if not _describes(identity.schema, self.schema):
                raise EncodeError(
                    f"schema {identity.id} is of {type_name(identity.schema)}, and events of "
                    f"{self._fullname} would be written as such",
                    advice="give the id of a schema of this type, or another topic",
                )
            encode = _encoder(identity.schema, logical=self._logical)
        known = self._known[is_key][topic] = prefix, encode
        return known

    def _subject(self, topic: str, is_key: bool) -> Subject:
        named = isinstance(resolve(self.schema.root), Record | Enum | Fixed)
        if self._strategy is not SubjectNameStrategy.TOPIC and not named:
            raise EncodeError(
                f"strategy {self._strategy} names subjects after the type, and {self._fullname} "
                "has no name",
                advice="use the topic strategy",
            )
        return subject_for(self._strategy, topic=topic, fullname=self._fullname, is_key=is_key)


class EventDeserializer:
    """Reads messages of any schema; safe to share between threads.

    `fetch` is called once per schema. An event is read with the reader's schema
    of its type: the one of `readers` that has the writer's full name, or an alias of it; else
    the only one there is, else the writer's own. `classes` are dataclasses by the full name of
    the reader's type, and of records in unions, also in one at the root; an event of another
    type stays a dict. With `branch_names`, values in unions keep their branch's name as in
    `compile_decoder`.
    """

    def __init__(
        self,
        fetch: FetchSchema,
        *,
        readers: Sequence[Schema] = (),
        classes: Mapping[str, type] | None = None,
        logical: bool = True,
        branch_names: bool = False,
    ) -> None:
        self._fetch = fetch
        self._readers = tuple(readers)
        self._makers: dict[str, Callable[[Any], Any]] = {
            name: maker(cls, classes=classes, branch_names=branch_names)
            for name, cls in (classes or {}).items()
        }
        self._logical = logical
        self._branch_names = branch_names
        self._decoders: dict[SchemaId | UUID, tuple[tuple[str, ...], Decoder]] = {}
        # the same decoders by the five bytes that name their schema in most messages
        self._decoders_by_prefix: dict[bytes, Decoder] = {}

    def __call__(self, data: bytes | None, *, is_key: bool = False, headers: Headers = ()) -> Any:
        """The event in a message's value (or key); None for a tombstone. Raises as `receive`."""
        if data is not None and not headers:
            decode = self._decoders_by_prefix.get(data[:5])
            if decode is not None:
                return decode(data[5:])
        return self.receive(data, is_key=is_key, headers=headers).event

    def receive(
        self, data: bytes | None, *, is_key: bool = False, headers: Headers = ()
    ) -> Received:
        """The event, its type and its schema; a header overrules the message's own frame.

        The value of a structured CloudEvent is read from its data.

        Raises:
            WireFormatError: the message is not framed.
            DecodeError: its bytes are not the schema's, or the reader cannot resolve them.
        """
        cloud_event = cloud_event_of(data, headers) if headers and not is_key else None
        if cloud_event is not None:
            data = cloud_event.data
        if data is None:
            return Received(None, "", None, cloud_event)
        framed = open_frame(data, headers, is_key=is_key)
        known = self._decoders.get(framed.schema)
        if known is None:
            writer = self._fetch(framed.schema)
            reader = self._reader_of(writer)
            make = self._maker_of(reader)
            decode = _decoder(
                writer,
                reader,
                logical=self._logical,
                # a class is found by the name of its record
                branch_names=self._branch_names or make is not None,
            )
            if make is not None:
                decode = _then(decode, make)
            known = self._decoders[framed.schema] = (_written_names(writer), decode)
            if not isinstance(framed.schema, UUID):
                self._decoders_by_prefix[frame(framed.schema, b"")] = decode
        names, decode = known
        event = decode(framed.body)
        name = names[0] if len(names) == 1 else names[_branch(framed.body)]
        return Received(event, name, framed.schema, cloud_event)

    def _maker_of(self, reader: Schema) -> Callable[[Any], Any] | None:
        """What makes an instance of an event read with `reader`; None: every event stays plain."""
        root = resolve(reader.root)
        if not isinstance(root, Union):
            return self._makers.get(type_name(reader))
        records = [name_of(node) for node in root.branches if isinstance(resolve(node), Record)]
        known = {name: self._makers[name] for name in records if name in self._makers}
        if not known:
            return None
        return maker_of_branch(known, records, branch_names=self._branch_names)

    def _reader_of(self, writer: Schema) -> Schema:
        written = resolve(writer.root)
        for reader in self._readers:
            read = resolve(reader.root)
            if (
                isinstance(written, Record | Enum | Fixed)
                and isinstance(read, Record | Enum | Fixed)
                and is_known_by(written, read)
            ):
                return reader
        return self._readers[0] if len(self._readers) == 1 else writer


def _then(decode: Decoder, make: Callable[[Any], Any]) -> Decoder:
    return lambda body: make(decode(body))


def type_name(schema: Schema) -> str:
    """The full name of what `schema` describes, or its kind."""
    return name_of(schema.root)


def _written_names(writer: Schema) -> tuple[str, ...]:
    """`type_name`, and of a union at the root that of each branch."""
    root = resolve(writer.root)
    nodes = root.branches if isinstance(root, Union) else (root,)
    return tuple(name_of(node) for node in nodes)


def _branch(body: bytes) -> int:
    """The branch of the union that `body`, which was decoded, begins with."""
    number = 0
    for at, byte in enumerate(body):
        number |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            break
    return number >> 1  # no index is negative


def _describes(registered: Schema, schema: Schema) -> bool:
    """Whether a type of `registered`, its root or a branch of that, is one of `schema`'s."""
    return any(
        _is_one_type(one, other) for one in _root_types(registered) for other in _root_types(schema)
    )


def _is_one_type(one: Type, other: Type) -> bool:
    if isinstance(one, Record | Enum | Fixed) and isinstance(other, Record | Enum | Fixed):
        return names_match(one, other) or names_match(other, one)
    return one.kind == other.kind


def _root_types(schema: Schema) -> list[Type]:
    root = resolve(schema.root)
    return [resolve(branch) for branch in root.branches] if isinstance(root, Union) else [root]


def _is_bare_bytes(schema: Schema) -> bool:
    root = resolve(schema.root)
    return isinstance(root, Primitive) and root.kind == "bytes"


def _encoder(schema: Schema, *, logical: bool) -> Encoder:
    """The encoder of message bodies: a schema that is just `bytes` travels without its length.

    Source: Confluent, "Wire format"; KafkaAvroSerializer writes such a body as it is.
    """
    encode = compile_encoder(schema, logical=logical)
    if not _is_bare_bytes(schema):
        return encode

    def encode_bare(event: object) -> bytes:
        data = encode(event)
        return data[read_length(data, 0)[1] :]

    return encode_bare


def _decoder(writer: Schema, reader: Schema, *, logical: bool, branch_names: bool) -> Decoder:
    decode = compile_decoder(
        writer=writer, reader=reader, logical=logical, branch_names=branch_names
    )
    if not _is_bare_bytes(writer):
        return decode
    return lambda body: decode(long_bytes(len(body)) + body)
