"""Incompatibilities in the words of the Confluent API.

Source: answers recorded from Confluent Schema Registry 8.3.1 and 7.9.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from schemareg.compat import Incompatibility, Kind
from schemareg.subjects import CompatibilityLevel

_LONGEST_OLD_SCHEMA = 10240


def entry(found: Incompatibility, *, reader: str, writer: str) -> str:
    """One incompatibility; `reader` and `writer` say which of the two schemas is "new"."""
    place = found.java_location
    match found.kind:
        case Kind.NAME_MISMATCH:
            text = f"The name of the schema has changed (path '{place}')"
        case Kind.FIXED_SIZE_MISMATCH:
            text = (
                f"The size of FIXED type field at path '{place}' in the {reader} schema "
                f"does not match with the {writer} schema"
            )
        case Kind.MISSING_ENUM_SYMBOLS:
            text = (
                f"The {reader} schema is missing enum symbols '{found.message}' "
                f"at path '{place}' in the {writer} schema"
            )
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE:
            text = (
                f"The field '{found.message}' at path '{place}' in the {reader} schema "
                f"has no default value and is missing in the {writer} schema"
            )
        case Kind.TYPE_MISMATCH:
            text = (
                f"The type (path '{place}') of a field in the {reader} schema "
                f"does not match with the {writer} schema"
            )
        case Kind.MISSING_UNION_BRANCH:
            text = (
                f"The {reader} schema is missing a type inside a union field "
                f"at path '{place}' in the {writer} schema"
            )
        case Kind.AMBIGUOUS_FIELD:
            return f"Unexpected exception during compatibility check: {found.message}"
        case _:
            assert_never(found.kind)
    return f"{{errorType:'{found.kind}', description:'{text}', additionalInfo:'{found.message}'}}"


def entries(found: Iterable[Incompatibility], *, reader: str, writer: str) -> Iterator[str]:
    return (entry(one, reader=reader, writer=writer) for one in found)


def old_version(version: int, text: str) -> tuple[str, str]:
    """The two lines that say which registered version the entries before them are about."""
    if len(text) > _LONGEST_OLD_SCHEMA:
        shown = f"{{oldSchema: <truncated> '{text[:_LONGEST_OLD_SCHEMA]}...'}}"
    else:
        shown = f"{{oldSchema: '{text}'}}"
    return f"{{oldSchemaVersion: {version}}}", shown


def rules_in_force(level: CompatibilityLevel, *, validate_fields: bool) -> str:
    """The line that closes every list of entries."""
    checked = "true" if validate_fields else "false"
    return f"{{validateFields: '{checked}', compatibility: '{level}'}}"
