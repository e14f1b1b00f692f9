"""Settings of the server: where a value comes from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.registry.server.settings import ServerSettings, settings_from
from schemareg.workspace import load_config

PEM = Path("some.pem")
FILE = Path("conf/schemareg.toml")
PORT = "a whole number from 0 to 65535"


@pytest.mark.parametrize(
    ("flags", "environment", "table", "name", "expected"),
    [
        ({}, {}, {}, "port", 8081),
        ({}, {}, {"port": 9000}, "port", 9000),
        ({}, {"SCHEMAREG_SERVE_PORT": "9001"}, {"port": 9000}, "port", 9001),
        ({"port": 9002}, {"SCHEMAREG_SERVE_PORT": "9001"}, {"port": 9000}, "port", 9002),
        ({"port": None}, {"SCHEMAREG_SERVE_PORT": "9001"}, {}, "port", 9001),
        ({}, {"SCHEMAREG_SERVE_INSECURE": "TRUE"}, {}, "insecure", True),
        ({}, {"SCHEMAREG_SERVE_REQUESTS_PER_S": "2.5"}, {}, "requests_per_s", 2.5),
        ({}, {"SCHEMAREG_SERVE_PROFILE": "7"}, {}, "profile", "7"),
        ({}, {}, {"profile": 7}, "profile", "7"),
        ({}, {}, {"cors_origins": ["https://a"]}, "cors_origins", ("https://a",)),
        ({"cors_origins": ["HTTPS://A.b:443/"]}, {}, {}, "cors_origins", ("https://a.b",)),
        ({"cors_origins": ["http://[::1]:80"]}, {}, {}, "cors_origins", ("http://[::1]",)),
        ({"cors_origins": ["http://a:443", "*"]}, {}, {}, "cors_origins", ("http://a:443", "*")),
        ({"cors_origins": []}, {}, {}, "cors_origins", ()),
        (
            {},
            {"SCHEMAREG_SERVE_CORS_ORIGINS": "https://a https://b"},
            {},
            "cors_origins",
            ("https://a", "https://b"),
        ),
        ({}, {"SCHEMAREG_SERVE_SOMETHING_ELSE": "1"}, {}, "port", 8081),
        ({}, {}, {"db": "registry.db"}, "db", str(Path("conf/registry.db"))),
        ({}, {}, {"db": ":memory:"}, "db", ":memory:"),
        ({"db": "registry.db"}, {}, {}, "db", "registry.db"),
        ({}, {}, {"access_log": "-"}, "access_log", "-"),
        ({}, {}, {"auth_file": "auth.toml"}, "auth_file", Path("conf/auth.toml")),
        ({}, {}, {"auth_file": "auth.toml", "host": "0.0.0.0"}, "host", "0.0.0.0"),
    ],
)
def test_settings_from_flag_environment_and_file(
    flags: dict[str, object],
    environment: dict[str, str],
    table: dict[str, object],
    name: str,
    expected: object,
) -> None:
    settings = settings_from(flags=flags, environment=environment, table=table, table_path=FILE)
    assert getattr(settings, name) == expected


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"prt": 1}, f"{FILE}: serve.prt: unknown key; did you mean 'port'?"),
        ({"port": "many"}, f"{FILE}: serve.port: 'many' is not {PORT}"),
        ({"port": True}, f"{FILE}: serve.port: True is not {PORT}"),
        ({"port": 70000}, f"{FILE}: serve.port: 70000 is not {PORT}"),
        ({"insecure": 1}, f"{FILE}: serve.insecure: 1 is not true or false"),
        ({"host": 1}, f"{FILE}: serve.host: 1 is not a text"),
        ({"profile": "9"}, f"{FILE}: serve.profile: '9' is not 8 or 7"),
        *(
            (
                {"cors_origins": [origin]},
                f"{FILE}: serve.cors_origins: {[origin]!r} is not a list of origins like"
                " https://tools.example.com",
            )
            for origin in (
                "tools.example.com",
                "localhost:3000",
                "https://a/path",
                "https://*.example.com",
                "ftp://a",
                "https://user@a",
                "https://a:99999",
                "null",
                "",
            )
        ),
        ({"burst": 0}, f"{FILE}: serve.burst: 0 is not a whole number from 1"),
        ({"requests_per_s": -1}, f"{FILE}: serve.requests_per_s: -1 is not a number above 0"),
        (
            {"tls_key": "k.pem"},
            "TLS needs a certificate and its key, and only one was given; "
            "give both --tls-certificate and --tls-key",
        ),
        (
            {"tls_client_ca": "ca.pem"},
            "client certificates are required without TLS; "
            "give --tls-certificate and --tls-key too",
        ),
    ],
)
def test_settings_are_refused_with_one_line(table: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        settings_from(flags={}, environment={}, table=table, table_path=FILE)
    assert str(refused.value) == message


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "[::1]", "localhost"])
def test_loopback_without_auth_is_allowed(host: str) -> None:
    assert ServerSettings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "registry.example.com", ""])
def test_another_host_without_auth_needs_insecure(host: str) -> None:
    with pytest.raises(UsageError, match="--insecure"):
        ServerSettings(host=host)
    assert ServerSettings(host=host, insecure=True).host == host
    assert ServerSettings(host=host, auth_file=Path("auth.toml")).host == host
    with pytest.raises(UsageError, match="--insecure"):
        ServerSettings(host=host, tls_certificate=PEM, tls_key=PEM)
    with_client_certificates = ServerSettings(
        host=host, tls_certificate=PEM, tls_key=PEM, tls_client_ca=PEM
    )
    assert with_client_certificates.host == host


def test_settings_come_from_the_configuration_file_upwards(tmp_path: Path) -> None:
    (tmp_path / "schemareg.toml").write_text(
        '[serve]\nport = 9000\ndb = "data/registry.db"\nauth_file = "auth.toml"\n', encoding="utf-8"
    )
    (tmp_path / "deeper").mkdir()
    config = load_config(None, tmp_path / "deeper")
    settings = settings_from(
        flags={"port": 9002}, environment={}, table=config.serve, table_path=config.source
    )
    assert settings.port == 9002
    assert settings.db == str(tmp_path / "data" / "registry.db")
    assert settings.auth_file == tmp_path / "auth.toml"
