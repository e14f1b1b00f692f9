"""What a file of the repository may decide: never code, weaker TLS, or where credentials go.

Whoever can open a pull request can write schemareg.toml, so it is data and no authority. Kafka
settings in it are limited to a list; credentials of the environment travel only to a host that
the environment or the command line names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemareg.errors import UsageError

# Settings of librdkafka that describe a cluster and cannot load code, run a command, switch
# checks off or name another endpoint for a secret.
ALLOWED_KAFKA_SETTINGS = frozenset(
    {
        "broker.address.family",
        "client.dns.lookup",
        "client.id",
        "client.rack",
        "compression.type",
        "connections.max.idle.ms",
        "linger.ms",
        "message.max.bytes",
        "message.timeout.ms",
        "metadata.max.age.ms",
        "reconnect.backoff.max.ms",
        "reconnect.backoff.ms",
        "request.timeout.ms",
        "retries",
        "retry.backoff.ms",
        "sasl.mechanism",
        "sasl.mechanisms",
        "sasl.username",
        "security.protocol",
        "socket.connection.setup.timeout.ms",
        "socket.keepalive.enable",
        "socket.timeout.ms",
        "ssl.ca.location",
        "ssl.certificate.location",
        "ssl.key.location",
    }
)
_KAFKA_VARIABLE = "SCHEMAREG_KAFKA_CLIENT_"
_KAFKA_SECRETS = (
    "SASL_PASSWORD",
    "SASL_USERNAME",
    "SASL_OAUTHBEARER_",
    "SSL_KEY_",
    "SSL_CERTIFICATE_",
    "SSL_KEYSTORE_",
)
_REGISTRY_SECRETS = tuple(
    f"SCHEMAREG_REGISTRY_{name}"
    for name in ("USER", "PASSWORD", "TOKEN", "OAUTH_CLIENT_SECRET", "CERT", "KEY")
)


def kafka_setting_problem(name: str) -> str | None:
    """Why a file of the repository may not set `name` of librdkafka; None when it may."""
    if name in ALLOWED_KAFKA_SETTINGS:
        return None
    return f"a file of the repository may not set {name!r} of the Kafka client"


def kafka_setting_advice(name: str) -> str:
    variable = _KAFKA_VARIABLE + name.upper().replace(".", "_")
    return f"set {variable} in the environment of the command instead"


def check_registry_host(
    url: str, environ: Mapping[str, str], *, variable: str = "SCHEMAREG_REGISTRY"
) -> None:
    """Nothing, when no credentials of `environ` would go to `url`, which a file names.

    Raises:
        UsageError: naming `variable`, which makes `url` the environment's own choice.
    """
    secrets = [name for name in _REGISTRY_SECRETS if environ.get(name)]
    _refuse("registry", url, secrets, variable, "--registry URL")


def check_broker_host(servers: str, environ: Mapping[str, str]) -> None:
    """`check_registry_host` for the broker at `servers`.

    Raises:
        UsageError: as there.
    """
    secrets = [
        name
        for name in sorted(environ)
        if name.removeprefix(_KAFKA_VARIABLE).startswith(_KAFKA_SECRETS)
        and name.startswith(_KAFKA_VARIABLE)
    ]
    _refuse("broker", servers, secrets, "SCHEMAREG_BROKER", "--broker HOST:PORT")


def _refuse(what: str, named: str, secrets: Iterable[str], variable: str, option: str) -> None:
    secret = next(iter(secrets), None)
    if secret is not None:
        raise UsageError(
            f"the credentials in {secret} would go to the {what} {named!r}, which only the"
            " configuration file names",
            advice=f"name it outside of the repository: set {variable}, or give {option}",
        )
