"""Text -> JSON value as Jackson reads it, and the line and column of any pointer."""

from __future__ import annotations

import json
from typing import NoReturn, cast

from schemareg.avro.schema import JsonValue
from schemareg.errors import Problem, SchemaParseError
from schemareg.places import ROOT


def _refuse_constant(text: str) -> NoReturn:
    raise SchemaParseError([Problem(f"{text} is not JSON", "not-json")])


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def decode_text(text: str | bytes) -> str:
    """The characters of a schema text given as UTF-8 bytes or already decoded."""
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise SchemaParseError([Problem("not UTF-8", "not-json", ROOT, line, 1)]) from error


def load(text: str) -> JsonValue:
    """The JSON value of `text`.

    Raises:
        SchemaParseError: the text is not JSON; its one problem has the place.
    """
    try:
        return cast(JsonValue, _DECODER.decode(text))
    except json.JSONDecodeError as error:
        raise SchemaParseError(
            [Problem(f"not JSON: {error.msg}", "not-json", ROOT, error.lineno, error.colno)]
        ) from error
    except RecursionError as error:
        raise SchemaParseError([Problem("nested too deeply", "too-deep", ROOT, 1, 1)]) from error
