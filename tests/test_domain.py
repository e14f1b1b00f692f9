"""The shop's own schemas: they hold what they promise, and a wrong change to them is noticed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from schemareg.compat import check
from schemareg.lint import run
from schemareg.lint.configuration import lint_settings
from schemareg.state import Schemas, open_state, write_snapshot
from schemareg.subjects import Subject
from schemareg.workspace import Config, Project, load_config, load_project

TOP = Path(__file__).parent.parent
ORDER_CREATED = Subject("orders-com.company.events.OrderCreated")
ORDER_CREATED_V1 = (
    '{"type":"record","name":"OrderCreated","namespace":"com.company.events","fields":['
    '{"name":"orderId","type":"string"},{"name":"userId","type":"string"},'
    '{"name":"items","type":{"type":"array","items":"string"}},{"name":"total","type":"double"},'
    '{"name":"timestamp","type":"long"},{"name":"version","type":"string","default":"1.0"}]}'
)
SERVICES = {
    "analytics", "cart", "inventory", "notification", "order", "payment", "product", "search",
    "shipping", "user",
}  # fmt: skip


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(None, TOP)


@pytest.fixture(scope="module")
def project(config: Config) -> Project:
    return load_project(config)


@pytest.fixture(scope="module")
def snapshot(config: Config) -> Schemas:
    return Schemas(open_state("snapshot", config=config), avro_version=config.avro_version)


def test_domain_parses_whole(project: Project) -> None:
    assert project.failures == ()
    events = [s for s in project.subjects if s.role == "value"]
    assert len(events) >= 12
    folders = {s.file.path.split("/")[2] for s in events if s.file}
    assert folders == SERVICES


def test_domain_lints_clean_but_for_what_is_inherited(project: Project, config: Config) -> None:
    assert [
        (f.rule, f.element, f.suppressed is None) for f in run(project, lint_settings(config))
    ] == [
        ("money-as-double", "com.company.events.OrderCreated.total", False),
        ("timestamp-without-logical-type", "com.company.events.OrderCreated.timestamp", False),
    ]


def test_domain_is_compatible_with_what_is_registered(project: Project, snapshot: Schemas) -> None:
    for subject in project.subjects:
        history = [(v.version, v.schema) for v in snapshot.history(subject.subject)]
        assert subject.level is not None
        assert list(check(subject.schema, history, subject.level)) == [], subject.subject


def test_snapshot_could_have_been_registered_version_by_version(snapshot: Schemas) -> None:
    for subject in snapshot.state.subjects:
        history = [(v.version, v.schema) for v in snapshot.history(subject)]
        level = snapshot.state.level(subject)
        assert level is not None
        for at, (_, schema) in enumerate(history):
            assert list(check(schema, history[:at], level)) == [], (subject, at)


def test_snapshot_keeps_the_levels_that_are_configured(project: Project, snapshot: Schemas) -> None:
    for subject in project.subjects:
        if snapshot.history(subject.subject):
            assert snapshot.state.level(subject.subject) is subject.level, subject.subject


def test_snapshot_is_laid_out_as_it_would_be_written(config: Config, snapshot: Schemas) -> None:
    assert write_snapshot(config.snapshot, snapshot.state) == ()


def test_order_created_grew_from_its_first_version(project: Project, snapshot: Schemas) -> None:
    history = snapshot.history(ORDER_CREATED)
    assert [v.version for v in history] == [1, 2]
    assert json.loads(history[0].text) == json.loads(ORDER_CREATED_V1)
    (today,) = (s for s in project.subjects if s.subject == ORDER_CREATED)
    assert today.text not in [v.text for v in history]


def test_snapshot_pins_references_to_versions_that_it_holds(snapshot: Schemas) -> None:
    pinned = {
        (reference.subject, reference.version)
        for subject in snapshot.state.subjects
        for version in snapshot.history(subject)
        for reference in version.references
    }
    assert (Subject("com.company.shared.EventMetadata"), 1) in pinned
    assert (Subject("com.company.shared.EventMetadata"), 2) in pinned
    for subject, number in pinned:
        assert number in [v.version for v in snapshot.history(subject)]


def test_snapshot_has_subjects_of_several_versions(snapshot: Schemas) -> None:
    several = {s for s in snapshot.state.subjects if len(snapshot.history(s)) > 1}
    assert len(several) >= 5
    # a changed shared type, an enum that grew, a rename through an alias
    assert Subject("com.company.shared.Address") in several
    assert Subject("com.company.shared.PaymentMethod") in several
    assert Subject("users-com.company.events.UserRegistered") in several


BROKEN = [
    # what is replaced, by what, what notices it with which words
    (
        '"name": "displayName"',
        '"name": "shownName"',
        "check: READER_FIELD_MISSING_DEFAULT_VALUE",
    ),
    ('"type": "boolean"', '"type": "int"', "lint: invalid-default"),
    ("shared.EventMetadata", "shared.EventMetadat", "lint: unresolved-type"),
    ('"fields": [', '"fields": [[', "lint: json-syntax"),
    ('"aliases": [', '"alias": [', "check: READER_FIELD_MISSING_DEFAULT_VALUE"),
]


@pytest.mark.parametrize(("old", "new", "noticed"), BROKEN)
def test_wrong_change_is_noticed(
    tmp_path: Path, snapshot: Schemas, old: str, new: str, noticed: str
) -> None:
    shutil.copytree(TOP / "schemas", tmp_path / "schemas")
    shutil.copy(TOP / "schemareg.toml", tmp_path)
    path = tmp_path / "schemas/events/user/UserRegistered.avsc"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    config = load_config(None, tmp_path)
    project = load_project(config)
    found = {f"lint: {f.rule}" for f in run(project, lint_settings(config)) if f.suppressed is None}
    for subject in project.subjects:
        history = [(v.version, v.schema) for v in snapshot.history(subject.subject)]
        assert subject.level is not None
        for clash in check(subject.schema, history, subject.level):
            found |= {f"check: {i.kind.value}" for i in clash.incompatibilities}
    assert noticed in found
