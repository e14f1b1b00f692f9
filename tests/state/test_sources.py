"""One contract for every source of a state: the same schemas, read as the same subjects."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from schemareg.errors import ContentError, UsageError
from schemareg.registry import connect
from schemareg.registry.api.registering import register_state
from schemareg.registry.api.state import (
    Origin,
    PassedOver,
    RegistryState,
    StoredVersion,
    SubjectState,
    in_order,
)
from schemareg.registry.api.state_json import from_json, to_json
from schemareg.registry.api.types import Metadata, Mode
from schemareg.registry.server import EmbeddedRegistry
from schemareg.state import Schemas, open_state, state_of_project, write_snapshot
from schemareg.state.bundle import write_bundle
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version
from schemareg.workspace import Config, Project, load_config, load_project
from tests.state.commits import git
from tests.support.other_types import registry_with_protobuf

MONEY = '{"type":"record","name":"Money","namespace":"shop","fields":[{"name":"a","type":"long"}]}'
PAID = '{"type":"record","name":"Paid","namespace":"shop","fields":[{"name":"m","type":"Money"}]}'
CONFIG = 'roots = ["schemas"]\nlevel = "FULL"\n[topics.paid]\nevents = ["shop.Paid"]\n'

Source = Callable[[Path], RegistryState]


def project_at(tmp_path: Path) -> tuple[Project, Config]:
    for name, text in {
        "now/schemas/Money.avsc": MONEY,
        "now/schemas/Paid.avsc": PAID,
        "now/schemareg.toml": CONFIG,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config(None, tmp_path / "now")
    return load_project(config), config


def of_project(tmp_path: Path) -> RegistryState:
    return state_of_project(project_at(tmp_path)[0], Origin("this project"))


def of_directory(tmp_path: Path) -> RegistryState:
    project, config = project_at(tmp_path)
    (tmp_path / "now").rename(tmp_path / "then")
    return open_state(str(tmp_path / "then"), config=config, project=project)


def of_git(tmp_path: Path) -> RegistryState:
    project, config = project_at(tmp_path)
    git(tmp_path / "now", "init", "-q", "-b", "main")
    git(tmp_path / "now", "add", "-A")
    git(tmp_path / "now", "commit", "-qm", "one")
    return open_state("git:main", config=config, project=project)


def of_snapshot(tmp_path: Path) -> RegistryState:
    state = of_project(tmp_path)
    write_snapshot(tmp_path / "registered", state)
    return open_state(str(tmp_path / "registered"), config=Config(cwd=tmp_path))


def of_bundle(tmp_path: Path) -> RegistryState:
    state = of_project(tmp_path)
    write_bundle(tmp_path / "bundle.json", state)
    return open_state("bundle.json", config=Config(cwd=tmp_path))


def of_registry(tmp_path: Path) -> RegistryState:
    state = of_project(tmp_path)
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        for subject in state.subjects:
            registry.set_level(CompatibilityLevel.FULL, subject)
        list(register_state(state, registry.register))
        return open_state(server.url, config=Config(cwd=tmp_path))


@pytest.mark.parametrize(
    "source", [of_project, of_directory, of_git, of_snapshot, of_bundle, of_registry]
)
def test_every_source_reads_the_same_state(tmp_path: Path, source: Source) -> None:
    state = source(tmp_path)
    assert {
        subject: (held.level, [(v.version, v.references) for v in held.versions])
        for subject, held in state.subjects.items()
    } == {
        "paid-value": (
            "FULL",
            [(1, (Reference("shop.Money", Subject("shop.Money"), Version(1)),))],
        ),
        "shop.Money": ("FULL", [(1, ())]),
    }
    texts = {s: [json.loads(v.text) for v in state.versions(s)] for s in state.subjects}
    assert texts == {"paid-value": [json.loads(PAID)], "shop.Money": [json.loads(MONEY)]}
    schemas = Schemas(state, avro_version="1.12")
    (version,) = schemas.history(Subject("paid-value"))
    (money,) = schemas.history(Subject("shop.Money"))
    assert version.schema.references == (money.schema,)
    assert state.versions(Subject("unknown")) == ()
    assert [s for s, _ in in_order(state)] == ["shop.Money", "paid-value"]
    assert from_json(to_json(state), shown="bundle.json") == state


WHOLE = RegistryState(
    {
        Subject("a-value"): SubjectState(
            Subject("a-value"),
            (
                StoredVersion(Version(1), '"int"', deleted=True, id=SchemaId(7), guid="g"),
                StoredVersion(
                    Version(3),
                    '"long"',
                    metadata=Metadata({"a": ("pii",)}, {"owner": "a"}, ("owner",)),
                    rule_set={"domainRules": []},
                ),
            ),
            CompatibilityLevel.NONE,
            Mode.READONLY,
        )
    }
)


def test_everything_in_a_state_goes_into_json_and_back() -> None:
    value = json.loads(json.dumps(to_json(WHOLE)))
    again = from_json(value, shown="bundle.json")
    assert again == WHOLE
    assert [v.id for v in again.subjects[Subject("a-value")].versions] == [7, None]
    assert [v.version for v in again.versions(Subject("a-value"))] == [3]


SUBJECT = {"subject": "a", "versions": [{"version": 1, "schema": '"int"'}]}
REFUSED = [
    ([], "b.json: a bundle is not a JSON object: []; write the bundle again"),
    ({"format_version": 2}, "b.json: not a bundle of format 1: format_version is 2"),
    ({"format_version": 1}, "b.json: 'subjects' is not a JSON array: None"),
    (
        {"format_version": 1, "subjects": [SUBJECT, SUBJECT]},
        "b.json: subject 'a' is in it twice",
    ),
    (
        {"format_version": 1, "subjects": [{"subject": "a", "versions": [{"version": 1}]}]},
        "b.json: 'schema' is not a string: None",
    ),
    (
        {"format_version": 1, "subjects": [SUBJECT | {"mode": "OPEN"}]},
        "b.json: unknown mode 'OPEN'",
    ),
]


@pytest.mark.parametrize(("value", "message"), REFUSED)
def test_bundle_refused(tmp_path: Path, value: object, message: str) -> None:
    (tmp_path / "b.json").write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(ContentError) as refusal:
        open_state("b.json", config=Config(cwd=tmp_path))
    assert str(refusal.value).startswith(message)


def test_bundle_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "b.json").mkdir()
    with pytest.raises(UsageError):
        write_bundle(tmp_path / "b.json", WHOLE)
    assert [path.name for path in tmp_path.iterdir()] == ["b.json"]


def test_modes_are_read_on_request() -> None:
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        for name in ("a", "b"):
            registry.register(Subject(name), MONEY)
        registry.set_mode(Mode.READONLY, Subject("a"))
        assert [h.mode for h in read_registry(registry, "r").subjects.values()] == [None, None]
        state = read_registry(registry, "r", with_modes=True)
    assert {s: held.mode for s, held in state.subjects.items()} == {"a": "READONLY", "b": None}


def test_other_schema_types_are_counted_and_passed_over(tmp_path: Path) -> None:
    with registry_with_protobuf(["shop.Money"]) as url, connect(url) as registry:
        registry.register(Subject("shop.Money"), MONEY)
        state = read_registry(registry, url)
    assert list(state.subjects) == ["shop.Money"]
    assert state.passed_over == (PassedOver(Subject("calls-value"), "PROTOBUF", 1),)


CYCLE = {
    name: SubjectState(
        Subject(name),
        (StoredVersion(Version(1), '"int"', (Reference(used, Subject(used), Version(1)),)),),
    )
    for name, used in (("a", "b"), ("b", "a"))
}


def test_order_of_references_that_form_a_cycle_ends() -> None:
    state = RegistryState({Subject(name): held for name, held in CYCLE.items()})
    assert [subject for subject, _ in in_order(state)] == ["b", "a"]
