"""What httpx says, in the words of scripts."""

from __future__ import annotations

import httpx

from schemareg.registry.client.script import Failure, Response, Send

MAX_ANSWER_BYTES = 256 * 1024 * 1024
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
TOO_LONG = Failure(f"the answer is longer than {MAX_ANSWER_BYTES} bytes", was_sent=True)


def failure_of(error: httpx.RequestError, *, request: Send) -> Failure:
    """Why there is no answer, and whether the registry may have seen `request`."""
    reason = str(error) or type(error).__name__
    asked = _asked_url(error)
    if asked is not None and asked != httpx.URL(request.url):
        # the token endpoint failed, so the registry was not asked at all
        return Failure(f"no token from {asked}: {reason}", was_sent=False)
    if isinstance(error, httpx.TimeoutException):
        reason = f"no answer within {request.timeout_s:g} s"
    return Failure(reason, was_sent=not isinstance(error, _NOT_SENT))


def response_of(response: httpx.Response, body: bytes) -> Response:
    """The answer, its header names in lower case."""
    return Response(response.status_code, body, dict(response.headers.items()))


def _asked_url(error: httpx.RequestError) -> httpx.URL | None:
    try:
        return error.request.url
    except RuntimeError:
        return None
