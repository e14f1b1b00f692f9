"""Regular expressions that come from files: matched in linear time, and bounded in size.

A pattern of a schema or of a configuration is a stranger's. Python's own engine takes time that
doubles with every letter on some of them; RE2's never does, in exchange for having neither
look-around nor back references.

Source: RE2 syntax, https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Protocol

from schemareg.limits import LIMITS


class Pattern(Protocol):
    """A compiled pattern; both methods take time that grows with the text, not beyond."""

    def fullmatch(self, text: str) -> object | None: ...
    def search(self, text: str) -> object | None: ...


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """The pattern in `text`.

    Raises: ValueError when it is no pattern of RE2, or longer or larger than `LIMITS` allow; the
        message continues "the pattern …".
    """
    import re2  # a millisecond or ten that only a pattern of a file should pay

    if len(text) > LIMITS.pattern_characters:
        raise ValueError(
            f"has {len(text)} characters, more than the {LIMITS.pattern_characters} allowed"
        )
    options = re2.Options()
    options.log_errors = False
    options.max_mem = LIMITS.pattern_bytes
    try:
        compiled: Pattern = re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        shown = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"is no regular expression of RE2: {shown}") from error
    return compiled


_REPEATS_WITHOUT_BOUND = 100


def longest_match(pattern: str) -> int:
    """About how many characters a text generated from `pattern` may have.

    A repetition without bound counts as one hundred.

    Raises: ValueError when Python's engine does not know the pattern; the message continues
        "the pattern …".
    """
    import re
    from re import _parser  # what generates texts walks it, too

    try:
        return _longest(_parser.parse(pattern))
    except re.error as error:
        raise ValueError(f"cannot be generated from: {error}") from error


def _longest(parts: Iterable[tuple[object, Any]]) -> int:
    total = 0
    for kind, argument in parts:
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = argument
                times = max(least, min(most, least + _REPEATS_WITHOUT_BOUND))
                total += times * _longest(inner)
            case "BRANCH":
                total += max(map(_longest, argument[1]), default=0)
            case "SUBPATTERN":
                total += _longest(argument[-1])
            case "AT":
                pass
            case _:
                total += 1
    return total


def matches_glob(glob: str, text: str) -> bool:
    """Whether all of `text` fits `glob`, in which `*` is any text and `?` any character."""
    spelt = "".join({"*": ".*", "?": "."}.get(each) or re.escape(each) for each in glob)
    return compile_pattern(f"(?s){spelt}").fullmatch(text) is not None
