"""Promotion between two servers: what is missing, in order, with the same content, resumable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.commands.plan import apply_plan
from schemareg.commands.promote import PromoteResult, ids_taken, promote_states
from schemareg.commands.register import register_project
from schemareg.errors import ExitCode
from schemareg.plan import Plan, load_plan, save_plan
from schemareg.plan.actions import SetMode
from schemareg.registry import RegistryClient, connect
from schemareg.registry.api.types import Mode
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Subject, Version
from tests.commands.shop import LINE_GROWN_WELL, MONEY_GROWN_WELL, shop
from tests.plan.test_kill import KilledError, Killing
from tests.support.listening import Listening

MONEY = Subject("shop.Money")


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Listening, Listening]]:
    with Listening() as one, Listening() as other:
        yield one, other


@pytest.fixture
def source(servers: tuple[Listening, Listening]) -> Iterator[RegistryClient]:
    """The shop as it grew, with numbers and ids that a new registry would not give."""
    with servers[0].empty() as url, connect(url) as client:
        client.register(Subject("early"), '"string"')
        for change in ({}, MONEY_GROWN_WELL, {**MONEY_GROWN_WELL, **LINE_GROWN_WELL}):
            register_project(shop(change), client, name="source")
        client.delete_subject(Subject("early"))
        client.delete_subject(Subject("early"), permanent=True)
        yield client


@pytest.fixture
def target(servers: tuple[Listening, Listening]) -> Iterator[RegistryClient]:
    with servers[1].empty() as url, connect(url) as client:
        yield client


def promoted(
    source: RegistryClient, target: RegistryClient, *, keep_ids: bool = False
) -> tuple[PromoteResult, Plan]:
    held = read_registry(source, "source")
    state = read_registry(target, "target", held.subjects, with_modes=keep_ids)
    return promote_states(
        held,
        state,
        source_name="source",
        target_name="target",
        avro_version="1.12",
        keep_ids=keep_ids,
        taken_ids=ids_taken(held, state, target) if keep_ids else None,
    )


def do(target: RegistryClient, plan: Plan) -> list[bool]:
    result = apply_plan(plan, target, name="target", avro_version="1.12")
    return [a.is_new for a in result.applied]


def ids(registry: RegistryClient) -> dict[str, list[tuple[int, int | None]]]:
    state = read_registry(registry, "r")
    return {s: [(v.version, v.id) for v in h.versions] for s, h in state.subjects.items()}


def contents(registry: RegistryClient) -> object:
    state = read_registry(registry, "r")
    return {
        s: (h.level, [(v.version, v.text, v.references, v.guid) for v in h.versions])
        for s, h in state.subjects.items()
    }


def test_missing_versions_are_registered_in_order(
    source: RegistryClient, target: RegistryClient, tmp_path: Path
) -> None:
    result, plan = promoted(source, target)
    assert result.exit_code() is ExitCode.YES
    save_plan(plan, tmp_path / "plan.json")
    assert load_plan(tmp_path / "plan.json") == plan
    do(target, plan)
    assert contents(target) == contents(source)
    again, empty = promoted(source, target)
    assert empty.actions == ()
    assert {m.is_same_guid for m in again.mapped} == {True}
    assert len(again.mapped) == 10
    text = render(again, Format.TEXT, Page())
    # the width of the first column is that of the longest name whose id is another one there
    assert "shop.Money v1 id 2 → v1 id 1" in " ".join(text.split())
    assert text.endswith("nothing to do in target; it has 10 versions of source already\n")


def test_only_what_is_missing(source: RegistryClient, target: RegistryClient) -> None:
    register_project(shop({}), target, name="target")
    result, plan = promoted(source, target)
    assert len(result.mapped) == 4
    assert [a.kind for a in plan.actions] == ["register"] * 6
    do(target, plan)
    assert contents(target) == contents(source)


def test_ids_are_kept(source: RegistryClient, target: RegistryClient) -> None:
    _, plan = promoted(source, target, keep_ids=True)
    do(target, plan)
    assert ids(target) == ids(source)
    assert do(target, plan) == [False] * len(plan.actions)
    state = read_registry(target, "target", with_modes=True)
    assert {held.mode for held in state.subjects.values()} == {None}
    assert contents(target) == contents(source)
    assert promoted(source, target, keep_ids=True)[1].actions == ()


def test_a_new_plan_ends_an_interrupted_import(
    source: RegistryClient, target: RegistryClient
) -> None:
    _, plan = promoted(source, target, keep_ids=True)
    do(target, plan)
    target.set_mode(Mode.IMPORT, Subject("shop.Money"), force=True)
    _, rest = promoted(source, target, keep_ids=True)
    assert rest.actions == (SetMode(Subject("shop.Money"), Mode.IMPORT, None),)
    do(target, rest)
    assert promoted(source, target, keep_ids=True)[1].actions == ()


@pytest.mark.parametrize("keep_ids", [False, True], ids=["new-ids", "kept-ids"])
def test_killed_promotion_is_resumed(
    servers: tuple[Listening, Listening],
    source: RegistryClient,
    target: RegistryClient,
    keep_ids: bool,
) -> None:
    _, plan = promoted(source, target, keep_ids=keep_ids)
    at = 0
    while True:
        transport = Killing(at, happened=True, writes=True)
        try:
            with connect(servers[1].url, transport=transport) as client:
                do(client, plan)
            break
        except KilledError:
            at += 1
    do(target, plan)
    assert {s: [v for v, _ in held] for s, held in ids(target).items()} == {
        s: [v for v, _ in held] for s, held in ids(source).items()
    }
    if keep_ids:
        assert ids(target) == ids(source)
        assert read_registry(target, "t", with_modes=True).subjects[MONEY].mode is None
    assert promoted(source, target, keep_ids=keep_ids)[1].actions == ()


def test_id_that_is_taken_is_an_obstacle(source: RegistryClient, target: RegistryClient) -> None:
    target.set_mode(Mode.IMPORT)
    target.register(Subject("other"), '"long"', id=ids(source)["shop.Money"][0][1])  # type: ignore[arg-type]  # an id is there
    target.set_mode(Mode.READWRITE)
    result, _ = promoted(source, target, keep_ids=True)
    assert result.exit_code() is ExitCode.NO
    assert result.findings[0].message == (
        "v1 cannot be imported: the target has another schema under its id 2"
    )


def test_stricter_level_of_the_target_forbids_it(
    source: RegistryClient, target: RegistryClient
) -> None:
    source.set_level(CompatibilityLevel.NONE, MONEY)
    source.register(MONEY, '{"type":"record","name":"Money","namespace":"shop","fields":[]}')
    register_project(shop({}), target, name="target")
    result, plan = promoted(source, target)
    assert result.exit_code() is ExitCode.NO
    assert result.findings[0].rule == "promote-incompatible"
    assert result.findings[0].message.startswith("FULL_TRANSITIVE forbids it in the target")
    assert any(a.subject == MONEY for a in plan.actions)
    assert [v.version for v in read_registry(source, "s").versions(MONEY)][-1] == Version(3)
