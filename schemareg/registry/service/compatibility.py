"""Does a schema fit its subject's versions? Answered in the registry's words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import chain

from schemareg.avro.schema import Record
from schemareg.compat import can_read
from schemareg.errors import RegistryError
from schemareg.registry.api.contexts import QualifiedSubject
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.api.messages import entries, old_version, rules_in_force
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.parsing import Prepared, prepare
from schemareg.registry.service.reaching import identity_of, schema_of
from schemareg.registry.service.requests import SchemaRequest
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import Config, config_in_scope, level_of
from schemareg.registry.store import StoredVersion
from schemareg.subjects import CompatibilityLevel, VersionSelector


def objections(
    session: Session,
    prepared: Prepared,
    metadata: Metadata | None,
    versions: Iterable[StoredVersion],
    config: Config,
) -> list[str]:
    """Why the schema does not fit `versions` (newest first); empty when it does.

    As Confluent does, only the newest version that clashes is reported.
    """
    level = level_of(config)
    validate_fields = config.get("validateFields") is True
    group = config.get("compatibilityGroup")
    rest = iter(versions)
    newest = next(rest, None)
    found = _reserved_fields(prepared, metadata, newest) if validate_fields else []
    older = () if newest is None or level is CompatibilityLevel.NONE else chain([newest], rest)
    for version in older:
        if isinstance(group, str) and not _same_property(metadata, version, group):
            continue
        clashes = _clashes(session, prepared, version, level)
        found += clashes
        if clashes or not level.transitive:
            break
    if found:
        found.append(rules_in_force(level, validate_fields=validate_fields))
    return found


def _clashes(
    session: Session, prepared: Prepared, old: StoredVersion, level: CompatibilityLevel
) -> tuple[str, ...]:
    stored = identity_of(session, old.content)
    key = (prepared.key, stored, old.version, level.backward, level.forward)
    return session.caches.verdicts.get(key, lambda: tuple(_compare(session, prepared, old, level)))


def _compare(
    session: Session, prepared: Prepared, old: StoredVersion, level: CompatibilityLevel
) -> list[str]:
    new_schema, old_schema = prepared.schema, schema_of(session, old.content)
    reads = partial(can_read, avro_version=session.profile.avro_version, budget=session.budget)
    found: list[str] = []
    if level.forward:
        found += entries(reads(reader=old_schema, writer=new_schema), reader="old", writer="new")
        if found and not level.backward:
            found += old_version(old.version, old.content.text)
    if level.backward:
        backward = list(
            entries(reads(reader=new_schema, writer=old_schema), reader="new", writer="old")
        )
        if backward:
            found += backward
            found += old_version(old.version, old.content.text)
    return found


def _same_property(metadata: Metadata | None, version: StoredVersion, name: str) -> bool:
    return _property(metadata, name) == _property(version.content.metadata, name)


def _property(metadata: Metadata | None, name: str) -> str | None:
    return metadata.properties.get(name) if metadata else None


def _reserved(metadata: Metadata | None) -> list[str]:
    names = _property(metadata, "confluent:reserved")
    return [name.strip() for name in names.split(",")] if names else []


def _reserved_fields(
    prepared: Prepared, metadata: Metadata | None, old: StoredVersion | None
) -> list[str]:
    reserved = _reserved(metadata)
    root = prepared.schema.root
    fields = {field.name for field in root.fields} if isinstance(root, Record) else set()
    before = [] if old is None else _reserved(old.content.metadata)
    return [
        f"The new schema has reserved field {name} removed from its metadata which is present "
        "in the old schema's metadata."
        for name in before
        if name not in reserved
    ] + [
        f"The new schema has field that conflicts with the reserved field {name}."
        for name in reserved
        if name in fields
    ]


def check(
    session: Session,
    subject: QualifiedSubject,
    request: SchemaRequest,
    *,
    version: VersionSelector | None,
    normalize: bool,
    verbose: bool,
) -> list[str]:
    """Why the schema would be refused, against one version or (None) all under the level.

    Raises: `RegistryError` 40402, and 42201 for an unreadable schema unless `verbose`.
    """
    key = str(subject)
    config = config_in_scope(session, subject)
    versions: Iterable[StoredVersion]
    if version is None:
        versions = session.tables.newest_first(key)
    elif version == "latest":
        latest = session.tables.latest(key)
        versions = [latest] if latest else []
    else:
        found = session.tables.version(key, version)
        if found is None:
            raise ErrorCode.VERSION_NOT_FOUND.refusal(version)
        versions = [found]
    try:
        if request.is_empty:
            raise ErrorCode.INVALID_SCHEMA.refusal("Empty schema")
        prepared = prepare(
            session,
            subject,
            request,
            is_new=config.get("validateNewSchemas") is not False,
            normalize=normalize or config.get("normalize") is True,
        )
    except RegistryError as error:
        if not verbose:
            raise
        return [error.message]
    return objections(session, prepared, request.metadata, versions, config)
