"""Who the client says it is, to whom, over which connection, and that no secret ever shows."""

from __future__ import annotations

import base64
import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from schemareg.errors import (
    RegistryError,
    RegistryUnavailableError,
    SchemaregError,
    UsageError,
)
from schemareg.registry import (
    NO_RETRY,
    BasicCredentials,
    BearerToken,
    Credentials,
    OAuthCredentials,
    Patience,
    Tls,
    connect,
)
from schemareg.subjects import Subject
from tests.registry.client_wire import PATIENCE, Wire, answer, ask_async, ask_sync

DRIVERS = pytest.mark.parametrize("ask", [ask_sync, ask_async], ids=["sync", "async"])
SECRET = "s3cr3t-of-mine"
BASIC = BasicCredentials("bob", SECRET)
BEARER = BearerToken(SECRET)
OAUTH = OAuthCredentials("http://token/get", "me", SECRET, scope="sr", extra=(("aud", "x"),))


def authorization(request: httpx.Request) -> str | None:
    value: str | None = request.headers.get("authorization")
    return value


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def token(name: str, life_s: int = 3600) -> Any:
    return answer(200, {"access_token": name, "token_type": "Bearer", "expires_in": life_s})


@pytest.mark.parametrize(
    ("url", "credentials", "header"),
    [
        ("http://one", None, None),
        ("http://one", BASIC, basic("bob", SECRET)),
        ("http://one", BEARER, f"Bearer {SECRET}"),
        ("http://al:p%40ss@one", None, basic("al", "p@ss")),
        (["http://al:x@one", "http://al:x@two", "http://three"], None, basic("al", "x")),
    ],
)
@DRIVERS
def test_credentials_travel_in_the_header(
    url: str | list[str], credentials: Credentials | None, header: str | None, ask: Any
) -> None:
    wire = Wire([answer(200, [])])
    ask(wire, lambda c: c.get_subjects(), url=url, credentials=credentials)
    assert wire.sent == ["GET one/subjects"]
    assert authorization(wire.requests[0]) == header


@DRIVERS
def test_oauth_token_is_fetched_once_and_again_before_it_ends(ask: Any) -> None:
    wire = Wire([token("t1"), answer(200, []), answer(200, []), token("t2"), answer(200, [])])

    def thrice(c: Any) -> Any:
        yield from c.get_subjects()
        wire.now += 3569.0
        yield from c.get_subjects()
        wire.now += 1.0
        yield from c.get_subjects()

    ask(wire, thrice, credentials=OAUTH, patience=replace(PATIENCE, deadline_s=9999.0))
    subjects = "GET one/subjects"
    assert wire.sent == ["POST token/get", subjects, subjects, "POST token/get", subjects]
    asked = wire.requests[0]
    assert asked.content == b"grant_type=client_credentials&aud=x&scope=sr"
    assert authorization(asked) == basic("me", SECRET)
    assert [authorization(wire.requests[n]) for n in (1, 2, 4)] == [
        "Bearer t1",
        "Bearer t1",
        "Bearer t2",
    ]


@DRIVERS
def test_oauth_token_that_is_refused_is_fetched_anew_once(ask: Any) -> None:
    refused = answer(401, {"error_code": 401, "message": "expired"})
    wire = Wire([token("t1"), answer(200, []), refused, token("t2"), refused])

    def twice(c: Any) -> Any:
        yield from c.get_subjects()
        yield from c.get_subjects()

    with pytest.raises(RegistryError) as raised:
        ask(wire, twice, credentials=OAUTH)
    assert raised.value.status == 401
    assert len(wire.sent) == 5


