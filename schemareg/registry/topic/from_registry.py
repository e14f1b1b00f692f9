"""A registry behind a URL into an empty store: by its answers, where its topic is out of reach."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from schemareg.errors import ContentError, RegistryError, RegistryRouteMissingError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, GLOBAL
from schemareg.registry.api.error_codes import is_absent
from schemareg.registry.api.state_json import config_to_json
from schemareg.registry.api.types import Config, Mode, RegisteredSchema
from schemareg.registry.client.session import REQUESTS_AT_ONCE
from schemareg.registry.client.sync import RegistryClient
from schemareg.registry.store import Store, Tables
from schemareg.registry.topic.importing import Imported, RawRecord, check_same, take_records
from schemareg.registry.topic.records import (
    ConfigKey,
    ContextKey,
    ModeKey,
    SchemaKey,
    SchemaValue,
    config_value,
    context_value,
    key_bytes,
    mode_value,
    schema_value,
)
from schemareg.subjects import Subject, Version

_PAGE = 1000  # the most that a registry gives at once
_EVERYWHERE = ":*:"


def import_registry(
    store: Store,
    registry: RegistryClient,
    records: Sequence[RawRecord],
    *,
    pass_over: bool = False,
) -> Imported | None:
    """The `records_of_registry`: all of them, or nothing; None where the store holds them.

    Ids, versions, contexts, soft-deleted versions, configurations and modes are taken. A
    setting of a subject that never had a version is in no answer, and so is left behind. The
    registry is read again and compared with what was taken.

    Raises:
        ContentError: the store holds something else, or the registry changed while it was read;
            and as `import_records`.
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """

    def take(tables: Tables) -> Imported | None:
        if not tables.is_empty():
            check_same(tables, _values(records), shown_as=registry.shown_as)
            return None
        imported = take_records(tables, records, None, pass_over=pass_over)
        if not imported.passed_over:
            again = _values(records_of_registry(registry))
            advice = f"freeze it (PUT {registry.shown_as}/mode READONLY), and import again"
            check_same(tables, again, shown_as=registry.shown_as, advice=advice)
        return imported

    return store.write(take)


def _values(records: Iterable[RawRecord]) -> dict[bytes, object]:
    return {key: json.loads(value) for key, value, _ in records if key and value}


def records_of_registry(registry: RegistryClient) -> Iterator[RawRecord]:
    """What the registry holds, as the records of a topic: contexts, settings, versions by id."""
    try:
        contexts = [name for name in registry.get_contexts() if name != DEFAULT_CONTEXT]
        versions, live = _listed(registry, deleted=True), set(_listed(registry, deleted=False))
        unset = _Unset()
    except RegistryRouteMissingError:  # another kind, whose list may lack deleted versions
        contexts = []
        versions, live = _looked_up(registry)
        unset = _unset(registry, {subject for subject, _ in versions})
    for context in contexts:
        yield key_bytes(ContextKey(context)), context_value(context), 0
    owners = [GLOBAL, *(f":{context}:" for context in contexts)]
    owners = list(dict.fromkeys([*owners, *(subject for subject, _ in versions)]))
    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        for records in pool.map(lambda owner: list(_settings(registry, owner, unset)), owners):
            yield from records
    for place, held in sorted(versions.items(), key=lambda item: (item[1].id, item[0])):
        yield (
            key_bytes(SchemaKey(held.subject, held.version)),
            schema_value(
                SchemaValue(
                    held.subject,
                    held.version,
                    held.id,
                    held.schema_type,
                    held.text,
                    place not in live,
                    held.references,
                    held.metadata,
                    held.rule_set,
                ),
                names_avro=True,
            ),
            0,
        )


_Versions = dict[tuple[Subject, int], RegisteredSchema]


def _listed(registry: RegistryClient, *, deleted: bool) -> _Versions:
    """Every version by subject and number; one of a kind that gives no pages gives all at once."""
    found: _Versions = {}
    while True:
        page = registry.get_schemas(
            prefix=_EVERYWHERE, deleted=deleted, offset=len(found), limit=_PAGE
        )
        new = {(held.subject, int(held.version)): held for held in page}
        if not new.keys() - found.keys():
            return found
        found |= new


def _looked_up(registry: RegistryClient) -> tuple[_Versions, set[tuple[Subject, int]]]:
    """Every version, one request each, and which are live."""

    def look_up(place: tuple[Subject, int]) -> RegisteredSchema:
        subject, number = place
        try:
            return registry.get_version(subject, Version(number), deleted=True)
        except RegistryError as error:
            if not is_absent(error) or place in live:
                raise
            raise ContentError(
                f"{registry.shown_as} lists version {number} of {subject!r} as deleted, and does"
                " not give its text",
                advice="delete it there for good (permanent=true), and import again",
            ) from error

    with ThreadPoolExecutor(REQUESTS_AT_ONCE) as pool:
        live = set(_numbers(registry, pool, deleted=False))
        places = _numbers(registry, pool, deleted=True)
        return dict(zip(places, pool.map(look_up, places), strict=True)), live


def _numbers(
    registry: RegistryClient, pool: ThreadPoolExecutor, *, deleted: bool
) -> list[tuple[Subject, int]]:
    def look_up(subject: Subject) -> Sequence[Version]:
        try:
            return registry.get_versions(subject, deleted=deleted)
        except RegistryError as error:  # deleted since
            if not is_absent(error):
                raise
            return ()

    subjects = registry.get_subjects(prefix=_EVERYWHERE, deleted=deleted)
    found = zip(subjects, pool.map(look_up, subjects), strict=True)
    return [(subject, int(version)) for subject, versions in found for version in versions]


@dataclass(frozen=True, slots=True)
class _Unset:
    """What a registry answers for a subject without settings of its own: Confluent's, nothing."""

    config: Config | None = None
    mode: Mode | None = None
    has_modes: bool = True


def _unset(registry: RegistryClient, subjects: Collection[Subject]) -> _Unset:
    """Other kinds answer a subject's effective setting, or a fixed one, as if it were its own."""
    name = "no-such-subject"
    while Subject(name) in subjects:
        name += "-"
    try:
        config = registry.get_config(Subject(name))
    except RegistryError as error:
        if not is_absent(error):
            raise
        config = None
    try:
        return _Unset(config, registry.get_mode())
    except RegistryRouteMissingError:
        return _Unset(config, has_modes=False)


def _settings(registry: RegistryClient, owner: str, unset: _Unset) -> Iterator[RawRecord]:
    """The configuration and the mode that the subject, the context or the registry has itself."""
    named = Subject(owner) if owner else None
    try:
        held = registry.get_config(named)
        if named is None or held != unset.config:
            config = config_to_json(held)
            config["compatibility"] = config.pop("compatibilityLevel", None)
            own = {name: value for name, value in config.items() if value is not None}
            yield key_bytes(ConfigKey(owner)), config_value(owner, own), 0
    except RegistryError as error:
        if not is_absent(error):
            raise
    if not unset.has_modes:
        return
    try:
        mode = registry.get_mode(named)
        if named is None or mode != unset.mode:
            yield key_bytes(ModeKey(owner)), mode_value(owner, mode), 0
    except RegistryError as error:
        if not is_absent(error):
            raise
