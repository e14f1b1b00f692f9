"""Plans: which actions a difference makes, how they are saved, refused, done and done again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schemareg.commands.managed import newest_numbers
from schemareg.commands.plan import PlanResult, apply_plan, plan_project
from schemareg.commands.register import register_project
from schemareg.errors import ContentError, ExitCode, RegistryError
from schemareg.plan import (
    Plan,
    PlanStaleError,
    RegisterVersion,
    SetLevel,
    load_plan,
    make_plan,
    save_plan,
)
from schemareg.plan.saved import after_deleted
from schemareg.registry import RegistryClient, connect
from schemareg.registry.api.state import RegistryState
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Subject, Version
from schemareg.workspace import Project
from tests.commands.shop import (
    CONFIG,
    FILES,
    LINE_GROWN,
    LINE_GROWN_WELL,
    MONEY_GROWN_WELL,
    record,
    shop,
    state_before,
)
from tests.support.listening import Listening

NO_LEVELS = replace(CONFIG, level=None)


def state_of(registry: RegistryClient, project: Project) -> RegistryState:
    return read_registry(registry, "registry", [s.subject for s in project.subjects])


def planned(registry: RegistryClient, project: Project) -> tuple[PlanResult, Plan]:
    return plan_project(project, state_of(registry, project), registry="registry")


def applied(registry: RegistryClient, plan: Plan) -> list[tuple[str, bool]]:
    result = apply_plan(plan, registry, name="registry", avro_version="1.12")
    return [(a.action.subject, a.is_new) for a in result.applied]


def content(registry: RegistryClient) -> dict[str, Any]:
    """Everything in the registry, in what matters: levels, texts, pinned references."""
    state = read_registry(registry, "registry")
    return {
        subject: (held.level, [(v.version, v.text, v.references) for v in held.versions])
        for subject, held in state.subjects.items()
    }


DIFFERENCES: list[Any] = [
    pytest.param({}, CONFIG, [], id="nothing"),
    pytest.param(
        {"Order.avsc": json.dumps(json.loads(FILES["Order.avsc"]), indent=8)},
        CONFIG,
        [],
        id="white-space",
    ),
    pytest.param({}, NO_LEVELS, [], id="no-levels-configured"),
    pytest.param(
        {},
        replace(CONFIG, subjects={Subject("shop.Money"): CompatibilityLevel.NONE}),
        [("set-level", "shop.Money", "FULL_TRANSITIVE", "NONE")],
        id="level",
    ),
    pytest.param(
        LINE_GROWN_WELL,
        CONFIG,
        [
            ("register", "shop.Line", 2, "minor", [("shop.Money", 1)]),
            ("register", "carts-value", 2, "minor", [("shop.Line", 2)]),
        ],
        id="type-and-its-user",
    ),
    pytest.param(
        MONEY_GROWN_WELL,
        CONFIG,
        [
            ("register", "shop.Money", 2, "minor", []),
            ("register", "shop.Line", 2, "minor", [("shop.Money", 2)]),
            ("register", "orders-value", 2, "minor", [("shop.Money", 2)]),
            ("register", "carts-value", 2, "minor", [("shop.Line", 2)]),
        ],
        id="type-and-all-its-users",
    ),
    pytest.param(
        {"Sku.avsc": record("Sku", code="string")},
        CONFIG,
        [
            ("set-level", "shop.Sku", "BACKWARD", "FULL_TRANSITIVE"),
            ("register", "shop.Sku", 1, None, []),
        ],
        id="new-subject-has-its-level-first",
    ),
]


@pytest.mark.parametrize(("change", "config", "actions"), DIFFERENCES)
def test_difference_makes_actions_and_none_after_they_are_done(
    registry: RegistryClient, change: Mapping[str, str], config: Any, actions: list[Any]
) -> None:
    project = shop(change, config)
    result, plan = planned(registry, project)
    assert [_row(action) for action in plan.actions] == actions
    assert result.exit_code() is ExitCode.YES
    expected = ExitCode.CHANGES_PENDING if actions else ExitCode.YES
    assert replace(result, detailed=True).exit_code() is expected
    assert [new for _, new in applied(registry, plan)] == [True] * len(actions)
    assert planned(registry, project)[1].actions == ()
    # the numbers that were expected are those that the registry gave
    for action in plan.actions:
        if isinstance(action, RegisterVersion):
            found = registry.get_version(action.subject, action.version)
            assert found.references == action.references


def _row(action: object) -> tuple[object, ...]:
    if isinstance(action, SetLevel):
        return ("set-level", action.subject, action.before, action.after)
    assert isinstance(action, RegisterVersion)
    references = [(r.subject, r.version) for r in action.references]
    return ("register", action.subject, action.version, action.impact, references)


def test_schema_that_is_an_older_version_is_no_action(registry: RegistryClient) -> None:
    """A registry returns the version that it has, and makes no new one."""
    register_project(shop(LINE_GROWN_WELL), registry, name="registry")
    assert planned(registry, shop({}))[1].actions == ()


def test_incompatible_change_makes_a_plan_that_cannot_be_applied(
    registry: RegistryClient,
) -> None:
    result, _ = planned(registry, shop(LINE_GROWN))
    assert result.exit_code() is ExitCode.NO
    text = render(result, Format.TEXT, Page())
    assert "INCOMPATIBLE shop.Line" in text
    assert "this plan cannot be applied" in text


def test_inverse_of_a_level_is_the_level_before() -> None:
    change = SetLevel(Subject("a"), CompatibilityLevel.NONE, CompatibilityLevel.FULL)
    back = change.inverse()
    assert back == SetLevel(Subject("a"), CompatibilityLevel.FULL, CompatibilityLevel.NONE)
    assert replace(change, before=None).inverse() is None


def test_plan_is_saved_and_read_again(registry: RegistryClient, tmp_path: Path) -> None:
    levels = {Subject("shop.Money"): CompatibilityLevel.NONE}
    _, plan = planned(registry, shop(MONEY_GROWN_WELL, replace(CONFIG, subjects=levels)))
    save_plan(plan, tmp_path / "plan.json")
    assert load_plan(tmp_path / "plan.json") == plan
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


CHANGED: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda plan: plan.update(format_version=9), "not a plan of format 2: format_version is 9"),
    (lambda plan: plan.update(digest="0"), "the plan was changed since it was made"),
    (lambda plan: plan["base"].pop(), "the plan was changed since it was made"),
    (lambda plan: plan["base"][0].update(versions=1), "'versions' is not a JSON object: 1"),
    (lambda plan: plan["actions"][0].update(action="drop"), "unknown action 'drop'"),
    (lambda plan: plan["actions"][-1].pop("schema"), "'schema' is not a string: None"),
    (lambda plan: plan.pop("actions"), "'actions' is not a JSON array: None"),
]


@pytest.mark.parametrize(("change", "message"), CHANGED)
def test_saved_plan_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    path = tmp_path / "plan.json"
    desired = state_before({"Line.avsc": record("Line", price="long")})
    plan, _ = make_plan(desired, RegistryState({}), registry="r", avro_version="1.12")
    save_plan(plan, path)
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(ContentError) as refusal:
        load_plan(path)
    assert message in str(refusal.value)
    assert refusal.value.exit_code is ExitCode.NO


MOVES: list[Any] = [
    pytest.param(
        lambda registry: registry.set_level(CompatibilityLevel.NONE, Subject("shop.Line")),
        "the level of shop.Line was FULL_TRANSITIVE and is NONE",
        id="level",
    ),
    pytest.param(
        lambda registry: (
            registry.set_level(CompatibilityLevel.NONE, Subject("orders-value")),
            registry.register(Subject("orders-value"), record("Order", other="int")),
            registry.set_level(CompatibilityLevel.FULL_TRANSITIVE, Subject("orders-value")),
        ),
        "orders-value has got version 2",
        id="version",
    ),
    pytest.param(
        lambda registry: registry.delete_subject(Subject("carts-value")),
        "carts-value has lost version 1",
        id="deleted",
    ),
]


@pytest.mark.parametrize(("move", "message"), MOVES)
def test_plan_of_a_registry_that_has_moved_is_refused(
    registry: RegistryClient, move: Callable[[RegistryClient], object], message: str
) -> None:
    _, plan = planned(registry, shop(MONEY_GROWN_WELL))
    move(registry)
    before = content(registry)
    with pytest.raises(PlanStaleError) as refusal:
        applied(registry, plan)
    assert message in str(refusal.value)
    assert refusal.value.exit_code is ExitCode.PLAN_STALE
    assert content(registry) == before


class KilledError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("happened", [False, True], ids=["before-it", "after-it"])
@pytest.mark.parametrize("at", range(9))
def test_plan_that_was_killed_at_any_write_is_done_by_the_next_run(
    listening: Listening, at: int, happened: bool
) -> None:
    """Four levels and four versions: eight writes; the ninth is none of them."""
    project = shop({})
    with listening.empty() as url, connect(url) as client:
        _, plan = planned(client, project)
        assert len(plan.actions) == 8
        killed = _KilledAt(client, at, happened=happened)
        if at < 8:
            with pytest.raises(KilledError):
                applied(killed, plan)  # type: ignore[arg-type]  # a client as far as it is used
        applied(client, plan)
        found = content(client)
        assert planned(client, project)[1].actions == ()
        assert [new for _, new in applied(client, plan)] == [False] * 8
    with listening.empty() as url, connect(url) as client:
        applied(client, planned(client, project)[1])
        assert content(client) == found


class _KilledAt:
    """A client whose write number `at` never returns; `happened`: it reached the registry."""

    def __init__(self, client: RegistryClient, at: int, *, happened: bool) -> None:
        self._client = client
        self._left = at
        self._happened = happened

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._client, name)
        if name not in ("register", "set_level"):
            return operation

        def write(*arguments: Any, **settings: Any) -> Any:
            if self._left == 0:
                if self._happened:
                    operation(*arguments, **settings)
                raise KilledError
            self._left -= 1
            return operation(*arguments, **settings)

        return write


def test_refusal_half_way_names_what_was_done(registry: RegistryClient) -> None:
    _, plan = planned(registry, shop(LINE_GROWN_WELL))
    last = plan.actions[-1]
    assert isinstance(last, RegisterVersion)
    broken = replace(plan, actions=(*plan.actions[:-1], replace(last, text='{"type":"x"}')))
    with pytest.raises(RegistryError) as refusal:
        applied(registry, broken)
    assert str(refusal.value).endswith(
        "done before that, and not undone: shop.Line: register version 2 (minor);"
        " apply the same plan again to do the rest"
    )


def test_versions_that_the_registry_holds_are_compared_by_what_they_refer_to() -> None:
    before = state_before({"Money.avsc": record("Money", amount="long")})
    plan, _ = make_plan(before, before, registry="r", avro_version="1.12")
    assert plan.actions == ()
    assert list(plan.base) == ["shop.Money"]
    assert [Version(v) for v in plan.base[Subject("shop.Money")].versions] == [1]


def test_numbers_after_deleted_versions(registry: RegistryClient) -> None:
    grown = shop(LINE_GROWN_WELL)
    applied(registry, planned(registry, grown)[1])
    for subject in ("carts-value", "shop.Line"):
        registry.delete_version(Subject(subject), Version(2))
    other = {"Line.avsc": record("Line", price="shop.Money", note=("string", ""))}
    _, plan = planned(registry, shop(other))
    numbers = newest_numbers(plan, registry)
    assert numbers == {"shop.Line": 2, "carts-value": 2}
    plan = after_deleted(plan, numbers)
    registered = [a for a in plan.actions if isinstance(a, RegisterVersion)]
    assert [(a.subject, a.version) for a in registered] == [
        ("shop.Line", 3),
        ("carts-value", 3),
    ]
    assert {r.version for a in registered for r in a.references if r.subject == "shop.Line"} == {3}
    done = apply_plan(plan, registry, name="registry", avro_version="1.12").applied
    assert [a.version for a in done] == [3, 3]
