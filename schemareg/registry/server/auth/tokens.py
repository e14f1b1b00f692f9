"""Bearer tokens: signature, issuer, audience and times checked against a key set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from schemareg.errors import ExternalFailureError, UsageError
from schemareg.limits import LIMITS
from schemareg.registry.server.auth.rules import TokenRules, file_stamp
from schemareg.workspace.files import read_bytes

if TYPE_CHECKING:
    import jwt

KEYS_FRESH_FOR_S = 300.0
_TOKEN_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""Source: RFC 9068, section 2.1; an ID token or a security event is no access token."""
FETCH_TIMEOUT_S = 5.0
REFETCH_AFTER_S = 30.0
"""An unknown key id fetches the set again at most this often, so that forged ids cannot."""


class TokenRefusedError(Exception):
    """A token that does not count; the text says why and holds nothing of the token."""


class KeySetUnreachableError(ExternalFailureError):
    """The key set's URL does not answer."""


class KeySet:
    """The keys that tokens are signed with, read again when they may have changed.

    A key set of a URL is fetched by one thread at a time, when it is old or a key is unknown, and
    at most once per cool-down, whether that succeeds or not: forged key ids cost one fetch in
    half a minute, and never hold up a token whose key is there. A file is read again when it
    changes.
    """

    def __init__(
        self,
        read: Callable[[], jwt.PyJWKSet],
        *,
        stamp: Callable[[], object],
        clock: Callable[[], float],
    ) -> None:
        self._read = read
        self._stamp = stamp
        self._clock = clock
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._lock = Lock()
        self._read_at = -KEYS_FRESH_FOR_S
        self._tried_at = -REFETCH_AFTER_S
        self._seen: object = None
        self._failure: KeySetUnreachableError | None = None

    def key(self, key_id: str | None) -> jwt.PyJWK:
        """The key with this id, or the only one where the token names none.

        Raises:
            TokenRefusedError: there is no such key.
            KeySetUnreachableError: it may be in a set that cannot be fetched now.
        """
        known = self._known(key_id)
        stamp = self._stamp()
        is_old = self._clock() - self._read_at >= KEYS_FRESH_FOR_S
        if (known is None or is_old or stamp != self._seen) and self._may_read(stamp):
            self.refresh()
            known = self._known(key_id)
        elif known is None:
            with self._lock:  # another thread may be reading the set just now
                known = self._known(key_id)
        if known is not None:
            return known
        if self._failure is not None:
            raise KeySetUnreachableError(str(self._failure))
        raise TokenRefusedError("the token does not count: its key is not in the key set")

    def refresh(self) -> None:
        """Read the set now, or wait for the thread that does.

        A set that cannot be read leaves the keys as they were.

        Raises: UsageError for a file that holds no key set, where no keys are known yet.
        """
        asked_at = self._clock()
        with self._lock:
            if self._tried_at > asked_at:
                return  # another thread has read it meanwhile
            self._tried_at = self._clock()
            self._seen = self._stamp()
            try:
                keys = self._read()
            except KeySetUnreachableError as error:
                self._failure = error
                return
            except UsageError:
                if not self._keys:
                    raise
                return
            self._failure = None
            self._read_at = self._clock()
            self._keys = {key.key_id: key for key in keys.keys}

    def _known(self, key_id: str | None) -> jwt.PyJWK | None:
        if key_id is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(key_id)

    def _may_read(self, stamp: object) -> bool:
        return stamp != self._seen or self._clock() - self._tried_at >= REFETCH_AFTER_S


def _keys_at(url: str) -> jwt.PyJWKSet:
    import httpx

    from schemareg.registry.client.connect import open_transport

    try:
        with (
            httpx.Client(
                transport=open_transport(url), timeout=FETCH_TIMEOUT_S, follow_redirects=True
            ) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            # one that is larger is cut, and then no JSON
            return _key_set(next(answer.iter_bytes(LIMITS.key_set_bytes), b""), url)
    except (httpx.HTTPError, httpx.InvalidURL, UsageError) as error:
        raise KeySetUnreachableError(f"{url}: the key set cannot be fetched") from error


class TokenVerifier:
    """Checks tokens by `rules`; may fetch keys, so it is called in a thread."""

    def __init__(self, rules: TokenRules, *, clock: Callable[[], float] = monotonic) -> None:
        self._rules = rules
        is_url = rules.jwks.startswith(("https://", "http://"))
        self._keys = KeySet(
            (lambda: _keys_at(rules.jwks)) if is_url else (lambda: _keys_in_file(Path(rules.jwks))),
            stamp=(lambda: None) if is_url else (lambda: file_stamp(Path(rules.jwks))),
            clock=clock,
        )
        if not is_url:
            self._keys.refresh()

    def claims(self, token: str) -> Mapping[str, object]:
        """The claims of a token that counts now.

        Raises:
            TokenRefusedError: a bad signature, issuer, audience or time, or no token at all.
            KeySetUnreachableError: the keys cannot be fetched.
        """
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            if str(header.get("typ", "JWT")).lower() not in _TOKEN_TYPES:
                raise TokenRefusedError("the token does not count: it is no access token")
            claims: Mapping[str, object] = jwt.decode(
                token,
                self._keys.key(header.get("kid")),
                algorithms=list(self._rules.algorithms),
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                leeway=self._rules.leeway_s,
                options={"require": ["exp", self._rules.principal_claim]},
            )
        except jwt.PyJWTError as error:
            raise TokenRefusedError(f"{type(error).__name__}: the token does not count") from error
        principal = claims[self._rules.principal_claim]
        if not isinstance(principal, str) or not principal.strip():
            raise TokenRefusedError(
                f"the token does not count: its {self._rules.principal_claim!r} is empty"
            )
        return claims

    def roles_in(self, claims: Mapping[str, object]) -> tuple[str, ...]:
        """The roles that the claims name (a list or a text of words) and those of every token."""
        named = claims.get(self._rules.roles_claim, ())
        if isinstance(named, str):
            named = named.split()
        if not isinstance(named, list | tuple):
            named = ()
        return (*self._rules.roles, *(role for role in named if isinstance(role, str)))

    def principal_in(self, claims: Mapping[str, object]) -> str:
        return str(claims[self._rules.principal_claim])


def _keys_in_file(path: Path) -> jwt.PyJWKSet:
    return _key_set(read_bytes(path, f"{path}: the key set"), path)


def _key_set(text: bytes, place: object) -> jwt.PyJWKSet:
    import jwt

    try:
        return jwt.PyJWKSet.from_dict(json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError, jwt.PyJWTError) as error:
        raise UsageError(f"{place}: not a JSON Web Key Set: {error}") from error
