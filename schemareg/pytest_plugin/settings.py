"""Settings of the fixtures: option, then environment, then ini, then the default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from schemareg.lazy_dataclass import dataclass
from schemareg.settings.kinds import FLAG, TEXT, TEXTS, whole_number
from schemareg.settings.reader import Setting, read_settings
from schemareg.settings.toml_table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One setting of the plugin: `schemareg_` and its name in the ini file, with its help."""

    setting: Setting[Any]
    help: str
    metavar: str = ""
    in_file: bool = True


KAFKA = Row(
    Setting("kafka", TEXT, "embedded", "--schemareg-kafka", "SCHEMAREG_BROKER"),
    "broker of the kafka fixture: embedded, container or HOST:PORT",
    "BROKER",
)
REGISTRY = Row(
    Setting("registry", TEXT, "embedded", "--schemareg-registry", "SCHEMAREG_REGISTRY"),
    "registry of the schema_registry fixture: embedded, in-process or a URL",
    "REGISTRY",
)
SEED = Row(
    Setting("seed", whole_number(), 0, "--schemareg-seed"),
    "other values in generated events",
    "N",
    False,
)
SCHEMAS = Row(
    Setting("schemas", TEXTS, ()),
    "where the schemas are: directories, files, archives, package:NAME/FOLDER, registry URLs; by "
    "default the project of schemareg.toml",
)
PREFIX = Row(Setting("prefix", TEXT, ""), "put before the name of every fixture")
CONTEXTS = Row(
    Setting("contexts", FLAG, True),
    "whether each test gets a context of the registry; false for registries without contexts",
)
ALLOW_UNKNOWN = Row(
    Setting("allow_unknown", FLAG, False),
    "whether tests may name events, paths and topics that are not in schemas and configuration",
)
EVENT_ID = Row(Setting("event_id", TEXT, "metadata.eventId"), "path of an event's id")
CORRELATION_ID = Row(
    Setting("correlation_id", TEXT, "metadata.correlationId"),
    "path of the id that a chain of events shares",
)
CAUSATION_ID = Row(
    Setting("causation_id", TEXT, "metadata.causationId"),
    "path of the id of the event that caused this one",
)
ROWS = (
    KAFKA, REGISTRY, SEED, SCHEMAS, PREFIX, CONTEXTS, ALLOW_UNKNOWN, EVENT_ID, CORRELATION_ID,
    CAUSATION_ID,
)  # fmt: skip
_INI_TYPES: Mapping[int, Literal["bool", "linelist", "string"]] = {
    id(FLAG): "bool",
    id(TEXT): "string",
    id(TEXTS): "linelist",
}


def add_settings(parser: pytest.Parser) -> None:
    """Declares every row to pytest: those with a flag as an option, all as ini."""
    group = parser.getgroup("schemareg", "event schemas (schemareg)")
    for row in ROWS:
        setting, help = row.setting, row.help
        if setting.flag:
            group.addoption(
                setting.flag, metavar=row.metavar, help=help, type=setting.kind.from_text
            )
            help = f"as {setting.flag}, which wins"
        if row.in_file:
            kind = _INI_TYPES[id(setting.kind)]
            parser.addini(_ini(setting), help, type=kind, default=None)


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
    def prefix(config: pytest.Config) -> str:
        """What is before the name of every fixture."""
        return config.getini(_ini(PREFIX.setting)) or ""

    @staticmethod
    def of(config: pytest.Config) -> Settings:
        """The settings of a run.

        Raises:
            UsageError: a value of the wrong kind.
        """
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        settings = [row.setting for row in ROWS]
        ini = {r.setting.name: config.getini(_ini(r.setting)) for r in ROWS if r.in_file}
        given = {name: value for name, value in ini.items() if value not in (None, "", [])}
        values = read_settings(
            settings,
            flags={s.name: config.getoption(_ini(s)) for s in settings if s.flag},
            environment=os.environ,
            table=Table(given, str(config.inipath or "the ini file")),
        )
        return Settings(
            kafka=worker.get("schemareg_kafka") or values[KAFKA.setting],
            kafka_option=values[KAFKA.setting],
            registry=values[REGISTRY.setting],
            contexts=values[CONTEXTS.setting],
            allow_unknown=values[ALLOW_UNKNOWN.setting],
            schemas=values[SCHEMAS.setting],
            seed=values[SEED.setting],
            directory=config.inipath.parent if config.inipath else config.rootpath,
            event_id=values[EVENT_ID.setting],
            correlation_id=values[CORRELATION_ID.setting],
            causation_id=values[CAUSATION_ID.setting],
        )


def _ini(setting: Setting[Any]) -> str:
    return f"schemareg_{setting.name}"
