"""Answers and failures of httpx as those of scripts."""

from __future__ import annotations

import ssl

import httpx

from schemareg.registry.client.script import Failure, Response, Send

MAX_ANSWER_BYTES = 256 * 1024 * 1024
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
TOO_LONG = Failure(f"the answer is longer than {MAX_ANSWER_BYTES} bytes", was_sent=True)


def failure_of(error: httpx.RequestError, *, request: Send) -> Failure:
    """Why there is no answer, and whether the registry may have seen `request`."""
    reason = str(error) or type(error).__name__
    sent_to = _url_of(error)
    if sent_to is not None and sent_to != httpx.URL(request.url):
        # the token endpoint failed, so nothing was sent to the registry
        return Failure(f"no token from {sent_to}: {reason}", was_sent=False)
    if isinstance(error, httpx.TimeoutException):
        reason = f"no answer within {request.timeout_s:g} s"
    return Failure(reason, not isinstance(error, _NOT_SENT), _tls_advice(error))


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


def response_of(response: httpx.Response, body: bytes) -> Response:
    """The answer, its header names in lower case."""
    return Response(response.status_code, body, dict(response.headers.items()))


def _url_of(error: httpx.RequestError) -> httpx.URL | None:
    try:
        return error.request.url
    except RuntimeError:
        return None
