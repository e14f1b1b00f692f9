"""Actions as JSON: what a saved plan lists, what its digest covers, what the audit log holds."""

from __future__ import annotations

from typing import assert_never

from schemareg.avro.schema import JsonValue
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
from schemareg.registry.api.state_json import config_to_json, metadata_to_json, version_to_json
from schemareg.registry.api.types import Metadata, RuleSet
from schemareg.subjects import Reference


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
