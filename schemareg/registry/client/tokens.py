"""Tokens of OAuth client credentials, fetched by scripts like every other request.

Source: RFC 6749, section 4.4.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import urlencode

from schemareg.errors import RegistryError, RegistryUnavailableError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.client.auth import OAuthCredentials, fits_a_header
from schemareg.registry.client.script import Failure, Response, Script, Send, send

_EXPIRY_MARGIN_S = 30.0
_DEFAULT_LIFE_S = 300.0
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Token:
    """The value of an Authorization header, and the clock's time from which on it is not used."""

    header: str
    ends: float


class TokenSource:
    """Fetches a token before the first request, shortly before it ends, and after a 401."""

    def __init__(
        self, credentials: OAuthCredentials, *, clock: Callable[[], float], timeout_s: float
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._timeout_s = timeout_s
        self._token: Token | None = None

    def current(self) -> Token | None:
        """The token that is still good, if there is one."""
        token = self._token
        return None if token is None or self._clock() >= token.ends else token

    def fetch(self) -> Script[Token | Failure]:
        """A new token, or why there is none although trying again may help.

        Raises:
            RegistryError: the token endpoint refuses the client.
            RegistryUnavailableError: it answers without a token.
        """
        result = yield from send(self._request())
        url = self._credentials.token_url
        if isinstance(result, Failure):
            reason = f"no token from {url}: {result.reason}"
            return Failure(reason, was_sent=False, advice=result.advice)
        if result.status == 429 or result.status >= 500:
            return Failure(f"no token from {url}: answered {result.status}", was_sent=False)
        self._token = self._read(result)
        return self._token

    def _request(self) -> Send:
        credentials = self._credentials
        form = {"grant_type": "client_credentials", **dict(credentials.extra)}
        if credentials.scope is not None:
            form["scope"] = credentials.scope
        pair = f"{credentials.client_id}:{credentials.client_secret}".encode()
        headers = {
            "accept": "application/json",
            "authorization": f"Basic {base64.b64encode(pair).decode('ascii')}",
            "content-type": "application/x-www-form-urlencoded",
        }
        return Send(
            "POST",
            credentials.token_url,
            headers,
            urlencode(form).encode(),
            self._timeout_s,
            _MAX_BYTES,
        )

    def _read(self, response: Response) -> Token:
        request = f"POST {self._credentials.token_url}"
        if response.status in (400, 401, 403):
            raise RegistryError(
                f"no token for client {self._credentials.client_id!r}",
                code=response.status,
                status=response.status,
                request=request,
                advice="check the client's id, secret and scope",
            )
        try:
            answer = json.loads(response.body)
            token = answer["access_token"]
            life_s = float(answer.get("expires_in", _DEFAULT_LIFE_S))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RegistryUnavailableError(
                f"{request}: answered {response.status} without a token",
                advice="check that this is the token endpoint",
            ) from error
        if not isinstance(token, str) or not fits_a_header(token):
            raise RegistryUnavailableError(f"{request}: answered a token that fits no header")
        return Token(f"Bearer {token}", self._clock() + max(life_s - _EXPIRY_MARGIN_S, life_s / 2))
