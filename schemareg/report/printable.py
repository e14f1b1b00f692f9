"""Text for formats that cannot hold every character."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """`text` with what XML 1.0 cannot hold written as escapes.

    Source: Extensible Markup Language (XML) 1.0, production 2, "Char".
    """
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
