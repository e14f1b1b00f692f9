"""The server as a process: sockets, TLS, signals and files around the application."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from schemareg.errors import ExternalFailureError
from schemareg.registry.server.access_log import open_access_log
from schemareg.registry.server.application import PagesFactory, Wrapper, create_app
from schemareg.registry.server.settings import STDERR, ServerSettings
from schemareg.registry.server.stores import open_store
from schemareg.registry.server.tls import check_tls
from schemareg.registry.server.workers import RequestThreads

if TYPE_CHECKING:
    from schemareg.registry.server.auth.identity import Identities


_LOOK_AT_STORE_S = 0.5
_COLLECTED_OBJECTS = 50_000


class RegistryServer:
    """`with RegistryServer(settings) as server:` holds everything the server needs.

    Inside the block `run` serves at `url` until `stop`; leaving it closes the store and the logs.
    Entering raises `UsageError` for a file that cannot be used, `ExternalFailureError` for a
    port or a store that cannot.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        pages: PagesFactory | None = None,
        wrappers: Sequence[Wrapper] = (),
    ) -> None:
        self.settings = settings
        self._pages = pages
        self._wrappers = wrappers
        self.url = ""
        self._stack = ExitStack()

    def __enter__(self) -> RegistryServer:
        with ExitStack() as stack:
            self._open(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def _open(self, stack: ExitStack) -> None:
        from schemareg.registry.server.process import create_process, tls_files

        settings = self.settings
        tls = tls_files(settings)
        if tls is not None:
            check_tls(tls)
        identities = _identities(settings)
        if identities is not None:
            stack.callback(identities.close)
        log = None
        if settings.access_log is not None:
            log = open_access_log(
                None if settings.access_log == STDERR else Path(settings.access_log)
            )
            stack.callback(log.close)
        self._identities, self._log = identities, log
        self._listening = stack.enter_context(listen(settings.host, settings.port))
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        port = self._listening.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{port}"
        self.store = open_store(settings, self.url)
        stack.callback(self.store.close)
        threads = RequestThreads()
        stack.callback(threads.close)
        app = create_app(
            self.store,
            settings,
            log=log,
            identities=identities,
            pages=self._pages,
            wrappers=self._wrappers,
            threads=threads,
            only_loopback=settings.is_open and not settings.insecure,
        )
        self._server = create_process(app, settings, tls)

    def reload(self) -> None:
        """Reads the auth file again at the next request and opens the access log again."""
        if self._identities is not None:
            self._identities.reload()
        if self._log is not None:
            self._log.reopen()

    def run(self) -> None:
        """Returns after `stop`, when every request that was begun is answered.

        Raises: `ExternalFailureError` when a thread of the store ended and serving with it.
        """
        ended = threading.Event()
        watch = threading.Thread(target=self._watch_store, args=(ended,), daemon=True)
        watch.start()
        try:
            self._server.run(sockets=[self._listening])
        finally:
            ended.set()
            watch.join()
        why = self.store.failure
        if why is not None:
            raise ExternalFailureError(f"the server ended: {why}", advice="start it again")

    def _watch_store(self, ended: threading.Event) -> None:
        # a process that lives on without such a thread answers from old state for ever
        while not ended.wait(_LOOK_AT_STORE_S):
            if self.store.failure is not None:
                self.stop()
                return

    def wait_until_started(self, is_running: Callable[[], bool], timeout_s: float) -> bool:
        """True once `run`, in another thread, answers; False when it ended, or takes too long."""
        deadline_s = time.monotonic() + timeout_s
        while not self._server.started:
            if not is_running() or time.monotonic() > deadline_s:
                return False
            time.sleep(0.005)
        return True

    def stop(self) -> None:
        """Makes `run` finish what it began and return; safe from any thread."""
        self._server.should_exit = True


def serve(
    settings: ServerSettings,
    *,
    announce: Callable[[str], None],
    pages: PagesFactory | None = None,
) -> None:
    """Returns after SIGTERM, when what was begun is finished and the store is closed.

    `announce` is called with the URL once connections are taken. SIGHUP reloads.

    Raises:
        UsageError: the settings name a file that cannot be used.
        ExternalFailureError: the port or the store cannot be used.
        KeyboardInterrupt: stopped by SIGINT, as cleanly.
    """
    received: list[int] = []
    with RegistryServer(settings, pages=pages) as server:

        def stop(number: int, frame: object) -> None:
            received.append(number)
            server.stop()

        def reload(number: int, frame: object) -> None:
            server.reload()

        handlers = {signal.SIGINT: stop, signal.SIGTERM: stop}
        if sys.platform != "win32":
            handlers[signal.SIGHUP] = reload
        with _signals_to(handlers):
            announce(server.url)  # the socket listens: who connects now is served in a moment
            with _rare_collections():
                server.run()
    if signal.SIGINT in received:
        raise KeyboardInterrupt


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Inside the block cycles are looked for a seventieth as often, and not in what was made
    before: looking took 6 % of the processor time of a registered version.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECTED_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _identities(settings: ServerSettings) -> Identities | None:
    if settings.auth_file is None:
        return None
    from schemareg.registry.server.auth.file import AuthFile
    from schemareg.registry.server.auth.identity import Identities

    file = AuthFile(settings.auth_file, clock=time.monotonic)
    return Identities(file, clock=time.monotonic)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is a free one.

    Raises:
        ExternalFailureError: the address is taken, not this machine's, or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        # Python adds the address to its own text; a name that is not found has a negative number
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if number and number > 0 else "no such address"
        raise ExternalFailureError(
            f"cannot listen on {host} port {port}: {reason}",
            advice="choose another --host or --port",
        ) from error


@contextmanager
def _signals_to(handlers: Mapping[signal.Signals, Callable[[int, object], None]]) -> Iterator[None]:
    """Inside the block the signals call their handlers, and nothing else happens.

    uvicorn takes SIGINT and SIGTERM while it runs and raises them once more when it has ended.
    """
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, former in previous.items():
            signal.signal(number, former)
