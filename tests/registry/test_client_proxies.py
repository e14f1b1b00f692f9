"""The proxy that the environment names for a registry's URL."""

from __future__ import annotations

import os

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from schemareg.errors import RegistryUnavailableError, UsageError
from schemareg.registry import NO_RETRY, Patience, connect, connect_async
from schemareg.registry.client.proxies import proxy_for
from schemareg.registry.server.embedded import EmbeddedRegistry

PROXY = "http://proxy:3128"
URL = "http://registry.corp.example:8081"


@pytest.fixture(autouse=True)
def _no_proxy_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def set_variables(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("url", "variables", "proxy"),
    [
        (URL, {}, None),
        (URL, {"HTTP_PROXY": PROXY}, PROXY),
        (URL, {"http_proxy": PROXY}, PROXY),
        (URL, {"HTTP_PROXY": f" {PROXY}\n"}, PROXY),
        (URL, {"HTTP_PROXY": "  "}, None),
        (URL, {"HTTP_PROXY": " ", "ALL_PROXY": PROXY}, PROXY),
        (URL, {"ALL_PROXY": PROXY}, PROXY),
        (URL, {"HTTP_PROXY": "proxy:3128"}, PROXY),
        (URL, {"HTTPS_PROXY": "foo://x"}, None),
        (URL, {"HTTP_PROXY": "", "ALL_PROXY": ""}, None),
        ("https://registry", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://registry", {"HTTP_PROXY": PROXY}, None),
    ],
)
def test_proxy_of_the_environment(
    url: str, variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, variables)
    found = proxy_for(url)
    assert (None if found is None else str(found.url)) == proxy


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1",
        "http://LOCALHOST:1",
        "http://a.localhost",
        "http://localhost.:1",
        "http://[::ffff:127.0.0.1]:1",
        "http://127.0.0.1:1",
        "http://127.9.9.9",
        "http://[::1]:1",
    ],
)
def test_loopback_never_goes_through_a_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, {"HTTP_PROXY": PROXY, "ALL_PROXY": "foo://x", "NO_PROXY": ""})
    assert proxy_for(url) is None


@pytest.mark.parametrize(
    ("url", "no_proxy", "is_direct"),
    [
        (URL, "*", True),
        (URL, "registry.corp.example", True),
        (URL, "REGISTRY.corp.example", True),
        (URL, "corp.example", True),
        (URL, "a.example\n corp.example", True),
        (URL, ".corp.example", True),
        (URL, "*.corp.example", True),
        (URL, "other,  corp.example ", True),
        (URL, "other corp.example", True),
        (URL, "corp.example:8081", True),
        (URL, "corp.example:80", False),
        (URL, "http://corp.example", True),
        (URL, "p.example", False),
        (URL, "10.0.0.0/8", False),
        (URL, ",, ,", False),
        (URL, "[", False),
        (URL, "[::1", False),
        ("http://10.1.2.3", "10.0.0.0/8", True),
        ("http://10.1.2.3", "10.1.2.4/8", True),
        ("http://11.1.2.3", "10.0.0.0/8", False),
        ("http://10.1.2.3", "10.0.0.0/nonsense", False),
        ("http://10.1.2.3", "10.1.2.3", True),
        ("http://10.1.2.3:81", "10.1.2.3:81", True),
        ("http://10.1.2.3:81", "10.1.2.3:82", False),
        ("http://[fd00::1]:81", "fd00::1", True),
        ("http://[fd00::1]:81", "[fd00::1]", True),
        ("http://[fd00::1]:81", "[fd00::1]:81", True),
        ("http://[fd00::1]:81", "[fd00::1]:82", False),
        ("http://[fd00::1]:81", "fd00::/8", True),
        ("http://[fd00::1]:81", "10.0.0.0/8", False),
    ],
)
def test_no_proxy_entries(
    url: str, no_proxy: str, is_direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, {"HTTP_PROXY": PROXY, "NO_PROXY": no_proxy})
    assert (proxy_for(url) is None) is is_direct


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"HTTP_PROXY": "foo://x"}, "the environment's proxy 'foo://x' is no proxy URL; correct"),
        ({"HTTP_PROXY": "http://u:secret@x:no"}, "the environment's proxy 'x:no' is no proxy URL"),
        ({"HTTP_PROXY": "http://"}, "is no proxy URL"),
        ({"HTTP_PROXY": "http://[::1"}, "is no proxy URL"),
        (
            {"ALL_PROXY": "socks5://proxy:9"},
            "the environment's proxy 'socks5://proxy:9' needs a package that is not installed; "
            "pip install socksio, or add registry.corp.example to NO_PROXY",
        ),
    ],
)
def test_proxy_that_cannot_be_used(
    variables: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_variables(monkeypatch, variables)
    monkeypatch.setattr("schemareg.registry.client.proxies.find_spec", lambda _name: None)
    for connecting in (connect, connect_async):
        with pytest.raises(UsageError) as raised:
            connecting(URL)
        assert words in str(raised.value)
        assert "secret" not in str(raised.value)


def test_embedded_registry_is_reached_beside_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, {"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "fd00::/8,[::1]"})
    with EmbeddedRegistry() as registry, connect(registry.url) as client:
        assert client.get_subjects() == ()


def test_request_goes_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    requested: list[bytes] = []

    def as_a_proxy(app: ASGIApp) -> ASGIApp:
        async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            requested.extend(value for name, value in scope["headers"] if name == b"host")
            local = {**scope, "headers": [*headers, (b"host", b"localhost")]}
            await app(local, receive, send)

        return proxy

    with EmbeddedRegistry(wrappers=[as_a_proxy]) as registry:
        set_variables(monkeypatch, {"HTTP_PROXY": registry.url})
        with connect("http://registry.invalid:1") as client:
            assert client.get_subjects() == ()
    assert requested == [b"registry.invalid:1"]


def test_proxy_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, {"HTTP_PROXY": "http://user:secret@127.0.0.1:9"})
    with (
        connect(URL, patience=Patience(retry=NO_RETRY)) as client,
        pytest.raises(RegistryUnavailableError) as raised,
    ):
        client.get_subjects()
    assert str(raised.value) == (
        f"GET {URL}/subjects: [Errno 111] Connection refused; check that the environment's proxy"
        " http://127.0.0.1:9 runs, or add registry.corp.example to NO_PROXY"
    )


@pytest.mark.parametrize("authorities", [None, "/no/such.pem"])
def test_key_log_that_cannot_be_written(
    authorities: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    if authorities:
        # the file that is opened first is named
        monkeypatch.setenv("SSL_CERT_DIR", authorities)
    monkeypatch.setenv("SSLKEYLOGFILE", "/no/such/keys.log")
    connect("http://one").close()
    with pytest.raises(UsageError, match=r"^SSLKEYLOGFILE '/no/such/keys\.log': cannot be written"):
        connect("https://one")


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_missing_ssl_cert_file(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "/no/such.pem")
    connect("http://one").close()
    if variable == "SSL_CERT_FILE":
        with pytest.raises(UsageError, match=r"SSL_CERT_FILE '/no/such\.pem': no usable CA"):
            connect("https://one")
    else:
        connect("https://one").close()
