"""Results as text for people: one row a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import cast

from schemareg.report.page import Page
from schemareg.results import Result

# Imported when it is needed: the text of a round trip needs Kafka, that of lint does not.
_MODULES = {
    "lint": "findings",
    "fmt": "fmt",
    "check": "check",
    "register": "register",
    "roundtrip": "matrix",
    "verify": "verify",
    "fingerprint": "fingerprint",
    "diff": "difference",
    "config": "config",
    "rules": "rules",
    "sample": "sample",
    "pull": "pull",
    "init": "init",
    "plan": "plan",
    "apply": "plan",
    "rollback": "rollback",
    "promote": "promote",
    "drift": "drift",
    "ci": "ci",
    "fixtures": "fixtures",
    "generate": "generate",
    "catalog": "catalog",
    "metrics": "metrics",
    "rehearse": "rehearse",
    "chains": "chains",
    "canary": "canary",
    "graph": "graph",
    "contracts": "contracts",
    "can-i-deploy": "can_i_deploy",
    "impact": "impact",
    "order": "order",
}


def as_text(result: Result, page: Page) -> str:
    """`result` laid out for `page`, by the function that is named for its command."""
    module = import_module(f"schemareg.report.text.{_MODULES[result.command]}")
    function = cast(
        "Callable[[Result, Page], str]", getattr(module, result.command.replace("-", "_"))
    )
    return function(result, replace(page, texts=result.texts()))
