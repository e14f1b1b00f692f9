"""The protocol of all brokers: an address and client settings, running while entered."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self, TypeAlias

Setting: TypeAlias = "str | int | float | bool"
Settings: TypeAlias = "Mapping[str, Setting]"


class Broker(Protocol):
    """A Kafka cluster that is up between `__enter__` and `__exit__`.

    `name` is the kind in reports (`embedded`, `container`, `HOST:PORT`); `bootstrap_servers`
    is librdkafka's setting; `client_settings` are further librdkafka settings that every client
    of this cluster needs (security, timeouts). `topics_on_use` is true where topics are created
    when first used and end with the cluster, so that nothing creates or deletes them. Entering
    raises `BrokerError` or `DockerError`.
    """

    name: str
    topics_on_use: bool

    @property
    def bootstrap_servers(self) -> str: ...

    @property
    def client_settings(self) -> Settings: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
