"""A changed shared type changes its users: what check says of them, and where the cause is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult, SubjectCheck
from schemareg.subjects import CompatibilityLevel, Subject
from schemareg.workspace import Config, TopicConfig, build_project, load_project
from tests.commands.shop import (
    CONFIG,
    FILES,
    LINE_GROWN,
    MONEY_GROWN,
    MONEY_GROWN_WELL,
    record,
    shop,
    state_before,
)

MONEY_AS_TEXT = {"Money.avsc": record("Money", amount="string")}
MONEY_IN_MILLIS = {
    "Money.avsc": record("Money", amount={"type": "long", "logicalType": "timestamp-millis"})
}
ORDER_GROWN = {"Order.avsc": record("Order", total=(["null", "shop.Money"], None), id="string")}


def checked(change: Mapping[str, str], config: Config = CONFIG) -> CheckResult:
    old = state_before(FILES, config)
    return check_project(shop(change, config), old)


def of(result: CheckResult, subject: str) -> SubjectCheck:
    return next(s for s in result.subjects if s.subject == subject)


@pytest.mark.parametrize(
    ("change", "subject", "verdict", "told"),
    [
        pytest.param(
            MONEY_GROWN,
            "shop.Money",
            "incompatible",
            [("BACKWARD", "Money.currency", None)],
            id="the-type-itself",
        ),
        pytest.param(
            MONEY_GROWN,
            "shop.Line",
            "incompatible",
            [("BACKWARD", "Line.price.currency", "shop.Money")],
            id="direct-user",
        ),
        pytest.param(
            MONEY_GROWN,
            "carts-value",
            "incompatible",
            [("BACKWARD", "Cart.lines[].price.currency", "shop.Money")],
            id="user-of-a-user",
        ),
        pytest.param(
            MONEY_GROWN,
            "orders-value",
            "incompatible",
            [("BACKWARD", "Order.total", "shop.Money")],
            id="branch-of-a-union",
        ),
        pytest.param(
            MONEY_AS_TEXT,
            "orders-value",
            "incompatible",
            [("FORWARD", "Order.total", "shop.Money"), ("BACKWARD", "Order.total", "shop.Money")],
            id="both-directions",
        ),
        pytest.param(
            LINE_GROWN,
            "carts-value",
            "incompatible",
            [("BACKWARD", "Cart.lines[].sku", "shop.Line")],
            id="not-the-innermost",
        ),
        pytest.param(LINE_GROWN, "orders-value", "unchanged", [], id="no-user"),
        pytest.param(
            ORDER_GROWN,
            "orders-value",
            "incompatible",
            [("BACKWARD", "Order.id", None)],
            id="its-own-fault",
        ),
        pytest.param(
            {**MONEY_GROWN, **ORDER_GROWN},
            "orders-value",
            "incompatible",
            [("BACKWARD", "Order.total", "shop.Money"), ("BACKWARD", "Order.id", None)],
            id="its-own-and-that-of-its-type",
        ),
        pytest.param(MONEY_GROWN_WELL, "carts-value", "compatible", [], id="well-evolved"),
    ],
)
def test_users_of_a_changed_type_name_the_cause(
    change: Mapping[str, str], subject: str, verdict: str, told: list[tuple[str, str, str | None]]
) -> None:
    found = of(checked(change), subject)
    assert found.verdict == verdict
    assert [(v.direction, v.incompatibility.path, v.cause) for v in found.violations] == told


def test_the_cause_is_what_to_mend() -> None:
    violation = of(checked(MONEY_GROWN), "orders-value").violations[0]
    assert violation.advice == "Fix shop.Money, where this comes from."
    assert [(r.kind, r.message, r.path) for r in violation.reasons] == [
        ("READER_FIELD_MISSING_DEFAULT_VALUE", "currency", "Order.total.currency")
    ]


def test_users_are_told_in_full_where_the_type_itself_promises_nothing() -> None:
    lax = Config(
        cwd=CONFIG.cwd,
        topics=CONFIG.topics,
        level=CONFIG.level,
        subjects={Subject("shop.Money"): CompatibilityLevel.NONE},
    )
    result = checked(MONEY_GROWN, lax)
    assert of(result, "shop.Money").verdict == "compatible"
    (violation,) = of(result, "shop.Line").violations
    assert violation.cause is None
    assert violation.advice.startswith("Give Line.price.currency a default")


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        pytest.param(MONEY_GROWN_WELL, {"shop.Line": ("shop.Money",)}, id="one"),
        pytest.param(
            MONEY_GROWN_WELL,
            {"carts-value": ("shop.Line",), "orders-value": ("shop.Money",)},
            id="through-another",
        ),
        pytest.param(LINE_GROWN, {"orders-value": (), "carts-value": ("shop.Line",)}, id="some"),
    ],
)
def test_users_name_the_references_that_changed(
    change: Mapping[str, str], changed: Mapping[str, tuple[str, ...]]
) -> None:
    result = checked(change)
    assert {name: of(result, name).changed_references for name in changed} == changed


def test_what_is_unsafe_is_told_once_where_it_comes_from() -> None:
    result = checked(MONEY_IN_MILLIS)
    told = {s.subject: [(w.rule, w.element) for w in s.warnings] for s in result.subjects}
    assert told == {
        "shop.Money": [("logical-type", "Money.amount")],
        "shop.Line": [],
        "orders-value": [],
        "carts-value": [],
    }


@pytest.mark.parametrize(
    ("level", "advice"),
    [
        pytest.param(
            CompatibilityLevel.BACKWARD,
            "Make sure that every value written so far is a timestamp-millis, or use a new field.",
            id="new-readers",
        ),
        pytest.param(
            CompatibilityLevel.FORWARD,
            "Keep the type that deployed readers have, and put the new one into a new field.",
            id="new-writers",
        ),
        pytest.param(
            CompatibilityLevel.FULL,
            "Make sure that every value written so far is a timestamp-millis, or use a new field.",
            id="both-told-once",
        ),
    ],
)
def test_advice_speaks_to_the_side_that_changes(level: CompatibilityLevel, advice: str) -> None:
    result = checked(MONEY_IN_MILLIS, replace(CONFIG, level=level))
    assert [w.advice for w in of(result, "shop.Money").warnings] == [advice]


def test_types_that_share_types_are_walked_once() -> None:
    """Twenty storeys, each of which uses the one below twice over: 2**20 ways lead down."""
    storeys = {
        f"{side}{n}.avsc": record(f"{side}{n}", a=f"shop.A{n - 1}", b=f"shop.B{n - 1}")
        for n in range(1, 21)
        for side in "AB"
    }
    ground = {"A0.avsc": record("A0", x="long"), "B0.avsc": record("B0", y="long")}
    config = Config(cwd=CONFIG.cwd, level=CONFIG.level)
    old = state_before({**storeys, **ground}, config)
    new = {**storeys, **ground, "B0.avsc": record("B0", y="long", z=("long", 0))}
    project = build_project([(path, text.encode()) for path, text in new.items()], config)
    result = check_project(project, old)
    assert of(result, "shop.A20").verdict == "compatible"
    assert of(result, "shop.A20").changed_references == ("shop.A19", "shop.B19")
    assert of(result, "shop.A1").changed_references == ("shop.B0",)


def test_a_file_asked_for_brings_those_that_use_it(tmp_path: Path) -> None:
    for path, text in {**FILES, **MONEY_GROWN}.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    config = Config(cwd=tmp_path, roots=(tmp_path,), topics=CONFIG.topics, level=CONFIG.level)
    old = state_before(FILES, config)
    asked = load_project(config, [Path("Line.avsc")])
    result = check_project(asked, old)
    assert [s.subject for s in result.subjects] == ["shop.Line", "carts-value"]


SEX = {"type": "enum", "name": "Sex", "symbols": ["F", "M", "X"]}
VISIT = record(
    "Visit", patient="shop.Patient", reason="shop.Sex", last=(["null", "shop.Sex"], None)
)


@pytest.mark.parametrize(
    ("sex", "verdict", "paths"),
    [
        pytest.param(
            {**SEX, "symbols": ["F", "M"]},
            "incompatible",
            ["Visit.patient.sex", "Visit.reason", "Visit.last"],
            id="incompatible",
        ),
        pytest.param({**SEX, "symbols": ["F", "M", "X", "U"]}, "compatible", [], id="hazard"),
    ],
)
def test_users_of_a_type_inside_a_shared_type_name_that(
    sex: object, verdict: str, paths: list[str]
) -> None:
    past = {**FILES, "Patient.avsc": record("Patient", sex=SEX), "Visit.avsc": VISIT}
    config = Config(cwd=CONFIG.cwd, level=CompatibilityLevel.BACKWARD)
    now = shop({"Patient.avsc": record("Patient", sex=sex), "Visit.avsc": VISIT}, config)
    found = of(check_project(now, state_before(past, config)), "shop.Visit")
    assert found.verdict == verdict
    assert [v.incompatibility.path for v in found.violations] == paths
    assert {v.cause for v in found.violations} <= {"shop.Patient"}
    assert found.warnings == ()


def test_an_event_that_is_a_shared_type_too_is_reported_once() -> None:
    """Another file uses an enum inside the event, so that it has a subject beside its topic's."""
    branch = {"type": "enum", "name": "Branch", "symbols": ["NORTH"]}
    config = replace(
        CONFIG,
        topics=(TopicConfig("loans", ("shop.Lent",)), TopicConfig("returns", ("shop.Back",))),
        level=CompatibilityLevel.BACKWARD,
    )
    files = {
        "Lent.avsc": record("Lent", by="long", branch=branch),
        "Back.avsc": record("Back", branch="shop.Branch"),
    }
    old = state_before(files, config)
    changed = files | {"Lent.avsc": record("Lent", by="string", branch=branch)}
    texts = [(path, text.encode()) for path, text in changed.items()]
    result = check_project(build_project(texts, config), old)
    found = {s.subject: [(v.incompatibility.path, v.cause) for v in s.violations]
             for s in result.subjects if s.violations}  # fmt: skip
    assert found == {
        "shop.Lent": [("Lent.by", None)],
        "loans-value": [("Lent.by", "shop.Lent")],
    }
    assert [f.element for f in result.annotations() if f.rule == "TYPE_MISMATCH"] == ["Lent.by"]
