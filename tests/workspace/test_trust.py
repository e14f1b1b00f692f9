"""A file of the repository decides nothing about code, TLS, or where credentials go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.workspace import load_config
from schemareg.workspace.trust import check_broker_host, check_registry_host

REFUSED_KAFKA = [
    ('"plugin.library.paths" = "./evil.so"', "plugin.library.paths"),
    ('plugin.library.paths = "./evil.so"', "plugin.library.paths"),
    ('"ssl.engine.location" = "./evil.so"', "ssl.engine.location"),
    ('"ssl.providers" = "evil"', "ssl.providers"),
    ('"sasl.kerberos.kinit.cmd" = "touch pwned"', "sasl.kerberos.kinit.cmd"),
    ('"enable.ssl.certificate.verification" = false', "enable.ssl.certificate.verification"),
    (
        '"ssl.endpoint.identification.algorithm" = "none"',
        "ssl.endpoint.identification.algorithm",
    ),
    ('"sasl.oauthbearer.token.endpoint.url" = "http://h/"', "sasl.oauthbearer.token.endpoint.url"),
    ('"bootstrap.servers" = "h:1"', "bootstrap.servers"),
    ('"no.such.setting" = 1', "no.such.setting"),
]


@pytest.mark.parametrize(("line", "name"), REFUSED_KAFKA)
def test_kafka_setting_of_a_file_is_refused(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / "schemareg.toml").write_text(f"[kafka]\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        load_config(None, tmp_path)
    assert f"a file of the repository may not set {name!r}" in str(refusal.value)
    variable = "SCHEMAREG_KAFKA_CLIENT_" + name.upper().replace(".", "_")
    assert refusal.value.advice == f"set {variable} in the environment of the command instead"


REGISTRY_SECRETS = ["USER", "PASSWORD", "TOKEN", "OAUTH_CLIENT_SECRET", "CERT", "KEY"]


@pytest.mark.parametrize("secret", REGISTRY_SECRETS)
def test_registry_of_a_file_gets_no_credentials(secret: str) -> None:
    variable = f"SCHEMAREG_REGISTRY_{secret}"
    with pytest.raises(UsageError) as refusal:
        check_registry_host("http://evil:1", {variable: "s3cret"})
    assert str(refusal.value) == (
        f"the credentials in {variable} would go to the registry 'http://evil:1', which only the"
        " configuration file names; name it outside of the repository: set SCHEMAREG_REGISTRY,"
        " or give --registry URL"
    )


@pytest.mark.parametrize(
    "secret", ["SASL_PASSWORD", "SASL_USERNAME", "SASL_OAUTHBEARER_CLIENT_SECRET", "SSL_KEY_PEM"]
)
def test_broker_of_a_file_gets_no_credentials(secret: str) -> None:
    variable = f"SCHEMAREG_KAFKA_CLIENT_{secret}"
    with pytest.raises(UsageError, match=f"the credentials in {variable} would go to the broker"):
        check_broker_host("evil:1", {variable: "s3cret"})


def test_without_credentials_a_file_may_name_both() -> None:
    check_registry_host("http://registry:8081", {"SCHEMAREG_REGISTRY_CONTEXT": ".a"})
    check_broker_host("kafka:9092", {"SCHEMAREG_KAFKA_CLIENT_SECURITY_PROTOCOL": "SSL"})


def test_the_search_for_a_configuration_ends_at_the_repository(tmp_path: Path) -> None:
    (tmp_path / "schemareg.toml").write_text('level = "NONE"', encoding="utf-8")
    inner = tmp_path / "repository" / "services"
    inner.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    assert load_config(None, inner).source is None


@pytest.mark.parametrize("kind", ["dangling link", "directory"])
def test_a_configuration_that_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "schemareg.toml"
    if kind == "directory":
        path.mkdir()
    else:
        os.symlink("nowhere", path)
    with pytest.raises(UsageError, match="the configuration is not a file"):
        load_config(None, tmp_path)
