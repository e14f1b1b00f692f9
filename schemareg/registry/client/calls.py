"""What every family of operations stands on: the funnel, and a way to ask for what may not be."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

from schemareg.errors import RegistryError
from schemareg.registry.client.endpoint import Endpoint
from schemareg.registry.client.script import Result, Script, Step
from schemareg.registry.client.session import Funnel, Look

T = TypeVar("T")

SUBJECT_NOT_FOUND = 40401
VERSION_NOT_FOUND = 40402
SCHEMA_NOT_FOUND = 40403


class Calls:
    """Scripts that call endpoints through one funnel."""

    def __init__(self, funnel: Funnel) -> None:
        self._funnel = funnel

    def _call(
        self, endpoint: Endpoint[T], *, look: Look[T] | None = None
    ) -> Generator[Step, Result, T]:
        return self._funnel.call(endpoint, look=look)

    def _or_none(self, script: Script[T]) -> Script[T | None]:
        """What `script` finds, None where the registry says that there is no such thing."""
        try:
            return (yield from script)
        except RegistryError as error:
            if error.status == 404:
                return None
            raise
