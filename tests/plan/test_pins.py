"""References pinned to a registered version, in plans, checks, drift and what is registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from schemareg.commands.check import check_project
from schemareg.commands.drift import drift_of_project
from schemareg.commands.plan import apply_plan, plan_project
from schemareg.commands.register import register_project
from schemareg.errors import ContentError, SchemaregError, UsageError
from schemareg.plan.words import described
from schemareg.registry import RegistryClient
from schemareg.state.registry import read_registry
from schemareg.subjects import Subject, Version
from schemareg.workspace import Config, Project
from schemareg.workspace.subject_settings import SubjectSettings
from tests.commands.shop import (
    CONFIG,
    LINE_GROWN_WELL,
    MONEY_GROWN,
    MONEY_GROWN_WELL,
    shop,
    state_before,
)

MONEY = Subject("shop.Money")
LINE = Subject("shop.Line")
ORDERS = Subject("orders-value")
CARTS = Subject("carts-value")


def pinning(pins: Mapping[Subject, Mapping[str, int]]) -> Config:
    settings = tuple(
        (
            subject,
            SubjectSettings(references={name: Version(n) for name, n in versions.items()}),
        )
        for subject, versions in pins.items()
    )
    return replace(CONFIG, settings=settings)


def actions_of(project: Project, registry: RegistryClient) -> list[str]:
    state = read_registry(registry, "registry")
    _, plan = plan_project(project, state, registry="registry")
    return [f"{a.subject}: {described(a)}" for a in plan.actions]


ORDER_STAYS = pinning({ORDERS: {"shop.Money": 1}})
CART_STAYS = pinning({CARTS: {"shop.Line": 1}})


@pytest.mark.parametrize(
    ("change", "config", "actions"),
    [
        pytest.param(
            MONEY_GROWN_WELL,
            CONFIG,
            [
                "shop.Money: register version 2 (minor)",
                "shop.Line: register version 2 (minor)",
                "carts-value: register version 2 (minor)",
                "orders-value: register version 2 (minor)",
            ],
            id="nothing-pinned",
        ),
        pytest.param(
            MONEY_GROWN_WELL,
            ORDER_STAYS,
            [
                "shop.Money: register version 2 (minor)",
                "shop.Line: register version 2 (minor)",
                "carts-value: register version 2 (minor)",
            ],
            id="user",
        ),
        pytest.param(
            MONEY_GROWN_WELL,
            pinning({LINE: {"shop.Money": 1}, ORDERS: {"shop.Money": 1}}),
            ["shop.Money: register version 2 (minor)"],
            id="user-of-a-user",
        ),
        pytest.param(
            LINE_GROWN_WELL,
            CART_STAYS,
            ["shop.Line: register version 2 (minor)"],
            id="type-with-a-reference-of-its-own",
        ),
        pytest.param({}, ORDER_STAYS, [], id="pinned-to-what-is-latest"),
    ],
)
def test_pinned_user_stays_with_the_version(
    registry: RegistryClient, change: Mapping[str, str], config: Config, actions: list[str]
) -> None:
    project = shop(change, config)
    assert sorted(actions_of(project, registry)) == sorted(actions)
    state = read_registry(registry, "registry")
    _, plan = plan_project(project, state, registry="registry")
    done = apply_plan(plan, registry, name="registry", avro_version="1.12")
    assert all(a.is_new for a in done.applied)
    assert actions_of(project, registry) == []
    after = read_registry(registry, "registry")
    assert list(drift_of_project(project, after, None, registry="registry").findings) == []
    result = register_project(project, registry, name="registry")
    assert [r.subject for r in result.registrations if r.is_new] == []


def test_pin_that_moves_registers_the_reference_to_that_version(registry: RegistryClient) -> None:
    register_project(shop(MONEY_GROWN_WELL, ORDER_STAYS), registry, name="registry")
    assert registry.get_version(ORDERS, "latest").references[0].version == 1
    moved = pinning({ORDERS: {"shop.Money": 2}})
    project = shop(MONEY_GROWN_WELL, moved)
    assert actions_of(project, registry) == ["orders-value: register version 2 (minor)"]
    register_project(project, registry, name="registry")
    found = registry.get_version(ORDERS, "latest")
    assert (found.version, found.references[0].version) == (2, 2)


def test_check_judges_a_pinned_schema_with_the_pinned_version(registry: RegistryClient) -> None:
    state = read_registry(registry, "registry")
    verdicts = {
        config: {
            s.subject: s.verdict.value
            for s in check_project(shop(MONEY_GROWN, given), state).subjects
        }
        for config, given in (("free", CONFIG), ("pinned", ORDER_STAYS))
    }
    assert verdicts["free"][ORDERS] == "incompatible"
    assert verdicts["pinned"] == {
        MONEY: "incompatible",
        LINE: "incompatible",
        CARTS: "incompatible",
        ORDERS: "unchanged",
    }


def test_check_against_files_says_that_they_have_no_versions() -> None:
    result = check_project(shop(MONEY_GROWN_WELL, ORDER_STAYS), state_before({}))
    assert [(n.rule, n.element) for n in result.notes] == [("reference-not-pinned", ORDERS)]


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        pytest.param(
            pinning({ORDERS: {"shop.Money": 7}}),
            ContentError,
            "subjects.orders-value.references: the registry registry has no version 7 of"
            " 'shop.Money'; pin one of 1",
            id="version-that-is-not-there",
        ),
        pytest.param(
            pinning({ORDERS: {"shop.Mony": 1}}),
            UsageError,
            "subjects.orders-value.references: no schema there refers to 'shop.Mony';"
            " did you mean 'shop.Money'?",
            id="no-such-reference",
        ),
    ],
)
def test_pin_to_what_is_not_there_is_refused(
    registry: RegistryClient, config: Config, error: type[SchemaregError], message: str
) -> None:
    with pytest.raises(error) as caught:
        actions_of(shop({}, config), registry)
    assert str(caught.value).endswith(message)
