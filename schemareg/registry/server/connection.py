"""One connection: uvicorn's own protocol with a bound on the request's head and its arrival.

Without it a client that never ends its head, or feeds it a byte at a time, is kept for ever.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from schemareg.limits import LIMITS
from schemareg.registry.server.tls import peer_name

HEAD_MAX_BYTES = LIMITS.request_head_bytes
HEAD_TIMEOUT_S = LIMITS.request_head_s
LINGER_S = 1.0
"""How long a refused client is still listened to, so that it can read why."""
_TEXTS = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
FAREWELL_S = 0.5
"""How long a stopping server waits for a TLS client to hang up too."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Refuses heads beyond `HEAD_MAX_BYTES` (431) or `HEAD_TIMEOUT_S` (408).

    A client certificate's name reaches the application as the scope's `tls` extension.
    Source: ASGI, "TLS Extension".
    """

    _head_bytes = 0
    _head_complete = False
    _head_timer: asyncio.TimerHandle | None = None
    _peer_name: str | None = None
    _refused = False
    _stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        if tls is not None:
            self._peer_name = peer_name(cast("ssl.SSLObject", tls))
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._refuse, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._feed(data)
        if self._head_complete or self._refused or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_MAX_BYTES:
            self._refuse(431)
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._refuse, 408)

    def _feed(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserError:
                self._refuse(400)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_offer(data[upgrade.args[0] :])

    def _without_offer(self, rest: bytes) -> bytes:
        """The request once more without its offer of another protocol, which hides the body.

        Source: RFC 9110, section 7.8: a server may ignore `Upgrade` and answer as usual.
        """
        if not self._offers_upgrade:  # a CONNECT, whose stream is not HTTP
            return b""
        version = self.parser.get_http_version().encode()
        head = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version]
        head += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join([*head, b"", rest])

    @property
    def _offers_upgrade(self) -> bool:
        return (
            self.parser.should_upgrade()
            and self.parser.get_method() != b"CONNECT"
            and any(name == b"upgrade" for name, _ in self.headers)
        )

    def on_message_begin(self) -> None:
        self._head_complete = False
        super().on_message_begin()
        if self._peer_name is not None:
            scope = cast("dict[str, Any]", self.scope)
            scope["extensions"] = {"tls": {"client_cert_name": self._peer_name}}

    def on_headers_complete(self) -> None:
        if self._offers_upgrade:
            return
        self._head_complete = True
        self._head_bytes = 0
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._offers_upgrade:
            super().on_message_complete()

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.get_extra_info("ssl_object") is not None:
            self._stopping = True
            if self.cycle is None or self.cycle.response_complete:
                self._hang_up_soon()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._stopping:
            self._hang_up_soon()

    def _hang_up_soon(self) -> None:
        """TLS waits half a minute for the farewell of a client that is not listening."""
        self.loop.call_later(FAREWELL_S, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: int) -> None:
        """Answers in the registry's error shape and hangs up."""
        self._stop_timer()
        if self._refused or self.transport.is_closing():
            return
        body = json.dumps({"error_code": status, "message": f"HTTP {status} {_TEXTS[status]}"})
        self._refused = True
        self.transport.write(
            f"HTTP/1.1 {status} {_TEXTS[status]}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode("ascii")
        )
        # closing at once would reset the connection under a client that still sends
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.close)
