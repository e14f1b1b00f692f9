"""Answers and failures of httpx as those of scripts."""

from __future__ import annotations

import ssl
import zlib
from urllib.parse import urlsplit

import httpx

from schemareg.registry.client.proxies import proxy_for
from schemareg.registry.client.script import Failure, Response, Send

_OTHER_HOST = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
    httpx.LocalProtocolError,
)
OUT_OF_TIME = Failure("the deadline passed before it was sent", was_sent=False)
CUT_OFF = Failure("the deadline passed before the answer was whole", was_sent=True)


def failure_of(error: httpx.RequestError, *, request: Send, left_s: float) -> Failure:
    """Why there is no answer, and whether the registry may have seen `request`.

    `left_s` is the time to the deadline.
    """
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        reason = CUT_OFF.reason if left_s <= 0 else f"no answer within {request.timeout_s:g} s"
    was_sent = not isinstance(error, _NOT_SENT)
    advice = _tls_advice(error) or (None if was_sent else _proxy_advice(request.url))
    return Failure(reason, was_sent, advice)


def _proxy_advice(url: str) -> str | None:
    """The advice where what cannot be reached is a proxy, None where there is none."""
    proxy = proxy_for(url)
    if proxy is None:
        return None
    return (
        f"check that the environment's proxy {proxy.url} runs, or add {urlsplit(url).hostname} to"
        " NO_PROXY"
    )


def _tls_advice(error: BaseException | None) -> str | None:
    """The advice for a failure of TLS, None for another failure."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    if error is None:
        return None
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _OTHER_HOST:
            return "use the host name in the server's certificate"
        return (
            "trust the authority that signed the server's certificate: set SCHEMAREG_REGISTRY_CA"
            " to its PEM file"
        )
    if (error.reason or "").endswith(("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE")):
        return "set SCHEMAREG_REGISTRY_CERT and SCHEMAREG_REGISTRY_KEY to a client certificate"
    return "check that this port speaks TLS: http:// where it does not"


class Body:
    """The body of an answer as it arrives: unpacked, and never longer than its limit."""

    def __init__(self, response: httpx.Response, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._packed_bytes = 0
        self._content = bytearray()
        self._encoding = response.headers.get("content-encoding", "identity").strip().lower()
        is_packed = self._encoding in _GZIP and not response.is_stream_consumed
        self._unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS) if is_packed else None

    @property
    def content(self) -> bytes:
        return bytes(self._content)

    def begin(self) -> Failure | None:
        """Why the body is not read at all."""
        if self._encoding in (*_GZIP, "identity", ""):
            return None
        return Failure(
            f"the answer is encoded as {self._encoding[:40]!r}, which nobody requested",
            was_sent=True,
        )

    def add(self, part: bytes) -> Failure | None:
        """Take a part as it was received; why the body is read no further."""
        self._packed_bytes += len(part)
        room_bytes = self._limit_bytes - len(self._content) + 1
        if self._unpacking is not None:
            try:
                part = self._unpacking.decompress(part, room_bytes)
            except zlib.error as error:
                return Failure(f"the answer cannot be unpacked: {error}", was_sent=True)
        self._content += part
        if max(len(self._content), self._packed_bytes) > self._limit_bytes:
            return Failure(f"the answer is longer than {self._limit_bytes} bytes", was_sent=True)
        return None

    def end(self) -> Failure | None:
        """Why the body that ended is not whole."""
        if self._unpacking is None or self._unpacking.eof or not self._packed_bytes:
            return None
        return Failure("the answer ended before it was whole", was_sent=True)


_GZIP = ("gzip", "x-gzip")


def response_of(response: httpx.Response, body: bytes) -> Response:
    """The answer, its header names in lower case."""
    return Response(response.status_code, body, dict(response.headers.items()))
