"""Actions on settings and deletions: planned once, done, and undone by their inverses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schemareg.commands.managed import Managed, read_managed
from schemareg.commands.plan import apply_plan, plan_project
from schemareg.errors import RegistryError, UsageError
from schemareg.plan import Plan, load_plan, make_plan, save_plan
from schemareg.plan.words import described, not_undone
from schemareg.registry import RegistryClient
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.types import Config as RegistryConfig
from schemareg.registry.api.types import ConfigChange
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Deletion, Metadata, Mode, Subject
from schemareg.workspace import Config, Project
from schemareg.workspace.subject_settings import SubjectSettings
from tests.commands.shop import CONFIG, FILES, LINE_GROWN_WELL, MONEY_GROWN_WELL, record, shop

MONEY = Subject("shop.Money")
ORDERS = Subject("orders-value")
OWNER = Metadata(properties={"owner": "till"}, tags={"shop.Money.amount": ("PII",)})
RULES: Mapping[str, object] = {
    "domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "1"}]
}


@pytest.fixture
def registry(registry: RegistryClient) -> RegistryClient:
    """The shop's registry, with a tenant's subject beside."""
    registry.register(Subject("tenant-value"), '"string"')
    return registry


def configured(**settings: SubjectSettings) -> Config:
    names = tuple((name.replace("_", "-"), value) for name, value in settings.items())
    return replace(CONFIG, settings=(("shop.Money", names[0][1]),) if names else ())


def managed(project: Project, config: Config, registry: RegistryClient, **options: Any) -> Managed:
    return read_managed(project, config, registry, "registry", **options)


def planned(
    project: Project, config: Config, registry: RegistryClient, deletion: Deletion = Deletion.NONE
) -> Plan:
    found = managed(project, config, registry, deletion=deletion)
    _, plan = plan_project(project, found.state, registry="registry", options=found.options)
    return plan


def do(plan: Plan, registry: RegistryClient) -> list[str]:
    result = apply_plan(plan, registry, name="registry", avro_version="1.12")
    assert [a.note for a in result.applied if a.note] == []
    return [f"{a.action.subject}: {described(a.action)}" for a in result.applied if a.is_new]


def everything(registry: RegistryClient) -> object:
    state = read_registry(registry, "registry", with_modes=True)
    return {s: (h.level, h.mode, h.config, h.versions) for s, h in state.subjects.items()}


SETTINGS: list[Any] = [
    pytest.param(
        SubjectSettings(inherits_level=True),
        ["shop.Money: own level FULL_TRANSITIVE removed → BACKWARD"],
        id="clear-level",
    ),
    pytest.param(
        SubjectSettings(mode=Mode.READONLY),
        ["shop.Money: mode inherited → READONLY"],
        id="mode",
    ),
    pytest.param(SubjectSettings(mode=Mode.READWRITE), [], id="mode-that-is-the-default"),
    pytest.param(
        SubjectSettings(normalize=True),
        ["shop.Money: normalize unset → true"],
        id="normalization",
    ),
]


@pytest.mark.parametrize(("settings", "actions"), SETTINGS)
def test_setting_is_one_action_and_its_inverse_restores_it(
    registry: RegistryClient, tmp_path: Path, settings: SubjectSettings, actions: list[str]
) -> None:
    config = configured(money=settings)
    project = shop({}, config)
    before = everything(registry)
    plan = planned(project, config, registry)
    save_plan(plan, tmp_path / "plan.json")
    assert load_plan(tmp_path / "plan.json") == plan
    assert [f"{a.subject}: {described(a)}" for a in plan.actions] == actions
    assert [not_undone(action) for action in plan.actions] == [""] * len(actions)
    assert do(plan, registry) == actions
    assert planned(project, config, registry).actions == ()
    assert do(plan, registry) == []
    back = tuple(inverse for a in plan.actions if (inverse := a.inverse()) is not None)
    now = managed(project, config, registry).state
    base = make_plan(now, now, registry="registry", avro_version="1.12")[0].base
    do(Plan("registry", base, back), registry)
    assert everything(registry) == before


def test_metadata_is_a_new_version_once(registry: RegistryClient) -> None:
    config = configured(money=SubjectSettings(metadata=OWNER))
    project = shop({}, config)
    plan = planned(project, config, registry)
    assert (plan.actions[0].kind, plan.actions[0].subject) == ("register", "shop.Money")
    do(plan, registry)
    assert planned(project, config, registry).actions == ()
    assert registry.get_version(MONEY, "latest").metadata == OWNER


def test_rules_that_a_registry_drops_are_reported(registry: RegistryClient) -> None:
    config = configured(money=SubjectSettings(rule_set=RULES))
    plan = planned(shop({}, config), config, registry)
    result = apply_plan(plan, registry, name="registry", avro_version="1.12")
    assert [a.note for a in result.applied if a.note] == ["the registry did not keep the rule set"]


def test_alias_is_a_name_for_a_subject(registry: RegistryClient) -> None:
    alias = ("old-money", SubjectSettings(alias="shop.Money"))
    config = replace(CONFIG, settings=(alias,))
    project = shop({}, config)
    plan = planned(project, config, registry)
    assert do(plan, registry) == ["old-money: alias unset → shop.Money"]
    assert planned(project, config, registry).actions == ()
    assert registry.get_version(Subject("old-money"), "latest").subject == "shop.Money"
    (inverse,) = [action.inverse() for action in plan.actions]
    assert inverse is not None
    do(Plan("registry", plan.base, (*plan.actions, inverse)), registry)
    with pytest.raises(RegistryError):
        registry.get_version(Subject("old-money"), "latest")


def test_alias_of_a_subject_with_a_schema_is_refused() -> None:
    alias = ("shop.Money", SubjectSettings(alias="old-money"))
    with pytest.raises(UsageError, match="an alias is the name of no schema of its own"):
        shop({}, replace(CONFIG, settings=(alias,)))


def test_metadata_that_a_configuration_overrides_is_no_phantom_difference(
    registry: RegistryClient,
) -> None:
    override = Metadata(properties={"owner": "head office"})
    registry.set_config(ConfigChange(override_metadata=override), MONEY)
    config = configured(money=SubjectSettings(metadata=OWNER))
    project = shop({}, config)
    assert do(planned(project, config, registry), registry) != []
    assert planned(project, config, registry).actions == ()


def test_level_beside_other_settings_becomes_that_above(registry: RegistryClient) -> None:
    registry.set_config(ConfigChange(normalize=True), MONEY)
    registry.set_level(CompatibilityLevel.FULL)
    config = configured(money=SubjectSettings(inherits_level=True))
    do(planned(shop({}, config), config, registry), registry)
    assert planned(shop({}, config), config, registry).actions == ()
    held = read_registry(registry, "registry").subjects[MONEY]
    full = CompatibilityLevel.FULL
    assert (held.level, held.config) == (full, RegistryConfig(full, normalize=True))


def test_setting_a_member_keeps_the_level_that_was_inherited(registry: RegistryClient) -> None:
    """A configuration without a level would mean BACKWARD, whatever is above it."""
    registry.delete_config(MONEY)
    registry.set_level(CompatibilityLevel.FULL)
    config = replace(configured(money=SubjectSettings(normalize=True)), level=None)
    plan = planned(shop({}, config), config, registry)
    do(plan, registry)
    assert registry.get_level(MONEY) is CompatibilityLevel.FULL
    assert do(plan, registry) == []
    inverses = tuple(i for a in plan.actions if (i := a.inverse()))
    do(Plan("registry", plan.base, (*plan.actions, *inverses)), registry)
    assert registry.get_level(MONEY) is CompatibilityLevel.FULL


def test_check_goes_by_the_level_that_will_be_inherited(registry: RegistryClient) -> None:
    registry.set_level(CompatibilityLevel.FULL)
    registry.set_level(CompatibilityLevel.NONE, MONEY)
    config = configured(money=SubjectSettings(inherits_level=True))
    project = shop({"Money.avsc": record("Money", amount="string")}, config)
    found = managed(project, config, registry)
    result, _ = plan_project(project, found.state, registry="registry", options=found.options)
    assert result.exit_code() == 1


def without_cart(config: Config) -> Project:
    texts = {p: t for p, t in FILES.items() if p not in ("Cart.avsc", "Line.avsc")}
    from schemareg.workspace import build_project

    return build_project([(p, t.encode()) for p, t in texts.items()], config)


NO_CART = replace(CONFIG, topics=CONFIG.topics[:1], managed=("shop.*", "orders-*", "carts-*"))


@pytest.mark.parametrize(
    ("deletion", "actions"),
    [
        (Deletion.NONE, []),
        (
            Deletion.SOFT,
            ["carts-value: soft-delete 1 version", "shop.Line: soft-delete 1 version"],
        ),
        (
            Deletion.PERMANENT,
            [
                "carts-value: soft-delete 1 version",
                "carts-value: delete permanently",
                "shop.Line: soft-delete 1 version",
                "shop.Line: delete permanently",
            ],
        ),
    ],
)
def test_only_managed_subjects_are_deleted_and_only_on_request(
    registry: RegistryClient, deletion: Deletion, actions: list[str]
) -> None:
    project = without_cart(NO_CART)
    plan = planned(project, NO_CART, registry, deletion)
    assert [f"{a.subject}: {described(a)}" for a in plan.actions] == actions
    assert do(plan, registry) == actions
    assert do(plan, registry) == []
    assert planned(project, NO_CART, registry, deletion).actions == ()
    assert Subject("tenant-value") in registry.get_subjects()
    gone = [s for s in ("carts-value", "shop.Line") if s not in registry.get_subjects()]
    assert bool(gone) is (deletion is not Deletion.NONE)


def test_subject_that_another_refers_to_is_not_deleted(registry: RegistryClient) -> None:
    config = replace(NO_CART, managed=("shop.*", "orders-*"))  # the carts belong to somebody else
    project = without_cart(config)
    found = managed(project, config, registry, deletion=Deletion.SOFT)
    everything_there = read_registry(registry, "registry")
    state = replace(found.state, subjects=everything_there.subjects)
    result, plan = plan_project(project, state, registry="registry", options=found.options)
    assert plan.actions == ()
    assert [(k.subject, k.users) for k in result.kept] == [("shop.Line", ("carts-value",))]


def test_deletion_without_managed_patterns_is_refused(registry: RegistryClient) -> None:
    config = replace(NO_CART, managed=())
    with pytest.raises(UsageError, match="deleting needs to know which subjects"):
        managed(without_cart(config), config, registry, deletion=Deletion.SOFT)


def test_project_with_a_subject_that_is_not_managed_is_refused(registry: RegistryClient) -> None:
    config = replace(CONFIG, managed=("orders-*",))
    with pytest.raises(UsageError, match="which managed leaves out: orders-"):
        managed(shop({}), config, registry)


def test_other_tenants_are_not_read(registry: RegistryClient) -> None:
    found = managed(shop(LINE_GROWN_WELL), CONFIG, registry)
    assert Subject("tenant-value") not in found.state.subjects
    assert isinstance(found.state, RegistryState)


def test_level_is_set_before_a_mode_that_forbids_writing(registry: RegistryClient) -> None:
    settings = SubjectSettings(mode=Mode.READONLY)
    config = replace(configured(money=settings), subjects={MONEY: CompatibilityLevel.NONE})
    project = shop(MONEY_GROWN_WELL, config)
    plan = planned(project, config, registry)
    kinds = [a.kind for a in plan.actions if a.subject == MONEY]
    assert kinds == ["set-level", "register", "set-mode"]
    do(plan, registry)
    assert planned(project, config, registry).actions == ()
