"""The auth file while the server runs: read again when it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.registry.server.auth.rules import AuthRules, file_stamp, load_rules
from schemareg.registry.server.auth.tokens import TokenVerifier

CHECK_EVERY_S = 1.0
_LOG = logging.getLogger("schemareg.registry")


class AuthFile:
    """The rules that the file at `path` holds now, and the verifier of tokens that goes with them.

    A file that has become unreadable changes nothing: the rules read last stay in force, and the
    log names the problem.

    Raises: `UsageError` when it cannot be read at the start.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._checked_at = clock()
        self._stamp = file_stamp(path)
        self._is_stale = False
        self._take(load_rules(path))

    def _take(self, rules: AuthRules) -> None:
        tokens = TokenVerifier(rules.tokens) if rules.tokens else None
        self.rules, self.tokens = rules, tokens

    def reload(self) -> None:
        """Makes the next `refresh` read the file, whether it looks changed or not."""
        self._is_stale = True

    def refresh(self) -> bool:
        """Whether the rules were read again; looks at the file at most once a second."""
        now = self._clock()
        if not self._is_stale and now - self._checked_at < CHECK_EVERY_S:
            return False
        self._checked_at = now
        stamp = file_stamp(self._path)
        if not self._is_stale and stamp == self._stamp:
            return False
        self._stamp, self._is_stale = stamp, False
        try:
            self._take(load_rules(self._path))
        except UsageError as error:
            _LOG.warning("%s; the rules from before stay in force", error)
            return False
        return True
