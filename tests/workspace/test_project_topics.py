"""Which subjects topics, keys and levels of a configuration make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.places import ROOT
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy
from schemareg.workspace import (
    TopicConfig,
    load_config,
)
from tests.workspace.paid import CONFIG, LINE, MONEY, PAID, project_of

TYPE_IN_TWO_ROLES = replace(
    CONFIG,
    level=CompatibilityLevel.FULL,
    subjects={Subject("shop.Money"): CompatibilityLevel.NONE},
    topics=(
        TopicConfig("paid", ("shop.Paid",), key="long", level=CompatibilityLevel.BACKWARD),
        TopicConfig(
            "money",
            ("shop.Money", "shop.Line"),
            SubjectNameStrategy.TOPIC_RECORD,
            key="shop.Key",
        ),
    ),
)


def test_subjects_of_topics_keys_and_shared_types() -> None:
    key = MONEY.replace("Money", "Key")
    project = project_of(TYPE_IN_TWO_ROLES, a=PAID, b=LINE, c=MONEY, d=key)
    money, line = ("shop.Money", "shop.Money"), ("shop.Line", "shop.Line")
    assert [
        (s.subject, s.role, s.topic, s.level and s.level.value, s.references)
        for s in project.subjects
    ] == [
        ("shop.Money", "type", None, "NONE", ()),
        ("shop.Line", "type", None, "FULL", (money,)),
        ("paid-key", "key", "paid", "BACKWARD", ()),
        ("paid-value", "value", "paid", "BACKWARD", (line, money)),
        ("money-key", "key", "money", "FULL", ()),
        ("money-shop.Money", "value", "money", "FULL", ()),
        ("money-shop.Line", "value", "money", "FULL", (money,)),
    ]
    assert project.subjects[2].text == '"long"'
    assert project.subjects[2].file is None
    assert project.subjects[3].text == PAID


@pytest.mark.parametrize(
    ("files", "path", "text"),
    [
        pytest.param({}, None, '["shop.Paid", "shop.Money"]', id="made-of-the-names"),
        pytest.param(
            {"u": '["shop.Money", "shop.Paid"]'}, "u.avsc", '["shop.Money", "shop.Paid"]', id="file"
        ),
        pytest.param(
            {"u": '["null", "shop.Paid"]'}, None, '["shop.Paid", "shop.Money"]', id="other-union"
        ),
    ],
)
def test_topic_of_several_events_has_the_union_of_them(
    files: dict[str, str], path: str | None, text: str
) -> None:
    config = replace(CONFIG, topics=(TopicConfig("paid", ("shop.Paid", "shop.Money")),))
    project = project_of(config, a=PAID, b=LINE, c=MONEY, **files)
    assert [(s.subject, s.role) for s in project.subjects] == [
        ("shop.Money", "type"),
        ("shop.Line", "type"),
        ("shop.Paid", "type"),
        ("paid-value", "value"),
    ]
    union = project.subjects[-1]
    assert (union.file and union.file.path, union.text) == (path, text)
    assert union.references == (("shop.Money", "shop.Money"), ("shop.Paid", "shop.Paid"))
    assert [file.path for file in project.without_subject()] == (
        ["u.avsc"] if files and path is None else []
    )


def test_subject_that_no_file_holds_is_at_its_key_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "schemareg.toml").write_text(
        'roots = ["."]\n\n[topics.paid]\nkey = "long"\nevents = ["shop.Paid", "shop.Money"]\n'
    )
    project = project_of(load_config(None, tmp_path), a=PAID, b=LINE, c=MONEY)
    places = {s.subject: str(s.location(ROOT)) for s in project.subjects if s.topic}
    assert places == {"paid-key": "schemareg.toml:4:1", "paid-value": "schemareg.toml:5:1"}


def test_topic_names_an_event_that_no_file_defines() -> None:
    config = replace(
        CONFIG, source=Path("/schemareg.toml"), topics=(TopicConfig("paid", ("shop.Payd",)),)
    )
    with pytest.raises(UsageError) as refusal:
        project_of(config, a=PAID, b=LINE, c=MONEY)
    assert str(refusal.value) == (
        "schemareg.toml: topics.paid.events: no schema file defines 'shop.Payd';"
        " did you mean 'shop.Paid'? Otherwise add its file, or take it out of the configuration"
    )


@pytest.mark.parametrize(
    ("subject", "advice"),
    [
        pytest.param("shop.Mony", "did you mean 'shop.Money'?", id="misspelt"),
        pytest.param("paid-valeu", "did you mean 'paid-value'?", id="of-a-topic"),
    ],
)
def test_a_level_for_a_subject_that_is_not_there(subject: str, advice: str) -> None:
    """Its author believes that something is protected which is not."""
    config = replace(
        CONFIG,
        source=Path("/schemareg.toml"),
        topics=(TopicConfig("paid", ("shop.Paid",)),),
        subjects={Subject(subject): CompatibilityLevel.FULL},
    )
    with pytest.raises(UsageError) as refusal:
        project_of(config, a=PAID, b=LINE, c=MONEY)
    assert str(refusal.value) == (
        f"schemareg.toml: subjects.{subject}: the project has no such subject; {advice}"
    )


def test_topic_names_an_event_whose_file_is_broken() -> None:
    config = replace(CONFIG, topics=(TopicConfig("paid", ("shop.Paid",)),))
    project = project_of(config, a="{")
    assert len(project.failures) == 1
    assert project.subjects == ()
