"""Actions as JSON, and back: a saved plan lists them, its digest covers them, the audit log too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from schemareg.avro.schema import JsonValue
from schemareg.diff import Impact
from schemareg.plan.actions import (
    Action,
    ClearLevel,
    ImportVersion,
    PermanentDelete,
    RegisterVersion,
    SetLevel,
    SetMode,
    SoftDelete,
    UpdateConfig,
)
from schemareg.registry.api.state_json import (
    StateReader,
    config_to_json,
    metadata_to_json,
    version_to_json,
)
from schemareg.registry.api.types import Metadata, Mode, RuleSet
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version


def action_to_json(action: Action) -> dict[str, JsonValue]:
    """`action` as a JSON object whose member `action` is its kind."""
    match action:
        case SetLevel():
            value: dict[str, JsonValue] = {
                "action": action.kind,
                "subject": action.subject,
                "before": action.before,
                "after": action.after,
            }
            return {**value, "was_inherited": True} if action.was_inherited else value
        case ClearLevel():
            return {
                "action": action.kind,
                "subject": action.subject,
                "before": action.before,
                "after": action.after,
            }
        case SetMode():
            return {
                "action": action.kind,
                "subject": action.subject,
                "before": action.before,
                "after": action.after,
            }
        case UpdateConfig():
            return {
                "action": action.kind,
                "subject": action.subject,
                "before": config_to_json(action.before),
                "after": config_to_json(action.after),
            }
        case RegisterVersion():
            return _register_to_json(action)
        case ImportVersion():
            return {
                "action": action.kind,
                "subject": action.subject,
                "version": action.version,
                "id": action.id,
                **_schema_to_json(action.references, action.metadata, action.rule_set),
                "content": action.content,
                "schema": action.text,
            }
        case SoftDelete():
            return {
                "action": action.kind,
                "subject": action.subject,
                "versions": [version_to_json(held, texts=True) for held in action.versions],
            }
        case PermanentDelete():
            return {"action": action.kind, "subject": action.subject}
        case _:
            assert_never(action)


def _register_to_json(action: RegisterVersion) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {
        "action": action.kind,
        "subject": action.subject,
        "version": action.version,
        "impact": action.impact,
        "content": action.content,
        **_schema_to_json(action.references, action.metadata, action.rule_set),
        "schema": action.text,
    }
    if action.is_documentation:
        value["is_documentation"] = True
    if action.is_again:
        value["is_again"] = True
    if action.previous is not None:
        value["previous"] = version_to_json(action.previous, texts=True)
    return value


def _schema_to_json(
    references: tuple[Reference, ...], metadata: Metadata | None, rule_set: RuleSet | None
) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {
        "references": [
            {"name": r.name, "subject": r.subject, "version": r.version} for r in references
        ]
    }
    if metadata is not None:
        value["metadata"] = metadata_to_json(metadata)
    if rule_set is not None:
        value["ruleSet"] = dict(rule_set)
    return value


class ActionReader(StateReader):
    """JSON values -> actions."""

    def level(self, entry: Mapping[str, JsonValue], key: str) -> CompatibilityLevel | None:
        return self.word(entry.get(key), CompatibilityLevel, "level")

    def mode(self, entry: Mapping[str, JsonValue], key: str) -> Mode | None:
        return self.word(entry.get(key), Mode, "mode")

    def action(self, value: JsonValue) -> Action:
        entry = self.object(value, "an action")
        subject = Subject(self.text(entry, "subject"))
        match entry.get("action"):
            case "set-level":
                level = self.needed(self.level(entry, "after"), "set-level", "after")
                inherited = self.flag(entry, "was_inherited") is True
                return SetLevel(subject, self.level(entry, "before"), level, inherited)
            case "clear-level":
                level = self.needed(self.level(entry, "before"), "clear-level", "before")
                return ClearLevel(subject, level, self.level(entry, "after"))
            case "set-mode":
                return SetMode(subject, self.mode(entry, "before"), self.mode(entry, "after"))
            case "update-config":
                before, after = (self.config(entry.get(key)) for key in ("before", "after"))
                return UpdateConfig(subject, before, after)
            case "register":
                return self.registration(subject, entry)
            case "import":
                return self.import_(subject, entry)
            case "soft-delete":
                held = self.list(entry.get("versions"), "'versions'")
                if not held:
                    raise self.refusal("'soft-delete' without 'versions'")
                versions = tuple(self.version(each, texts=True) for each in held)
                return SoftDelete(subject, versions)
            case "permanent-delete":
                return PermanentDelete(subject)
            case other:
                raise self.refusal(f"unknown action {other!r}")

    def needed(self, level: CompatibilityLevel | None, action: str, key: str) -> CompatibilityLevel:
        if level is None:
            raise self.refusal(f"{action!r} without {key!r}")
        return level

    def registration(self, subject: Subject, entry: Mapping[str, JsonValue]) -> RegisterVersion:
        previous = entry.get("previous")
        return RegisterVersion(
            subject,
            self.number(entry.get("version")),
            self.text(entry, "schema"),
            self.references(entry),
            self.text(entry, "content"),
            self.word(entry.get("impact"), Impact, "impact"),
            self.metadata(entry.get("metadata")),
            self.rule_set(entry.get("ruleSet")),
            None if previous is None else self.version(previous, texts=True),
            self.flag(entry, "is_again") is True,
            self.flag(entry, "is_documentation") is True,
        )

    def import_(self, subject: Subject, entry: Mapping[str, JsonValue]) -> ImportVersion:
        return ImportVersion(
            subject,
            self.number(entry.get("version")),
            SchemaId(self.number(entry.get("id"))),
            self.text(entry, "schema"),
            self.references(entry),
            self.text(entry, "content"),
            self.metadata(entry.get("metadata")),
            self.rule_set(entry.get("ruleSet")),
        )

    def references(self, entry: Mapping[str, JsonValue]) -> tuple[Reference, ...]:
        found = self.list(entry.get("references", []), "'references'")
        return tuple(map(self.reference, found))

    def number(self, value: JsonValue) -> Version:
        if not str(value).isdecimal():
            raise self.refusal(f"not the number of a version: {value!r}")
        return Version(int(str(value)))
