"""What check makes of the state it compares with: renamed events, broken files, past mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult
from schemareg.commands.review import review
from schemareg.findings import Severity
from schemareg.registry.api.state import Origin, PassedOver, RegistryState
from schemareg.report import Format, render
from schemareg.report.page import Page
from schemareg.results import Counts
from schemareg.state.files import SourceFile, state_of_files
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy
from schemareg.workspace import Config, TopicConfig, build_project
from tests.commands.shop import record, state_before

PLAIN = Config(cwd=Path("/nowhere"))


def topic(*events: str, strategy: str = "topic", **settings: object) -> Config:
    config = TopicConfig("orders", events, strategy=SubjectNameStrategy(strategy))
    return replace(PLAIN, topics=(config,), **settings)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """A change of files and configuration; `own` is False where the past has no configuration."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    verdicts: Mapping[str, str]
    exit_code: int
    failures: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    config_before: Config = PLAIN
    config_after: Config = PLAIN
    own: bool = True


def checked(case: Case) -> CheckResult:
    old = [SourceFile(path, f"old/{path}", text.encode()) for path, text in case.before.items()]
    new = [(path, text.encode()) for path, text in case.after.items()]
    project = build_project(new, case.config_after)
    state = state_of_files(
        old,
        Origin("before", "before"),
        today=case.config_after,
        then=case.config_before if case.own else None,
        project=project,
    )
    return review(project, state, case.config_after, today=date(2030, 1, 1))


PAID = record("Paid", a="int")
BROKEN = "{"
ENUM_A = '{"type":"enum","name":"shop.E","symbols":["A"]}'


def holder(name: str, inline: str) -> str:
    return f'{{"type":"record","name":"shop.{name}","fields":[{{"name":"e","type":{inline}}}]}}'


TWO_WRONG = f"[{record('EachA', x=('int', 'none'))},{record('EachB', y='long')}]"

