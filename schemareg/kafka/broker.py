"""The one seam to Kafka: something with an address and client settings, up while entered."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self


class Broker(Protocol):
    """A Kafka cluster that is up between `__enter__` and `__exit__`.

    `name` says which kind for reports (`embedded`, `container`, `HOST:PORT`); `bootstrap_servers`
    is librdkafka's setting; `client_settings` are further librdkafka settings that every client
    of this cluster needs (security, timeouts). Entering raises `BrokerError` or `DockerError`.
    """

    name: str

    @property
    def bootstrap_servers(self) -> str: ...

    @property
    def client_settings(self) -> Mapping[str, str | int | float | bool]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
