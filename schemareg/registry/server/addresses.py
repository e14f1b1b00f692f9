"""Network addresses of clients: whom one belongs to, and which ones are this machine's own."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


def network_of(address: str) -> str:
    """What one party is likely to own: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


@lru_cache(maxsize=16)  # every request is checked by its Host
def is_loopback(host: str) -> bool:
    """Only processes on this machine reach a socket bound to `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
