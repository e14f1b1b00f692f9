"""Serializers and deserializers whose schemas are in a schema registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from schemareg.avro.schema import NameRef, Schema, walk
from schemareg.codec.messages import EventDeserializer, EventSerializer, Identity, type_name
from schemareg.errors import DecodeError, RegistryError, UsageError
from schemareg.integers import INT_MAX
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.registering import Register, register_state
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.registry.api.types import RegisteredSchema, SchemaContent
from schemareg.registry.client.sync import RegistryClient
from schemareg.subjects import Reference, SchemaId, Subject, SubjectNameStrategy, Version
from schemareg.wire import Framing


def event_serializer(
    registry: RegistryClient,
    schema: Schema,
    *,
    references: Sequence[Reference] | None = None,
    register: bool = False,
    latest: bool = False,
    schema_id: SchemaId | None = None,
    normalize: bool = False,
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC,
    framing: Framing = Framing.ID,
    logical: bool = True,
) -> EventSerializer:
    """A serializer of `schema`; the registry is queried when a topic is first written to.

    By default the schema must be registered; `register` registers it (which services in
    production had better leave to their pipeline). `references` are those of its registration;
    None means every type of another schema that it uses, under a subject of that type's full
    name. `normalize` compares, or registers, its normalized form. With `latest` or `schema_id`
    events are written with the subject's latest version, or with the schema of that id, even
    where its text is another one (registered with other docs or properties).

    The serializer raises RegistryError, RegistryUnavailableError and EncodeError, and
    SchemaParseError where a registered schema cannot be read.

    Raises:
        UsageError: more than one of `register`, `latest` and `schema_id`, or an id that is no
            number of a schema.
    """
    if register + latest + (schema_id is not None) > 1:
        raise UsageError("more than one of register, latest and schema_id", advice="give one")
    if schema_id is not None and (type(schema_id) is not int or not 0 < schema_id <= INT_MAX):
        raise UsageError(
            f"schema_id is {schema_id!r}, which is no id of a schema",
            advice=f"give a whole number from 1 to {INT_MAX}, such as registered.id",
        )

    def identify(subject: Subject) -> Identity:
        if schema_id is not None:
            try:
                content = registry.get_schema(schema_id, subject=subject)
            except RegistryError as error:
                if error.code == ErrorCode.SCHEMA_NOT_FOUND.number:
                    error.advice = "give the id of a schema of this registry, or latest=True"
                raise
            writer = registry.fetch_schema_by_id(schema_id, subject=subject)
            return Identity(schema_id, _guid(content), writer)
        if latest:
            newest = registry.get_version(subject, "latest")
            writer = registry.fetch_schema(subject, newest.version)
            return Identity(newest.id, _guid(newest), writer)
        find = partial(registry.register if register else registry.lookup, normalize=normalize)
        try:
            if references is None:
                registered = register_schema(subject, schema, find)
            else:
                registered = find(subject, schema.text, references=references)
        except RegistryError as error:
            if error.code == ErrorCode.SCHEMA_NOT_FOUND.number:
                error.advice = (
                    "register it first, or give latest=True where it is registered with other"
                    " docs or properties"
                )
            raise
        return Identity(registered.id, _guid(registered))

    return EventSerializer(
        schema,
        identify,
        strategy=strategy,
        framing=framing,
        logical=logical,
        registry_schema=latest or schema_id is not None,
    )


def _guid(registered: RegisteredSchema | SchemaContent) -> UUID | None:
    return UUID(registered.guid) if registered.guid else None


def register_schema(subject: Subject, schema: Schema, register: Register) -> RegisteredSchema:
    """`schema` under `subject`, after every schema whose types it uses under their full names.

    `register` is a registry's `register`, or its `lookup`.

    Raises:
        RegistryError, RegistryUnavailableError: as `register` does.
    """
    subjects: dict[Subject, SubjectState] = {}
    _add_used(schema, subjects)
    # the event may be registered under the full name of one of them, too
    own = SubjectState(subject, (_stored(schema),))
    state = RegistryState({k: v for k, v in subjects.items() if k != subject} | {subject: own})
    *_, (_, registered) = register_state(state, register)
    return registered


def _add_used(schema: Schema, subjects: dict[Subject, SubjectState]) -> None:
    """Adds the schemas that `schema` uses, each under the full name of its type."""
    for owner in _used(schema).values():
        subject = Subject(type_name(owner))
        if subject not in subjects:
            subjects[subject] = SubjectState(subject, (_stored(owner),))
            _add_used(owner, subjects)


def _stored(schema: Schema) -> StoredVersion:
    references = tuple(
        Reference(name, Subject(type_name(owner)), Version(1))
        for name, owner in sorted(_used(schema).items())
    )
    return StoredVersion(Version(1), schema.text, references)


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
    branch_names: bool = False,
) -> EventDeserializer:
    """A deserializer of whatever the registry knows; the rest is as in `EventDeserializer`.

    It raises RegistryError, RegistryUnavailableError, WireFormatError and DecodeError.
    """
    return EventDeserializer(
        schema_fetcher(registry),
        readers=readers,
        classes=classes,
        logical=logical,
        branch_names=branch_names,
    )


def schema_fetcher(registry: RegistryClient) -> Callable[[SchemaId | UUID], Schema]:
    """Fetches the schema that a message names by id or GUID, with all that it refers to.

    It raises RegistryError, RegistryUnavailableError, and DecodeError for an unknown GUID.
    """

    def fetch(schema: SchemaId | UUID) -> Schema:
        if not isinstance(schema, UUID):
            return registry.fetch_schema_by_id(schema)
        ids = registry.get_guid_ids(str(schema))
        if not ids:
            raise DecodeError(f"the registry knows no schema with the GUID {schema}")
        return registry.fetch_schema_by_id(ids[0].id)

    return fetch
