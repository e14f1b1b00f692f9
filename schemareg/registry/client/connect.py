"""`connect` and `connect_async`: a client from URLs, credentials, TLS files and patience."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import field
from urllib.parse import quote, urlsplit

import httpx

from schemareg import __version__
from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.client.aio import AsyncRegistryClient
from schemareg.registry.client.auth import (
    BasicCredentials,
    Credentials,
    OAuthCredentials,
    Tls,
    authenticator,
    ssl_context,
)
from schemareg.registry.client.deadline import bounded
from schemareg.registry.client.operations import Scripts
from schemareg.registry.client.proxies import proxy_for
from schemareg.registry.client.resilience import CircuitBreaker, Retry
from schemareg.registry.client.session import Base, Session
from schemareg.registry.client.sync import RegistryClient
from schemareg.registry.client.tokens import TokenSource
from schemareg.registry.client.urls import base_url


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client tries.

    `timeout_s` bounds each wait for the registry inside one request, `deadline_s` a whole call
    with its retries. `circuit_threshold` failures in a row leave a base URL alone for
    `circuit_cool_down_s`. `latest_ttl_s` is how old an answer about `latest` may be.
    """

    timeout_s: float = 10.0
    deadline_s: float = 60.0
    retry: Retry = field(default_factory=Retry)
    circuit_threshold: int = 8
    circuit_cool_down_s: float = 15.0
    latest_ttl_s: float = 0.0


@dataclass(frozen=True, slots=True)
class World:
    """Time and chance, passed in so that tests control them."""

    clock: Callable[[], float] = time.monotonic
    epoch_s: Callable[[], float] = time.time
    random: Callable[[], float] = random.random
    pause: Callable[[float], None] = time.sleep
    pause_async: Callable[[float], Awaitable[None]] = asyncio.sleep


def connect(
    url: str | Sequence[str],
    *,
    credentials: Credentials | None = None,
    tls: Tls | None = None,
    context: str | None = None,
    patience: Patience | None = None,
    transport: httpx.BaseTransport | None = None,
    world: World | None = None,
) -> RegistryClient:
    """A client of the registry at `url`; nothing is sent yet.

    Several URLs are the same registry: the next is tried where one does not answer. User and
    password in a URL are used as `BasicCredentials` and shown nowhere. `context` (`.staging`)
    makes every subject and id mean that context.

    Raises:
        UsageError: a URL that is none, or credentials given twice, or TLS files that fail.
    """
    world = world or World()
    patience = patience or Patience()
    bases, credentials = _bases(url, credentials, context)
    urls = _urls(bases, credentials)
    trust = _trust(urls, tls)
    mounts = {
        origin: bounded(httpx.HTTPTransport(verify=trust, proxy=proxy, trust_env=False))
        for origin, proxy in ({} if transport else _proxies(urls)).items()
    }
    return RegistryClient(
        _scripts(bases, patience, world, credentials),
        httpx.Client(
            auth=authenticator(credentials),
            transport=transport or bounded(httpx.HTTPTransport(verify=trust, trust_env=False)),
            mounts=mounts,
            follow_redirects=False,
            trust_env=False,
        ),
        shown_as=", ".join(bases),
        deadline_s=patience.deadline_s,
        clock=world.clock,
        pause=world.pause,
    )


def connect_async(
    url: str | Sequence[str],
    *,
    credentials: Credentials | None = None,
    tls: Tls | None = None,
    context: str | None = None,
    patience: Patience | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    world: World | None = None,
) -> AsyncRegistryClient:
    """As `connect`, a client whose methods are awaited.

    Raises:
        UsageError: as `connect`.
    """
    world = world or World()
    patience = patience or Patience()
    bases, credentials = _bases(url, credentials, context)
    urls = _urls(bases, credentials)
    trust = _trust(urls, tls)
    mounts = {
        origin: httpx.AsyncHTTPTransport(verify=trust, proxy=proxy, trust_env=False)
        for origin, proxy in ({} if transport else _proxies(urls)).items()
    }
    return AsyncRegistryClient(
        _scripts(bases, patience, world, credentials),
        httpx.AsyncClient(
            auth=authenticator(credentials),
            verify=trust,
            transport=transport,
            mounts=mounts,
            follow_redirects=False,
            trust_env=False,
        ),
        shown_as=", ".join(bases),
        deadline_s=patience.deadline_s,
        clock=world.clock,
        pause=world.pause_async,
    )


