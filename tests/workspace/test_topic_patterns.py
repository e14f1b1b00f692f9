"""Topics by patterns of their names: the longest that fits gives what a topic does not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.workspace import ProjectSubject, build_project
from schemareg.workspace.config_file import parse_config

PAID = b'{"type": "record", "name": "Paid", "fields": []}'
SENT = b'{"type": "record", "name": "Sent", "fields": []}'
FILES = {"schemas/Paid.avsc": PAID, "schemas/Sent.avsc": SENT}


def subjects_of(toml: str, files: dict[str, bytes]) -> list[ProjectSubject]:
    home = Path("/project")
    config = parse_config(toml.encode(), home / "schemareg.toml", home)
    return list(build_project([*files.items()], config).subjects)


@pytest.mark.parametrize(
    ("toml", "files", "expected"),
    [
        pytest.param(
            '[topics."orders.*"]\nkey = "long"\nlevel = "FULL"\n'
            '[topics."orders.eu"]\nevents = ["Paid"]\n[topics.sent]\nevents = ["Sent"]',
            FILES,
            {
                "orders.eu-key": ("key", "FULL"),
                "orders.eu-value": ("value", "FULL"),
                "sent-value": ("value", None),
            },
            id="key and level of what fits",
        ),
        pytest.param(
            '[topics."orders.*"]\nlevel = "FULL"\nkey = "long"\n'
            '[topics."orders.eu.*"]\nlevel = "NONE"\n'
            '[topics."orders.eu.a"]\nevents = ["Paid"]\n'
            '[topics."orders.us"]\nevents = ["Sent"]\nlevel = "FORWARD"\nkey = ""',
            FILES,
            {"orders.eu.a-value": ("value", "NONE"), "orders.us-value": ("value", "FORWARD")},
            id="the longest, and what a topic says itself",
        ),
        pytest.param(
            '[topics."orders.*"]\nevents = ["Paid"]\n[topics."orders.eu"]\n[topics."orders.us"]',
            {"schemas/Paid.avsc": PAID},
            {"orders.eu-value": ("value", None), "orders.us-value": ("value", None)},
            id="events of all that fit",
        ),
        pytest.param(
            '[topics."orders.*"]\nevents = ["Paid"]\nstrategy = "record"\nlevel = "FULL"',
            FILES,
            {"Paid": ("value", "FULL"), "Sent": ("type", None)},
            id="events by their names, on topics that nothing names",
        ),
        pytest.param(
            'topics_by_file = true\nkey = "string"\n[topics."orders.*"]\nlevel = "FULL"\n'
            'key = "long"',
            {"schemas/orders.eu-value.avsc": PAID, "schemas/sent-value.avsc": SENT},
            {
                "orders.eu-key": ("key", "FULL"),
                "orders.eu-value": ("value", "FULL"),
                "sent-key": ("key", None),
                "sent-value": ("value", None),
            },
            id="topics that files are named for, with the default key",
        ),
    ],
)  # fmt: skip
def test_topic_patterns(
    toml: str, files: dict[str, bytes], expected: dict[str, tuple[str, str | None]]
) -> None:
    found = subjects_of(toml, files)
    assert {s.subject: (s.role, s.level and s.level.value) for s in found} == expected


@pytest.mark.parametrize(
    ("toml", "message", "advice"),
    [
        (
            '[topics."ordres.*"]\nlevel = "FULL"\n[topics."orders.eu"]\nevents = ["Paid"]',
            "topics.ordres.*: no topic fits this pattern",
            "did you mean 'orders.eu'?",
        ),
        ('[topics."orders.*"]\nevents = ["Paid"]', "topics.orders.*: no topic fits", "there is no"),
        ('[topics."o*"]\nlevel = "FUL"', "topics.o*.level: unknown level 'FUL'", "did you mean"),
        ('[topics."o*"]\nkey = "long"\n[topics.o]', "topics.o.events: a topic without events", ""),
    ],
)
def test_topic_patterns_refused(toml: str, message: str, advice: str) -> None:
    with pytest.raises(UsageError) as refusal:
        subjects_of(toml, FILES)
    assert refusal.value.message.startswith(message)
    assert (refusal.value.advice or "").startswith(advice)
