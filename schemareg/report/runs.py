"""What of an outcome went through a broker.

Only the commands that need Kafka have it, so only for them its modules are imported: reports of
the others work in an installation without Kafka.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemareg.report.outcome import Outcome

if TYPE_CHECKING:
    from schemareg.jobs.roundtrip import RoundTripOutcome


def round_trip_in(outcome: Outcome) -> RoundTripOutcome | None:
    """The round trip that `outcome` is or holds; None without one."""
    if outcome.command not in ("roundtrip", "verify"):
        return None
    from schemareg.jobs.roundtrip import RoundTripOutcome
    from schemareg.jobs.verify import VerifyOutcome

    if isinstance(outcome, VerifyOutcome):
        return outcome.roundtrip
    return outcome if isinstance(outcome, RoundTripOutcome) else None
