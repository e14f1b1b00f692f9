"""Schema registries: the protocol of every backend, a client, and a server.

    with connect("http://localhost:8081") as registry:
        registered = registry.register(Subject("orders-value"), text)
        schema = registry.fetch_schema(Subject("orders-value"), "latest")

`connect(url)` makes a `RegistryClient`, `connect_async(url)` an `AsyncRegistryClient`, whose
methods are the same, awaited; `connect_from_environment(url, environ)` takes credentials and TLS
files from variables. Names are imported when they are first used, because httpx costs more
start-up time than most commands need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemareg.registry.client.aio import AsyncRegistryClient
    from schemareg.registry.client.auth import (
        BasicCredentials,
        BearerToken,
        Credentials,
        OAuthCredentials,
        Tls,
    )
    from schemareg.registry.client.connect import Patience, connect, connect_async
    from schemareg.registry.client.environment import connect_from_environment
    from schemareg.registry.client.resilience import NO_RETRY, Retry
    from schemareg.registry.client.resolving import fetch_schema
    from schemareg.registry.client.sync import RegistryClient

__all__ = [
    "NO_RETRY",
    "AsyncRegistryClient",
    "BasicCredentials",
    "BearerToken",
    "Credentials",
    "OAuthCredentials",
    "Patience",
    "RegistryClient",
    "Retry",
    "Tls",
    "connect",
    "connect_async",
    "connect_from_environment",
    "fetch_schema",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    homes = {
        "aio": ("AsyncRegistryClient",),
        "auth": ("BasicCredentials", "BearerToken", "Credentials", "OAuthCredentials", "Tls"),
        "connect": ("Patience", "connect", "connect_async"),
        "environment": ("connect_from_environment",),
        "resilience": ("NO_RETRY", "Retry"),
        "resolving": ("fetch_schema",),
        "sync": ("RegistryClient",),
    }
    for home, names in homes.items():
        if name in names:
            return getattr(import_module(f"schemareg.registry.client.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
