"""An event that shows an incompatibility."""

from __future__ import annotations

import json

from schemareg.compat.proof.prove import Grade, Proof
from schemareg.report.page import Page

_TOLD = {
    Grade.PROVED: "an event that the reader refuses",
    Grade.NAME_ONLY: "only a record's name stands in the way: Avro Java reads this, others refuse",
    Grade.VACUOUS: "no event can get here, but a registry refuses the change all the same",
    Grade.UNPROVED: "no event was found that every decoder refuses",
}


def shown_proof(proof: Proof, page: Page) -> list[str]:
    """The grade, the event as JSON, its bytes, and the decoder's refusal."""
    lines = [page.wrap(f"{proof.grade}: {_TOLD[proof.grade]}", "      ", first="    ")]
    if proof.data is not None:
        event = json.dumps(proof.event, ensure_ascii=False)
        lines.append(page.wrap(event, "            ", first="      event "))
        lines.append(f"      bytes {proof.data.hex() or '(none)'}")
    if proof.refusal:
        lines.append(page.wrap(proof.refusal, "            ", first="      why   "))
    if proof.data is not None:
        lines.append(f"      fastavro {proof.fastavro}")
    return lines
