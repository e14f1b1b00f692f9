"""Proofs in words: the same lines in every report that shows one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from schemareg.compat.proof.prove import Grade, Proof

LONGEST_EVENT_SHOWN = 2_000

_GRADES: Mapping[Grade, str] = {
    Grade.PROVED: "an event that the reader refuses",
    Grade.NAME_ONLY: "only a record's name differs: Avro Java reads this, others refuse",
    Grade.VACUOUS: "no event can get here, but a registry refuses the change all the same",
    Grade.UNPROVED: "no event was found that every decoder refuses",
}


def grade_line(proof: Proof) -> str:
    """The grade, and what it means."""
    return f"{proof.grade}: {_GRADES[proof.grade]}"


def labelled(proof: Proof) -> Iterator[tuple[str, str]]:
    """What is known beside the grade, each with its label: event, bytes, why, fastavro."""
    if proof.data is not None:
        yield "event", _cut(json.dumps(proof.event, ensure_ascii=False))
        yield "bytes", _cut(proof.data.hex()) or "(none)"
    if proof.refusal:
        yield "why", proof.refusal
    if proof.data is not None:
        yield "fastavro", str(proof.fastavro)


def proof_lines(proof: Proof) -> Iterator[str]:
    """The proof as plain lines."""
    yield grade_line(proof)
    for label, text in labelled(proof):
        yield f"{label}: {text}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_EVENT_SHOWN else text[:LONGEST_EVENT_SHOWN] + "…"
