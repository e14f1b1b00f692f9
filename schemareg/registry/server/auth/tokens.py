"""Bearer tokens: signature, issuer, audience and times checked against a key set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from schemareg.errors import ExternalFailureError, UsageError
from schemareg.registry.server.auth.rules import TokenRules

if TYPE_CHECKING:
    import jwt

KEYS_FRESH_FOR_S = 300.0
FETCH_TIMEOUT_S = 5.0
REFETCH_AFTER_S = 30.0
"""An unknown key id fetches the set again at most this often, so that forged ids cannot."""


class TokenRefusedError(Exception):
    """A token that does not count; the text says why and holds nothing of the token."""


class KeySetUnreachableError(ExternalFailureError):
    """The key set's URL does not answer."""


class TokenVerifier:
    """Checks tokens by `rules`; may fetch keys, so it is called in a thread."""

    def __init__(self, rules: TokenRules) -> None:
        self._rules = rules
        self._key_of = _key_finder(rules.jwks)

    def claims(self, token: str) -> Mapping[str, object]:
        """The claims of a token that counts now.

        Raises:
            TokenRefusedError: a bad signature, issuer, audience or time, or no token at all.
            KeySetUnreachableError: the keys cannot be fetched.
        """
        import jwt

        try:
            return jwt.decode(
                token,
                self._key_of(token),
                algorithms=list(self._rules.algorithms),
                audience=self._rules.audience,
                issuer=self._rules.issuer,
                leeway=self._rules.leeway_s,
                options={"require": ["exp", self._rules.principal_claim]},
            )
        except jwt.PyJWKClientConnectionError as error:
            raise KeySetUnreachableError(
                f"{self._rules.jwks}: the key set cannot be fetched"
            ) from error
        except jwt.PyJWTError as error:
            raise TokenRefusedError(f"{type(error).__name__}: the token does not count") from error

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


def _key_finder(jwks: str) -> Callable[[str], jwt.PyJWK]:
    import jwt

    if jwks.startswith(("https://", "http://")):
        client = jwt.PyJWKClient(
            jwks,
            lifespan=KEYS_FRESH_FOR_S,
            timeout=FETCH_TIMEOUT_S,
            cooldown_duration=REFETCH_AFTER_S,
        )
        return client.get_signing_key_from_jwt
    keys = _keys_in_file(Path(jwks))

    def key_of(token: str) -> jwt.PyJWK:
        key_id = jwt.get_unverified_header(token).get("kid")
        for key in keys.keys:
            if key.key_id == key_id or (key_id is None and len(keys.keys) == 1):
                return key
        raise jwt.InvalidKeyError("no such key")

    return key_of


def _keys_in_file(path: Path) -> jwt.PyJWKSet:
    import jwt

    try:
        return jwt.PyJWKSet.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: the key set cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError, jwt.PyJWTError) as error:
        raise UsageError(f"{path}: not a JSON Web Key Set: {error}") from error
