"""The property `deprecated` of a field or type: what replaces it, and when it goes.

It is `true`, a note, or an object with `replacement`, `removal` (the first day without it, like
"2030-12-31"), `since` and `reason`. Avro knows no such property; readers ignore it.
"""

from __future__ import annotations

from datetime import date

from schemareg.avro.schema import JsonValue, Props
from schemareg.lazy_dataclass import dataclass

PROPERTY = "deprecated"
KEYS = ("replacement", "removal", "since", "reason")


@dataclass(frozen=True, slots=True)
class Deprecation:
    """`removal` is the first day without the field, None where none is given or it is no day."""

    removal: date | None = None
    replacement: str | None = None
    note: str = ""

    def describe(self) -> str:
        """`removal on 2030-12-31, replaced by total`; "" where nothing is given."""
        parts = [f"removal on {self.removal.isoformat()}"] if self.removal else []
        parts += [f"replaced by {self.replacement}"] if self.replacement else []
        return ", ".join(parts) or self.note


def deprecation(props: Props) -> Deprecation | None:
    """What `deprecated` in `props` gives; None where it is absent or false."""
    mark = props.get(PROPERTY)
    if mark is None or mark is False:
        return None
    if isinstance(mark, dict):
        replacement, reason = mark.get("replacement"), mark.get("reason")
        return Deprecation(
            day_of(mark.get("removal")),
            replacement if isinstance(replacement, str) and replacement else None,
            reason if isinstance(reason, str) else "",
        )
    return Deprecation(note=mark if isinstance(mark, str) else "")


def day_of(value: JsonValue) -> date | None:
    """The day that a text like "2030-12-31" names; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
