"""The gate: every request has a principal with rights before anything else looks at it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from schemareg.registry.server.auth.hashing import QueueFullError
from schemareg.registry.server.auth.identity import (
    CredentialRefusedError,
    Identities,
    Principal,
    TooManyFailuresError,
)
from schemareg.registry.server.auth.tokens import KeySetUnreachableError
from schemareg.registry.server.body_limit import refuse
from schemareg.registry.server.health import LIVE, READY

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ANONYMOUS = "anonymous"
OPEN_PATHS = frozenset({LIVE, READY, "/ui/style.css", "/ui/icon.svg"})
"""What anybody may ask: an orchestrator has no password."""


class Gate:
    """`app`, which finds `principal` and `rights` in the scope's state, or is never called.

    A certificate that TLS has verified counts first, then `Authorization`, then what the file
    grants to anonymous clients.
    """

    __slots__ = ("_app", "_identities")

    def __init__(self, app: ASGIApp, *, identities: Identities) -> None:
        self._app = app
        self._identities = identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        try:
            principal = await self._principal(scope)
        except CredentialRefusedError as error:
            await refuse(send, 401, str(error), *self._challenges())
            return
        except TooManyFailuresError as error:
            retry_after = (b"retry-after", str(math.ceil(error.wait_s)).encode("ascii"))
            await refuse(send, 429, "Too many wrong credentials from this address", retry_after)
            return
        except QueueFullError:
            busy = (b"retry-after", b"1")
            await refuse(send, 503, "Too many passwords wait to be checked; try again", busy)
            return
        except KeySetUnreachableError:
            await refuse(send, 503, "The keys to check tokens with cannot be fetched")
            return
        if principal is None:
            await refuse(send, 401, "Credentials are needed", *self._challenges())
            return
        state = scope.setdefault("state", {})
        state["principal"] = principal.name
        state["rights"] = principal.rights
        await self._app(scope, receive, send)

    def _challenges(self) -> list[tuple[bytes, bytes]]:
        rules = self._identities.rules
        offers = (
            (b'Basic realm="schemareg", charset="UTF-8"', bool(rules.users)),
            (b'Bearer realm="schemareg"', rules.tokens is not None),
        )
        return [(b"www-authenticate", challenge) for challenge, offered in offers if offered]

    async def _principal(self, scope: Scope) -> Principal | None:
        certificate = scope.get("extensions", {}).get("tls", {}).get("client_cert_name")
        if certificate is not None:
            known = self._identities.with_certificate(certificate)
            if known is not None:
                return known
        credentials = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(credentials) > 1:
            raise CredentialRefusedError("More than one Authorization header")
        if credentials:
            client = scope.get("client")
            return await self._identities.verified(
                credentials[0], address=client[0] if client else ""
            )
        if self._identities.rules.anonymous is not None:
            return Principal(ANONYMOUS, self._identities.rules.anonymous)
        return None


class OpenGate:
    """`app` for everybody, with all rights; a verified certificate's name is the principal."""

    __slots__ = ("_app",)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tls = scope.get("extensions", {}).get("tls")
        if tls is not None:
            scope.setdefault("state", {})["principal"] = tls["client_cert_name"]
        await self._app(scope, receive, send)