CASES = [
    pytest.param(
        Case(
            {"P.avsc": record("Placed", id="int")},
            {"P.avsc": record("Ordered", id="string")},
            {"orders-value": "incompatible"},
            1,
            config_before=topic("shop.Placed"),
            config_after=topic("shop.Ordered"),
        ),
        id="event-of-a-topic-renamed-with-its-configuration",
    ),
    pytest.param(
        Case(
            {"P.avsc": record("Placed", id="int")},
            {"P.avsc": record("Ordered", id="string")},
            {"orders-value": "incompatible"},
            1,
            config_after=topic("shop.Ordered"),
            own=False,
        ),
        id="event-of-a-topic-renamed-in-its-file-where-the-past-has-no-configuration",
    ),
    pytest.param(
        Case(
            {"P.avsc": record("Placed", id="int")},
            {"P.avsc": record("Placed", id="int").replace('"shop"', '"shop.v2"')},
            {"orders-value": "compatible"},
            0,
            config_before=topic("shop.Placed"),
            config_after=topic("shop.v2.Placed"),
        ),
        id="namespace-of-an-event-of-a-topic-changed",
    ),
    pytest.param(
        Case(
            {"P.avsc": record("Placed", id="int")},
            {"P.avsc": record("Ordered", id="string")},
            {"orders-shop.Ordered": "new"},
            0,
            config_before=topic("shop.Placed", strategy="topic-record"),
            config_after=topic("shop.Ordered", strategy="topic-record"),
        ),
        id="subjects-that-have-the-name-of-the-record-are-others",
    ),
    pytest.param(
        Case(
            {"P.avsc": record("Placed", id="int")},
            {"P.avsc": record("Placed", id="string")},
            {"orders-value": "incompatible"},
            1,
            config_before=topic("shop.Placed", level=CompatibilityLevel.FULL),
            config_after=topic("shop.Placed"),
        ),
        id="level-of-the-past-counts-where-none-is-configured",
    ),
    pytest.param(
        Case(
            {"Sent.avsc": BROKEN, "Paid.avsc": PAID},
            {"Sent.avsc": record("Sent", a="int"), "Paid.avsc": PAID},
            {"shop.Sent": "not-compared", "shop.Paid": "unchanged"},
            0,
            notes=[("state-unreadable", "shop.Sent")],
        ),
        id="repair-of-a-broken-file",
    ),
    pytest.param(
        Case(
            {"Sent.avsc": BROKEN, "Paid.avsc": PAID},
            {"Paid.avsc": PAID},
            {"shop.Paid": "unchanged"},
            0,
            notes=[("state-unreadable", "")],
        ),
        id="removal-of-a-broken-file",
    ),
    pytest.param(
        Case(
            {"Sent.avsc": BROKEN, "Paid.avsc": PAID},
            {"Sent.avsc": BROKEN, "Paid.avsc": record("Paid", a="string")},
            {"shop.Paid": "incompatible"},
            1,
            notes=[("json-syntax", "")],
        ),
        id="file-that-was-broken-before-is-no-failure-of-the-change",
    ),
    pytest.param(
        Case(
            {"Sent.avsc": BROKEN},
            {"Sent.avsc": BROKEN, "New.avsc": BROKEN},
            {},
            1,
            failures=["New.avsc"],
            notes=[("json-syntax", "")],
        ),
        id="second-broken-file-is-one",
    ),
    pytest.param(
        Case(
            {"A.avsc": record("A", x=("int", "no default"))},
            {"A.avsc": record("A", x="string")},
            {"shop.A": "incompatible"},
            1,
        ),
        id="file-with-a-wrong-default-is-compared-all-the-same",
    ),
    pytest.param(
        Case(
            {
                "A.avsc": holder("A", ENUM_A),
                "B.avsc": holder("B", ENUM_A.replace('"A"]', '"A","B"]')),
            },
            {"A.avsc": holder("A", ENUM_A), "B.avsc": holder("B", '"string"')},
            {"shop.A": "unchanged", "shop.B": "incompatible"},
            1,
        ),
        id="file-that-defined-a-type-again-is-compared-all-the-same",
    ),
    pytest.param(
        Case(
            {"A.avsc": record("A", x=("int", "no default"), y="int")},
            {"A.avsc": record("A", x=("int", "no default"), y="string")},
            {"shop.A": "incompatible"},
            1,
            notes=[("invalid-default", "")],
        ),
        id="file-whose-default-stays-wrong-is-judged",
    ),
    pytest.param(
        Case(
            {"A.avsc": record("A", x=("int", "no default"), y="int")},
            {"A.avsc": record("A", x=("int", "no default"), y="int")},
            {"shop.A": "unchanged"},
            0,
            notes=[("invalid-default", "")],
        ),
        id="file-whose-default-stays-wrong-is-no-failure",
    ),
    pytest.param(
        Case(
            {"P.avsc": record("Placed", x=("int", "no default"), y="int")},
            {"P.avsc": record("Placed", x=("int", "no default"), y="string")},
            {"orders-value": "incompatible"},
            1,
            notes=[("invalid-default", "")],
            config_before=topic("shop.Placed"),
            config_after=topic("shop.Placed"),
        ),
        id="event-of-a-topic-whose-default-stays-wrong-is-judged",
    ),
    pytest.param(
        Case(
            {
                "A.avsc": holder("A", ENUM_A),
                "B.avsc": holder("B", ENUM_A.replace('"A"]', '"A","B"]')),
            },
            {
                "A.avsc": holder("A", ENUM_A),
                "B.avsc": holder("B", ENUM_A.replace('"A"]', '"C"]')),
            },
            {"shop.A": "unchanged", "shop.B": "incompatible"},
            1,
            notes=[("duplicate-type-definition", "")],
        ),
        id="file-that-still-defines-a-type-again-is-judged",
    ),
    pytest.param(
        Case(
            {"All.avsc": TWO_WRONG, "More.avsc": TWO_WRONG.replace("Each", "More")},
            {
                "All.avsc": TWO_WRONG.replace('"long"', '"string"'),
                "More.avsc": TWO_WRONG.replace("Each", "More"),
            },
            {
                "shop.EachA": "unchanged",
                "shop.EachB": "incompatible",
                "shop.MoreA": "unchanged",
                "shop.MoreB": "unchanged",
            },
            1,
            notes=[("invalid-default", ""), ("invalid-default", "")],
        ),
        id="files-of-several-types-whose-default-stays-wrong-are-judged",
    ),
    pytest.param(
        Case(
            {"A.avsc": record("A", x=("int", "none")), "B.avsc": record("B", a="A", y="int")},
            {"A.avsc": record("A", x=("int", "none")), "B.avsc": record("B", a="A", y="string")},
            {"shop.A": "unchanged", "shop.B": "incompatible"},
            1,
            notes=[("invalid-default", "")],
        ),
        id="user-of-a-file-whose-default-stays-wrong-is-judged",
    ),
    pytest.param(
        Case(
            {"A.avsc": record("A", x=("int", "no default"))},
            {"A.avsc": record("A", x=("int", "no default"), y=("int", "nor here"))},
            {"shop.A": "compatible"},
            1,
            failures=["A.avsc"],
            notes=[("invalid-default", "")],
        ),
        id="second-wrong-default-is-a-failure-beside-the-verdict",
    ),
]


