"""The pytest plugin: events, registry, broker, what a service published, and sagas.

pytest loads this module in every run, so it imports nothing heavier than pytest itself; the
fixtures import the rest when a test uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from schemareg.pytest_plugin.fixtures import fixtures
from schemareg.pytest_plugin.settings import Settings

if TYPE_CHECKING:
    from schemareg.pytest_plugin.session import Session

_MARK = "event_cases"
_SESSION: pytest.StashKey[Session] = pytest.StashKey()
"""Where a run stores what its tests share."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("schemareg", "event schemas (schemareg)")
    group.addoption(
        "--schemareg-kafka",
        metavar="BROKER",
        help="broker of the kafka fixture: embedded, container or HOST:PORT",
    )
    group.addoption(
        "--schemareg-registry",
        metavar="REGISTRY",
        help="registry of the schema_registry fixture: embedded, in-process or a URL",
    )
    group.addoption(
        "--schemareg-seed", metavar="N", type=int, help="other values in generated events"
    )
    parser.addini("schemareg_kafka", "as --schemareg-kafka, which wins", default="embedded")
    parser.addini("schemareg_registry", "as --schemareg-registry, which wins", default="embedded")
    parser.addini(
        "schemareg_schemas",
        "where the schemas are: directories, files, archives, package:NAME/FOLDER, registry URLs; "
        "by default the project of schemareg.toml",
        type="linelist",
    )
    parser.addini("schemareg_prefix", "put before the name of every fixture", default="")
    parser.addini(
        "schemareg_contexts",
        "whether each test gets a context of the registry; false for registries without contexts",
        type="bool",
        default=True,
    )
    parser.addini(
        "schemareg_allow_unknown",
        "whether tests may name events, paths and topics that are not in schemas and configuration",
        type="bool",
        default=False,
    )
    parser.addini("schemareg_event_id", "path of an event's id", default="metadata.eventId")
    parser.addini(
        "schemareg_correlation_id",
        "path of the id that a chain of events shares",
        default="metadata.correlationId",
    )
    parser.addini(
        "schemareg_causation_id",
        "path of the id of the event that caused this one",
        default="metadata.causationId",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARK}(name): runs the test for each edge case of the event; the fixture event_case "
        "holds it",
    )
    made = fixtures(config.getini("schemareg_prefix"), session_of)
    config.pluginmanager.register(made, "schemareg-fixtures")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mark = metafunc.definition.get_closest_marker(_MARK)
    fixture = f"{metafunc.config.getini('schemareg_prefix')}event_case"
    if mark is None or fixture not in metafunc.fixturenames:
        return
    cases = session_of(metafunc.config).edge_cases(*mark.args, **mark.kwargs)
    metafunc.parametrize(fixture, cases, ids=[case.name for case in cases])


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    try:
        yield
    finally:
        opened = session.config.stash.get(_SESSION, None)
        if opened is not None:
            opened.close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under pytest-xdist one container serves all workers: it is started once, here."""
    if Settings.of(node.config).kafka == "container":
        node.workerinput["schemareg_kafka"] = session_of(node.config).broker.bootstrap_servers


def session_of(config: pytest.Config) -> Session:
    """What the tests of one process share, created at the first use."""
    opened = config.stash.get(_SESSION, None)
    if opened is None:
        from schemareg.pytest_plugin.session import Session

        opened = config.stash[_SESSION] = Session.of(config)
    return opened
