"""Which action waits for which: the registry refuses whatever comes before its turn."""

from __future__ import annotations

import pytest

from schemareg.plan.actions import Action, PermanentDelete, RegisterVersion, SoftDelete
from schemareg.plan.order import dependencies
from schemareg.registry.api.state import StoredVersion
from schemareg.subjects import Reference, Subject, Version

CART, LINE, MONEY = Subject("cart"), Subject("Line"), Subject("Money")


def uses(*subjects: Subject) -> tuple[Reference, ...]:
    return tuple(Reference(subject, subject, Version(1)) for subject in subjects)


def soft(subject: Subject, *used: Subject) -> SoftDelete:
    return SoftDelete(subject, (StoredVersion(Version(1), '"string"', uses(*used)),))


def new(subject: Subject, *used: Subject) -> RegisterVersion:
    return RegisterVersion(subject, Version(1), '"string"', uses(*used), "digest")


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        pytest.param([new(LINE), new(MONEY)], [set(), set()], id="nothing-in-common"),
        pytest.param([new(LINE), new(CART, LINE)], [set(), {0}], id="new-user"),
        pytest.param([soft(CART, LINE), soft(LINE)], [set(), {0}], id="soft-deleted-user"),
        pytest.param(
            [soft(CART, LINE), PermanentDelete(CART), soft(LINE), PermanentDelete(LINE)],
            [set(), {0}, {0}, {0, 1, 2}],
            id="a-user-refers-until-it-is-deleted-for-ever",
        ),
        pytest.param(
            [PermanentDelete(CART), PermanentDelete(LINE)],
            [set(), {0}],
            id="users-that-were-soft-deleted-before-the-plan",
        ),
    ],
)
def test_action_waits_for(actions: list[Action], expected: list[set[int]]) -> None:
    assert dependencies(actions) == expected
