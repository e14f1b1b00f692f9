"""Configuration and mode: of a subject, of a context, of everything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from schemareg.avro.schema import JsonValue
from schemareg.registry.api.contexts import (
    ABOVE_GLOBAL,
    ANY_CONTEXT,
    DEFAULT_CONTEXT,
    GLOBAL,
    QualifiedSubject,
    qualified,
)
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.rules import check_rules
from schemareg.registry.service.session import Session
from schemareg.subjects import CompatibilityLevel

Config = Mapping[str, JsonValue]
DEFAULT_LEVEL = CompatibilityLevel.BACKWARD
MEMBERS = (
    "alias",
    "aliasForDeks",
    "normalize",
    "validateFields",
    "validateNewSchemas",
    "validateRules",
    "compatibility",
    "compatibilityPolicy",
    "compatibilityGroup",
    "defaultMetadata",
    "overrideMetadata",
    "defaultRuleSet",
    "overrideRuleSet",
)
_POLICIES = ("STRICT", "LENIENT")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Mode(StrEnum):
    """What may be done with a subject's schemas."""

    READWRITE = "READWRITE"
    READONLY = "READONLY"
    READONLY_OVERRIDE = "READONLY_OVERRIDE"
    IMPORT = "IMPORT"
    FORWARD = "FORWARD"

    @property
    def is_read_only(self) -> bool:
        return self in (Mode.READONLY, Mode.READONLY_OVERRIDE)

    @property
    def takes_ids(self) -> bool:
        return self in (Mode.IMPORT, Mode.FORWARD)


def _scopes(subject: QualifiedSubject) -> list[str]:
    """The keys that can decide for `subject`, nearest first."""
    around = GLOBAL if subject.context == DEFAULT_CONTEXT else f":{subject.context}:"
    return [str(subject), around, ABOVE_GLOBAL]


def check_subject(subject: QualifiedSubject, text: str, *, for_settings: bool = False) -> None:
    """Raises: `RegistryError` 42208 for a name that no subject may have."""
    reserved = subject.name in ("__GLOBAL", "__EMPTY") or (
        subject.context == ".__GLOBAL" and not for_settings
    )
    nowhere = not for_settings and (subject.context == ANY_CONTEXT or str(subject) == GLOBAL)
    if reserved or nowhere or subject.is_ambiguous or _CONTROL.search(text):
        raise ErrorCode.INVALID_SUBJECT.refusal(text or ":.:")


# configuration


def config_in_scope(session: Session, subject: QualifiedSubject) -> Config:
    """The configuration that decides for `subject`, whole: levels are never merged."""
    configs = _configs_around(session, subject)
    if not configs:
        return {}
    return next((configs[key] for key in _scopes(subject) if key in configs), {})


def _configs_around(session: Session, subject: QualifiedSubject) -> Mapping[str, Config]:
    return _settings_around(session, subject)[0]


def _settings_around(
    session: Session, subject: QualifiedSubject
) -> tuple[Mapping[str, Config], Mapping[str, str]]:
    """Configurations and modes by the keys that can decide for `subject`."""
    return session.once(("settings", subject), lambda: session.tables.settings_of(_scopes(subject)))


def level_of(config: Config) -> CompatibilityLevel:
    """The level a configuration stands for; one without a level means the server's default."""
    level = config.get("compatibility")
    return CompatibilityLevel(level) if isinstance(level, str) else DEFAULT_LEVEL


def get_config(session: Session, subject: str | None, *, default_to_global: bool) -> Config:
    """The configuration of `subject` (None: the global one).

    Raises: `RegistryError` 40408 when the subject has none and none is to stand in.
    """
    if subject is None:
        return (
            session.tables.config(GLOBAL)
            or (session.tables.config(ABOVE_GLOBAL) if default_to_global else None)
            or {}
        )
    key = qualified(subject)
    own = session.tables.config(str(key))
    if own is not None:
        return own
    if not default_to_global and str(key) != GLOBAL:
        raise ErrorCode.NO_SUBJECT_LEVEL.refusal(subject)
    return config_in_scope(session, key)


def set_config(session: Session, subject: str | None, change: Config) -> Config:
    """The configuration after `change` was merged into it; a null or empty member is removed, but
    an empty one is echoed.

    Raises: `RegistryError` 42203 (level), 42205 (read-only), 42208 (subject), 42210 (rules).
    """
    key = qualified(subject or GLOBAL)
    if subject is not None:
        check_subject(key, subject, for_settings=True)
    level = change.get("compatibility")
    if level is not None and str(level).upper() not in CompatibilityLevel.__members__:
        raise ErrorCode.INVALID_LEVEL.refusal()
    for member in ("defaultRuleSet", "overrideRuleSet"):
        check_rules(session, change.get(member))
    check_not_read_only(session, key, subject)
    merged = dict(session.tables.config(str(key)) or {})
    emptied: dict[str, JsonValue] = {}
    for member in MEMBERS:
        if member not in change:
            continue
        value = change[member]
        if value is None or value == "":
            merged.pop(member, None)
            emptied.update({} if value is None else {member: value})
            continue
        if member in ("defaultRuleSet", "overrideRuleSet") and not session.policy.keep_rule_sets:
            continue
        if member == "compatibility":
            value = str(value).upper()
        if member == "compatibilityPolicy" and (
            str(value).upper() not in _POLICIES or not session.profile.knows_policies
        ):
            merged.pop(member, None)
            continue
        merged[member] = value
    session.tables.put_config(str(key), merged)
    return {**merged, **emptied}


