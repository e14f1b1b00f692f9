"""Outcomes as text for people: one row a command."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from schemareg.report.outcome import Outcome
from schemareg.report.page import Page

# Imported when it is needed: the text of a round trip needs Kafka, that of lint does not.
_MODULES = {
    "lint": "findings",
    "check": "check",
    "register": "register",
    "roundtrip": "matrix",
    "verify": "verify",
    "fingerprint": "fingerprint",
    "diff": "difference",
    "rules": "rules",
    "sample": "sample",
    "pull": "pull",
    "fixtures": "fixtures",
}


def as_text(outcome: Outcome, page: Page) -> str:
    """`outcome` laid out for `page`, by the function that is named for its command."""
    module = import_module(f"schemareg.report.text.{_MODULES[outcome.command]}")
    function = cast("Callable[[Outcome, Page], str]", getattr(module, outcome.command))
    return function(outcome, page)
