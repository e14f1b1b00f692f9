"""A registry's state, through the real client against the embedded server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from schemareg.avro import parse
from schemareg.errors import ExitCode, RegistryError, RegistryUnavailableError
from schemareg.registry import RegistryClient, connect
from schemareg.registry.api.registering import register_state
from schemareg.registry.api.types import Registry
from schemareg.registry.server import EmbeddedRegistry
from schemareg.state import RegistryState, Schemas, open_state, write_snapshot
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
from schemareg.syntax import same_tokens
from schemareg.workspace import Config, load_config

TOP = Path(__file__).parent.parent.parent
MONEY = '{"type":"record","name":"Money","namespace":"shop","fields":[{"name":"a","type":"long"}]}'
LINE = '{"type":"record","name":"Line","namespace":"shop","fields":[{"name":"p","type":"Money"}]}'
PAID_V1 = '{"type":"record","name":"Paid","namespace":"shop","fields":[]}'
PAID_V2 = (
    '{"type":"record","name":"Paid","namespace":"shop","fields":['
    '{"name":"l","type":["null","Line"],"default":null}]}'
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A registry with a type, a type that uses it, and two versions of an event."""
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        money, line, paid = Subject("shop.Money"), Subject("shop.Line"), Subject("paid-value")
        registry.register(money, MONEY)
        uses = [Reference("shop.Money", money, Version(1))]
        registry.register(line, LINE, references=uses)
        registry.register(paid, PAID_V1)
        uses = [Reference("shop.Line", line, Version(1))]
        registry.register(paid, PAID_V2, references=uses)
        registry.set_level(CompatibilityLevel.FULL, paid)
        yield server.url


@pytest.fixture
def state(url: str, tmp_path: Path) -> RegistryState:
    return open_state(url, config=Config(cwd=tmp_path))


def test_registry_holds_what_is_registered(state: RegistryState, url: str) -> None:
    assert state.origin.description == f"the registry at {url}"
    assert list(state.subjects) == ["paid-value", "shop.Line", "shop.Money"]
    first, second = Schemas(state, avro_version="1.12").history(Subject("paid-value"))
    assert (first.version, second.version) == (1, 2)
    assert first.text == PAID_V1
    assert second.references == (Reference("shop.Line", Subject("shop.Line"), Version(1)),)
    line = second.schema.references[0]
    assert list(line.names) == ["shop.Line"]
    assert list(line.references[0].names) == ["shop.Money"]
    assert str(second.location) == f"{url}/subjects/paid-value/versions/2"


def test_registry_is_read_as_far_as_it_is_wanted(url: str, tmp_path: Path) -> None:
    wanted = [Subject("shop.Line"), Subject("unknown-value")]
    state = open_state(url, config=Config(cwd=tmp_path), wanted=wanted)
    assert list(state.subjects) == ["shop.Line", "shop.Money"]
    assert state.versions(Subject("unknown-value")) == ()


def test_registry_has_the_level_in_force(state: RegistryState, url: str, tmp_path: Path) -> None:
    assert state.level(Subject("paid-value")) is CompatibilityLevel.FULL
    assert state.level(Subject("shop.Money")) is CompatibilityLevel.BACKWARD
    assert state.level(Subject("unknown-value")) is None
    wanted = [Subject("unknown-value")]
    other = open_state(url, config=Config(cwd=tmp_path), wanted=wanted)
    assert other.level(Subject("unknown-value")) is CompatibilityLevel.BACKWARD


def test_snapshot_of_a_registry_holds_the_same(state: RegistryState, tmp_path: Path) -> None:
    assert len(write_snapshot(tmp_path / "registered", state)) == 3 + 4
    snapshot = open_state(str(tmp_path / "registered"), config=Config(cwd=tmp_path))
    for subject, held in state.subjects.items():
        assert snapshot.level(subject) is held.level
        for left, right in zip(held.versions, snapshot.versions(subject), strict=True):
            assert left.references == right.references
            assert same_tokens(left.text, right.text)


def test_registry_state_holds_no_credentials(url: str, tmp_path: Path) -> None:
    with_secret = url.replace("http://", "http://reader:swordfish@")
    state = open_state(with_secret, config=Config(cwd=tmp_path))
    (version,) = state.versions(Subject("shop.Money"))
    assert "swordfish" not in state.origin.description + str(version.location)


def test_registry_that_is_down(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(RegistryUnavailableError) as refusal:
            open_state(url, config=Config(cwd=tmp_path))
    assert refusal.value.exit_code is ExitCode.EXTERNAL_FAILURE


def test_deleted_versions_are_not_held(tmp_path: Path) -> None:
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        money = Subject("shop.Money")
        registry.register(money, MONEY)
        registry.register(money, MONEY.replace('"fields"', '"doc":"d","fields"'))
        registry.delete_version(money, Version(1))
        state = read_registry(registry, "test")
        assert [v.version for v in state.subjects[money].versions] == [2]
        registry.delete_subject(money)
        assert read_registry(registry, "test", [money]).subjects == {}


def test_domain_is_accepted_by_a_strict_registry() -> None:
    """Every version of the snapshot, as a registry parses what is new: strict names, defaults."""
    config = load_config(None, TOP)
    snapshot = open_state("snapshot", config=config)
    schemas = Schemas(snapshot, avro_version=config.avro_version)
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        registered = list(register_state(snapshot, registry.register))
        for wanted, found in registered:
            assert found.version == wanted.version
            parse(
                wanted.text,
                references=schemas.schema(found.subject, wanted).references,
                names="strict",
                validate_defaults=True,
            )
        assert list(open_state(server.url, config=config).subjects) == list(snapshot.subjects)


def test_registry_is_read_by_several_requests_at_once(url: str) -> None:
    """Two of them wait for each other: one after the other they would wait for ever."""
    meeting = threading.Barrier(2, timeout=20)

    class Meeting:
        def __init__(self, registry: RegistryClient) -> None:
            self.registry = registry

        def get_versions(self, subject: Subject, *, deleted: bool = False) -> tuple[Version, ...]:
            if subject in ("shop.Money", "paid-value"):
                meeting.wait()
            return self.registry.get_versions(subject, deleted=deleted)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.registry, name)

    with connect(url) as registry:
        wanted = [Subject("shop.Money"), Subject("paid-value")]
        state = read_registry(cast(Registry, Meeting(registry)), url, wanted)
    assert list(state.subjects) == ["paid-value", "shop.Line", "shop.Money"]


def test_refusal_of_one_subject_ends_the_reading(url: str) -> None:
    seen: list[Subject] = []

    class Refusing:
        def __init__(self, registry: RegistryClient) -> None:
            self.registry = registry

        def get_versions(self, subject: Subject, *, deleted: bool = False) -> tuple[Version, ...]:
            seen.append(subject)
            raise RegistryError("denied", code=40301, status=403)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.registry, name)

    many = [Subject(f"s{number}") for number in range(1000)]
    with connect(url) as registry, pytest.raises(RegistryError, match="denied"):
        read_registry(cast(Registry, Refusing(registry)), url, many)
    assert len(seen) < 1000
