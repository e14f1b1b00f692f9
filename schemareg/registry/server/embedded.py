"""A registry inside this process, on a free port of the loopback interface."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType

from schemareg.errors import ExternalFailureError
from schemareg.registry.server.application import Wrapper
from schemareg.registry.server.serving import RegistryServer
from schemareg.registry.server.settings import MEMORY, ServerSettings
from schemareg.registry.service.profile import PROFILE_8, Profile

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
        settings = ServerSettings(
            port=0, db=db, profile=profile.name, keep_rule_sets=keep_rule_sets
        )
        self._server = RegistryServer(settings, wrappers=wrappers)
        self.url = ""

    def __enter__(self) -> EmbeddedRegistry:
        self._server.__enter__()
        self.store, self.url = self._server.store, self._server.url
        self._thread = threading.Thread(
            target=self._server.run, name="schemareg-embedded-registry", daemon=True
        )
        self._thread.start()
        if not self._server.wait_until_started(self._thread.is_alive, _START_TIMEOUT_S):
            self.close()
            raise ExternalFailureError("the embedded registry did not start", advice="see its log")
        return self

    def close(self) -> None:
        """Answers what was begun, stops serving, closes the store."""
        self._server.stop()
        self._thread.join()
        self._server.__exit__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
