"""What option, environment and ini say about the fixtures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class Settings:
    """Where broker, registry and schemas are, and where an event tells what it is part of.

    `kafka_said` is what was asked for, where `kafka` is the container that serves all workers;
    `contexts` says that each test gets one of the registry's; `event_id`, `correlation_id` and
    `causation_id` are dotted paths into events.
    """

    kafka: str
    kafka_said: str
    registry: str
    contexts: bool
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
        kafka_said = _said(config, "schemareg_kafka", "BROKER")
        return Settings(
            kafka=worker.get("schemareg_kafka") or kafka_said,
            kafka_said=kafka_said,
            registry=_said(config, "schemareg_registry", "REGISTRY"),
            contexts=config.getini("schemareg_contexts"),
            schemas=tuple(config.getini("schemareg_schemas")),
            seed=config.getoption("schemareg_seed") or 0,
            directory=config.inipath.parent if config.inipath else config.rootpath,
            event_id=config.getini("schemareg_event_id"),
            correlation_id=config.getini("schemareg_correlation_id"),
            causation_id=config.getini("schemareg_causation_id"),
        )


def _said(config: pytest.Config, name: str, variable: str) -> str:
    said: str = (
        config.getoption(name) or os.environ.get(f"SCHEMAREG_{variable}") or config.getini(name)
    )
    return said
