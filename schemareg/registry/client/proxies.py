"""The proxy that the environment names for a URL, by the rules that Go's and curl's users know.

`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name it, `NO_PROXY` lists hosts that are reached
directly: names and their subdomains, addresses, networks (`10.0.0.0/8`), `*`; each but networks
may end with a port. A loopback address never goes through a proxy.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from schemareg.errors import UsageError

_SCHEMES = ("http", "https", "socks5", "socks5h")


def proxy_for(url: str) -> httpx.Proxy | None:
    """The proxy for requests to `url`, None to reach it directly.

    Raises:
        UsageError: the environment's proxy is no URL, or one that cannot be used.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    # those of the environment, or else (on Windows and macOS) of the system
    proxies = getproxies()
    named = (proxies.get(which, "").strip() for which in (parts.scheme, "all"))
    proxy = next(filter(None, named), "")
    if not proxy or is_loopback(host) or _is_exempt(host, port, proxies.get("no", "")):
        return None
    return _proxy(proxy, url=url)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its name or address."""
    address = _address(host)
    if address is None:
        name = host.removesuffix(".")
        return name == "localhost" or name.endswith(".localhost")
    return address.is_loopback


def _is_exempt(host: str, port: int, no_proxy: str) -> bool:
    return any(_matches(entry, host, port) for entry in _entries(no_proxy))


def _entries(no_proxy: str) -> Iterator[str]:
    for entry in no_proxy.replace(",", " ").lower().split():
        yield entry.partition("://")[2] or entry


def _matches(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, its_port = _host_and_port(entry)
    if its_port and its_port != str(port):
        return False
    if (exempt := _address(name)) is not None:
        return address == exempt
    name = name.removeprefix("*").lstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _host_and_port(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return host, rest.removeprefix(":")
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return host, port
    return entry, ""


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address  # ::ffff:127.0.0.1 is loopback, too


def _proxy(proxy: str, *, url: str) -> httpx.Proxy:
    text = proxy if "://" in proxy else f"http://{proxy}"
    shown = text.rsplit("@", 1)[-1]
    advice = f"correct the proxy variables, or add {urlsplit(url).hostname} to NO_PROXY"
    try:
        parts = urlsplit(text)
        _ = parts.port
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise UsageError(f"the environment's proxy {shown!r} is no proxy URL", advice=advice)
        found = httpx.Proxy(text)
    except (ValueError, httpx.InvalidURL) as error:
        raise UsageError(
            f"the environment's proxy {shown!r} is no proxy URL", advice=advice
        ) from error
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        raise UsageError(
            f"the environment's proxy {shown!r} needs a package that is not installed",
            advice=f"pip install socksio, or add {urlsplit(url).hostname} to NO_PROXY",
        )
    return found
