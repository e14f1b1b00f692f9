"""A registry inside this process, on a free port of the loopback interface."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from types import TracebackType

import uvicorn

from schemareg.errors import ExternalFailureError
from schemareg.registry.server.app import Wrapper, create_app
from schemareg.registry.service.profile import PROFILE_8, Profile
from schemareg.registry.store import Store
from schemareg.registry.store.opening import MEMORY

_START_TIMEOUT_S = 20.0


class EmbeddedRegistry:
    """`with EmbeddedRegistry() as registry:` serves at `registry.url` until the block ends."""

    def __init__(
        self,
        *,
        db: str = MEMORY,
        profile: Profile = PROFILE_8,
        keep_rule_sets: bool = False,
        wrappers: Sequence[Wrapper] = (),
    ) -> None:
        self._db = db
        self._profile = profile
        self._keep_rule_sets = keep_rule_sets
        self._wrappers = wrappers
        self.url = ""

    def __enter__(self) -> EmbeddedRegistry:
        self.store = Store(self._db)
        app = create_app(
            self.store,
            profile=self._profile,
            keep_rule_sets=self._keep_rule_sets,
            wrappers=self._wrappers,
        )
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._listening]},
            name="schemareg-embedded-registry",
            daemon=True,
        )
        self._thread.start()
        self._wait_until_started()
        return self

    def _wait_until_started(self) -> None:
        waited = threading.Event()
        for _ in range(int(_START_TIMEOUT_S / 0.005)):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            waited.wait(0.005)
        self.close()
        raise ExternalFailureError("the embedded registry did not start", advice="see its log")

    def close(self) -> None:
        """Finish what was begun, stop serving, let go of the store."""
        self._server.should_exit = True
        self._thread.join()
        self._listening.close()
        self.store.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
