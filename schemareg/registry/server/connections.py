"""How many connections the server holds, in all and for one network of clients."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from schemareg.registry.server.addresses import network_of

RESERVED_FILES = 64
"""Open files that connections leave to the store, the logs and the runtime."""


class Connection(Protocol):
    """A connection as far as the limit concerns it."""

    @property
    def is_idle(self) -> bool:
        """Whether it is between two requests."""

    def hang_up(self) -> None:
        """Close it now."""


class Connections:
    """Admits up to `limit` connections, and up to `per_network` of one network (IPv6: a /64).

    Where the limit is reached, the connection that has been idle for longest makes room.
    """

    __slots__ = ("_by_network", "_limit", "_networks", "_per_network")

    def __init__(self, *, limit: int, per_network: int) -> None:
        self._limit = limit
        self._per_network = per_network
        self._networks: dict[Connection, str] = {}
        self._by_network: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._networks)

    def admit(self, connection: Connection, address: str) -> bool:
        """Whether the connection may stay; one that may has to be released."""
        network = network_of(address)
        if self._by_network[network] >= self._per_network:
            return False
        if len(self._networks) >= self._limit:
            idle = next((other for other in self._networks if other.is_idle), None)
            if idle is None:
                return False
            self.release(idle)
            idle.hang_up()
        self._networks[connection] = network
        self._by_network[network] += 1
        return True

    def used(self, connection: Connection) -> None:
        """The connection has just been answered: it is the last to make room."""
        network = self._networks.pop(connection, None)
        if network is not None:
            self._networks[connection] = network

    def release(self, connection: Connection) -> None:
        """The connection no longer counts."""
        network = self._networks.pop(connection, None)
        if network is None:
            return
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]


def possible_connections(wanted: int) -> int:
    """`wanted`, or as many as this process may open files for."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return wanted
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return wanted
    return min(wanted, max(files // 2, files - RESERVED_FILES))
