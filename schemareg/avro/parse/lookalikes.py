"""Texts that are often given as schemas and are none: what they are, and what to give instead."""

from __future__ import annotations

import re

from schemareg.avro.schema import JsonValue

_IDL = (
    r"(?:\s|/\*.*?\*/|//[^\n]*\n|@[\w.-]+\([^)]*\))*"
    r"(?:protocol|namespace|schema|import|record|enum|fixed|error)\b"
)
_LONGEST_LOOK = 10_000


def advice_for_value(value: JsonValue) -> str | None:
    """What to do with a JSON value that is no schema but looks like something known."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        return "the schema is encoded twice: decode the JSON string, and give the text inside it"
    if not isinstance(value, dict) or "type" in value:
        return None
    if isinstance(value.get("schema"), str):
        return (
            "this looks like a registry's answer: give the text of its member `schema`, or run"
            " `schemareg pull`"
        )
    if isinstance(value.get("protocol"), str):
        return (
            "this looks like an Avro protocol (.avpr): give the types of its member `types`, each"
            " as a schema"
        )
    return None


def advice_for_text(text: str) -> str | None:
    """What to do with a text that is not JSON but looks like something known."""
    if re.match(_IDL, text[:_LONGEST_LOOK], re.DOTALL):
        return (
            "this looks like Avro IDL (.avdl): convert it with Avro's `idl2schemata`, and give the"
            " .avsc files"
        )
    return None
