"""The client that the environment describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.registry import (
    BasicCredentials,
    BearerToken,
    Credentials,
    OAuthCredentials,
    Patience,
    Retry,
    Tls,
    connect_from_environment,
)
from schemareg.registry.client.environment import credentials_in, patience_in, tls_in

SECRET = "s3cr3t-of-mine"
OAUTH = {"OAUTH_URL": "https://token", "OAUTH_CLIENT_ID": "me", "OAUTH_CLIENT_SECRET": SECRET}


def environ(**values: str) -> dict[str, str]:
    return {f"SCHEMAREG_REGISTRY_{name}": value for name, value in values.items()}


@pytest.mark.parametrize(
    ("variables", "credentials"),
    [
        ({}, None),
        ({"USER": "", "PASSWORD": ""}, None),
        ({"USER": "bob", "PASSWORD": SECRET}, BasicCredentials("bob", SECRET)),
        ({"TOKEN": SECRET}, BearerToken(SECRET)),
        (OAUTH, OAuthCredentials("https://token", "me", SECRET)),
        (OAUTH | {"OAUTH_SCOPE": "s"}, OAuthCredentials("https://token", "me", SECRET, scope="s")),
    ],
)
def test_credentials_in_the_environment(
    variables: dict[str, str], credentials: Credentials | None
) -> None:
    assert credentials_in(environ(**variables)) == credentials


@pytest.mark.parametrize(
    ("variables", "tls"),
    [
        ({}, None),
        ({"KEY_PASSWORD": SECRET}, None),
        ({"CA": "ca.pem"}, Tls(ca=Path("ca.pem"))),
        (
            {"CERT": "c.pem", "KEY": "k.pem", "KEY_PASSWORD": SECRET},
            Tls(certificate=Path("c.pem"), key=Path("k.pem"), key_password=SECRET),
        ),
    ],
)
def test_tls_in_the_environment(variables: dict[str, str], tls: Tls | None) -> None:
    assert tls_in(environ(**variables)) == tls


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"PASSWORD": SECRET},
            "SCHEMAREG_REGISTRY_USER is missing beside SCHEMAREG_REGISTRY_PASSWORD; "
            "set all of them, or none",
        ),
        (
            {"OAUTH_CLIENT_ID": "me"},
            "SCHEMAREG_REGISTRY_OAUTH_URL, SCHEMAREG_REGISTRY_OAUTH_CLIENT_SECRET is missing",
        ),
        ({"USER": "b", "PASSWORD": SECRET, "TOKEN": SECRET}, "more than one kind of credentials"),
        ({"KEY": "k.pem"}, "SCHEMAREG_REGISTRY_KEY is set without SCHEMAREG_REGISTRY_CERT"),
        ({"CA": "no/such.pem"}, "no/such.pem: no usable CA certificates"),
        ({"CONTEXT": "a:b"}, "'a:b' is no context name"),
        ({"TRIES": "0"}, "SCHEMAREG_REGISTRY_TRIES: 0 is not a whole number from 1"),
        ({"TRIES": "1.5"}, "SCHEMAREG_REGISTRY_TRIES: '1.5' is not a whole number from 1"),
        ({"TIMEOUT_S": "soon"}, "SCHEMAREG_REGISTRY_TIMEOUT_S: 'soon' is not a number above 0"),
        ({"DEADLINE_S": "inf"}, "SCHEMAREG_REGISTRY_DEADLINE_S: inf is not a number above 0"),
    ],
)
def test_environment_that_makes_no_sense(variables: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as raised:
        connect_from_environment("https://one", environ(**variables))
    assert words in str(raised.value)
    assert SECRET not in str(raised.value)


UNENCRYPTED = (
    "http://two: everybody on the way could read the credentials, for http is not encrypted"
)


@pytest.mark.parametrize(
    ("url", "variables", "refused"),
    [
        ("http://two", {"USER": "b", "PASSWORD": SECRET}, True),
        ("http://two", {"TOKEN": SECRET}, True),
        ("https://one, http://two", {"TOKEN": SECRET}, True),
        (f"http://b:{SECRET}@two", {}, True),
        ("http://two", {"TOKEN": SECRET, "PLAIN_HTTP": "true"}, False),
        ("http://two", {}, False),
        ("https://two", {"TOKEN": SECRET}, False),
        ("http://localhost:8081", {"TOKEN": SECRET}, False),
        ("http://127.0.0.2", {"TOKEN": SECRET}, False),
        ("http://[::1]:8081", {"TOKEN": SECRET}, False),
    ],
)
def test_credentials_go_over_plain_http_by_consent_only(
    url: str, variables: dict[str, str], refused: bool
) -> None:
    if not refused:
        connect_from_environment(url, environ(**variables)).close()
        return
    with pytest.raises(UsageError) as raised:
        connect_from_environment(url, environ(**variables))
    assert str(raised.value) == (
        f"{UNENCRYPTED}; write https://, or set SCHEMAREG_REGISTRY_PLAIN_HTTP=true where the"
        " network is trusted"
    )


def test_several_urls_and_a_context() -> None:
    variables = environ(CONTEXT="staging")
    with connect_from_environment("http://one/, http://two:81/base", variables) as client:
        assert client.shown_as == (
            "http://one/contexts/.staging, http://two:81/base/contexts/.staging"
        )


def test_patience_in_the_environment() -> None:
    assert patience_in({}) == Patience(
        timeout_s=10.0,
        deadline_s=60.0,
        retry=Retry(rounds=5, first_pause_s=1.0, longest_pause_s=10.0),
    )
    variables = environ(TRIES="2", TIMEOUT_S="0.5", DEADLINE_S="3")
    assert patience_in(variables) == Patience(
        timeout_s=0.5,
        deadline_s=3.0,
        retry=Retry(rounds=2, first_pause_s=1.0, longest_pause_s=10.0),
    )