def test_state_note_names_no_place() -> None:
    project = build_project([("P.avsc", record("Placed", id="int").encode())], topic("shop.Placed"))
    result = check_project(project, RegistryState({}, Origin("there", notes=("nothing is there",))))
    assert render(result, Format.TEXT, Page()).splitlines() == [
        "new orders-value",
        "info state-note",
        "    nothing is there",
        "1 subject against there: 1 new, 1 note (not counted)",
    ]


@pytest.mark.parametrize("case", CASES)
def test_change_is_judged_against_its_own_past(case: Case) -> None:
    result = checked(case)
    assert {s.subject: s.verdict.value for s in result.subjects} == case.verdicts
    assert [f.location.path for f in result.failures] == case.failures
    notes = [n for s in result.subjects for n in s.warnings if n.severity is Severity.INFO]
    notes += result.notes
    assert [(note.rule, note.element) for note in notes] == case.notes
    assert result.exit_code() == case.exit_code


ABOUT_TO_FAIL = record("Sent", m="Money")
CUT = "not JSON: expecting property name enclosed in double quotes, found the end of the text"
UNJUDGED = "(as in before: while this is so, no change of the file is judged)"


@pytest.mark.parametrize(
    ("case", "notes", "counts"),
    [
        pytest.param(
            Case({"Sent.avsc": BROKEN}, {"Sent.avsc": BROKEN}, {}, 0),
            [f"{CUT} (as in before)"],
            (1, 0, 1),
            id="broken-file-left-alone",
        ),
        pytest.param(
            Case({"Sent.avsc": "{\n"}, {"Sent.avsc": "{\r\n"}, {}, 0),
            [f"{CUT} (as in before)"],
            (1, 0, 1),
            id="other-ends-of-lines-are-no-change",
        ),
        pytest.param(
            Case(
                {"Sent.avsc": ABOUT_TO_FAIL, "Paid.avsc": PAID},
                {"Sent.avsc": record("Sent", m="Money", n="int"), "Paid.avsc": PAID},
                {"shop.Paid": "unchanged"},
                0,
            ),
            [f"unknown type 'shop.Money' {UNJUDGED}"],
            (2, 1, 1),
            id="changed-and-refused-as-before",
        ),
        pytest.param(
            Case({"Sent.avsc": BROKEN}, {"moved/Sent.avsc": BROKEN}, {}, 0),
            [f"{CUT} (as in before)"],
            (1, 0, 1),
            id="moved-and-refused-as-before",
        ),
        pytest.param(
            Case(
                {f"{name}.avsc": BROKEN for name in "ABCDE"},
                {**{f"{name}.avsc": BROKEN for name in "ABCD"}, "E.avsc": "{ "},
                {},
                0,
            ),
            [
                f"{CUT} {UNJUDGED}",
                "4 files are refused, are so in before, too, and did not change: A.avsc, B.avsc,"
                " C.avsc and 1 more",
            ],
            (5, 0, 5),
            id="many-files-left-alone-are-one-note",
        ),
        pytest.param(
            Case(
                {"Sent.avsc": ABOUT_TO_FAIL},
                {"Sent.avsc": record("Sent", m="Money", n="Rate", o="Tax")},
                {},
                1,
            ),
            [f"unknown type 'shop.Money' {UNJUDGED}"],
            (1, 0, 1),
            id="file-with-old-and-new-problems-counts-once",
        ),
    ],
)
def test_refused_files_are_counted_and_named(
    case: Case, notes: list[str], counts: tuple[int, int, int]
) -> None:
    result = checked(case)
    assert [note.message for note in result.notes] == notes
    assert result.counts() == Counts("subject", *counts)
    assert result.exit_code() == case.exit_code


