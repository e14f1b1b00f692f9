"""TLS: the server's certificate, and whose client certificates count."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from schemareg.errors import UsageError


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
    """Nothing, if the files can serve.

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
    if files.client_ca is not None:
        try:
            context.load_verify_locations(files.client_ca)
        except ssl.SSLError as error:
            raise UsageError(f"{files.client_ca}: not a CA certificate: {error.reason}") from error


def peer_name(connection: ssl.SSLObject) -> str | None:
    """The subject of the client certificate that the handshake verified, as RFC 4514 writes it."""
    encoded = connection.getpeercert(binary_form=True)
    if not encoded or connection.context.verify_mode == ssl.CERT_NONE:
        return None
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(encoded).subject.rfc4514_string()
