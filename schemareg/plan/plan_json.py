"""A plan as a file: readable JSON without credentials, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from schemareg.avro.parse import source
from schemareg.avro.schema import JsonValue
from schemareg.diff import Impact
from schemareg.errors import SchemaParseError, UsageError
from schemareg.limits import LIMITS
from schemareg.places import Location
from schemareg.plan.action_json import action_to_json
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
from schemareg.plan.saved import Plan, SubjectBase, base_to_json
from schemareg.registry.api.state_json import (
    StateReader,
)
from schemareg.registry.api.types import Mode
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version
from schemareg.workspace.files import FileError, read_bytes, write_file

FORMAT_VERSION = 2
_ADVICE = "make the plan again with `schemareg plan --out FILE`"


def save_plan(plan: Plan, path: Path) -> None:
    """`plan` is in the file at `path`: all of it, or the file is as it was.

    Raises:
        UsageError: it cannot be written.
    """
    write_file(path, json.dumps(_to_json(plan), indent=2) + "\n", str(path))


def load_plan(path: Path) -> Plan:
    """The plan in the file at `path`.

    Raises:
        UsageError: it cannot be read.
        ContentError: it is no plan, or was changed since it was made.
    """
    shown = path.as_posix()
    try:
        value = source.load(
            source.decode_text(read_bytes(path, shown, limit=LIMITS.state_file_bytes))
        )
    except FileError as error:
        raise UsageError(
            f"the plan cannot be read: {error.reason}", location=Location(shown)
        ) from error
    except SchemaParseError as error:
        raise error.at(shown) from error
    return _PlanReader(shown, advice=_ADVICE).plan(value)


def _to_json(plan: Plan) -> dict[str, JsonValue]:
    return {
        "format_version": FORMAT_VERSION,
        "registry": plan.registry,
        "digest": plan.digest,
        "actions": [action_to_json(action) for action in plan.actions],
        "base": base_to_json(plan.base),
    }


class _PlanReader(StateReader):
    """JSON values -> parts of a plan."""

    def plan(self, value: JsonValue) -> Plan:
        whole = self.object(value, "a plan")
        if whole.get("format_version") != FORMAT_VERSION:
            raise self.refusal(
                f"not a plan of format {FORMAT_VERSION}: format_version is"
                f" {whole.get('format_version')!r}"
            )
        plan = Plan(
            self.text(whole, "registry"),
            dict(self.base(entry) for entry in self.list(whole.get("base"), "'base'")),
            tuple(map(self.action, self.list(whole.get("actions"), "'actions'"))),
        )
        if plan.digest != whole.get("digest"):
            raise self.refusal("the plan was changed since it was made: its digest does not fit")
        return plan

    def base(self, value: JsonValue) -> tuple[Subject, SubjectBase]:
        entry = self.object(value, "an entry of 'base'")
        versions = self.object(entry.get("versions"), "'versions'")
        return Subject(self.text(entry, "subject")), SubjectBase(
            self.level(entry, "level"),
            {self.number(number): str(content) for number, content in versions.items()},
            self.mode(entry, "mode"),
            self.config(entry["config"]) if "config" in entry else None,
        )

    def number(self, value: JsonValue) -> Version:
        if not str(value).isdecimal():
            raise self.refusal(f"not the number of a version: {value!r}")
        return Version(int(str(value)))

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
