"""The pytest plugin: events, registry, broker, what a service published, and sagas.

pytest loads this module in every run, so it imports nothing heavier than pytest itself; the
fixtures import the rest when a test uses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from schemareg.pytest_plugin.fixtures import fixtures, scoped_fixtures
from schemareg.pytest_plugin.settings import Settings, add_settings

if TYPE_CHECKING:
    from schemareg.pytest_plugin.session import Session

_MARK = "event_cases"
_SESSION: pytest.StashKey[Session] = pytest.StashKey()
"""Where a run stores what its tests share."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_settings(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARK}(name): runs the test for each edge case of the event; the fixture event_case "
        "holds it",
    )
    prefix = Settings.prefix(config)
    config.pluginmanager.register(fixtures(prefix, session_of), "schemareg-fixtures")
    config.pluginmanager.register(scoped_fixtures(prefix, session_of), "schemareg-scoped-fixtures")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    mark = metafunc.definition.get_closest_marker(_MARK)
    fixture = f"{Settings.prefix(metafunc.config)}event_case"
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
