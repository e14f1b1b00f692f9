"""Who wrote a record: the header that nodes of ours put on theirs, keys and values untouched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

from schemareg.lazy_dataclass import dataclass

HEADER = "schemareg"
Headers: TypeAlias = Sequence[tuple[str, bytes | str | None]] | None


@dataclass(frozen=True, slots=True)
class Origin:
    """The node that wrote a record, its URL, and the term it led in (1 and up)."""

    node: str
    url: str
    term: int

    def header(self) -> tuple[str, bytes]:
        return HEADER, self.text().encode()

    def text(self) -> str:
        """The header's value, which `read_origin` reads."""
        value = {"node": self.node, "term": self.term, "url": self.url}
        return json.dumps(value, separators=(",", ":"))


def origin_of(headers: Headers) -> Origin | None:
    """The origin that the headers of a record name; None for a record that others wrote."""
    for name, value in headers or ():
        if name == HEADER and value is not None:
            return read_origin(value)
    return None


def read_origin(text: bytes | str) -> Origin | None:
    """The origin that the value of a header names; None for other text."""
    try:
        members = json.loads(text)
        node, url, term = members["node"], members["url"], members["term"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    is_origin = isinstance(node, str) and isinstance(url, str) and isinstance(term, int)
    return Origin(node, url, term) if is_origin else None