@DRIVERS
def test_oauth_endpoint_that_is_busy_is_asked_again_and_the_write_sent_once(ask: Any) -> None:
    done = answer(200, {"subject": "s", "version": 1, "id": 1, "schema": '"int"'})
    wire = Wire([answer(503), httpx.ReadTimeout, token("t1"), done])
    ask(wire, lambda c: c.register(Subject("s"), '"int"'), credentials=OAUTH)
    assert wire.sent == ["POST token/get"] * 3 + ["POST one/subjects/s/versions"]


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (answer(401, {"error": "invalid_client"}), RegistryError, "no token for client 'me'"),
        (answer(200, {"token": "x"}), RegistryUnavailableError, "answered 200 without a token"),
        (answer(200, [1]), RegistryUnavailableError, "answered 200 without a token"),
        (token("a b"), RegistryUnavailableError, "answered a token that fits no header"),
        (httpx.ConnectError, RegistryUnavailableError, "no token from http://token/get"),
    ],
)
@DRIVERS
def test_oauth_endpoint_that_gives_no_token(
    said: Any, error: type[SchemaregError], words: str, ask: Any
) -> None:
    with pytest.raises(error, match=words):
        ask(
            Wire([said]),
            lambda c: c.get_subjects(),
            credentials=OAUTH,
            patience=replace(PATIENCE, retry=NO_RETRY),
        )


