"""Serializers and deserializers that ask a schema registry."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from schemareg.avro.schema import Schema
from schemareg.codec.messages import EventDeserializer, EventSerializer, Identity
from schemareg.errors import DecodeError
from schemareg.registry.client.sync import RegistryClient
from schemareg.subjects import Reference, SchemaId, Subject, SubjectNameStrategy
from schemareg.wire import Framing


def event_serializer(
    registry: RegistryClient,
    schema: Schema,
    *,
    references: Sequence[Reference] = (),
    register: bool = False,
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC,
    framing: Framing = Framing.ID,
    logical: bool = True,
) -> EventSerializer:
    """A serializer of `schema`, whose id the registry tells when a topic is first written to.

    The schema must be registered already, unless `register` asks to do it (which services in
    production had better leave to their pipeline). `references` are those of its registration.

    The serializer raises RegistryError, RegistryUnavailableError and EncodeError.
    """

    def identify(subject: Subject) -> Identity:
        ask = registry.register if register else registry.lookup
        registered = ask(subject, schema.text, references=references)
        return Identity(registered.id, UUID(registered.guid) if registered.guid else None)

    return EventSerializer(schema, identify, strategy=strategy, framing=framing, logical=logical)


def event_deserializer(
    registry: RegistryClient, *, readers: Sequence[Schema] = (), logical: bool = True
) -> EventDeserializer:
    """A deserializer of whatever the registry knows; for `readers` see `EventDeserializer`.

    It raises RegistryError, RegistryUnavailableError, WireFormatError and DecodeError.
    """

    def fetch(schema: SchemaId | UUID) -> Schema:
        if not isinstance(schema, UUID):
            return registry.fetch_schema_by_id(schema)
        ids = registry.get_guid_ids(str(schema))
        if not ids:
            raise DecodeError(f"the registry knows no schema with the GUID {schema}")
        return registry.fetch_schema_by_id(ids[0].id)

    return EventDeserializer(fetch, readers=readers, logical=logical)
