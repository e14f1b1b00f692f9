"""A client with the credentials, TLS files, context and patience that the environment names.

| variable | meaning |
|---|---|
| `SCHEMAREG_REGISTRY_USER`, `…_PASSWORD` | Basic credentials (or an API key and its secret) |
| `SCHEMAREG_REGISTRY_TOKEN` | a bearer token |
| `SCHEMAREG_REGISTRY_OAUTH_URL`, `…_OAUTH_CLIENT_ID`, `…_OAUTH_CLIENT_SECRET` | OAuth client credentials |
| `SCHEMAREG_REGISTRY_OAUTH_SCOPE` | the scope to request, if any |
| `SCHEMAREG_REGISTRY_CA` | PEM file of the authorities to trust |
| `SCHEMAREG_REGISTRY_CERT`, `…_KEY`, `…_KEY_PASSWORD` | PEM files of the client certificate |
| `SCHEMAREG_REGISTRY_PLAIN_HTTP` | `true`: credentials may go unencrypted to another machine |
| `SCHEMAREG_REGISTRY_CONTEXT` | the context of subjects and ids |
| `SCHEMAREG_REGISTRY_TRIES` | how often each URL is tried; default 5, 1: no retry |
| `SCHEMAREG_REGISTRY_TIMEOUT_S` | seconds to wait for one answer; default 10 |
| `SCHEMAREG_REGISTRY_DEADLINE_S` | seconds that a call may take with its retries; default 60 |
"""  # noqa: E501  # a table's row is one line

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from schemareg.errors import UsageError
from schemareg.registry.client.auth import (
    BasicCredentials,
    BearerToken,
    Credentials,
    OAuthCredentials,
    Tls,
)
from schemareg.registry.client.connect import Patience, connect
from schemareg.registry.client.proxies import is_loopback
from schemareg.registry.client.sync import RegistryClient
from schemareg.registry.client.urls import base_url
from schemareg.settings.kinds import FLAG, PATH, TEXT
from schemareg.settings.reader import Setting, read_settings
from schemareg.settings.registry_patience import DEADLINE_S, ROWS, TIMEOUT_S, TRIES
from schemareg.settings.toml_table import Table

_PREFIX = "SCHEMAREG_REGISTRY_"
_DEFAULT = Patience()
_TEXTS = {
    name: Setting(f"registry_{name.lower()}", TEXT, environment=_PREFIX + name)
    for name in (
        "USER",
        "PASSWORD",
        "TOKEN",
        "OAUTH_URL",
        "OAUTH_CLIENT_ID",
        "OAUTH_CLIENT_SECRET",
        "OAUTH_SCOPE",
        "KEY_PASSWORD",
        "CONTEXT",
    )
}
PLAIN_HTTP = Setting("registry_plain_http", FLAG, environment=f"{_PREFIX}PLAIN_HTTP", default=False)
CA, CERTIFICATE, KEY = (
    Setting(f"registry_{name.lower()}", PATH, environment=_PREFIX + name)
    for name in ("CA", "CERT", "KEY")
)
_BASIC = ("USER", "PASSWORD")
_OAUTH = ("OAUTH_URL", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET")


def connect_from_environment(
    url: str, environ: Mapping[str, str], *, patience: Patience | None = None
) -> RegistryClient:
    """A client of the registry at `url`; commas separate several URLs of the same registry.

    Raises:
        UsageError: variables that contradict each other or are not whole, credentials that would
            go unencrypted to another machine, or as `connect`.
    """
    urls = [each.strip() for each in url.split(",") if each.strip()]
    credentials = credentials_in(environ)
    if not read_settings((PLAIN_HTTP,), environment=environ)[PLAIN_HTTP]:
        for each in urls:
            _check_encrypted(each, credentials)
    return connect(
        urls,
        credentials=credentials,
        tls=tls_in(environ),
        context=_value(environ, "CONTEXT"),
        patience=patience or patience_in(environ),
    )


def _check_encrypted(url: str, credentials: Credentials | None) -> None:
    base, user, _ = base_url(url, of="registry")
    parts = urlsplit(base)
    if parts.scheme != "http" or is_loopback(parts.hostname or ""):
        return
    if user is not None or credentials is not None:
        raise UsageError(
            f"{base}: everybody on the way could read the credentials, for http is not encrypted",
            advice=f"write https://, or set {PLAIN_HTTP.environment}=true where the network is"
            " trusted",
        )


def patience_in(
    environ: Mapping[str, str],
    *,
    flags: Mapping[str, object] | None = None,
    table: Table | None = None,
) -> Patience:
    """The patience of `flags`, else of `environ`, else of a file's `table`, else the default.

    Raises:
        UsageError: a value that is no number, or too small or too large.
    """
    values = read_settings(ROWS, flags=flags, environment=environ, table=table)
    return replace(
        _DEFAULT,
        timeout_s=values[TIMEOUT_S],
        deadline_s=values[DEADLINE_S],
        retry=replace(_DEFAULT.retry, rounds=values[TRIES]),
    )


def credentials_in(environ: Mapping[str, str]) -> Credentials | None:
    """The credentials that `environ` holds, None without any.

    Raises:
        UsageError: several kinds of them, or one that is not whole.
    """
    found: list[Credentials] = []
    if (basic := _together(environ, _BASIC)) is not None:
        found.append(BasicCredentials(*basic))
    if (token := _value(environ, "TOKEN")) is not None:
        found.append(BearerToken(token))
    if (oauth := _together(environ, _OAUTH)) is not None:
        token_url, client_id, secret = oauth
        scope = _value(environ, "OAUTH_SCOPE")
        found.append(OAuthCredentials(token_url, client_id, secret, scope=scope))
    if len(found) > 1:
        raise UsageError(
            f"{_PREFIX}* holds more than one kind of credentials",
            advice="set user and password, or a token, or OAuth credentials",
        )
    return found[0] if found else None


def tls_in(environ: Mapping[str, str]) -> Tls | None:
    """The TLS files that `environ` names, None where it names none.

    Raises:
        UsageError: a key without its certificate.
    """
    values = read_settings((CA, CERTIFICATE, KEY), environment=environ)
    ca, certificate, key = values[CA], values[CERTIFICATE], values[KEY]
    if key and not certificate:
        raise UsageError(
            f"{KEY.environment} is set without {CERTIFICATE.environment}",
            advice="set both, or neither",
        )
    if not (ca or certificate):
        return None
    return Tls(ca, certificate, key, _value(environ, "KEY_PASSWORD"))


def _value(environ: Mapping[str, str], name: str) -> str | None:
    row = _TEXTS[name]
    return read_settings((row,), environment=environ)[row]


def _together(environ: Mapping[str, str], names: tuple[str, ...]) -> list[str] | None:
    """The values of variables that only mean something together."""
    values = {name: _value(environ, name) for name in names}
    if not any(values.values()):
        return None
    missing = [_PREFIX + name for name, value in values.items() if value is None]
    if missing:
        raise UsageError(
            f"{', '.join(missing)} is missing beside "
            f"{', '.join(_PREFIX + name for name, value in values.items() if value is not None)}",
            advice="set all of them, or none",
        )
    return [value for value in values.values() if value is not None]
