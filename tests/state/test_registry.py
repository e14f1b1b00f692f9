"""A registry as base, through the real client against the embedded server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.avro import parse
from schemareg.errors import ExitCode, RegistryUnavailableError
from schemareg.registry import connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.state import Base, open_base, write_snapshot
from schemareg.state.layout import same_json
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
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
def base(url: str, tmp_path: Path) -> Base:
    return open_base(url, config=Config(cwd=tmp_path))


def test_registry_base_holds_what_is_registered(base: Base, url: str) -> None:
    assert base.describe() == f"the registry at {url}"
    assert base.subjects() == ("paid-value", "shop.Line", "shop.Money")
    first, second = base.history(Subject("paid-value"))
    assert (first.version, second.version) == (1, 2)
    assert first.text == PAID_V1
    assert second.references == (Reference("shop.Line", Subject("shop.Line"), Version(1)),)
    line = second.schema.references[0]
    assert list(line.names) == ["shop.Line"]
    assert list(line.references[0].names) == ["shop.Money"]
    assert str(second.location) == f"{url}/subjects/paid-value/versions/2"


def test_registry_base_without_the_subject(base: Base) -> None:
    assert base.history(Subject("unknown-value")) == ()


def test_registry_base_tells_the_level_in_force(base: Base) -> None:
    assert base.level(Subject("paid-value")) is CompatibilityLevel.FULL
    assert base.level(Subject("shop.Money")) is CompatibilityLevel.BACKWARD


def test_snapshot_of_a_registry_says_what_it_holds(base: Base, tmp_path: Path) -> None:
    written = write_snapshot(tmp_path / "registered", base)
    assert len(written) == 3 + 4
    snapshot = open_base(str(tmp_path / "registered"), config=Config(cwd=tmp_path))
    assert snapshot.subjects() == base.subjects()
    for subject in base.subjects():
        assert snapshot.level(subject) is base.level(subject)
        for left, right in zip(base.history(subject), snapshot.history(subject), strict=True):
            assert left.references == right.references
            assert same_json(left.text, right.text)


def test_registry_base_keeps_credentials_to_itself(url: str, tmp_path: Path) -> None:
    with_secret = url.replace("http://", "http://reader:swordfish@")
    base = open_base(with_secret, config=Config(cwd=tmp_path))
    (version,) = base.history(Subject("shop.Money"))
    assert "swordfish" not in base.describe() + str(version.location)


def test_registry_that_is_down(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = open_base(f"http://127.0.0.1:{taken.getsockname()[1]}", config=Config(cwd=tmp_path))
        with pytest.raises(RegistryUnavailableError) as refusal:
            base.subjects()
    assert refusal.value.exit_code is ExitCode.EXTERNAL_FAILURE


def test_domain_is_taken_by_a_strict_registry() -> None:
    """Every version of the snapshot, as a registry parses what is new: strict names, defaults."""
    config = load_config(None, TOP)
    snapshot = open_base("snapshot", config=config)
    with EmbeddedRegistry() as server, connect(server.url) as registry:
        ready = {
            (subject, version.version): version
            for subject in snapshot.subjects()
            for version in snapshot.history(subject)
        }
        while ready:
            for (subject, number), version in list(ready.items()):
                needs = [(r.subject, r.version) for r in version.references]
                if number > 1:
                    needs.append((subject, Version(number - 1)))
                if any(need in ready for need in needs):
                    continue
                parse(
                    version.text,
                    references=version.schema.references,
                    names="strict",
                    validate_defaults=True,
                )
                registered = registry.register(subject, version.text, references=version.references)
                level = snapshot.level(subject)
                assert level is not None
                registry.set_level(level, subject)
                assert registered.version == number
                del ready[subject, number]
        again = open_base(server.url, config=config)
        assert again.subjects() == snapshot.subjects()
