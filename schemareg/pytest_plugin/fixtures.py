"""The fixtures, under the names that the ini option `schemareg_prefix` gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemareg.pytest_plugin.events import EventMaker
    from schemareg.pytest_plugin.faults import Faults
    from schemareg.pytest_plugin.faults_kafka import KafkaFaults
    from schemareg.pytest_plugin.faults_registry import RegistryFaults
    from schemareg.pytest_plugin.kafka import TestKafka
    from schemareg.pytest_plugin.published import Published
    from schemareg.pytest_plugin.registry import TestRegistry
    from schemareg.pytest_plugin.saga import Saga
    from schemareg.pytest_plugin.session import Session
    from schemareg.sampling.edges import EdgeCase

_Scope: TypeAlias = Literal["function", "module", "session"]
_SCOPES: tuple[_Scope, ...] = ("function", "module", "session")
_FAULTS: pytest.StashKey[list[Faults]] = pytest.StashKey()
"""Where a test stores the faults that must be healed as soon as its body has ended."""


def fixtures(prefix: str, session_of: Callable[[pytest.Config], Session]) -> object:
    """An object that holds the fixtures of a test alone, as a plugin to register."""

    class Fixtures:
        @pytest.fixture(name=f"{prefix}event")
        def event(self, request: pytest.FixtureRequest) -> EventMaker:
            """`event("OrderCreated", total=12.0)`: a sampled event with these values in it."""
            from schemareg.pytest_plugin.events import EventMaker

            session = session_of(request.config)
            return EventMaker(session.catalog, _seed(request) + session.settings.seed)

        @pytest.fixture(name=f"{prefix}event_cases")
        def event_cases(
            self, request: pytest.FixtureRequest
        ) -> Callable[[str], Sequence[EdgeCase]]:
            """`event_cases("OrderCreated")`: its edge cases, each with a name and an event."""
            maker: EventMaker = request.getfixturevalue(f"{prefix}event")
            return maker.cases

        @pytest.fixture(name=f"{prefix}event_case")
        def event_case(self, request: pytest.FixtureRequest) -> EdgeCase:
            """One edge case; needs the mark `event_cases("OrderCreated")`."""
            name = f"{prefix}event_case"
            raise pytest.UsageError(
                f"{request.node.nodeid}: {name} needs @pytest.mark.event_cases('TheEvent')"
            )

        @pytest.fixture(name=f"{prefix}registry_faults")
        def registry_faults(self, request: pytest.FixtureRequest) -> Iterator[RegistryFaults]:
            """Faults of the registry as a service sees it: `slow`, `down`, `unavailable`, …"""
            with _extra_needed():
                from schemareg.pytest_plugin.faults_registry import RegistryFaults

            _require_argument(request, f"{prefix}registry_faults")
            with RegistryFaults(session_of(request.config).registry) as faults:
                _heal_after_the_body(request, faults)
                yield faults

        @pytest.fixture(name=f"{prefix}kafka_faults")
        def kafka_faults(self, request: pytest.FixtureRequest) -> Iterator[KafkaFaults]:
            """Faults of the broker (`unreachable`, `slow`, `restarted`), and poisonous messages."""
            with _extra_needed():
                from schemareg.pytest_plugin.faults_kafka import open_faults

            _require_argument(request, f"{prefix}kafka_faults")
            with open_faults(
                session_of(request.config),
                lambda: request.getfixturevalue(f"{prefix}kafka"),
                lambda: request.getfixturevalue(f"{prefix}event"),
            ) as faults:
                _heal_after_the_body(request, faults)
                yield faults

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
            """A fault that a test did not end fails it, whatever came of it."""
            yield
            for faults in item.stash.get(_FAULTS, ()):
                if faults.overdue:
                    pytest.fail(faults.overdue, pytrace=False)

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
            """Faults end before fixtures, a service's own among them, are torn down."""
            try:
                for faults in item.stash.get(_FAULTS, ()):
                    faults.heal()
            finally:
                yield

    return Fixtures()


def scoped_fixtures(prefix: str, session_of: Callable[[pytest.Config], Session]) -> ModuleType:
    """A module that holds the fixtures that exist for a test, a module and the run.

    pytest deprecates methods as fixtures of more than a test; functions of a module are none.
    """
    made = ModuleType(f"{__name__}.scoped")
    for scope in _SCOPES:
        for attribute, definition in _scoped(scope, prefix, session_of):
            setattr(made, attribute, definition)
    return made


