"""One connection: uvicorn's own protocol with a bound on the size and the time of every phase.

Without it a client that never ends what it began, or never reads its answer, is kept for ever.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Iterable
from functools import partial
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from schemareg.limits import LIMITS
from schemareg.registry.server.connections import Connections
from schemareg.registry.server.joined_writes import JoinedWrites
from schemareg.registry.server.tls import peer_name

HEAD_MAX_BYTES = LIMITS.request_head_bytes
HEAD_TIMEOUT_S = LIMITS.request_head_s
REST_TIMEOUT_S = LIMITS.request_rest_s
STALL_S = LIMITS.response_stall_s
LINGER_S = 1.0
"""How long a refused client is still listened to, so that it can read why."""
FAREWELL_S = 0.5
"""How long a stopping server waits for a TLS client to hang up too."""
_SLICE_BYTES = 16 * 1024
"""How much is parsed at a time: the error in counting a head that is not complete."""
_UNPARSED_MAX_BYTES = 1024 * 1024
"""What may wait behind pipelined requests; TCP holds back the rest."""
_TEXTS = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class BoundedHttpProtocol(HttpToolsProtocol):
    """A connection whose every phase has an end.

    A head may take `HEAD_MAX_BYTES` (431) and `HEAD_TIMEOUT_S` (408), and so may the chunk sizes
    and trailers of a body, which are no headers. The rest of a body that came to be answered early
    has `REST_TIMEOUT_S`; a client that does not read its answer is hung up on after `STALL_S`.

    A client certificate's name reaches the application as the scope's `tls` extension.
    Source: ASGI, "TLS Extension"; RFC 9110, section 6.5.1: a trailer is no header.
    """

    def __init__(self, *arguments: Any, admission: Connections, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._admission = admission
        self._unparsed = b""
        self._head_bytes = 0
        self._frame_bytes = 0
        self._body_bytes = 0
        self._unanswered = 0
        self._head_complete = False
        self._message_complete = True
        self._timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._peer_name: str | None = None
        self._refused = False
        self._refusal_due: int | None = None
        self._stopping = False

    @property
    def is_idle(self) -> bool:
        """Whether the connection is between two requests."""
        return not self._unanswered and self._message_complete and self._timer is None

    @property
    def _is_in_body(self) -> bool:
        return self._head_complete and not self._message_complete

    def hang_up(self) -> None:
        """Close the connection now, whatever is still to be read or written."""
        self.transport.abort()

    # the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if not self._admission.admit(self, self.client[0] if self.client else ""):
            self._refuse(503)
            transport.close()
            return
        tls = transport.get_extra_info("ssl_object")
        if tls is not None:
            self._peer_name = peer_name(cast("ssl.SSLObject", tls))
        self._start_timer(HEAD_TIMEOUT_S, 408)

    def connection_lost(self, exc: Exception | None) -> None:
        self._admission.release(self)
        self._stop_timer()
        self._stop_stall_timer()
        self._unparsed = b""
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_reading()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if not self._unparsed and not self.pipeline and len(data) <= _SLICE_BYTES:
            self._parse_part(data)
            return
        self._unparsed += data
        if len(self._unparsed) > _UNPARSED_MAX_BYTES:
            self.hang_up()
            return
        self._parse()

    def _parse(self) -> None:
        """Parses what has arrived, as long as not too many requests wait for their turn."""
        while self._unparsed and not self._refused and not self.transport.is_closing():
            if len(self.pipeline) >= LIMITS.pipelined_requests:
                self.flow.pause_reading()
                return
            part, self._unparsed = self._unparsed[:_SLICE_BYTES], self._unparsed[_SLICE_BYTES:]
            self._parse_part(part)

    def _parse_part(self, part: bytes) -> None:
        before = self._body_bytes
        was_in_body = self._is_in_body
        self._feed(part)
        if self._refused or self.transport.is_closing():
            return
        if not self._head_complete:
            self._head_bytes += len(part)
            if self._head_bytes > HEAD_MAX_BYTES + _SLICE_BYTES:
                self._refuse(431)
            elif self._timer is None and not self._message_complete:
                self._start_timer(HEAD_TIMEOUT_S, 408)
        elif was_in_body and self._is_in_body and self._body_bytes >= before:
            self._frame_bytes += len(part) - (self._body_bytes - before)
            if self._frame_bytes > HEAD_MAX_BYTES + LIMITS.request_frame_share * self._body_bytes:
                self._refuse(431)

    def _feed(self, data: bytes) -> None:
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

    # what the parser reports

    def on_message_begin(self) -> None:
        self._head_complete = self._message_complete = False
        self._head_bytes = self._frame_bytes = self._body_bytes = 0
        self._unset_keepalive_if_required()
        super().on_message_begin()
        if self._peer_name is not None:
            scope = cast("dict[str, Any]", self.scope)
            scope["extensions"] = {"tls": {"client_cert_name": self._peer_name}}

    def on_headers_complete(self) -> None:
        if self._offers_upgrade or self._refused:
            return
        size_bytes = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size_bytes > HEAD_MAX_BYTES:
            self._refuse(431)
            return
        if not names_one_host(self.headers, http_version=self.parser.get_http_version()):
            self._refuse(400)
            return
        super().on_headers_complete()
        if self.cycle.scope["method"] != "HEAD":  # whose response is all head
            self.cycle.transport = JoinedWrites(self.transport)  # type: ignore[assignment]
        self.headers = []  # where trailers go, which are no headers
        self._head_complete = True
        self._unanswered += 1
        self._stop_timer()
        self._unset_keepalive_if_required()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._offers_upgrade or self._refused:
            return
        self._message_complete = True
        super().on_message_complete()
        if not self._unanswered:  # the rest of a body that was answered early
            self._stop_timer()
            self._keep_alive()

    # answers

    def on_response_complete(self) -> None:
        self._unanswered -= 1
        super().on_response_complete()
        self._admission.used(self)
        self._watch_reading()
        if self._stopping:
            self._hang_up_soon()
        if self._refusal_due is not None and not self._unanswered:
            self._write_refusal(self._refusal_due)
        elif self._unparsed:
            self._parse()
        if self._is_in_body and not self._unanswered and not self._refused:
            self._unset_keepalive_if_required()
            self._start_timer(REST_TIMEOUT_S, None)

    def _keep_alive(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _watch_reading(self) -> None:
        if self._stall_timer is None and (size := self.transport.get_write_buffer_size()):
            self._stall_timer = self.loop.call_later(STALL_S, self._check_reading, size)

    def _check_reading(self, before_bytes: int) -> None:
        self._stall_timer = None
        read_bytes = before_bytes - self.transport.get_write_buffer_size()
        # more has been written meanwhile where nothing had to wait
        is_writing = self._unanswered and not self.flow.write_paused
        if read_bytes >= min(before_bytes, LIMITS.response_stall_bytes) or is_writing:
            self._watch_reading()
        else:
            self.hang_up()

    def shutdown(self) -> None:
        super().shutdown()
        if self.transport.get_extra_info("ssl_object") is not None:
            self._stopping = True
            if self.cycle is None or self.cycle.response_complete:
                self._hang_up_soon()

    def _hang_up_soon(self) -> None:
        """TLS waits half a minute for the farewell of a client that is not listening."""
        self.loop.call_later(FAREWELL_S, self.transport.abort)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400)

    # ends

    def _start_timer(self, timeout_s: float, status: int | None) -> None:
        """Refuse with `status`, or hang up where there is none, unless something happens."""
        self._stop_timer()
        self._timer = self.loop.call_later(
            timeout_s, self.hang_up if status is None else partial(self._refuse, status)
        )

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _refuse(self, status: int) -> None:
        """Answers in the registry's error shape, after the answers that are due, and hangs up."""
        self._stop_timer()
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._unparsed = b""
        if not self._is_in_body:
            if self._unanswered:
                self._refusal_due = status
            else:
                self._write_refusal(status)
        elif self._unanswered > 1 or self.cycle.response_started:
            self.hang_up()
        else:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._write_refusal(status)

    def _write_refusal(self, status: int) -> None:
        self._unset_keepalive_if_required()
        body = json.dumps({"error_code": status, "message": f"HTTP {status} {_TEXTS[status]}"})
        self.transport.write(
            f"HTTP/1.1 {status} {_TEXTS[status]}\r\ncontent-type: application/json\r\n"
            "x-content-type-options: nosniff\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode("ascii")
        )
        # closing at once would reset the connection under a client that still sends
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.abort)


_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?", flags=re.ASCII
)


def names_one_host(headers: Iterable[tuple[bytes, bytes]], *, http_version: str) -> bool:
    """Whether the `Host` of a request is as it must be: one, and a host with or without a port.

    Source: RFC 9112, section 3.2; HTTP/1.0 knows requests without it.
    """
    hosts = [value for name, value in headers if name == b"host"]
    if not hosts:
        return http_version == "1.0"
    return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None
