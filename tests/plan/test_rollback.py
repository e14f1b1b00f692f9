"""Rollback: what was applied is undone as far as a registry permits, and the rest is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from schemareg.commands.plan import apply_plan, plan_project
from schemareg.commands.register import register_project
from schemareg.commands.rollback import RollbackResult, rollback_plan
from schemareg.errors import ExitCode
from schemareg.plan import Plan, load_plan, save_plan
from schemareg.plan.apply import read_base
from schemareg.plan.words import described
from schemareg.registry import RegistryClient, connect
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Subject
from schemareg.workspace import Config
from tests.commands.shop import CONFIG, FILES, LINE_GROWN_WELL, MONEY_GROWN_WELL, record, shop
from tests.support.listening import Listening

MONEY = Subject("shop.Money")
BACKWARD = replace(CONFIG, level=CompatibilityLevel.BACKWARD)


def applied(registry: RegistryClient, change: Mapping[str, str], config: Config = CONFIG) -> Plan:
    project = shop(change, config)
    state = read_registry(registry, "registry", [s.subject for s in project.subjects])
    _, plan = plan_project(project, state, registry="registry")
    do(registry, plan)
    return plan


def do(registry: RegistryClient, plan: Plan) -> list[bool]:
    result = apply_plan(plan, registry, name="registry", avro_version="1.12")
    return [a.is_new for a in result.applied]


def undone(registry: RegistryClient, plan: Plan) -> tuple[RollbackResult, Plan]:
    state = read_base(plan, registry, "registry")
    return rollback_plan(plan, state, avro_version="1.12")


def texts(registry: RegistryClient, subject: str) -> list[object]:
    name = Subject(subject)
    return [registry.get_version(name, v).text for v in registry.get_versions(name)]


def test_level_and_versions_are_as_before(registry: RegistryClient, tmp_path: Path) -> None:
    levels = {MONEY: CompatibilityLevel.FULL}
    plan = applied(registry, MONEY_GROWN_WELL, replace(CONFIG, subjects=levels))
    save_plan(plan, tmp_path / "plan.json")
    result, undo = undone(registry, load_plan(tmp_path / "plan.json"))
    assert result.exit_code() is ExitCode.YES
    assert sorted(f"{a.subject}: {described(a)}" for a in undo.actions) == [
        "carts-value: register version 3, again (minor)",
        "orders-value: register version 3, again (minor)",
        "shop.Line: register version 3, again (minor)",
        "shop.Money: level FULL → FULL_TRANSITIVE",
        "shop.Money: register version 3, again (minor)",
    ]
    assert {r.why for r in result.remainders} == {
        "the version itself stays, because events of it may be anywhere"
    }
    assert len(do(registry, undo)) == 5
    assert do(registry, undo) == [False] * 5
    for subject in ("shop.Money", "shop.Line", "orders-value", "carts-value"):
        first, _, third = texts(registry, subject)
        assert third == first
    assert registry.get_level(MONEY) is CompatibilityLevel.FULL_TRANSITIVE
    project = shop({})
    state = read_registry(registry, "registry", [s.subject for s in project.subjects])
    assert plan_project(project, state, registry="registry")[1].actions == ()
    assert undone(registry, plan)[1].actions == ()


def test_first_versions_stay_and_are_named(listening: Listening) -> None:
    with listening.empty() as url, connect(url) as client:
        plan = applied(client, {})
        result, undo = undone(client, plan)
        # levels were inherited before, so each is removed again
        assert [a.kind for a in undo.actions] == ["clear-level"] * 4
        assert {r.why for r in result.remainders} == {
            "it is the first version, and events of it may be anywhere"
        }
        text = render(result, Format.TEXT, Page())
        assert text.endswith("4 actions to undo it in registry\n")
        assert "not undone: register version 1 of carts-value, orders-value, shop.Line," in text


def test_what_others_changed_since_stays(registry: RegistryClient) -> None:
    plan = applied(registry, LINE_GROWN_WELL)
    applied(registry, {"Line.avsc": record("Line", price="shop.Money", sku=("string", "x"))})
    result, undo = undone(registry, plan)
    assert undo.actions == ()
    assert sorted((r.action.subject, r.why) for r in result.remainders) == [
        ("carts-value", "version 3 was registered since"),
        ("shop.Line", "version 3 was registered since"),
    ]


def test_rollback_that_a_level_forbids_is_refused(listening: Listening) -> None:
    """Under BACKWARD a field may go, and then the former schema cannot read what is written."""
    with listening.empty() as url, connect(url) as client:
        register_project(
            shop({"Money.avsc": record("Money", amount="long", unit="string")}, BACKWARD),
            client,
            name="registry",
        )
        plan = applied(client, {"Money.avsc": FILES["Money.avsc"]}, BACKWARD)
        result, _ = undone(client, plan)
        assert result.exit_code() is ExitCode.NO
        money = next(f for f in result.findings if f.element == "shop.Money")
        assert money.message.startswith("BACKWARD forbids the former schema after v2: ")
        assert "this plan cannot be applied" in render(result, Format.TEXT, Page())


def test_plan_that_was_never_applied_has_nothing_to_undo(registry: RegistryClient) -> None:
    project = shop(LINE_GROWN_WELL)
    state = read_registry(registry, "registry", [s.subject for s in project.subjects])
    _, plan = plan_project(project, state, registry="registry")
    result, undo = undone(registry, plan)
    assert (undo.actions, result.remainders) == ((), ())
    assert render(result, Format.TEXT, Page()) == "nothing to undo in registry\n"
