"""Settings of the fixtures: option, then environment, then ini, then the default."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Settings:
    """Where broker, registry and schemas are, and where an event has its ids.

    `kafka_option` is the value as configured, `kafka` the broker of this process: under xdist the
    address of the container that serves all workers. With `contexts` each test gets a context of
    the registry, with `allow_unknown` names are not checked. `event_id`, `correlation_id` and
    `causation_id` are dotted paths into events.
    """

    kafka: str
    kafka_option: str
    registry: str
    contexts: bool
    allow_unknown: bool
    schemas: tuple[str, ...]
    seed: int
    directory: Path
    event_id: str
    correlation_id: str
    causation_id: str

    @staticmethod
    def of(config: pytest.Config) -> Settings:
        """The settings of a run: option, then environment, then ini, then the default."""
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        kafka_option = _configured(config, "schemareg_kafka", "BROKER")
        return Settings(
            kafka=worker.get("schemareg_kafka") or kafka_option,
            kafka_option=kafka_option,
            registry=_configured(config, "schemareg_registry", "REGISTRY"),
            contexts=config.getini("schemareg_contexts"),
            allow_unknown=config.getini("schemareg_allow_unknown"),
            schemas=tuple(config.getini("schemareg_schemas")),
            seed=config.getoption("schemareg_seed") or 0,
            directory=config.inipath.parent if config.inipath else config.rootpath,
            event_id=config.getini("schemareg_event_id"),
            correlation_id=config.getini("schemareg_correlation_id"),
            causation_id=config.getini("schemareg_causation_id"),
        )


def _configured(config: pytest.Config, name: str, variable: str) -> str:
    value: str = (
        config.getoption(name) or os.environ.get(f"SCHEMAREG_{variable}") or config.getini(name)
    )
    return value
