"""Pulling from a registry that other teams use, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.commands.check import check_project
from schemareg.commands.pull import PullResult
from schemareg.commands.pull import pull as pull_state
from schemareg.commands.register import register_project
from schemareg.errors import UsageError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.state import subjects_of_interest
from schemareg.state.bundle import read_bundle
from schemareg.state.registry import read_registry
from schemareg.subjects import Subject
from schemareg.workspace import Config, Project
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


def pull(
    registry: RegistryClient, config: Config, project: Project | None, *, prune: bool = False
) -> PullResult:
    """What the command does: of what the registry shows, the project's own subjects."""
    shown = registry.get_subjects()
    if project is not None:
        shown = tuple(s for s in subjects_of_interest(project, config) if s in shown)
    return pull_state(read_registry(registry, "embedded", shown), config, prune=prune)


def folders(config: Config) -> set[str]:
    return {path.name for path in config.snapshot.iterdir()}


def test_a_project_takes_its_own_subjects(registry: RegistryClient, config: Config) -> None:
    assert pull(registry, config, shop({}, config)).changed != ()
    assert folders(config) == OURS
    assert pull(registry, config, shop({}, config)).changed == ()


def test_a_project_takes_what_its_subjects_refer_to(
    registry: RegistryClient, config: Config
) -> None:
    """The files of the shared types are somebody else's."""
    part = replace(shop({}, config), subjects=shop({}, config).subjects[-1:])
    pull(registry, config, part)
    assert folders(config) == {"carts-value", "shop.Line", "shop.Money"}


def test_everything_is_taken_without_a_project(registry: RegistryClient, config: Config) -> None:
    pull(registry, config, None)
    assert folders(config) == {*OURS, "billing-value"}


def test_a_subject_of_the_snapshot_stays_until_it_is_pruned(
    registry: RegistryClient, config: Config
) -> None:
    pull(registry, config, None)
    assert pull(registry, config, shop({}, config)).kept == ()
    assert "billing-value" in folders(config)
    registry.delete_subject(Subject("billing-value"))
    result = pull(registry, config, shop({}, config))
    assert result.kept == ("billing-value",)
    assert [(f.rule, f.severity, f.element) for f in result.annotations()] == [
        ("subject-not-in-registry", "warning", "billing-value")
    ]
    assert "billing-value" in folders(config)
    assert pull(registry, config, shop({}, config), prune=True).kept == ()
    assert folders(config) == OURS


def test_a_subject_of_a_bundle_stays_until_it_is_pruned(
    registry: RegistryClient, config: Config
) -> None:
    bundle = config.cwd / "bundle.json"

    def pulled(*, prune: bool = False) -> tuple[PullResult, set[str]]:
        state = read_registry(registry, "embedded", registry.get_subjects())
        result = pull_state(state, config, prune=prune, bundle=bundle)
        return result, set(read_bundle(bundle, "bundle.json").subjects)

    assert pulled()[1] == {*OURS, "billing-value"}
    registry.delete_subject(Subject("billing-value"))
    result, subjects = pulled()
    assert (result.kept, subjects) == (("billing-value",), {*OURS, "billing-value"})
    assert [f.message for f in result.annotations()] == [
        "the embedded registry does not hold billing-value, or does not show it to you: what"
        " bundle.json has of it is unchanged"
    ]
    result, subjects = pulled(prune=True)
    assert (result.kept, subjects) == ((), OURS)


def test_a_registry_without_our_subjects_empties_no_snapshot(
    registry: RegistryClient, config: Config
) -> None:
    pull(registry, config, shop({}, config))
    with (
        EmbeddedRegistry() as other,
        connect(other.url) as empty,
        pytest.raises(UsageError, match="holds no Avro subject of this project"),
    ):
        pull(empty, config, shop({}, config))
    assert folders(config) == OURS


def test_subjects_of_others_are_not_missing_here(registry: RegistryClient, config: Config) -> None:
    pull(registry, config, shop({}, config))
    register_project(shop({}), registry, name="embedded")
    rest = replace(shop({}, config), subjects=shop({}, config).subjects[:-1])
    state = read_registry(registry, "embedded", subjects_of_interest(rest, config))
    assert check_project(rest, state).missing == ("carts-value",)
