"""Plans against a real registry of another maker: nothing to do after an apply."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemareg.commands.plan import PlanResult, apply_plan, plan_project
from schemareg.commands.rollback import rollback_plan
from schemareg.errors import ExitCode
from schemareg.plan import Plan
from schemareg.plan.apply import read_base
from schemareg.registry import RegistryClient, connect
from schemareg.state.registry import read_registry
from schemareg.workspace import Project
from tests.commands.shop import LINE_GROWN_WELL, MONEY_GROWN_WELL, shop
from tests.plan.many import many
from tests.support.apicurio import Apicurio, UnavailableError


@pytest.fixture(scope="module")
def registry() -> Iterator[RegistryClient]:
    try:
        running = Apicurio()
        running.__enter__()
    except UnavailableError as error:
        pytest.skip(f"this machine cannot run Apicurio: {error}")
    try:
        with connect(running.url) as client:
            yield client
    finally:
        running.__exit__(None, None, None)


def planned(registry: RegistryClient, project: Project) -> tuple[PlanResult, Plan]:
    state = read_registry(registry, "registry", [s.subject for s in project.subjects])
    return plan_project(project, state, registry="registry")


def test_plan_after_apply_is_empty(registry: RegistryClient) -> None:
    projects = {
        8: shop({}),
        4: shop(MONEY_GROWN_WELL),
        2: shop({**MONEY_GROWN_WELL, **LINE_GROWN_WELL}),
        60: many(30),
        30: many(30, grown=True),
    }
    for count, project in projects.items():
        result, plan = planned(registry, project)
        assert (result.exit_code(), len(plan.actions)) == (ExitCode.YES, count)
        done = apply_plan(plan, registry, name="registry", avro_version="1.12")
        assert done.exit_code() is ExitCode.YES
        assert all(a.is_new for a in done.applied)
        assert planned(registry, project)[1].actions == ()
        again = apply_plan(plan, registry, name="registry", avro_version="1.12")
        assert not any(a.is_new for a in again.applied)
    _, undo = rollback_plan(plan, read_base(plan, registry, "registry"), avro_version="1.12")
    refused = apply_plan(undo, registry, name="registry", avro_version="1.12")
    assert refused.exit_code() is ExitCode.NO
    assert {a.note for a in refused.applied} == {
        "the registry returned version 1, and made no new one of it"
    }
