"""TOML as strangers write it: a document, or one error with its place."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from schemareg.errors import UsageError
from schemareg.places import Location

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_toml(raw: bytes, shown: str, *, what: str = "it") -> tuple[str, dict[str, Any]]:
    """The text and the values of `raw`, the content of the file shown as `shown`.

    `what` is how a message calls it.

    Raises:
        UsageError: not UTF-8, not TOML, nested too deeply, or a number beyond Python's bound.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{what} is not UTF-8", location=Location(shown, line, 1), advice="save it as UTF-8"
        ) from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        end = (text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
        line, column = (int(place[1]), int(place[2])) if place and place[1] else end
        reason = message[: place.start()] if place else message
        location = Location(shown, line, column)
    except RecursionError:
        reason, location = "its values are nested too deeply", Location(shown)
    except ValueError:  # Python refuses to read integers of thousands of digits
        reason, location = "a number has too many digits", Location(shown)
    raise UsageError(f"{what} is not TOML: {reason}", location=location)