@pytest.mark.parametrize("credentials", [BASIC, BEARER, OAUTH], ids=lambda c: type(c).__name__)
@DRIVERS
def test_secrets_show_nowhere(
    credentials: Credentials, ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    says = [token(SECRET)] if isinstance(credentials, OAuthCredentials) else []
    wire = Wire([*says, answer(401, {"error_code": 40101, "message": "no"})])
    with pytest.raises(RegistryError) as raised:
        ask(wire, lambda c: c.get_subjects(), credentials=credentials)
    shown = [repr(credentials), repr(raised.value), str(raised.value), caplog.text]
    assert not [text for text in shown if SECRET in text]


@DRIVERS
def test_password_in_a_url_shows_nowhere(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"http://bob:{SECRET}@one/base"
    wire = Wire([httpx.ConnectError])
    with pytest.raises(RegistryUnavailableError) as raised:
        ask(
            wire,
            lambda c: c.get_subjects(),
            url=url,
            patience=replace(PATIENCE, retry=NO_RETRY),
        )
    with connect(url) as client:
        shown = [repr(client), client.shown_as, str(raised.value), caplog.text]
    assert not [text for text in shown if SECRET in text]
    assert "http://one/base/subjects" in str(raised.value)


@pytest.mark.parametrize(
    ("url", "credentials", "context", "words"),
    [
        ("localhost:8081", None, None, "'localhost:8081' is no registry URL; write http://localh"),
        (f"http://bob:{SECRET}/x@one:81", None, None, "'one:81' holds / ? or # in its user or pas"),
        (f"http://bob:{SECRET}#x@one", None, None, "write %2F for /, %3F for ?, %23 for #"),
        (f"http://bob:{SECRET}?x@one", None, None, "write %2F for /, %3F for ?, %23 for #"),
        (f"http://bob:12#{SECRET}@one", None, None, "write %2F for /, %3F for ?, %23 for #"),
        (f"ftp://bob:{SECRET}@one", None, None, "'one' is no registry URL; ftp:// is not supp"),
        ("http://", None, None, "is no registry URL; name its host, as in http://localhost"),
        ("http://one:port", None, None, "its host or port is wrong"),
        ("http://one?x=1", None, None, "ends with its path"),
        ("http://a b", None, None, "its host or port is wrong"),
        ("http://xn--/", None, None, "its host or port is wrong"),
        ("http://\x00x", None, None, "its host or port is wrong"),
        (f"http://{'a' * 300}", None, None, "its host or port is wrong"),
        ("http://[::1", None, None, "its host or port is wrong"),
        ("http://one", BearerToken(f"{SECRET}\n"), None, "does not fit a header"),
        ("http://one", BearerToken(f"{SECRET}ö"), None, "does not fit a header"),
        ("http://one", BearerToken(""), None, "bearer token is empty"),
        ("http://one", BasicCredentials("a:b", SECRET), None, "'a:b' holds a colon"),
        ("http://one", OAuthCredentials("nope", "me", SECRET), None, "'nope' is no token URL"),
        ([], None, None, "no registry URL given"),
        ("http://bob:x@one", BASIC, None, "given more than once"),
        (["http://bob:x@one", "http://bob:y@two"], None, None, "given more than once"),
        ("http://one", None, "a:b", "'a:b' is no context name"),
        ("http://one", None, " ", "' ' is no context name"),
    ],
)
def test_arguments_of_connect_that_are_refused(
    url: str | list[str], credentials: Credentials | None, context: str | None, words: str
) -> None:
    with pytest.raises(UsageError) as raised:
        connect(url, credentials=credentials, context=context)
    assert words in str(raised.value)
    assert SECRET not in str(raised.value)


# TLS, over real connections


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: object) -> None:
        pass


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A handshake that fails is what some tests want."""


@contextmanager
def https_server(context: ssl.SSLContext) -> Iterator[str]:
    server = _QuietServer(("127.0.0.1", 0), _Answering)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pem(tmp_path: Path, authority: trustme.CA) -> Path:
    """A directory with ca.pem, client.pem and client.key."""
    client = authority.issue_cert("client@registry.test")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    client.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    client.private_key_pem.write_to_path(str(tmp_path / "client.key"))
    return tmp_path


def server_context(authority: trustme.CA, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if mutual:
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
    return context


ONCE = Patience(retry=NO_RETRY, timeout_s=5.0)


def test_server_of_an_unknown_authority_is_not_trusted(authority: trustme.CA) -> None:
    with (
        https_server(server_context(authority)) as url,
        connect(url, patience=ONCE) as client,
        pytest.raises(RegistryUnavailableError, match="set SCHEMAREG_REGISTRY_CA to its PEM"),
    ):
        client.get_subjects()


def test_server_of_a_given_authority_is_trusted(authority: trustme.CA, pem: Path) -> None:
    tls = Tls(ca=pem / "ca.pem")
    with (
        https_server(server_context(authority)) as url,
        connect(url, patience=ONCE, tls=tls) as client,
    ):
        assert client.get_subjects() == ()


def test_server_under_another_name_is_not_trusted(authority: trustme.CA, pem: Path) -> None:
    with (
        https_server(server_context(authority)) as url,
        connect(
            url.replace("127.0.0.1", "localhost"), patience=ONCE, tls=Tls(ca=pem / "ca.pem")
        ) as client,
        pytest.raises(RegistryUnavailableError, match="use the host name in the server's"),
    ):
        client.get_subjects()


def test_client_certificate_opens_a_server_that_wants_one(authority: trustme.CA, pem: Path) -> None:
    mutual = Tls(ca=pem / "ca.pem", certificate=pem / "client.pem", key=pem / "client.key")
    with https_server(server_context(authority, mutual=True)) as url:
        with connect(url, patience=ONCE, tls=mutual) as client:
            assert client.get_subjects() == ()
        with (
            connect(url, patience=ONCE, tls=Tls(ca=pem / "ca.pem")) as client,
            pytest.raises(RegistryUnavailableError),
        ):
            client.get_subjects()


@pytest.mark.parametrize(
    ("ca", "certificate", "key", "words"),
    [
        ("missing.pem", None, None, "missing.pem: no usable CA certificates"),
        ("client.key", None, None, "client.key: no usable CA certificates"),
        ("ca.pem", "missing.pem", None, "missing.pem: no usable client certificate"),
        ("ca.pem", "client.pem", "ca.pem", "client.pem: no usable client certificate"),
    ],
)
def test_tls_files_that_are_not_usable(
    ca: str, certificate: str | None, key: str | None, words: str, pem: Path
) -> None:
    tls = Tls(
        ca=pem / ca,
        certificate=None if certificate is None else pem / certificate,
        key=None if key is None else pem / key,
    )
    with pytest.raises(UsageError, match=words):
        connect("https://one", tls=tls)
