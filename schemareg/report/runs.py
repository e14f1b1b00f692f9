"""What of an result went through a broker.

Only the commands that need Kafka have it, so only for them its modules are imported: reports of
the others work in an installation without Kafka.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemareg.results import Result

if TYPE_CHECKING:
    from schemareg.commands.roundtrip import RoundTripResult


def round_trip_in(result: Result) -> RoundTripResult | None:
    """The round trip that `result` is or holds; None without one."""
    if result.command not in ("roundtrip", "verify"):
        return None
    from schemareg.commands.roundtrip import RoundTripResult
    from schemareg.commands.verify import VerifyResult

    if isinstance(result, VerifyResult):
        return result.roundtrip
    return result if isinstance(result, RoundTripResult) else None
