"""A Kafka cluster that runs already, at HOST:PORT."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from schemareg.brokers.broker import Settings
from schemareg.brokers.clients import ask_cluster


class ExternalBroker:
    """The cluster behind `bootstrap_servers` (`HOST:PORT`, or several joined by commas).

    `settings` are librdkafka's, passed to every client unchanged (`security.protocol`,
    `sasl.mechanism`, `ssl.ca.location`, …). Entering connects once.
    """

    topics_on_use = False

    def __init__(
        self, bootstrap_servers: str, *, settings: Settings | None = None, timeout_s: float = 10.0
    ) -> None:
        self.name = bootstrap_servers
        self._bootstrap_servers = bootstrap_servers
        self._settings = dict(settings or {})
        self._timeout_s = timeout_s

    @property
    def bootstrap_servers(self) -> str:
        return self._bootstrap_servers

    @property
    def client_settings(self) -> Settings:
        return self._settings

    def __enter__(self) -> Self:
        ask_cluster(self._bootstrap_servers, self._settings, timeout_s=self._timeout_s)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None
