"""The whole job stops before it registers what lint or check refuses, and says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import uuid4

import pytest

from schemareg.brokers import open_broker
from schemareg.brokers.broker import Broker
from schemareg.commands.register import register_project
from schemareg.commands.roundtrip import Extent
from schemareg.commands.verify import VerifyResult, verify_project
from schemareg.errors import ExitCode
from schemareg.registry import RegistryClient, connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.subjects import CompatibilityLevel, Subject
from tests.commands.shop import CONFIG, FILES, MONEY_GROWN, MONEY_GROWN_WELL, record, shop

TWICE = {"Order.avsc": FILES["Order.avsc"].replace('"fields"', '"doc": "a", "doc": "b", "fields"')}
BROKEN = {"Order.avsc": "{"}
IN_MILLIS = {
    "Money.avsc": record("Money", amount={"type": "long", "logicalType": "timestamp-millis"})
}


@pytest.fixture
def registry() -> Iterator[RegistryClient]:
    """A registry that holds the shop as it is."""
    with EmbeddedRegistry() as server, connect(server.url) as client:
        register_project(shop({}), client, name="embedded")
        yield client


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with open_broker("embedded") as entered:
        yield entered


def verified(change: Mapping[str, str], registry: RegistryClient, broker: Broker) -> VerifyResult:
    return verify_project(
        shop(change),
        CONFIG,
        registry,
        broker,
        registry_name="embedded",
        run=f"tests-{uuid4()}",
        seconds=lambda: 0.0,
        extent=Extent(events=1),
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(TWICE, "duplicate-json-key", id="lint"),
        pytest.param(BROKEN, "json-syntax", id="no-schema"),
        pytest.param(MONEY_GROWN, "INCOMPATIBLE shop.Money", id="check"),
    ],
)
def test_nothing_is_registered_when_a_step_says_no(
    registry: RegistryClient, broker: Broker, change: Mapping[str, str], words: str
) -> None:
    before = {s: registry.get_versions(s) for s in registry.get_subjects()}
    result = verified(change, registry, broker)
    assert (result.register, result.roundtrip, result.exit_code()) == (None, None, ExitCode.NO)
    assert {s: registry.get_versions(s) for s in registry.get_subjects()} == before
    told = render(result, Format.TEXT, Page())
    assert words in told
    assert "nothing was registered or sent: first fix what is listed above" in told


def test_a_changed_type_goes_through_with_its_users(
    registry: RegistryClient, broker: Broker
) -> None:
    result = verified(MONEY_GROWN_WELL, registry, broker)
    assert result.exit_code() is ExitCode.YES
    told = render(result, Format.TEXT, Page())
    assert told.count("registered as version 2, id ") == 4
    assert "all as promised" in told


def test_what_can_still_go_wrong_is_told_once(registry: RegistryClient, broker: Broker) -> None:
    result = verified(IN_MILLIS, registry, broker)
    told = render(result, Format.TEXT, Page())
    assert told.count("warning logical-type") == 1
    assert "4 subjects against the embedded registry: 4 compatible" in told


def test_unchanged_subjects_are_counted_and_listed_only_with_verbose(
    registry: RegistryClient, broker: Broker
) -> None:
    result = verified({}, registry, broker)
    quiet = render(result, Format.TEXT, Page())
    assert quiet.startswith("4 subjects unchanged (--verbose lists them)\n")
    assert "orders-value  FULL_TRANSITIVE" not in quiet
    assert "orders-value  FULL_TRANSITIVE" in render(result, Format.TEXT, Page(verbose=True))


def test_levels_that_were_set_are_listed(registry: RegistryClient, broker: Broker) -> None:
    registry.set_level(CompatibilityLevel.NONE, Subject("shop.Line"))
    text = render(verified({}, registry, broker), Format.TEXT, Page())
    assert "level of shop.Line: NONE → FULL_TRANSITIVE\n" in text
