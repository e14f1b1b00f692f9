"""TLS and client certificates, against certificates made on the spot."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import bcrypt
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schemareg.errors import UsageError
from schemareg.registry.server import process
from schemareg.registry.server.serving import RegistryServer
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.server.tls import TlsFiles, check_tls
from tests.registry.conftest import StartServer


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Signs certificates into a directory."""

    directory: Path
    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate(self) -> Path:
        return self.directory / f"{_common_name(self.name)}.pem"

    def signs(self, common_name: str, *, is_authority: bool = False, days: float = 0) -> Identity:
        key = self.key if is_authority else ec.generate_private_key(ec.SECP256R1())
        subject = _name(common_name)
        now = datetime.now(UTC) + timedelta(days=days)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
                critical=False,
            )
            # Python 3.13 refuses a chain without these (ssl.VERIFY_X509_STRICT)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False
            )
            .add_extension(_usage(is_authority=is_authority), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        files = Identity(
            self.directory / f"{common_name}.pem", self.directory / f"{common_name}.key"
        )
        files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files.key.write_bytes(_pem(key, serialization.NoEncryption()))
        return files


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(
    key: ec.EllipticCurvePrivateKey, encryption: serialization.KeySerializationEncryption
) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Shop"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _common_name(name: x509.Name) -> str:
    return str(name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _authority(directory: Path, common_name: str) -> Authority:
    authority = Authority(directory, _name(common_name), ec.generate_private_key(ec.SECP256R1()))
    authority.signs(common_name, is_authority=True)
    return authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return _authority(tmp_path, "ca")


def trusting(authority: Authority, shown: Identity | None = None) -> httpx.Client:
    """A client that trusts `authority` and shows the certificate `shown`."""
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if shown:
        context.load_cert_chain(shown.certificate, shown.key)
    return httpx.Client(verify=context)


def settings(authority: Authority, **more: object) -> ServerSettings:
    server = authority.signs("server")
    return ServerSettings(
        port=0,
        tls_certificate=server.certificate,
        tls_key=server.key,
        **more,  # type: ignore[arg-type]  # fields of the settings
    )


def test_server_speaks_tls(start_server: StartServer, authority: Authority) -> None:
    server = start_server(settings(authority))
    assert server.url.startswith("https://127.0.0.1:")
    with trusting(authority) as client:
        assert client.get(f"{server.url}/subjects").json() == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/subjects")
    with pytest.raises(httpx.HTTPError):
        httpx.get(server.url.replace("https:", "http:"))


def test_certificate_is_required_where_nothing_else_protects(
    start_server: StartServer, authority: Authority, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    server = start_server(
        settings(authority, tls_client_ca=authority.certificate, access_log=str(log))
    )
    (tmp_path / "other").mkdir()
    stranger = _authority(tmp_path / "other", "other").signs("build")
    for shown in (None, stranger):
        with trusting(authority, shown) as client, pytest.raises(httpx.HTTPError):
            client.get(f"{server.url}/subjects")
    with trusting(authority, authority.signs("build")) as client:
        assert client.get(f"{server.url}/subjects").json() == []
    for _ in range(2000):
        if log.read_text(encoding="utf-8"):
            break
        time.sleep(0.01)
    assert '"principal":"CN=build,O=Shop"' in log.read_text(encoding="utf-8")


def test_certificate_or_password_enters_where_there_is_an_auth_file(
    start_server: StartServer, authority: Authority, tmp_path: Path
) -> None:
    hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    auth_file = tmp_path / "auth.toml"
    auth_file.write_text(
        f'[users.build]\ncertificate = "CN=build,O=Shop"\nroles = ["admin"]\n'
        f'[users.anna]\npassword = "{hashed}"\nroles = ["reader"]\n',
        encoding="utf-8",
    )
    server = start_server(
        settings(authority, tls_client_ca=authority.certificate, auth_file=auth_file)
    )
    url = f"{server.url}/subjects/s/versions"
    body = {"schema": '"string"'}
    with trusting(authority, authority.signs("build")) as client:
        assert client.post(url, json=body).status_code == 200
    with trusting(authority, authority.signs("unknown")) as client:
        assert client.get(url).status_code == 401
        assert client.get(url, auth=("anna", "secret")).status_code == 200
        assert client.post(url, json=body, auth=("anna", "secret")).status_code == 403
    with trusting(authority) as client:
        assert client.get(url).status_code == 401


def _locked_key(authority: Authority) -> ServerSettings:
    server = authority.signs("server")
    server.key.write_bytes(
        _pem(
            ec.generate_private_key(ec.SECP256R1()),
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    return ServerSettings(port=0, tls_certificate=server.certificate, tls_key=server.key)


def _missing_file(authority: Authority) -> ServerSettings:
    return ServerSettings(port=0, tls_certificate=Path("missing.pem"), tls_key=Path("missing.pem"))


def _other_key(authority: Authority) -> ServerSettings:
    server, other = authority.signs("server"), authority.signs("other")
    return ServerSettings(port=0, tls_certificate=server.certificate, tls_key=other.key)


def _no_authority(authority: Authority) -> ServerSettings:
    text = authority.directory / "text.pem"
    text.write_text("nothing", encoding="utf-8")
    return settings(authority, tls_client_ca=text)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (_locked_key, "not a certificate with the key"),
        (_missing_file, "missing.pem: no such file"),
        (_other_key, "not a certificate with the key"),
        (_no_authority, "text.pem: not a CA certificate"),
    ],
)
def test_files_that_cannot_serve_are_refused_at_the_start(
    authority: Authority, broken: Callable[[Authority], ServerSettings], message: str
) -> None:
    with pytest.raises(UsageError, match=message), RegistryServer(broken(authority)):
        pass


def test_certificate_is_read_again_when_its_files_change(
    start_server: StartServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "CERTIFICATE_CHECK_S", 0.2)
    wanted = settings(authority)
    assert wanted.tls_certificate is not None
    assert wanted.tls_key is not None
    url = start_server(wanted).url

    def serial() -> int:
        parts = urlsplit(url)
        pem = ssl.get_server_certificate((parts.hostname or "", parts.port or 0))
        return x509.load_pem_x509_certificate(pem.encode()).serial_number

    before = serial()
    renewed = authority.signs("renewed")
    renewed.certificate.replace(wanted.tls_certificate)
    renewed.key.replace(wanted.tls_key)
    deadline = time.monotonic() + 15
    while serial() == before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert serial() != before
    wanted.tls_key.write_text("broken", encoding="utf-8")
    time.sleep(1.5)
    assert serial() != before


def test_expired_certificate_is_reported_at_the_start(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    files = authority.signs("old", days=-2)
    check_tls(TlsFiles(files.certificate, files.key))
    assert "the certificate expired on" in caplog.text