def test_subject_of_another_schema_type_is_an_error() -> None:
    passed = (PassedOver(Subject("orders-value"), "PROTOBUF", 2),)
    project = build_project([("P.avsc", record("Placed", id="int").encode())], topic("shop.Placed"))
    result = check_project(project, RegistryState({}, Origin("there"), passed))
    assert [(f.rule, f.message) for f in result.annotations()] == [
        ("other-schema-type", "there holds it as PROTOBUF")
    ]
    assert result.exit_code() == 1


def test_what_used_a_type_of_a_broken_file_is_not_new_when_that_is_repaired() -> None:
    user = record("Sent", m="Money")
    state = state_before({"Money.avsc": record("Money", a="int")[:-1], "Sent.avsc": user}, PLAIN)
    files = {"Money.avsc": record("Money", a="int"), "Sent.avsc": user}
    project = build_project([(path, text.encode()) for path, text in files.items()], PLAIN)
    result = check_project(project, state)
    assert [(s.subject, s.verdict, [w.rule for w in s.warnings]) for s in result.subjects] == [
        ("shop.Money", "not-compared", ["state-unreadable"]),
        ("shop.Sent", "not-compared", ["state-unreadable"]),
    ]
    assert result.subjects[1].warnings[0].message.endswith("it uses Money.avsc, which is refused")


def test_stored_version_that_cannot_be_read_is_a_note_on_its_subject() -> None:
    state = state_before({"Paid.avsc": PAID, "Sent.avsc": record("Sent", a="int")}, PLAIN)
    sent = state.subjects[Subject("shop.Sent")]
    broken = replace(sent, versions=(replace(sent.versions[0], text=BROKEN),))
    state = replace(state, subjects={**state.subjects, Subject("shop.Sent"): broken})
    project = build_project(
        [("Paid.avsc", PAID.encode()), ("Sent.avsc", record("Sent", a="long").encode())], PLAIN
    )
    result = check_project(project, state)
    assert [(s.subject, s.verdict, [w.rule for w in s.warnings]) for s in result.subjects] == [
        ("shop.Paid", "unchanged", []),
        ("shop.Sent", "not-compared", ["state-unreadable"]),
    ]
    assert result.exit_code() == 0


AGENTS = '[{"type":"record","name":"shop.Agent","fields":[]},' + record("Note", a="int") + "]"
SELLS = record("Sold", by="Agent")
SEVERAL = f"[{SELLS},{PAID},{record('Held', sold='Sold')}]"


@pytest.mark.parametrize(
    "users",
    [
        pytest.param({"Sold.avsc": SELLS}, id="record-that-uses-a-type-of-a-union"),
        pytest.param({"Sold.avsc": SEVERAL}, id="union-that-uses-a-type-of-a-union"),
        pytest.param(
            {"Sold.avdl": 'namespace shop; import schema "Agents.avsc"; record Sold { Agent by; }'},
            id="idl-that-uses-a-type-of-a-union",
        ),
    ],
)
def test_only_what_changed_is_reported_of_files_with_several_types(users: dict[str, str]) -> None:
    before = {"Agents.avsc": AGENTS, **users}
    same = checked(Case(before, before, {}, 0))
    assert {s.subject for s in same.subjects} >= {"shop.Agent", "shop.Note", "shop.Sold"}
    assert {s.verdict for s in same.subjects} == {"unchanged"}
    after = {**before, "Agents.avsc": AGENTS.replace('"int"', '"long"')}
    changed = checked(Case(before, after, {}, 0))
    assert [s.subject for s in changed.subjects if s.verdict != "unchanged"] == ["shop.Note"]
    assert [s.subject for s in changed.subjects if s.changed_references] == []
