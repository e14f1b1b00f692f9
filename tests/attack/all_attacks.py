"""Every attack: a new kind of hostile input is one row in one of these modules."""

from __future__ import annotations

from tests.attack import files, messages, registries, repositories, requests

ATTACKS = (
    *messages.ATTACKS,
    *files.ATTACKS,
    *registries.ATTACKS,
    *repositories.ATTACKS,
    *requests.ATTACKS,
)
