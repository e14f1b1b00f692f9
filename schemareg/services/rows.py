"""The tables of a services manifest as rows: the keys of each, their kinds, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import SubjectNameStrategy

Kind = Literal["text", "texts", "flag", "duration", "strategy", "table", "tables", "named"]


@dataclass(frozen=True, slots=True)
class Row:
    """One key. `of` names the rows of the tables that it holds."""

    key: str
    kind: Kind
    help: str
    required: bool = False
    of: str = ""


TABLES: Mapping[str, tuple[Row, ...]] = MappingProxyType(
    {
        "manifest": (
            Row("include", "texts", "Globs of further manifests, relative to this file."),
            Row("shared_paths", "texts", "Globs of files that every service is built from."),
            Row("services", "named", "The services by name.", of="service"),
            Row("environments", "named", "Where services are deployed to.", of="environment"),
            Row("topics", "named", "How long topics keep records.", of="retention"),
            Row("chains", "named", "What happens in order for one business case.", of="chain"),
        ),
        "service": (
            Row("owner", "text", "The team that is responsible."),
            Row("paths", "texts", "Globs of the service's files in the repository."),
            Row("produces", "tables", "Events that the service writes.", of="produces"),
            Row("consumes", "tables", "Events that the service reads.", of="consumes"),
            Row("calls", "tables", "Services that it sends HTTP requests to.", of="calls"),
            Row("configured_by", "tables", "Whose configuration it reads.", of="configured_by"),
        ),
        "produces": (
            Row("event", "text", "Full name of the event.", required=True),
            Row("topic", "text", "Where it is written to.", required=True),
            Row("key", "text", "Type of the key, as in the topic's configuration."),
            Row("strategy", "strategy", "Strategy of the subject's name."),
            Row("shared", "flag", "Other services may produce it, too."),
        ),
        "consumes": (
            Row("event", "text", "Full name of the event.", required=True),
            Row("topic", "text", "Where it is read from.", required=True),
            Row("group", "text", "The consumer group (default: the service's name)."),
            Row("reader", "text", "File of the reader schema, relative to this file."),
            Row("fields", "texts", "Dotted paths of the fields that are used."),
            Row("critical", "flag", "The service cannot do its work without it."),
        ),
        "calls": (
            Row("service", "text", "The service that answers.", required=True),
            Row("contract", "text", "File of what the caller expects, such as a Pact."),
            Row("critical", "flag", "The service cannot do its work without it."),
        ),
        "configured_by": (
            Row("service", "text", "Whose configuration is read.", required=True),
            Row("what", "text", "Which part of it."),
        ),
        "environment": (Row("production", "flag", "Customers use it."),),
        "retention": (
            Row("retention", "duration", "How long records are kept, such as 7d, or forever."),
            Row("compacted", "flag", "The newest record of each key is kept for ever."),
            Row("wiped", "flag", "The topic is emptied before a deployment."),
        ),
        "chain": (
            Row("steps", "tables", "The steps in order.", required=True, of="step"),
            Row("ends", "texts", "Events after which nothing more is expected."),
            Row("deadline", "duration", "How long it may take, such as 30m."),
        ),
        "step": (
            Row("event", "text", "The event that reports the step.", required=True),
            Row("undo", "text", "The event that undoes it."),
        ),
    }
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhdw])")
_DURATION_PATTERN = r"^([1-9][0-9]*(s|m|h|d|w)|forever)$"


def manifest_schema() -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of a manifest, for editors and for other tools."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "services.toml of schemareg",
        **_table("manifest"),
        "$defs": {name: _table(name) for name in sorted(TABLES) if name != "manifest"},
    }


def _table(name: str) -> dict[str, object]:
    rows = TABLES[name]
    return {
        "type": "object",
        "properties": {row.key: _row(row) for row in rows},
        "required": [row.key for row in rows if row.required],
        "additionalProperties": False,
    }


def _row(row: Row) -> dict[str, object]:
    shapes: Mapping[Kind, dict[str, object]] = {
        "text": {"type": "string", "minLength": 1},
        "texts": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "flag": {"type": "boolean"},
        "duration": {"type": "string", "pattern": _DURATION_PATTERN},
        "strategy": {"enum": [strategy.value for strategy in SubjectNameStrategy]},
        "table": {"$ref": f"#/$defs/{row.of}"},
        "tables": {"type": "array", "items": {"$ref": f"#/$defs/{row.of}"}},
        "named": {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{row.of}"}},
    }
    return {"description": row.help, **shapes[row.kind]}


def seconds(duration: str) -> int | None:
    """The seconds of a duration such as `7d`; None for `forever`."""
    match = _DURATION.fullmatch(duration)
    return int(match[1]) * _SECONDS[match[2]] if match else None


WANTED = {
    "text": "a text",
    "texts": "a list of texts",
    "flag": "true or false",
    "duration": "a duration such as 30s, 15m, 12h, 7d, 2w, or forever",
    "strategy": f"one of {', '.join(SubjectNameStrategy)}",
    "table": "a table",
    "tables": "a list of tables",
    "named": "a table of tables",
}


def fits(row: Row | None, value: object) -> bool:
    """Whether `value` is a text or a flag that its row allows, as nearly all are."""
    if row is None:
        return False
    if row.kind == "text":
        return value.__class__ is str and value != ""
    return unfit(row, value) is None


def unfit(row: Row, value: object) -> object | None:
    """The part of `value` that is not of the row's kind; None where all is."""
    match row.kind, value:
        case "texts", list():
            return next((item for item in value if not (isinstance(item, str) and item)), None)
        case "text", str() if value:
            return None
        case "flag", bool():
            return None
        case "duration", str() if value == "forever" or _DURATION.fullmatch(value):
            return None
        case "strategy", str() if value in list(SubjectNameStrategy):
            return None
        case (("table" | "named"), dict()):
            return None
        case "tables", list():
            return None
        case _:
            return value