def delete_config(session: Session, subject: str | None) -> Config:
    """The configuration that was there.

    Raises: `RegistryError` 40401 when the subject had none, 42205 (read-only).
    """
    key = qualified(subject or GLOBAL)
    old = session.tables.config(str(key))
    if old is None and str(key) != GLOBAL:
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
    check_not_read_only(session, key, subject)
    session.tables.drop_config(str(key))
    return old or {}


def target_of_alias(session: Session, subject: str) -> str:
    """The subject that `subject` is an alias of, or itself; one step, and of the default context
    where the alias names none.
    """
    key = qualified(subject)
    if str(key) == GLOBAL:
        return subject
    config = _configs_around(session, key).get(str(key))
    alias = config.get("alias") if config else None
    return alias if isinstance(alias, str) and alias else subject


# mode


def mode_in_scope(session: Session, subject: QualifiedSubject) -> Mode:
    """The mode that decides for `subject`."""

    def find() -> Mode:
        if _is_overridden(session):
            return Mode.READONLY_OVERRIDE
        _, modes = _settings_around(session, subject)
        if not modes:
            return Mode.READWRITE
        return next((Mode(modes[key]) for key in _scopes(subject) if key in modes), Mode.READWRITE)

    return session.once(("mode", subject), find)


def _is_overridden(session: Session) -> bool:
    return session.profile.override_wins and session.tables.mode(GLOBAL) == Mode.READONLY_OVERRIDE


def check_not_read_only(session: Session, subject: QualifiedSubject, name: str | None) -> None:
    """Raises: `RegistryError` 42205."""
    if mode_in_scope(session, subject).is_read_only:
        raise ErrorCode.NOT_PERMITTED.refusal(
            f"Subject {'null' if name is None else name} in context "
            f"{subject.context_prefix} is in read-only mode"
        )


def get_mode(session: Session, subject: str | None, *, default_to_global: bool) -> Mode:
    """The mode of `subject` (None: the global one).

    Raises: `RegistryError` 40409 when the subject has none and none is to stand in.
    """
    if _is_overridden(session):
        return Mode.READONLY_OVERRIDE
    key = qualified(subject or GLOBAL)
    own = session.tables.mode(str(key))
    if own is not None:
        return Mode(own)
    if not default_to_global and str(key) != GLOBAL:
        raise ErrorCode.NO_SUBJECT_MODE.refusal(subject)
    if str(key) == GLOBAL and not default_to_global:
        return Mode.READWRITE
    return mode_in_scope(session, key)


def set_mode(session: Session, subject: str | None, mode: str | None, *, force: bool) -> None:
    """Put `subject` (None: everything) into `mode`; None takes its own mode away.

    Entering IMPORT removes soft-deleted leftovers for good, so that ids can be given anew.

    Raises: `RegistryError` 42204 (mode), 42205 (something is registered), 42206, 42208.
    """
    key = qualified(subject or GLOBAL)
    if subject is not None:
        check_subject(key, subject, for_settings=True)
    if mode is None:
        session.tables.drop_mode(str(key))
        return
    if mode.upper() not in Mode.__members__:
        raise ErrorCode.INVALID_MODE.refusal()
    wanted = Mode(mode.upper())
    if wanted is Mode.FORWARD and str(key) != ABOVE_GLOBAL:
        raise ErrorCode.FORWARD_ONLY_GLOBAL.refusal()
    if wanted is Mode.IMPORT and not force and mode_in_scope(session, key) is not Mode.IMPORT:
        _clear_for_import(session, key)
    session.tables.put_mode(str(key), wanted)


def _clear_for_import(session: Session, key: QualifiedSubject) -> None:
    everything = str(key) in (GLOBAL, ABOVE_GLOBAL)
    if key.is_context or everything:
        rows = session.tables.versions_within(None if everything else key.context, "", deleted=True)
    else:
        rows = session.tables.newest_first(str(key), deleted=True)
    found = list(rows)
    if any(not row.deleted for row in found):
        raise ErrorCode.NOT_PERMITTED.refusal("Cannot import since found existing subjects")
    leaving = {(row.subject, row.version) for row in found}
    for row in found:
        users = session.tables.users(row.subject, row.version, deleted=True)
        if any((user.subject, user.version) not in leaving for user in users):
            raise ErrorCode.REFERENCE_EXISTS.refusal(row.subject, row.version)
    for row in found:
        erase_version(session, row.subject, row.version)


def erase_version(session: Session, subject: str, version: int) -> None:
    """Remove the version; its id with the last version that has it, and its subject's
    configuration and mode with the last version of the subject.
    """
    session.tables.erase(subject, version)
    if not session.tables.has_versions(subject, deleted=True):
        session.tables.drop_config(subject)
        session.tables.drop_mode(subject)


def delete_mode(session: Session, subject: str | None, *, recursive: bool) -> Mode | None:
    """The mode that was removed; None after a recursive removal of a subject's, or of a context's
    that had none itself.

    Raises: `RegistryError` 40401 when the subject had none and nothing below it was meant.
    """
    key = qualified(subject or GLOBAL)
    old = session.tables.mode(str(key))
    if old is None and str(key) != GLOBAL and not recursive:
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
    session.tables.drop_mode(str(key))
    if recursive and str(key) == GLOBAL:
        session.tables.drop_modes_within(None)
    elif recursive and key.is_context:
        session.tables.drop_modes_within(key.context)
    if recursive and str(key) != GLOBAL and (old is None or not key.is_context):
        return None
    return Mode(old) if old else Mode.READWRITE
