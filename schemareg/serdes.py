"""Serializers and deserializers that ask a schema registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from schemareg.avro.schema import NameRef, Schema, walk
from schemareg.codec.messages import EventDeserializer, EventSerializer, Identity, type_name
from schemareg.errors import DecodeError
from schemareg.registry.api.types import RegisteredSchema
from schemareg.registry.client.sync import RegistryClient
from schemareg.subjects import Reference, SchemaId, Subject, SubjectNameStrategy
from schemareg.wire import Framing


def event_serializer(
    registry: RegistryClient,
    schema: Schema,
    *,
    references: Sequence[Reference] | None = None,
    register: bool = False,
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC,
    framing: Framing = Framing.ID,
    logical: bool = True,
) -> EventSerializer:
    """A serializer of `schema`, whose id the registry tells when a topic is first written to.

    The schema must be registered already, unless `register` asks to do it (which services in
    production had better leave to their pipeline). `references` are those of its registration;
    None stands for every type of another schema that it uses, under a subject of that type's
    full name.

    The serializer raises RegistryError, RegistryUnavailableError and EncodeError.
    """

    def identify(subject: Subject) -> Identity:
        ask = registry.register if register else registry.lookup
        uses = _references(schema, ask) if references is None else references
        registered = ask(subject, schema.text, references=uses)
        return Identity(registered.id, UUID(registered.guid) if registered.guid else None)

    return EventSerializer(schema, identify, strategy=strategy, framing=framing, logical=logical)


class _Ask(Protocol):
    """Registers or looks up a schema under a subject."""

    def __call__(
        self, subject: Subject, text: str, *, references: Sequence[Reference]
    ) -> RegisteredSchema: ...


def _references(schema: Schema, ask: _Ask) -> tuple[Reference, ...]:
    """What `schema` uses of other schemas, sorted by name, each as the registry has it."""
    references = []
    for name, owner in sorted(_used(schema).items()):
        subject = Subject(type_name(owner))
        registered = ask(subject, owner.text, references=_references(owner, ask))
        references.append(Reference(name, subject, registered.version))
    return tuple(references)


def _used(schema: Schema) -> dict[str, Schema]:
    """The schemas of the types that `schema` uses by name and does not define."""
    names = {node.fullname for node in walk(schema) if isinstance(node, NameRef)}
    found: dict[str, Schema] = {}
    waiting = list(schema.references)
    while waiting:
        owner = waiting.pop()
        waiting += owner.references
        found |= {name: owner for name in owner.names if name in names - schema.names.keys()}
    return found


def event_deserializer(
    registry: RegistryClient,
    *,
    readers: Sequence[Schema] = (),
    classes: Mapping[str, type] | None = None,
    logical: bool = True,
) -> EventDeserializer:
    """A deserializer of whatever the registry knows; the rest is as in `EventDeserializer`.

    It raises RegistryError, RegistryUnavailableError, WireFormatError and DecodeError.
    """

    def fetch(schema: SchemaId | UUID) -> Schema:
        if not isinstance(schema, UUID):
            return registry.fetch_schema_by_id(schema)
        ids = registry.get_guid_ids(str(schema))
        if not ids:
            raise DecodeError(f"the registry knows no schema with the GUID {schema}")
        return registry.fetch_schema_by_id(ids[0].id)

    return EventDeserializer(fetch, readers=readers, classes=classes, logical=logical)
