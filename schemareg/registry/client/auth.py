"""Credentials and TLS files of a client; no `repr` shows a secret.

Source: RFC 7617 (Basic), RFC 6750 (Bearer).
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Generator
from dataclasses import field
from pathlib import Path
from typing import TypeAlias

import httpx

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.client.urls import base_url


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
    try:
        return _trusting_authorities(ca)
    except OSError as error:
        # Python's own debugging aid: each context opens the file
        if (keys := os.environ.get("SSLKEYLOGFILE")) and error.filename == keys:
            raise UsageError(
                f"SSLKEYLOGFILE {keys!r}: cannot be written ({error.strerror})",
                advice="name a file that can be written, or unset it",
            ) from error
        raise


def _trusting_authorities(ca: Path | None) -> ssl.SSLContext:
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
    except OSError as error:
        if error.filename is not None:  # it is not of the authorities: their errors name no file
            raise
        raise UsageError(
            f"{place}: no usable CA certificates ({error})", advice="name a PEM file"
        ) from error


def authenticator(credentials: Credentials | None) -> httpx.Auth | None:
    """How httpx proves `credentials` on each request; OAuth's are the business of `tokens`.

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
            if not fits_a_header(token):
                raise UsageError(
                    "the registry's bearer token is empty or does not fit a header",
                    advice="give the token alone, without quotes and line ends",
                )
            return _Bearer(token)
        case OAuthCredentials():
            base_url(credentials.token_url, of="token")
            return None


def fits_a_header(token: str) -> bool:
    """A token of printable ASCII without blanks."""
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


class _Bearer(httpx.Auth):
    def __init__(self, token: str) -> None:
        self._value = f"Bearer {token}"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._value
        yield request
