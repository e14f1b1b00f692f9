"""Base URLs as people give them, split and checked before anything is sent to them."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import httpx

from schemareg.errors import UsageError


def base_url(url: str, *, of: str) -> tuple[str, str | None, str | None]:
    """`url` without its credentials and the slash at its end, its user, and its password.

    `of` says in errors whose URL it is; no error shows credentials.

    Raises:
        UsageError: not an HTTP URL, a host that cannot be one, or a query or fragment.
    """
    shown = url.strip().rsplit("@", 1)[-1]
    try:
        parts = urlsplit(url.strip())
        if "@" in url and "@" not in parts.netloc and parts.scheme in ("http", "https"):
            raise UsageError(
                f"the {of} URL of {shown!r} holds / ? or # in its user or password",
                advice="write %2F for /, %3F for ?, %23 for #, or set SCHEMAREG_REGISTRY_USER"
                " and SCHEMAREG_REGISTRY_PASSWORD",
            )
        port = parts.port
        named = httpx.URL(scheme="http", host=parts.hostname or "")
        # reading either spelling checks it: labels of a name, and their lengths
        named.host.encode("idna")
        host = named.raw_host.decode("ascii")
        if "%" in host:
            raise ValueError("a host name holds no escapes")
    except (ValueError, httpx.InvalidURL) as error:
        raise UsageError(f"the {of} URL is not valid: its host or port is wrong") from error
    if parts.scheme not in ("http", "https") or not host:
        scheme, slashes, _ = url.strip().partition("://")
        advice = f"write http://{shown} or https://{shown}"
        if parts.scheme in ("http", "https"):
            advice = f"name its host, as in {scheme}://localhost:8081"
        elif slashes:
            advice = f"{scheme}:// is not supported: write http:// or https://"
        raise UsageError(f"{shown!r} is no {of} URL", advice=advice)
    where = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}"
    if port is not None:
        where += f":{port}"
    if parts.query or parts.fragment:
        raise UsageError(f"{where}: a {of} URL ends with its path, without ? and #")
    try:
        base = str(httpx.URL(where + parts.path.rstrip("/")))
    except httpx.InvalidURL as error:
        raise UsageError(f"{where}: the path of the {of} URL is not valid") from error
    user = None if parts.username is None else unquote(parts.username)
    return base, user, None if parts.password is None else unquote(parts.password)
