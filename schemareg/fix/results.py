"""What fixes did, or would do, to the files of a project; part of a command's result."""

from __future__ import annotations

from dataclasses import field

from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file that fixes change: what they do, in the order of the text, and the unified diff."""

    path: str
    titles: tuple[str, ...]
    diff: str = field(metadata={"whole": True})


@dataclass(frozen=True, slots=True)
class RefusedFix:
    """A fix that was not applied, with the reason; `rule` and `location` are its diagnostic's."""

    location: Location
    rule: str
    title: str
    reason: str
