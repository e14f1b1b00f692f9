"""Example events, one JSON object a line, to be piped on."""

from __future__ import annotations

import json

from schemareg.jobs.sample import SampleOutcome
from schemareg.report.as_json import plain
from schemareg.report.page import Page


def sample(outcome: SampleOutcome, page: Page) -> str:
    """The events alone."""
    events = (json.dumps(plain(e.event), ensure_ascii=False) for e in outcome.examples)
    return "".join(event + "\n" for event in events)
