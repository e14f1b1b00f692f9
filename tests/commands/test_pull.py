"""Pulling from a registry that other teams use, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.commands.check import check_project
from schemareg.commands.pull import pull
from schemareg.commands.register import register_project
from schemareg.errors import UsageError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.state import RegistryBase
from schemareg.subjects import Subject
from schemareg.workspace import Config
from tests.commands.shop import CONFIG, shop

OURS = {"shop.Money", "shop.Line", "orders-value", "carts-value"}


@pytest.fixture
def registry() -> Iterator[RegistryClient]:
    """A registry that holds the shop, and something of another team."""
    with EmbeddedRegistry() as server, connect(server.url) as client:
        register_project(shop({}), client, name="embedded")
        client.register(Subject("billing-value"), '"string"')
        yield client


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return replace(CONFIG, cwd=tmp_path, snapshot=tmp_path / "registered")


def folders(config: Config) -> set[str]:
    return {path.name for path in config.snapshot.iterdir()}


def test_a_project_takes_its_own_subjects(registry: RegistryClient, config: Config) -> None:
    base = RegistryBase(registry, "embedded", config)
    assert pull(base, config, shop({}, config)).changed != ()
    assert folders(config) == OURS
    assert pull(base, config, shop({}, config)).changed == ()


def test_a_project_takes_what_its_subjects_refer_to(
    registry: RegistryClient, config: Config
) -> None:
    """The files of the shared types are somebody else's."""
    part = replace(shop({}, config), subjects=shop({}, config).subjects[-1:])
    pull(RegistryBase(registry, "embedded", config), config, part)
    assert folders(config) == {"carts-value", "shop.Line", "shop.Money"}


def test_everything_is_taken_without_a_project(registry: RegistryClient, config: Config) -> None:
    pull(RegistryBase(registry, "embedded", config), config, None)
    assert folders(config) == {*OURS, "billing-value"}


def test_a_subject_of_the_snapshot_stays_until_the_registry_loses_it(
    registry: RegistryClient, config: Config
) -> None:
    pull(RegistryBase(registry, "embedded", config), config, None)
    pull(RegistryBase(registry, "embedded", config), config, shop({}, config))
    assert "billing-value" in folders(config)
    registry.delete_subject(Subject("billing-value"))
    pull(RegistryBase(registry, "embedded", config), config, shop({}, config))
    assert folders(config) == OURS


def test_a_registry_without_our_subjects_empties_no_snapshot(
    registry: RegistryClient, config: Config
) -> None:
    pull(RegistryBase(registry, "embedded", config), config, shop({}, config))
    with EmbeddedRegistry() as other, connect(other.url) as empty:
        base = RegistryBase(empty, "http://other", config)
        with pytest.raises(UsageError, match="holds no subject of this project"):
            pull(base, config, shop({}, config))
    assert folders(config) == OURS


def test_subjects_of_others_are_not_missing_here(registry: RegistryClient, config: Config) -> None:
    base = RegistryBase(registry, "embedded", config)
    pull(base, config, shop({}, config))
    register_project(shop({}), registry, name="embedded")
    rest = replace(shop({}, config), subjects=shop({}, config).subjects[:-1])
    assert check_project(rest, base).missing == ("carts-value",)
