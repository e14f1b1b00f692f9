"""Example events, one JSON object a line, to be piped on."""

from __future__ import annotations

from schemareg.commands.sample import SampleResult
from schemareg.report.as_json import plain
from schemareg.report.escape import json_text
from schemareg.report.page import Page


def sample(result: SampleResult, page: Page) -> str:
    """The events alone."""
    events = (json_text(plain(e.event), ascii=page.ascii) for e in result.examples)
    return "".join(event + "\n" for event in events)
