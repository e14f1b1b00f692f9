"""TLS: the server's certificate, and whose client certificates count."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass

_LOG = logging.getLogger("schemareg.registry")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. With `client_ca` clients may show a certificate, or must if `client_required`."""

    certificate: Path
    key: Path
    client_ca: Path | None = None
    client_required: bool = False

    @property
    def client_verify(self) -> ssl.VerifyMode:
        if self.client_ca is None:
            return ssl.CERT_NONE
        return ssl.CERT_REQUIRED if self.client_required else ssl.CERT_OPTIONAL


def check_tls(files: TlsFiles) -> None:
    """Nothing, if the files can serve; what is odd about them goes to the log.

    Raises:
        UsageError: a file is missing or no PEM, or the key is not the certificate's.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for path in (files.certificate, files.key, files.client_ca):
        if path is not None and not path.is_file():
            raise UsageError(f"{path}: no such file", advice="TLS needs PEM files")
    try:
        # an empty password: a locked key is refused instead of asking the terminal
        context.load_cert_chain(files.certificate, files.key, password="")
    except ssl.SSLError as error:
        raise UsageError(
            f"{files.certificate}: not a certificate with the key {files.key}: {error.reason}"
        ) from error
    for warning in _warnings(files):
        _LOG.warning("%s", warning)
    if files.client_ca is not None:
        try:
            context.load_verify_locations(files.client_ca)
        except ssl.SSLError as error:
            raise UsageError(f"{files.client_ca}: not a CA certificate: {error.reason}") from error


def _warnings(files: TlsFiles) -> Iterator[str]:
    from cryptography.x509 import load_pem_x509_certificate

    certificate = load_pem_x509_certificate(files.certificate.read_bytes())
    now = datetime.now(UTC)
    if now > certificate.not_valid_after_utc:
        end = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        yield f"{files.certificate}: the certificate expired on {end}; clients will refuse it"
    if now < certificate.not_valid_before_utc:
        begin = f"{certificate.not_valid_before_utc:%Y-%m-%d}"
        yield f"{files.certificate}: the certificate is not valid before {begin}"
    mode = files.key.stat().st_mode & 0o777
    if mode & 0o007 and os.name == "posix":
        yield f"{files.key}: everybody on this machine may read the key (mode {mode:04o})"


def peer_name(connection: ssl.SSLObject) -> str | None:
    """The subject of the client certificate that the handshake verified, as RFC 4514 writes it."""
    encoded = connection.getpeercert(binary_form=True)
    if not encoded or connection.context.verify_mode == ssl.CERT_NONE:
        return None
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(encoded).subject.rfc4514_string()
