"""Registering a project: versions of shared types, of their users, and what a stop leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from schemareg.commands.register import register_project
from schemareg.errors import IncompatibleSchemaError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.subjects import CompatibilityLevel, Subject, Version
from tests.commands.shop import LINE_GROWN, LINE_GROWN_WELL, MONEY_GROWN_WELL, record, shop


@pytest.fixture
def registry() -> Iterator[RegistryClient]:
    """A registry that holds the shop as it is."""
    with EmbeddedRegistry() as server, connect(server.url) as client:
        register_project(shop({}), client, name="embedded")
        yield client


def pinned(registry: RegistryClient, subject: str, version: int) -> dict[str, int]:
    """Which versions the version refers to."""
    found = registry.get_version(Subject(subject), Version(version))
    return {str(r.subject): int(r.version) for r in found.references}


@pytest.mark.parametrize(
    ("change", "new", "references"),
    [
        pytest.param({}, [], {}, id="nothing"),
        pytest.param(
            MONEY_GROWN_WELL,
            ["shop.Money", "shop.Line", "orders-value", "carts-value"],
            {
                "shop.Line": {"shop.Money": 2},
                "orders-value": {"shop.Money": 2},
                "carts-value": {"shop.Line": 2},
            },
            id="a-type-and-all-its-users",
        ),
        pytest.param(
            LINE_GROWN_WELL,
            ["shop.Line", "carts-value"],
            {"shop.Line": {"shop.Money": 1}, "carts-value": {"shop.Line": 2}},
            id="only-those-that-use-it",
        ),
        pytest.param(
            {
                "Order.avsc": record(
                    "Order", total=(["null", "shop.Money"], None), id=("string", "")
                )
            },
            ["orders-value"],
            {"orders-value": {"shop.Money": 1}},
            id="an-event-alone",
        ),
    ],
)
def test_users_of_a_changed_type_get_a_version_that_refers_to_it(
    registry: RegistryClient,
    change: Mapping[str, str],
    new: list[str],
    references: Mapping[str, Mapping[str, int]],
) -> None:
    result = register_project(shop(change), registry, name="embedded")
    assert [r.subject for r in result.registrations if r.is_new] == new
    assert {s: pinned(registry, s, 2) for s in references} == references
    again = register_project(shop(change), registry, name="embedded")
    assert [r.subject for r in again.registrations if r.is_new] == []
    assert [(r.version, r.id) for r in again.registrations] == [
        (r.version, r.id) for r in result.registrations
    ]


def test_a_refusal_half_way_reports_what_stays(registry: RegistryClient) -> None:
    """Somebody else made the levels stricter between the check and this."""
    for subject in ("carts-value", "shop.Line"):
        strict = subject == "carts-value"
        level = CompatibilityLevel.FULL if strict else CompatibilityLevel.NONE
        registry.set_level(level, Subject(subject))
    with pytest.raises(IncompatibleSchemaError) as refusal:
        register_project(shop(LINE_GROWN), registry, name="embedded", with_levels=False)
    assert str(refusal.value).endswith("done before that, and not undone: shop.Line version 2")
