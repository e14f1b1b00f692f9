"""What the tests of the server share: servers on free ports, stopped at the test's end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from schemareg.registry.server.serving import RegistryServer
from schemareg.registry.server.settings import ServerSettings
from schemareg.site.pages import Pages

StartServer = Callable[[ServerSettings], RegistryServer]


@pytest.fixture(scope="session")
def start_server_for_session() -> Iterator[StartServer]:
    with ExitStack() as stack:
        yield lambda settings: _started(stack, settings)


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Starts a server of those settings, in a thread; several may run."""
    with ExitStack() as stack:
        yield lambda settings: _started(stack, settings)


def _started(stack: ExitStack, settings: ServerSettings) -> RegistryServer:
    server = stack.enter_context(RegistryServer(settings, pages=Pages))
    thread = threading.Thread(target=server.run)
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.stop)
    return server
