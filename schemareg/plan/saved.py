"""A plan in a file: its actions, and a digest of every subject that it starts from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemareg.avro.parse import source
from schemareg.avro.schema import JsonValue
from schemareg.diff import Impact
from schemareg.errors import ExitCode, SchemaParseError, SchemaregError, UsageError
from schemareg.places import Location
from schemareg.plan.actions import Action, RegisterVersion, SetLevel
from schemareg.plan.diff import ContentDigests, diff_states, digest
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.state_json import StateReader, metadata_to_json
from schemareg.state import Schemas
from schemareg.subjects import CompatibilityLevel, Subject, Version

FORMAT_VERSION = 1
_ADVICE = "make the plan again with `schemareg plan --out FILE`"


class PlanStaleError(SchemaregError):
    """A saved plan that no longer starts from what the registry holds."""

    exit_code = ExitCode.PLAN_STALE


@dataclass(frozen=True, slots=True)
class SubjectBase:
    """A subject as the plan found it: its level, and the content of each version."""

    level: CompatibilityLevel | None
    versions: Mapping[Version, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """`actions` for the registry shown as `registry`, which holds `base`.

    `base` has an entry for every subject that the plan looked at, also for one that the registry
    does not hold.
    """

    registry: str
    base: Mapping[Subject, SubjectBase]
    actions: tuple[Action, ...]

    @property
    def digest(self) -> str:
        """Identifies the state that the plan starts from."""
        return digest(_base_to_json(self.base))

    def moved(self, now: RegistryState, *, avro_version: str) -> Iterator[str]:
        """What `now` differs in from the plan's start, beyond what the plan itself does.

        So a plan that was applied by half can be applied again.
        """
        current = bases_of(now, self.base, avro_version=avro_version)
        for subject, before in self.base.items():
            yield from self._moved(subject, before, current[subject])

    def _moved(self, subject: Subject, before: SubjectBase, now: SubjectBase) -> Iterator[str]:
        own = [action for action in self.actions if action.subject == subject]
        levels = {before.level, *(a.after for a in own if isinstance(a, SetLevel))}
        if now.level not in levels:
            yield f"the level of {subject} was {before.level} and is {now.level}"
        planned = {a.content for a in own if isinstance(a, RegisterVersion)}
        for version, content in now.versions.items():
            if version not in before.versions and content not in planned:
                yield f"{subject} has got version {version}"
            elif version in before.versions and before.versions[version] != content:
                yield f"{subject} version {version} has another schema"
        for version in before.versions.keys() - now.versions.keys():
            yield f"{subject} has lost version {version}"


def make_plan(
    desired: RegistryState, actual: RegistryState, *, registry: str, avro_version: str
) -> Plan:
    """The plan that makes the registry hold `desired` where it holds `actual`.

    Raises:
        SchemaParseError: a desired schema is refused.
    """
    looked_at = dict.fromkeys([*desired.subjects, *actual.subjects])
    return Plan(
        registry,
        bases_of(actual, looked_at, avro_version=avro_version),
        diff_states(desired, actual, avro_version=avro_version).actions,
    )


def bases_of(
    state: RegistryState, subjects: Mapping[Subject, object], *, avro_version: str
) -> dict[Subject, SubjectBase]:
    """Each of `subjects` as `state` holds it."""
    schemas = Schemas(state, avro_version=avro_version)
    contents = ContentDigests()
    return {
        subject: SubjectBase(
            state.level(subject),
            {v.version: contents.of(v.schema) for v in schemas.history(subject)}
            | {stored.version: digest(stored.text) for stored, _ in schemas.refusals(subject)},
        )
        for subject in subjects
    }


def save_plan(plan: Plan, path: Path) -> None:
    """`plan` is in the file at `path`: all of it, or the file is as it was.

    Raises:
        UsageError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(json.dumps(_to_json(plan), indent=2) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def load_plan(path: Path) -> Plan:
    """The plan in the file at `path`.

    Raises:
        UsageError: it cannot be read.
        ContentError: it is no plan, or was changed since it was made.
    """
    shown = path.as_posix()
    try:
        value = source.load(source.decode_text(path.read_bytes()))
    except OSError as error:
        raise UsageError(
            f"the plan cannot be read: {error.strerror}", location=Location(shown)
        ) from error
    except SchemaParseError as error:
        raise error.at(shown) from error
    return _PlanReader(shown, advice=_ADVICE).plan(value)


def _to_json(plan: Plan) -> dict[str, JsonValue]:
    return {
        "format_version": FORMAT_VERSION,
        "registry": plan.registry,
        "digest": plan.digest,
        "actions": [_action_to_json(action) for action in plan.actions],
        "base": _base_to_json(plan.base),
    }


def _action_to_json(action: Action) -> JsonValue:
    match action:
        case SetLevel():
            return {
                "action": "set-level",
                "subject": action.subject,
                "before": action.before,
                "after": action.after,
            }
        case RegisterVersion():
            value: dict[str, JsonValue] = {
                "action": "register",
                "subject": action.subject,
                "version": action.version,
                "impact": action.impact,
                "content": action.content,
                "references": [
                    {"name": r.name, "subject": r.subject, "version": r.version}
                    for r in action.references
                ],
                "schema": action.text,
            }
            if action.metadata is not None:
                value["metadata"] = metadata_to_json(action.metadata)
            return value


def _base_to_json(base: Mapping[Subject, SubjectBase]) -> list[JsonValue]:
    return [
        {
            "subject": subject,
            "level": held.level,
            "versions": {str(version): content for version, content in held.versions.items()},
        }
        for subject, held in sorted(base.items())
    ]


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
            self.word(entry.get("level"), CompatibilityLevel, "level"),
            {self.number(number): str(content) for number, content in versions.items()},
        )

    def number(self, value: JsonValue) -> Version:
        if not str(value).isdecimal():
            raise self.refusal(f"not the number of a version: {value!r}")
        return Version(int(str(value)))

    def action(self, value: JsonValue) -> Action:
        entry = self.object(value, "an action")
        subject = Subject(self.text(entry, "subject"))
        match entry.get("action"):
            case "set-level":
                after = self.word(entry.get("after"), CompatibilityLevel, "level")
                if after is None:
                    raise self.refusal("'set-level' without 'after'")
                before = self.word(entry.get("before"), CompatibilityLevel, "level")
                return SetLevel(subject, before, after)
            case "register":
                references = self.list(entry.get("references", []), "'references'")
                return RegisterVersion(
                    subject,
                    self.number(entry.get("version")),
                    self.text(entry, "schema"),
                    tuple(map(self.reference, references)),
                    self.text(entry, "content"),
                    self.word(entry.get("impact"), Impact, "impact"),
                    self.metadata(entry.get("metadata")),
                )
            case other:
                raise self.refusal(f"unknown action {other!r}")
