"""An event that shows an incompatibility."""

from __future__ import annotations

from schemareg.compat.proof.prove import Proof
from schemareg.compat.proof.words import grade_line, labelled
from schemareg.report.page import Page

_WRAPPED = ("event", "why")


def shown_proof(proof: Proof, page: Page) -> list[str]:
    """The grade, the event as JSON, its bytes, and the decoder's refusal."""
    lines = [page.wrap(grade_line(proof), "      ", first="    ")]
    for label, text in labelled(proof):
        first = f"      {label:<5} "
        lines.append(
            page.wrap(text, "            ", first=first) if label in _WRAPPED else first + text
        )
    return lines
