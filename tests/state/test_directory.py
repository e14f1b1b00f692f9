"""The state of a directory of older files."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.cli.options import SOURCES
from schemareg.errors import UsageError
from schemareg.state import open_state, sources
from schemareg.subjects import Reference, Subject, Version
from schemareg.workspace import Config, TopicConfig, load_config, load_project

MONEY = '{"type":"record","name":"Money","namespace":"shop","fields":[]}'
PAID = '{"type":"record","name":"Paid","namespace":"shop","fields":[{"name":"m","type":"Money"}]}'


@pytest.fixture
def config(tmp_path: Path) -> Config:
    for name, text in {
        "old/a/Money.avsc": MONEY,
        "old/Paid.avsc": PAID,
        "old/registered/shop.Money/subject.json": "{}",
        "old/registered/shop.Money/v1.avsc": MONEY,
        "broken/Money.avsc": MONEY,
        "broken/Paid.avsc": PAID.replace("Money", "Mony"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "empty").mkdir()
    return Config(cwd=tmp_path, topics=(TopicConfig("paid", ("shop.Paid",), key="string"),))


def test_directory_has_the_subjects_of_its_files(config: Config) -> None:
    state = open_state("old", config=config)
    assert state.origin.description == "old"
    assert set(state.subjects) == {"paid-key", "paid-value", "shop.Money"}
    (version,) = state.versions(Subject("paid-value"))
    assert version.version == 1
    assert version.references == (Reference("shop.Money", Subject("shop.Money"), Version(1)),)
    assert str(version.location) == "old/Paid.avsc"
    assert state.level(Subject("paid-value")) is None
    assert state.versions(Subject("other-value")) == ()


def test_single_file_as_state(config: Config) -> None:
    state = open_state("old/a/Money.avsc", config=config)
    assert set(state.subjects) == {"paid-key", "shop.Money"}


def test_directory_with_a_broken_file_reports_it(config: Config) -> None:
    state = open_state("broken", config=config)
    assert set(state.subjects) == {"paid-key", "shop.Money"}
    assert [(str(r.error.location), r.is_held) for r in state.refused] == [
        ("broken/Paid.avsc:1:80", False)
    ]


TOML = 'roots = ["avro"]\nlevel = "FULL"\n[topics.sent]\nevents = ["shop.Paid"]\n'


@pytest.mark.parametrize(
    ("spec", "subjects"),
    [
        pytest.param("checkout", ["sent-value"], id="checkout"),
        pytest.param("checkout/avro", ["sent-value"], id="root-of-a-checkout"),
        pytest.param("checkout/avro/Paid.avsc", ["sent-value"], id="file-in-a-root"),
        pytest.param("checkout/docs", ["shop.Other"], id="beside-its-roots"),
    ],
)
def test_directory_of_another_checkout_is_read_by_its_own_configuration(
    tmp_path: Path, spec: str, subjects: list[str]
) -> None:
    for name, text in {
        "checkout/schemareg.toml": TOML,
        "checkout/avro/Paid.avsc": PAID.replace('"Money"', '"int"'),
        "checkout/docs/Other.avsc": MONEY.replace("Money", "Other"),
        "here/schemareg.toml": 'roots = ["schemas"]\n',
        "here/schemas/Paid.avsc": PAID.replace('"Money"', '"int"'),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config(None, tmp_path / "here")
    project = load_project(config)
    state = open_state(f"../{spec}", config=config, project=project)
    assert list(state.subjects) == subjects
    levels = {state.level(subject) for subject in state.subjects}
    assert levels == ({None} if subjects == ["shop.Other"] else {"FULL"})


REFUSED = [
    (
        "empty",
        "there are no schemas in empty to compare with; name the directory that holds the older"
        " *.avsc files, or a snapshot",
    ),
    (
        "snapshott",
        "'snapshott' is nothing to compare with; name snapshot, versions, git:REF, a registry's"
        " URL, a bundle, or a directory",
    ),
]


def test_help_names_the_sources_as_errors_do() -> None:
    assert SOURCES == sources.WORDS


@pytest.mark.parametrize(("spec", "message"), REFUSED)
def test_directory_refused(config: Config, spec: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        open_state(spec, config=config)
    assert str(refusal.value) == message
