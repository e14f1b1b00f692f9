"""The broker for a value of `--broker`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from schemareg.brokers.broker import Broker, Settings
from schemareg.errors import UsageError

_HOST_PORT = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}")
_ENVIRONMENT_PREFIX = "SCHEMAREG_KAFKA_CLIENT_"
_IMAGE_VARIABLE = "SCHEMAREG_KAFKA_IMAGE"


def open_broker(
    spec: str,
    *,
    settings: Settings | None = None,
    environ: Mapping[str, str] | None = None,
) -> Broker:
    """The broker that `spec` names, not yet entered: `embedded`, `container` or `HOST:PORT`.

    `settings` are librdkafka's for the clients of an external cluster; variables
    `SCHEMAREG_KAFKA_CLIENT_X_Y` of `environ` (None: the process's) set `x.y` and win over them.
    `SCHEMAREG_KAFKA_IMAGE` names the container's image.

    Raises:
        UsageError: `spec` is none of these, or the extra that it needs is not installed.
    """
    variables = os.environ if environ is None else environ
    try:
        match spec:
            case "embedded":
                from schemareg.brokers.embedded import EmbeddedBroker

                return EmbeddedBroker()
            case "container":
                from schemareg.brokers.container import ContainerBroker

                return ContainerBroker(variables.get(_IMAGE_VARIABLE))
            case _:
                return _external(spec, {**(settings or {}), **client_settings_of(variables)})
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the broker {spec!r} needs the Python module {error.name!r}, which is not installed",
            advice="run: pip install 'schemareg[kafka]'",
        ) from error


def client_settings_of(environ: Mapping[str, str]) -> Settings:
    """The librdkafka settings that `environ` gives: `SCHEMAREG_KAFKA_CLIENT_X_Y` is `x.y`."""
    return {
        name.removeprefix(_ENVIRONMENT_PREFIX).lower().replace("_", "."): value
        for name, value in environ.items()
        if name.startswith(_ENVIRONMENT_PREFIX)
    }


def _external(spec: str, settings: Settings) -> Broker:
    servers = [server.strip() for server in spec.split(",")]
    wrong = [s for s in servers if not _HOST_PORT.fullmatch(s) or int(s.rsplit(":", 1)[1]) > 65535]
    if wrong:
        raise UsageError(
            f"the broker {spec!r} is neither 'embedded' nor 'container' nor HOST:PORT",
            advice="write for example --broker localhost:9092",
        )
    from schemareg.brokers.external import ExternalBroker

    return ExternalBroker(",".join(servers), settings=settings)
