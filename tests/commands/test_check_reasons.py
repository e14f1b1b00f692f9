"""What check reports about a violation: every reason, at its place, with its own advice."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult
from schemareg.findings import Severity
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, build_project
from tests.commands.shop import state_before
from tests.support.schemas import field

BACKWARD = Config(cwd=Path("/"), level=CompatibilityLevel.BACKWARD)
FULL = Config(cwd=Path("/"), level=CompatibilityLevel.FULL)


def event(*fields: Mapping[str, Any], name: str = "E") -> str:
    return json.dumps({"type": "record", "name": name, "fields": list(fields)}, indent=1)


def inner(name: str, *fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields)}


def checked(
    old: Mapping[str, str],
    new: Mapping[str, str],
    config: Config = BACKWARD,
    *,
    proofs: bool = False,
) -> CheckResult:
    project = build_project([(path, text.encode()) for path, text in new.items()], config)
    return check_project(project, state_before(old, config), with_proofs=proofs)


def reported(result: CheckResult) -> list[tuple[str, str, int]]:
    return [(f.rule, f.element, f.location.line) for f in result.annotations()]


def test_every_broken_branch_of_a_union_is_reported() -> None:
    old = event(field("u", [inner("A", field("x", "string")), inner("B", field("y", "long"))]))
    new = event(field("u", [inner("A", field("x", "int")), inner("B", field("y", "string"))]))
    result = checked({"E.avsc": old}, {"E.avsc": new})
    assert reported(result) == [("TYPE_MISMATCH", "E.u.x", 14), ("TYPE_MISMATCH", "E.u.y", 24)]
    assert [f.advice for f in result.annotations()] == [
        "Take string back as the type of E.u.x (or a union of string and int), or put the int "
        "into a new field with a default.",
        "Take long back as the type of E.u.y (or a union of long and string), or put the string "
        "into a new field with a default.",
    ]


def test_branches_that_break_alike_are_told_apart() -> None:
    old = event(field("u", [inner("A", field("x", "string")), inner("B", field("x", "string"))]))
    new = event(field("u", [inner("A", field("x", "int")), inner("B", field("x", "int"))]))
    result = checked({"E.avsc": old}, {"E.avsc": new})
    assert [f.location.line for f in result.annotations()] == [14, 24]


def test_a_nullable_nested_record_is_reported_at_its_own_field() -> None:
    old = event(field("a", ["null", inner("A", field("e", enum("X", "Y")))], default=None))
    new = event(field("a", ["null", inner("A", field("e", enum("X")))], default=None))
    result = checked({"E.avsc": old}, {"E.avsc": new})
    (found,) = result.annotations()
    assert (found.rule, found.element) == ("MISSING_ENUM_SYMBOLS", "E.a.e")
    assert found.message.endswith("readers have no symbol for [Y]")
    assert '"symbols"' in new.splitlines()[found.location.line - 1]


def enum(*symbols: str) -> dict[str, Any]:
    return {"type": "enum", "name": "Color", "symbols": list(symbols)}


def test_a_nullable_array_is_reported_inside() -> None:
    def items(type_: str) -> str:
        return event(field("a", ["null", {"type": "array", "items": type_}], default=None))

    result = checked({"E.avsc": items("string")}, {"E.avsc": items("int")})
    assert [(f.rule, f.element) for f in result.annotations()] == [("TYPE_MISMATCH", "E.a[]")]


SHARED_A, SHARED_B = event(field("x", "int"), name="A"), event(field("y", "int"), name="B")
USER = event(field("u", ["A", "B"]))


def test_of_two_shared_types_in_one_union_the_right_one_is_named() -> None:
    old = {"A.avsc": SHARED_A, "B.avsc": SHARED_B, "E.avsc": USER}
    new = {**old, "B.avsc": event(field("y", "string"), name="B")}
    result = checked(old, new)
    by_subject = {s.subject: [v.cause for v in s.violations] for s in result.subjects}
    assert by_subject == {"A": [], "B": [None], "E": ["B"]}


def test_each_of_two_broken_shared_types_is_named_for_its_own_part() -> None:
    old = {"A.avsc": SHARED_A, "B.avsc": SHARED_B, "E.avsc": USER}
    new = {
        "A.avsc": event(field("x", "string"), name="A"),
        "B.avsc": event(field("y", "string"), name="B"),
        "E.avsc": USER,
    }
    result = checked(old, new)
    by_subject = {s.subject: [v.cause for v in s.violations] for s in result.subjects}
    assert by_subject == {"A": [None], "B": [None], "E": ["A", "B"]}


def test_a_shared_type_is_one_annotation_that_names_its_users() -> None:
    old = {
        "A.avsc": SHARED_A,
        "E.avsc": event(field("a", "A")),
        "F.avsc": event(field("a", {"type": "array", "items": "A"}), name="F"),
    }
    new = {**old, "A.avsc": event(field("x", "string"), name="A")}
    result = checked(old, new)
    (found,) = result.annotations()
    assert (found.location.path, found.element) == ("A.avsc", "A.x")
    assert found.message == (
        "A would break before (new readers cannot read events written before): int is written,"
        " which cannot be read as string; so would its users E, F"
    )


def test_its_own_fault_beside_that_of_a_type_keeps_its_advice() -> None:
    old = {"A.avsc": SHARED_A, "E.avsc": event(field("a", ["null", "A"]), field("b", "int"))}
    new = {
        "A.avsc": event(field("x", "string"), name="A"),
        "E.avsc": event(field("a", ["null", "A"]), field("b", "string")),
    }
    (subject,) = [s for s in checked(old, new).subjects if s.subject == "E"]
    assert [(v.cause, v.advice.split(" ")[0]) for v in subject.violations] == [
        ("A", "Fix"),
        (None, "Take"),
    ]


def test_a_removed_field_is_reported_among_the_fields() -> None:
    old, new = event(field("a", "int"), field("b", "int")), event(field("a", "int"))
    result = checked({"E.avsc": old}, {"E.avsc": new}, FULL)
    (found,) = result.annotations()
    assert '"fields"' in new.splitlines()[found.location.line - 1]


@pytest.mark.parametrize("format", [Format.GITHUB, Format.MARKDOWN, Format.TEXT])
def test_proofs_are_in_every_format_for_people(format: Format) -> None:
    old, new = event(field("a", "string")), event(field("a", "int"))
    result = checked({"E.avsc": old}, {"E.avsc": new}, proofs=True)
    shown = render(result, format, Page(80, False, ""), fail_on=Severity.ERROR)
    for part in ("proved: an event that the reader refuses", '{"a": "a"}', "cannot be read as int"):
        assert part in " ".join(shown.split())


MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
MICROS = {"type": "long", "logicalType": "timestamp-micros"}


def money(scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": scale}


@pytest.mark.parametrize(
    ("old", "new", "config", "severity"),
    [
        (MILLIS, MICROS, FULL, "error"),
        (MILLIS, MICROS, BACKWARD, "warning"),
        (money(2), money(4), FULL, "error"),
        (money(2), money(4), BACKWARD, "warning"),
        ("long", MILLIS, FULL, "warning"),
    ],
)
def test_a_change_of_meaning_weighs_by_the_level(
    old: Any, new: Any, config: Config, severity: str
) -> None:
    before, after = {"E.avsc": event(field("a", old))}, {"E.avsc": event(field("a", new))}
    (found,) = checked(before, after, config).annotations()
    assert found.severity == severity


def test_what_is_incompatible_is_not_called_compatible_beside_it() -> None:
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
    result = checked({"E.avsc": event(field("a", "float"))}, {"E.avsc": event(field("a", decimal))})
    assert [f.rule for f in result.annotations()] == ["TYPE_MISMATCH"]


def laughs(leaf: str, *, depth: int, width: int) -> str:
    """Records that hold the next one `width` times, down to a field of type `leaf`."""
    type_: Any = leaf
    for level in reversed(range(depth)):
        name = type_["name"] if isinstance(type_, dict) else type_
        type_ = inner(
            f"R{level}", field("f0", type_), *(field(f"f{i}", name) for i in range(1, width))
        )
    return json.dumps(type_)


def test_types_that_multiply_are_reported_at_some_places_and_proved_at_none() -> None:
    old, new = (laughs(leaf, depth=12, width=10) for leaf in ("string", "int"))
    result = checked({"R.avsc": old}, {"R.avsc": new}, proofs=True)
    violations = result.subjects[0].violations
    assert len(violations) == 10 * 20
    assert {(v.proof.grade, v.proof.refusal) for v in violations if v.proof} == {
        ("unproved", "every event has more than 20,000 values")
    }


def test_a_rename_under_full_has_one_advice_for_both_halves() -> None:
    result = checked(
        {"E.avsc": event(field("orderId", "string"))},
        {"E.avsc": event(field("order_id", "string"))},
        FULL,
    )
    assert {f.advice for f in result.annotations()} == {
        "order_id looks like orderId renamed; under FULL an alias helps new readers only. Keep "
        "orderId, add order_id with a default, write both, and give orderId up when no deployed "
        "reader needs it."
    }


def test_fields_of_other_types_are_no_rename() -> None:
    result = checked(
        {"E.avsc": event(field("a", "string"))}, {"E.avsc": event(field("b", "int"))}, FULL
    )
    assert [f.advice.split(" ")[0] for f in result.annotations() if f.advice] == ["Keep", "Give"]


@pytest.mark.parametrize(
    ("before", "now", "is_reported"),
    [
        ("FULL", "BACKWARD", True),
        ("BACKWARD_TRANSITIVE", "BACKWARD", True),
        ("BACKWARD", "NONE", True),
        ("BACKWARD", "FORWARD", True),
        ("BACKWARD", "FULL", False),
        ("FULL", "FULL_TRANSITIVE", False),
        ("NONE", "NONE", False),
    ],
)
def test_a_lowered_level_is_reported(before: str, now: str, is_reported: bool) -> None:
    files = {"E.avsc": event(field("a", "int"))}
    old = state_before(files, Config(cwd=Path("/"), level=CompatibilityLevel(before)))
    config = Config(cwd=Path("/"), level=CompatibilityLevel(now))
    project = build_project([(path, text.encode()) for path, text in files.items()], config)
    result = check_project(project, old)
    assert [f.rule for f in result.annotations()] == (["level-lowered"] if is_reported else [])
    # the subject itself is unchanged, and what is said of it is shown all the same
    shown = render(result, Format.TEXT, Page())
    assert (f"unchanged E ({now})\n  E.avsc: warning level-lowered" in shown) is is_reported, shown


@pytest.mark.parametrize(
    ("before", "now", "changed", "severity", "code"),
    [
        pytest.param("BACKWARD", "NONE", field("a", "string"), Severity.ERROR, 1, id="needed"),
        pytest.param(
            "FULL", "BACKWARD", field("b", "int", default=0), Severity.WARNING, 0, id="not-needed"
        ),
        pytest.param("BACKWARD", "NONE", field("a", "long"), Severity.WARNING, 0, id="promoted"),
    ],
)
def test_a_level_lowered_for_the_very_change_is_an_error(
    before: str, now: str, changed: dict[str, object], severity: Severity, code: int
) -> None:
    old = state_before(
        {"E.avsc": event(field("a", "int"))},
        Config(cwd=Path("/"), level=CompatibilityLevel(before)),
    )
    fields = [changed] if changed["name"] == "a" else [field("a", "int"), changed]
    config = Config(cwd=Path("/"), level=CompatibilityLevel(now))
    project = build_project([("E.avsc", event(*fields).encode())], config)
    result = check_project(project, old)
    lowered = [f.severity for f in result.annotations() if f.rule == "level-lowered"]
    assert (lowered, result.exit_code()) == ([severity], code)


def test_a_check_of_many_violations_takes_time_in_proportion_to_them() -> None:
    """Counted in calls: those of twice the violations are twice as many, not four times."""
    calls = [_calls_of_a_check(fields) for fields in (50, 100, 200)]
    assert calls[2] - calls[1] < 2.1 * (calls[1] - calls[0])


def _calls_of_a_check(fields: int) -> int:
    old = event(*(field(f"f{n}", "int") for n in range(fields)))
    new = event(*(field(f"f{n}", "string") for n in range(fields)))
    calls = 0

    def count(_frame: object, kind: str, _argument: object) -> None:
        nonlocal calls
        calls += kind in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        result = checked({"E.avsc": old}, {"E.avsc": new})
    finally:
        sys.setprofile(before)
    assert len([*result.annotations()]) == fields
    return calls
