"""Results as one JSON document, for programs.

The members are the result's own fields; within a major version members are only added, and
`format_version` says which they are.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import date, time
from enum import Enum
from pathlib import Path

from schemareg.findings import Severity
from schemareg.report.result import Result

FORMAT_VERSION = 1


def as_json(result: Result, fail_on: Severity = Severity.ERROR) -> str:
    """`result` as an indented JSON object with `format_version`, `command` and its fields."""
    told: dict[str, object] = {"format_version": FORMAT_VERSION, "command": result.command}
    told["exit_code"] = int(result.exit_code(fail_on))
    fields = plain(result)
    assert isinstance(fields, dict)
    return json.dumps({**told, **fields}, indent=2, ensure_ascii=False) + "\n"


def plain(value: object) -> object:
    """`value` as what JSON has: dataclasses by field, bytes as hex, enums by value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [f for f in dataclasses.fields(value) if f.metadata.get("json", True)]
        return {f.name: plain(getattr(value, f.name)) for f in fields}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
