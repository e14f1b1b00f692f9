"""Results as one JSON document, for programs.

The members are the result's own fields; `format_version` changes when one is removed or gets
another meaning, and stays when members are added. docs/schemas/ holds a JSON Schema per command.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import date, time
from enum import Enum
from pathlib import Path

from schemareg.findings import Severity
from schemareg.places import Location
from schemareg.report.escape import Safe, Whole, json_document
from schemareg.report.page import Page
from schemareg.results import Result

FORMAT_VERSION = 1


def as_json(result: Result, page: Page, fail_on: Severity = Severity.ERROR) -> Safe:
    """`result` as an indented JSON object: what every result has, then its own fields."""
    common: dict[str, object] = {
        "format_version": FORMAT_VERSION,
        "command": result.command,
        "exit_code": int(result.exit_code(fail_on)),
        "counts": plain(result.counts()),
        "compared_with": result.compared_with() or None,
        "commit": page.commit or None,
    }
    fields = plain(result)
    assert isinstance(fields, dict)
    return json_document({**common, **fields}, ascii=page.ascii)


def member_names(cls: type) -> Sequence[str]:
    """What JSON has of a dataclass: its fields, or its `json_members` where some are computed."""
    listed: Sequence[str] | None = getattr(cls, "json_members", None)
    if listed is not None:
        return listed
    return [f.name for f in dataclasses.fields(cls) if f.metadata.get("json", True)]


def _whole_members(cls: type) -> frozenset[str]:
    """The fields of a dataclass that hold content, which no report cuts."""
    return frozenset(f.name for f in dataclasses.fields(cls) if f.metadata.get("whole"))


def plain(value: object, *, whole: bool = False) -> object:
    """`value` as what JSON has: dataclasses by field, bytes as hex, enums by value.

    `whole`: its texts are content, which is not cut.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        uncut = _whole_members(type(value))
        members = {
            name: plain(getattr(value, name), whole=whole or name in uncut)
            for name in member_names(type(value))
        }
        if isinstance(value, Location) and not value.line:
            members |= {"line": None, "column": None}  # no place inside the file is known
        return members
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {
            Whole(key) if whole else str(key): plain(item, whole=whole)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, whole=whole) for item in value]
    if isinstance(value, bytes):
        return Whole(value.hex())
    if isinstance(value, str):
        return Whole(value) if whole else value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
