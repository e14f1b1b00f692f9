"""Where a registry of others breaks the contract: what it answers instead, and why that is so.

A row is a promise too: when the registry comes to keep the contract there, the row has to go.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.registry_contract.contract import Answer


@dataclass(frozen=True)
class Deviation:
    """`backend` answers `answer` to step `step` of `story`, because of `reason`."""

    backend: str
    story: str
    step: int
    answer: Answer
    reason: str


DEVIATIONS: tuple[Deviation, ...] = ()
