"""Registering a project: versions of shared types, of their users, and what a stop leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from schemareg.commands.register import register_project
from schemareg.errors import IncompatibleSchemaError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.api.types import RegisteredSchema
from schemareg.registry.server import EmbeddedRegistry
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.subjects import CompatibilityLevel, Subject, Version
from tests.commands.shop import CONFIG, LINE_GROWN, LINE_GROWN_WELL, MONEY_GROWN_WELL, record, shop


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


LEVELS = [
    pytest.param(None, [], id="none-configured"),
    pytest.param(CompatibilityLevel.BACKWARD, [], id="as-in-force"),
    pytest.param(
        CompatibilityLevel.FULL_TRANSITIVE,
        [("shop.Money", "BACKWARD", "FULL_TRANSITIVE"), ("shop.Line", "NONE", "FULL_TRANSITIVE")],
        id="another",
    ),
]


@pytest.mark.parametrize(("level", "changes"), LEVELS)
def test_configured_levels_are_set_before_the_first_version(
    level: CompatibilityLevel | None, changes: list[tuple[str, str, str]]
) -> None:
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        registry.set_level(
            CompatibilityLevel.NONE if changes else CompatibilityLevel.BACKWARD,
            Subject("shop.Line"),
        )
        seen: list[str] = []
        set_level, register = registry.set_level, registry.register

        def setting(level: CompatibilityLevel, subject: Subject | None = None) -> None:
            seen.append("level")
            set_level(level, subject)

        def registering(*arguments: Any, **settings: Any) -> RegisteredSchema:
            seen.append("version")
            return register(*arguments, **settings)

        project = shop({}, replace(CONFIG, level=level, topics=()))
        types = replace(project, subjects=project.subjects[:2])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(registry, "set_level", setting)
            patch.setattr(registry, "register", registering)
            result = register_project(types, registry, name="embedded")
            again = register_project(types, registry, name="embedded")
        assert [(c.subject, c.before, c.after) for c in result.levels] == changes
        assert again.levels == ()
        assert seen == ["level"] * len(changes) + ["version"] * 2
        if level is not None:
            assert {registry.get_level(s.subject) for s in types.subjects} == {level}


def test_file_that_no_subject_holds_is_noted() -> None:
    union = {"All.avsc": '["shop.Order", "shop.Cart"]'}
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        result = register_project(shop(union), registry, name="embedded")
    assert [(n.rule, n.location.path) for n in result.annotations()] == [
        ("file-without-subject", "All.avsc")
    ]


def test_a_refusal_half_way_reports_what_stays(registry: RegistryClient) -> None:
    """Somebody else made the levels stricter between the check and this."""
    for subject in ("carts-value", "shop.Line"):
        strict = subject == "carts-value"
        level = CompatibilityLevel.FULL if strict else CompatibilityLevel.NONE
        registry.set_level(level, Subject(subject))
    with pytest.raises(IncompatibleSchemaError) as refusal:
        register_project(shop(LINE_GROWN), registry, name="embedded", with_levels=False)
    assert str(refusal.value).endswith(
        "done before that, and not undone: shop.Line: register version 2 (major)"
    )


@pytest.mark.parametrize(
    ("verbose", "text"),
    [
        pytest.param(False, "0 new versions, 4 subjects in embedded\n", id="quiet"),
        pytest.param(
            True,
            "  =  shop.Money    version 1  id 1  was registered\n"
            "  =  shop.Line     version 1  id 2  was registered\n"
            "  =  orders-value  version 1  id 3  was registered\n"
            "  =  carts-value   version 1  id 4  was registered\n"
            "0 new versions, 4 subjects in embedded\n",
            id="verbose",
        ),
    ],
)
def test_unchanged_subjects_are_listed_only_with_verbose(
    registry: RegistryClient, verbose: bool, text: str
) -> None:
    result = register_project(shop({}), registry, name="embedded")
    assert render(result, Format.TEXT, Page(verbose=verbose)) == text
