"""JSON texts on their way into a file: laid out, and without what no file can hold."""

from __future__ import annotations

import re

from schemareg.syntax import format_text

_SURROGATE = r"[\ud800-\udfff]"


def laid_out(text: str) -> str:
    """`text` with two spaces per level, short objects and arrays on one line, a line end last.

    A text that is already laid out over several lines is returned as it is. Lone surrogates,
    which no file can hold, are written as JSON escapes.
    """
    text = re.sub(_SURROGATE, lambda found: f"\\u{ord(found[0]):04x}", text)
    if "\n" in text.strip():
        return text if text.endswith("\n") else f"{text}\n"
    return format_text(text)