@contextmanager
def _extra_needed() -> Iterator[None]:
    """An import inside that fails is reported as the missing extra `pytest`."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise pytest.UsageError(
            f"this fixture needs the Python module {error.name!r}; "
            "run: pip install 'schemareg[pytest]'"
        ) from error


def _scoped(
    scope: _Scope, prefix: str, session_of: Callable[[pytest.Config], Session]
) -> Iterator[tuple[str, Any]]:
    """Broker and registry for the time of a test, a module or the run."""
    stem = prefix if scope == "function" else f"{prefix}{scope}_"

    @pytest.fixture(name=f"{stem}schema_registry", scope=scope)
    def schema_registry(request: pytest.FixtureRequest) -> Iterator[TestRegistry]:
        """A registry that is empty and this test's own: `url`, `client`, `register`."""
        with _extra_needed():
            from schemareg.pytest_plugin.registry import TestRegistry

        session = session_of(request.config)
        name = f"{prefix}registry_faults"
        faults = request.getfixturevalue(name) if name in _names_of(request) else None
        registry = TestRegistry(
            session.registry,
            _unique_name(request),
            session.names,
            with_context=session.settings.contexts,
            service_url=faults.url if faults else "",
        )
        yield registry
        registry.close()

    @pytest.fixture(name=f"{stem}kafka", scope=scope)
    def kafka(request: pytest.FixtureRequest) -> Iterator[TestKafka]:
        """A broker with topics that are this test's own: `topic`, `send`, client settings."""
        with _extra_needed():
            from schemareg.pytest_plugin.kafka import TestKafka

        session = session_of(request.config)
        registry = request.getfixturevalue(f"{stem}schema_registry")
        name = f"{prefix}kafka_faults"
        if name in _names_of(request):
            faults: KafkaFaults = request.getfixturevalue(name)
            broker = faults.broker
        else:
            broker = session.broker
        with TestKafka(broker, registry, session.names) as kafka:
            yield kafka

    @pytest.fixture(name=f"{stem}published")
    def published(request: pytest.FixtureRequest) -> Iterator[Published]:
        """What arrived on the test's topics: `expect`, `expect_none`, `chain`."""
        with _extra_needed():
            from schemareg.pytest_plugin.published import Published

        session = session_of(request.config)
        with Published(
            request.getfixturevalue(f"{stem}kafka"),
            request.getfixturevalue(f"{stem}schema_registry").client,
            session.settings,
            session.names,
            from_now=scope != "function",
        ) as published:
            yield published

    @pytest.fixture(name=f"{stem}saga")
    def saga(request: pytest.FixtureRequest) -> Saga:
        """Sequences of events over several topics, with what must be undone."""
        with _extra_needed():
            from schemareg.pytest_plugin.saga import Saga

        return Saga(request.getfixturevalue(f"{stem}published"))

    for name, definition in (
        ("schema_registry", schema_registry),
        ("kafka", kafka),
        ("published", published),
        ("saga", saga),
    ):
        yield f"{scope}_{name}", definition


def _names_of(request: pytest.FixtureRequest) -> Sequence[str]:
    """The fixtures among the arguments of a test or of its fixtures; none for a wider scope."""
    names: Sequence[str] = getattr(request.node, "fixturenames", ())
    return names


def _require_argument(request: pytest.FixtureRequest, name: str) -> None:
    if name not in _names_of(request):
        raise pytest.UsageError(
            f"{request.node.nodeid}: {name} must be an argument of the test or of a fixture, "
            "for the broker and the registry are opened with it"
        )


def _heal_after_the_body(request: pytest.FixtureRequest, faults: Faults) -> None:
    item: pytest.Item = request.node
    item.stash.setdefault(_FAULTS, []).append(faults)


def _seed(request: pytest.FixtureRequest) -> int:
    """A number of the test, the same in every run."""
    return crc32(request.node.nodeid.encode())


def _unique_name(request: pytest.FixtureRequest) -> str:
    """A prefix that no other test uses, nor this one in another run at the same time."""
    from uuid import uuid4

    return f"t{_seed(request):08x}-{uuid4().hex[:8]}"
