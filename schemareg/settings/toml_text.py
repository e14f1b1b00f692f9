"""TOML as strangers write it: a document, or one error with its place."""

from __future__ import annotations

import re
from typing import Any, Final

from schemareg.errors import UsageError
from schemareg.places import Location

_PLACE: Final = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"

_NUL: Final = r"\\x00|\\u0000|\\U00000000"


def read_toml(raw: bytes, shown: str, *, what: str = "it") -> tuple[str, dict[str, Any]]:
    """The text and the values of `raw`, the content of the file shown as `shown`.

    `what` is how a message calls it.

    Raises:
        UsageError: not UTF-8, not TOML, nested too deeply, a number beyond Python's bound, or a
            text with U+0000.
    """
    from schemareg.settings.fast_toml import TomlError, loads  # only where there is a file

    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{what} is not UTF-8", location=Location(shown, line, 1), advice="save it as UTF-8"
        ) from error
    try:
        values = loads(text)
        if re.search(_NUL, text) and _holds_nul(values):
            raise UsageError(
                f"{what} holds the character U+0000, which no name, path or pattern may",
                location=Location(shown),
                advice="remove it",
            )
        return text, values
    except TomlError as error:
        message = str(error)
        place = re.search(_PLACE, message)
        end = (text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
        line, column = (int(place[1]), int(place[2])) if place and place[1] else end
        reason = message[: place.start()] if place else message
        location = Location(shown, line, column)
    except RecursionError:
        reason, location = "its values are nested too deeply", Location(shown)
    except ValueError:  # Python refuses to read integers of thousands of digits
        reason, location = "a number has too many digits", Location(shown)
    raise UsageError(f"{what} is not TOML: {reason}", location=location)


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case list():
            return any(map(_holds_nul, value))
        case dict():
            return any(map(_holds_nul, (*value, *value.values())))
        case _:
            return False
