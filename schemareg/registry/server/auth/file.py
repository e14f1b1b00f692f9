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
    """What the file at `path` says now, and the checker of tokens that goes with it.

    A file that has become unreadable changes nothing: the server goes on with what it knew, and
    says so in its log.

    Raises: `UsageError` when it cannot be read at the start.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._checked_at = clock()
        self._stamp = file_stamp(path)
        self._take(load_rules(path))

    def _take(self, rules: AuthRules) -> None:
        tokens = TokenVerifier(rules.tokens) if rules.tokens else None
        self.rules, self.tokens = rules, tokens

    def refresh(self) -> bool:
        """Whether the file says something else than before; looks at most once a second."""
        now = self._clock()
        if now - self._checked_at < CHECK_EVERY_S:
            return False
        self._checked_at = now
        stamp = file_stamp(self._path)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._take(load_rules(self._path))
        except UsageError as error:
            _LOG.warning("%s; the rules from before stay in force", error)
            return False
        return True