def open_transport(url: str, *, tls: Tls | None = None) -> httpx.BaseTransport:
    """The path of requests to `url`: the environment's proxy and authorities, or those of `tls`.

    Raises:
        UsageError: as `connect`.
    """
    return httpx.HTTPTransport(verify=_trust([url], tls), proxy=proxy_for(url), trust_env=False)


def _scripts(
    bases: Sequence[str], patience: Patience, world: World, credentials: Credentials | None
) -> Scripts:
    session = Session(
        [
            Base(
                base,
                CircuitBreaker(
                    threshold=patience.circuit_threshold,
                    cool_down_s=patience.circuit_cool_down_s,
                    clock=world.clock,
                ),
            )
            for base in bases
        ],
        retry=patience.retry,
        timeout_s=patience.timeout_s,
        headers={"user-agent": f"schemareg/{__version__}"},
        tokens=(
            TokenSource(credentials, clock=world.clock, timeout_s=patience.timeout_s)
            if isinstance(credentials, OAuthCredentials)
            else None
        ),
        random=world.random,
        epoch_s=world.epoch_s,
    )
    return Scripts(session, latest_ttl_s=patience.latest_ttl_s, clock=world.clock)


def _urls(bases: Sequence[str], credentials: Credentials | None) -> tuple[str, ...]:
    """Every URL that the client may connect to."""
    if isinstance(credentials, OAuthCredentials):
        return (*bases, credentials.token_url)
    return tuple(bases)


def _trust(urls: Sequence[str], tls: Tls | None) -> ssl.SSLContext:
    """The authorities that TLS connections trust; loading a list takes longer than a request."""
    if tls is not None or any(url.lower().startswith("https:") for url in urls):
        return ssl_context(tls or Tls())
    # no URL uses TLS; a connection that did would trust nobody
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _proxies(urls: Sequence[str]) -> dict[str, httpx.Proxy]:
    """The environment's proxies by the origins of `urls`; without one an origin is not listed."""
    proxies: dict[str, httpx.Proxy] = {}
    for url in urls:
        if (proxy := proxy_for(url)) is not None:
            parts = urlsplit(url)
            proxies[f"{parts.scheme}://{parts.netloc}"] = proxy
    return proxies


def _bases(
    url: str | Sequence[str], credentials: Credentials | None, context: str | None
) -> tuple[tuple[str, ...], Credentials | None]:
    """The base URLs without credentials, and the credentials in force."""
    urls = (url,) if isinstance(url, str) else tuple(url)
    if not urls:
        raise UsageError("no registry URL given")
    parsed = [_base(each, context) for each in urls]
    in_urls = {found for _, found in parsed if found is not None}
    if len(in_urls) > 1 or (in_urls and credentials is not None):
        raise UsageError(
            "credentials for the registry are given more than once",
            advice="give them in one URL or apart from the URLs",
        )
    return tuple(base for base, _ in parsed), credentials or next(iter(in_urls), None)


def _base(url: str, context: str | None) -> tuple[str, BasicCredentials | None]:
    base, user, password = base_url(url, of="registry")
    if context is not None:
        base += f"/contexts/{quote(_context_name(context), safe='')}"
    return base, None if user is None else BasicCredentials(user, password or "")


def _context_name(context: str) -> str:
    if ":" in context or not context.strip():
        raise UsageError(
            f"{context!r} is no context name", advice="a context is written .name, without colons"
        )
    return context if context.startswith(".") else f".{context}"
