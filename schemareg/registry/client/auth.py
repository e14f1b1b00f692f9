"""Credentials and TLS files of a client; no `repr` shows a secret.

Source: RFC 7617 (Basic), RFC 6750 (Bearer), RFC 6749 section 4.4 (client credentials).
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import httpx

from schemareg.errors import RegistryError, RegistryUnavailableError, UsageError
from schemareg.registry.client.urls import base_url

_EXPIRY_MARGIN_S = 30.0
_DEFAULT_LIFE_S = 300.0


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """A user (or API key) and its password (or API secret)."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token that was issued beforehand."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OAuthCredentials:
    """OAuth 2 client credentials: a token is fetched from `token_url`, and again when it ends.

    `extra` are further parameters of the token request, such as an audience.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


Credentials: TypeAlias = BasicCredentials | BearerToken | OAuthCredentials


@dataclass(frozen=True, slots=True)
class Tls:
    """The authorities to trust and the client's certificate: PEM files. No `ca`: the system's."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: str | None = field(default=None, repr=False)


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """A context for TLS connections with the files of `tls`.

    Raises:
        UsageError: a file is missing or is not what it should be.
    """
    context = _trusting(tls.ca)
    if tls.certificate is not None:
        try:
            context.load_cert_chain(
                str(tls.certificate),
                None if tls.key is None else str(tls.key),
                # with a callable OpenSSL does not prompt on the terminal
                lambda: tls.key_password or "",
            )
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"{tls.certificate}: no usable client certificate and key ({error})"
            ) from error
    return context


def _trusting(ca: Path | None) -> ssl.SSLContext:
    file, directory = (os.environ.get(name) or None for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    if ca is not None:
        place, file, directory = str(ca), str(ca), None
    elif file or directory:
        place = f"SSL_CERT_FILE {file!r}" if file else f"SSL_CERT_DIR {directory!r}"
    else:
        # httpx has a list of authorities, for systems that have none
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()
        return context
    try:
        return ssl.create_default_context(cafile=file, capath=directory)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"{place}: no usable CA certificates ({error})", advice="name a PEM file"
        ) from error


def authenticator(
    credentials: Credentials | None, *, clock: Callable[[], float]
) -> httpx.Auth | None:
    """How httpx proves `credentials` on each request.

    Raises:
        UsageError: credentials that cannot travel in a header, or a token URL that is none.
    """
    match credentials:
        case None:
            return None
        case BasicCredentials(user, password):
            if ":" in user:
                raise UsageError(f"the registry user {user!r} holds a colon, which ends a user")
            return httpx.BasicAuth(user, password)
        case BearerToken(token):
            if not _fits_a_header(token):
                raise UsageError(
                    "the registry's bearer token is empty or does not fit a header",
                    advice="give the token alone, without quotes and line ends",
                )
            return _Bearer(token)
        case OAuthCredentials():
            base_url(credentials.token_url, of="token")
            return _ClientCredentials(credentials, clock=clock)


def _fits_a_header(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._value
        yield request


class _ClientCredentials(httpx.Auth):
    """Fetches a token before the first request, shortly before it ends, and after a 401."""

    requires_response_body = True

    def __init__(self, credentials: OAuthCredentials, *, clock: Callable[[], float]) -> None:
        self._credentials = credentials
        self._clock = clock
        self._token: tuple[str, float] | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = self._token
        if token is None or self._clock() >= token[1]:
            token = self._token = self._read((yield self._token_request()))
            fresh = True
        else:
            fresh = False
        request.headers["Authorization"] = f"Bearer {token[0]}"
        response = yield request
        if response.status_code == 401 and not fresh:
            token = self._token = self._read((yield self._token_request()))
            request.headers["Authorization"] = f"Bearer {token[0]}"
            yield request

    def _token_request(self) -> httpx.Request:
        credentials = self._credentials
        form = {"grant_type": "client_credentials", **dict(credentials.extra)}
        if credentials.scope is not None:
            form["scope"] = credentials.scope
        request = httpx.Request(
            "POST", credentials.token_url, data=form, headers={"Accept": "application/json"}
        )
        basic = httpx.BasicAuth(credentials.client_id, credentials.client_secret)
        return next(basic.auth_flow(request))

    def _read(self, response: httpx.Response) -> tuple[str, float]:
        """The token and the clock's time from which on it is not used any more."""
        request = f"POST {self._credentials.token_url}"
        if response.status_code == 429 or response.status_code >= 500:
            # as if the token endpoint could not be reached: nothing was sent to the registry yet
            raise httpx.ConnectError(f"answered {response.status_code}", request=response.request)
        if response.status_code in (400, 401, 403):
            raise RegistryError(
                f"no token for client {self._credentials.client_id!r}",
                code=response.status_code,
                status=response.status_code,
                request=request,
                advice="check the client's id, secret and scope",
            )
        try:
            answer = json.loads(response.content)
            token = answer["access_token"]
            life_s = float(answer.get("expires_in", _DEFAULT_LIFE_S))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RegistryUnavailableError(
                f"{request}: answered {response.status_code} without a token",
                advice="check that this is the token endpoint",
            ) from error
        if not isinstance(token, str) or not _fits_a_header(token):
            raise RegistryUnavailableError(f"{request}: answered a token that fits no header")
        return token, self._clock() + max(life_s - _EXPIRY_MARGIN_S, life_s / 2)
