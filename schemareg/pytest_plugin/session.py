"""What the tests of one process share: schemas, a broker, a registry, each opened when needed."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from schemareg.pytest_plugin.names import Names
from schemareg.pytest_plugin.settings import Settings
from schemareg.sampling.edges import EdgeCase, edge_cases
from schemareg.schema_catalog import Catalog, load_catalog
from schemareg.workspace import Config, load_config

if TYPE_CHECKING:
    from schemareg.brokers import Broker
    from schemareg.brokers.container import ContainerBroker
    from schemareg.brokers.embedded import EmbeddedBroker
    from schemareg.pytest_plugin.registry import RegistryHost


class Session:
    """Open from the first test that needs something to the end of the run."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._open = ExitStack()

    @staticmethod
    def of(config: pytest.Config) -> Session:
        return Session(Settings.of(config))

    def close(self) -> None:
        """Everything that was opened is closed again."""
        self._open.close()

    @cached_property
    def config(self) -> Config:
        return load_config(None, self.settings.directory)

    @cached_property
    def catalog(self) -> Catalog:
        return load_catalog(self.settings.schemas, config=self.config)

    @cached_property
    def names(self) -> Names:
        return Names(self.catalog, self.config, allow_unknown=self.settings.allow_unknown)

    @cached_property
    def broker(self) -> Broker:
        from schemareg.brokers import open_broker

        return self._open.enter_context(open_broker(self.settings.kafka))

    @cached_property
    def fragile_broker(self) -> EmbeddedBroker | ContainerBroker | None:
        """A broker that tests of this process may break; other tests never use it.

        None where the broker is not ours. It is up until the run ends, so it outlives the clients
        that a test leaves open.
        """
        match self.settings.kafka_option:
            case "embedded":
                from schemareg.brokers.embedded import EmbeddedBroker

                return self._open.enter_context(EmbeddedBroker())
            case "container":
                from schemareg.brokers.container import ContainerBroker

                image = os.environ.get("SCHEMAREG_KAFKA_IMAGE")
                return self._open.enter_context(ContainerBroker(image))
            case _:
                return None

    @cached_property
    def registry(self) -> RegistryHost:
        from schemareg.pytest_plugin.registry import open_registry

        return self._open.enter_context(open_registry(self.settings.registry))

    def edge_cases(self, name: str) -> list[EdgeCase]:
        """The edge cases of the event called `name`."""
        return list(edge_cases(self.catalog.find(name).schema))
