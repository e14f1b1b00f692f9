"""Example events, one JSON object a line, to be piped on."""

from __future__ import annotations

import json

from schemareg.commands.sample import SampleResult
from schemareg.report.as_json import plain
from schemareg.report.page import Page


def sample(result: SampleResult, page: Page) -> str:
    """The events alone."""
    events = (json.dumps(plain(e.event), ensure_ascii=False) for e in result.examples)
    return "".join(event + "\n" for event in events)
