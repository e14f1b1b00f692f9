"""What a client can do, once for the sync and the async one: each method is a script."""

from __future__ import annotations

from schemareg.registry.client.settings import Settings
from schemareg.registry.client.writes import Writes


class Operations(Writes, Settings):
    """The scripts of a registry client.

    Every script raises `RegistryError` where the registry refuses (with its code) and
    `RegistryUnavailableError` where no base URL answers as a registry does.

    Source: Confluent, "Schema Registry API Reference"; each method names its route.
    """
