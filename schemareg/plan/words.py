"""What an action does, in words: for a plan's text, a refusal's advice and a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import assert_never

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
from schemareg.registry.api.types import Config


def described(action: Action) -> str:
    """What `action` does to its subject: `level BACKWARD → FULL`, `register version 3 (minor)`."""
    match action:
        case SetLevel():
            return f"level {action.before or 'unset'} → {action.after}"
        case ClearLevel():
            return f"own level {action.before} removed → {action.after or 'inherited'}"
        case SetMode():
            return f"mode {action.before or 'inherited'} → {action.after or 'inherited'}"
        case UpdateConfig():
            return "; ".join(_members(action.before, action.after))
        case RegisterVersion():
            again = ", again" if action.is_again else ""
            word = "documentation only" if action.is_documentation else action.impact
            kind = f" ({word})" if word else ""
            return f"register version {action.version}{again}{kind}"
        case ImportVersion():
            return f"import version {action.version} with id {action.id}"
        case SoftDelete():
            return f"soft-delete {_counted(len(action.versions))}"
        case PermanentDelete():
            return "delete permanently"
        case _:
            assert_never(action)


def in_one(actions: Sequence[Action]) -> Iterator[tuple[Action, str]]:
    """Each action with its words; the settings of a new subject beside its first version."""
    new = {
        action.subject: index
        for index, action in enumerate(actions)
        if isinstance(action, RegisterVersion) and action.version == 1
    }
    settings: dict[int, list[str]] = {}
    rows: list[tuple[int, Action]] = []
    for index, action in enumerate(actions):
        first = new.get(action.subject)
        if first is not None and isinstance(action, SetLevel | SetMode | UpdateConfig):
            settings.setdefault(first, []).append(described(action))
        else:
            rows.append((index, action))
    for index, action in rows:
        yield action, "; ".join([described(action), *settings.get(index, ())])


def mark(action: Action) -> str:
    """`+` for what is added, `~` for what is changed, `-` for what is deleted."""
    match action:
        case RegisterVersion() | ImportVersion():
            return "+"
        case SetLevel() | ClearLevel() | SetMode() | UpdateConfig():
            return "~"
        case SoftDelete() | PermanentDelete():
            return "-"
        case _:
            assert_never(action)


def not_undone(action: Action) -> str:
    """Why `action` cannot be undone, wholly or at all; "" where its inverse undoes it."""
    match action:
        case RegisterVersion() if action.previous is None:
            return "it is the first version, and events of it may be anywhere"
        case RegisterVersion():
            return "the version itself stays, because events of it may be anywhere"
        case ImportVersion():
            return "events with its id may be anywhere"
        case SoftDelete():
            return "only the latest version comes back, under a new number"
        case PermanentDelete():
            return "the registry has forgotten its versions"
        case SetLevel() if action.before is None:
            return "the level before is not known"
        case SetLevel() | ClearLevel() | SetMode() | UpdateConfig():
            return ""
        case _:
            assert_never(action)


def _members(before: Config, after: Config) -> Iterator[str]:
    for member in fields(Config):
        was, becomes = getattr(before, member.name), getattr(after, member.name)
        if was == becomes:
            continue
        name = member.name.replace("_", " ")
        if isinstance(was or becomes, str | bool):
            yield f"{name} {_value(was)} → {_value(becomes)}"
        else:
            verb = "removed" if becomes is None else "added" if was is None else "changed"
            yield f"{name} {verb}"


def _value(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or "unset"


def _counted(versions: int) -> str:
    return f"{versions} version{'s' if versions != 1 else ''}"
