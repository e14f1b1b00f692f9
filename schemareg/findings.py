"""What any check says: a finding is data, with a place; reports render it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemareg.places import Location


class Severity(StrEnum):
    """How much a finding weighs; ordered by `rank`, heaviest first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return ("error", "warning", "info").index(self.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check has to say about one place.

    `rule` is the stable id of what was checked (`money-as-double`), `element` the dotted name of
    what it is about (`com.company.events.OrderCreated.total`), `message` says what is wrong with
    the value, `advice` the way out in one sentence, `suppressed` the reason given for living
    with it (None: it counts).
    """

    rule: str
    severity: Severity
    message: str
    location: Location
    element: str = ""
    advice: str | None = None
    suppressed: str | None = None
