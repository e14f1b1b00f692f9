"""Whether a registry of ours takes requests: one look, for probes of containers and for scripts."""

from __future__ import annotations

import json

import httpx

from schemareg.errors import ContentError, RegistryUnavailableError
from schemareg.registry.client.auth import Tls
from schemareg.registry.client.connect import open_transport
from schemareg.registry.client.urls import base_url

_READY = "/health/ready"
_TIMEOUT_S = 5.0
_LONGEST = 10_000


def check_ready(url: str, *, tls: Tls | None = None) -> str:
    """The URL, without credentials, of a registry that takes writes now.

    Raises:
        ContentError: it takes none; with its own reason.
        UsageError: `url` is none, or a TLS file cannot be used.
        RegistryUnavailableError: nothing answers there, or not with what a registry answers.
    """
    base, _, _ = base_url(url, of="registry")
    path = open_transport(base, tls=tls)
    try:
        with (
            httpx.Client(transport=path, timeout=_TIMEOUT_S) as client,
            client.stream("GET", f"{base}{_READY}") as answer,
        ):
            body = next(answer.iter_bytes(_LONGEST), b"")
    except httpx.HTTPError as error:
        raise RegistryUnavailableError(
            f"{base}{_READY}: {error or type(error).__name__}",
            advice="check that `schemareg serve` runs and is reachable under this URL",
        ) from error
    if answer.status_code == httpx.codes.OK:
        return base
    reason = _reason(body)
    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or reason is None:
        raise RegistryUnavailableError(
            f"{base}{_READY}: answered {answer.status_code}",
            advice="give the URL of a registry that `schemareg serve` runs",
        )
    raise ContentError(f"{base} is not ready: {reason}")


def _reason(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    reason = found.get("reason") if isinstance(found, dict) else None
    return reason if isinstance(reason, str) else None
