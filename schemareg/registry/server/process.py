"""uvicorn's server for the registry: its connections, their limits and its TLS."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from schemareg.errors import UsageError
from schemareg.limits import LIMITS
from schemareg.registry.server.connection import BoundedHttpProtocol
from schemareg.registry.server.connections import Connections, possible_connections
from schemareg.registry.server.listener import Listener
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.server.tls import TlsFiles, check_tls

if TYPE_CHECKING:
    from starlette.types import ASGIApp

KEEP_ALIVE_S = 60
"""How long an idle connection is kept; pooled clients come back within that time."""
CERTIFICATE_CHECK_S = 10
"""How often the files of the certificate are looked at."""
_LOG = logging.getLogger("schemareg.registry")


class Process(uvicorn.Server):
    """A server on one socket whose connections and handshakes are bounded."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self._admission = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        config = self.config

        def protocol() -> BoundedHttpProtocol:
            return BoundedHttpProtocol(
                config=config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
                _loop=loop,
                admission=self._admission,
            )

        handshake_s = LIMITS.tls_handshake_s if config.ssl else None
        # of asyncio's own loops each takes every connection that waits
        takes_one_a_turn = type(loop).__module__.startswith("uvloop")
        self.servers: list[Any] = [
            Listener(listening, protocol, tls=config.ssl, handshake_s=handshake_s)
            if takes_one_a_turn
            else await loop.create_server(
                protocol,
                sock=listening,
                ssl=config.ssl,
                backlog=config.backlog,
                ssl_handshake_timeout=handshake_s,
            )
            for listening in sockets or ()
        ]
        self.started = True


class Certificate:
    """Reads the server's certificate again when its files change, for the connections to come."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._seen = self._stamps()
        self.context: ssl.SSLContext | None = None

    def _stamps(self) -> list[tuple[int, int] | None]:
        return [_stamp(path) for path in (self._files.certificate, self._files.key)]

    async def refresh(self) -> None:
        """Loads changed files; what cannot serve leaves the certificate in force."""
        stamps = self._stamps()
        if stamps == self._seen or self.context is None:
            return
        self._seen = stamps
        try:
            check_tls(self._files)
            self.context.load_cert_chain(self._files.certificate, self._files.key)
        except (UsageError, OSError) as error:
            _LOG.warning("%s; the certificate from before stays in force", error)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def create_process(app: ASGIApp, settings: ServerSettings, tls: TlsFiles | None) -> Process:
    """The server of `app`; it does not listen yet."""
    certificate = Certificate(tls) if tls else None
    config = uvicorn.Config(
        app,
        http=BoundedHttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # else any client can fill the log with warnings about itself
        access_log=False,
        proxy_headers=False,  # a client could choose the address that limits count by
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_timeout_s),
        **(_tls_options(tls) if tls else {}),
        timeout_notify=CERTIFICATE_CHECK_S,
        callback_notify=certificate.refresh if certificate else None,
    )
    config.load()
    if certificate is not None:
        certificate.context = config.ssl
    connections = Connections(
        limit=possible_connections(settings.max_connections),
        per_network=settings.max_connections_per_address,
    )
    return Process(config, connections)


def _tls_options(files: TlsFiles) -> dict[str, Any]:
    return {
        "ssl_certfile": files.certificate,
        "ssl_keyfile": files.key,
        "ssl_ca_certs": str(files.client_ca) if files.client_ca else None,
        "ssl_cert_reqs": int(files.client_verify),
    }


def tls_files(settings: ServerSettings) -> TlsFiles | None:
    """The TLS part of the settings; certificates are required where nothing else protects."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return TlsFiles(
        settings.tls_certificate,
        settings.tls_key,
        client_ca=settings.tls_client_ca,
        client_required=settings.auth_file is None,
    )
