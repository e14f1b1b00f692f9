"""A plan as a file: readable JSON without credentials, and back."""

from __future__ import annotations

import json
from pathlib import Path

from schemareg.avro.parse import source
from schemareg.avro.schema import JsonValue
from schemareg.errors import SchemaParseError, UsageError
from schemareg.limits import LIMITS
from schemareg.places import Location
from schemareg.plan.action_json import ActionReader, action_to_json
from schemareg.plan.saved import Plan, SubjectBase, base_to_json
from schemareg.subjects import Subject
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


class _PlanReader(ActionReader):
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
