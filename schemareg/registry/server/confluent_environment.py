"""The environment variables of Confluent's image, as settings of ours.

Source: Confluent, "Docker Configuration Parameters": `SCHEMA_REGISTRY_` and the name of a setting
in capitals, dots as underscores. A container that is started with them starts here as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from urllib.parse import urlsplit

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass

PREFIX = "SCHEMA_REGISTRY_"
_OURS = "SCHEMAREG_SERVE_"
_PLAIN: Mapping[str, str] = {
    "KAFKASTORE_SECURITY_PROTOCOL": "KAFKA_SECURITY_PROTOCOL",
    "KAFKASTORE_SASL_MECHANISM": "KAFKA_SASL_MECHANISM",
    "SCHEMA_REGISTRY_GROUP_ID": "KAFKA_GROUP",
    "ACCESS_CONTROL_ALLOW_ORIGIN": "CORS_ORIGINS",
}
_LOGIN_MODULES = ("PlainLoginModule", "ScramLoginModule", "OAuthBearerLoginModule")
# What a Java process or ZooKeeper needs, and what needs no setting here.
_NEEDLESS = (
    "KAFKASTORE_CONNECTION_URL", "HEAP_OPTS", "OPTS", "DEBUG", "JMX_PORT", "JMX_OPTS",
    "JMX_HOSTNAME", "LOG4J_ROOT_LOGLEVEL", "LOG4J_LOGGERS", "CUB_KAFKA_TIMEOUT",
    "CUB_KAFKA_MIN_BROKERS", "KAFKASTORE_TIMEOUT_MS", "KAFKASTORE_INIT_TIMEOUT_MS",
    "KAFKASTORE_GROUP_ID", "KAFKASTORE_TOPIC_REPLICATION_FACTOR", "INTER_INSTANCE_PROTOCOL",
    "INTER_INSTANCE_LISTENER_NAME", "MODE_MUTABILITY", "ACCESS_CONTROL_ALLOW_METHODS",
)  # fmt: skip
_OF_KUBERNETES = re.compile(r"(PORT|SERVICE)(_.*)?")
_JAVA_STORES = {
    "KAFKASTORE_SSL_TRUSTSTORE_LOCATION": "KAFKA_SSL_CA",
    "SSL_TRUSTSTORE_LOCATION": "TLS_CLIENT_CA",
}
_KEY_STORES = ("SSL_KEYSTORE_LOCATION", "KAFKASTORE_SSL_KEYSTORE_LOCATION")
_PASSWORDS = re.compile(r"(KAFKASTORE_)?SSL_(KEYSTORE|TRUSTSTORE|KEY)_(PASSWORD|TYPE)")


@dataclass(slots=True)
class Translated:
    """`variables` of ours, and what of the others has no effect, for the log."""

    variables: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def from_confluent(environment: Mapping[str, str]) -> Translated:
    """Our variables for those in `environment` that begin with `SCHEMA_REGISTRY_`.

    Raises:
        UsageError: a listener that is no URL, a JAAS text or a key store that cannot be used.
    """
    given = {
        name.removeprefix(PREFIX): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and value
    }
    result = Translated()
    read = {name for part in _PARTS for name in part(given, result)}
    needless = sorted(name for name in given if name in _NEEDLESS)
    if needless:
        result.notes.append(f"not needed here: {', '.join(PREFIX + name for name in needless)}")
    for name in sorted(given.keys() - read - set(needless)):
        if not _OF_KUBERNETES.fullmatch(name) and not _PASSWORDS.fullmatch(name):
            result.notes.append(f"{PREFIX}{name} is not known, and has no effect")
    return result


def _store(given: Mapping[str, str], result: Translated) -> Iterator[str]:
    servers = given.get("KAFKASTORE_BOOTSTRAP_SERVERS")
    yield from ("KAFKASTORE_BOOTSTRAP_SERVERS", "KAFKASTORE_TOPIC")
    if not servers:
        return
    addresses = []
    for server in servers.split(","):
        protocol, _, address = server.strip().rpartition("://")
        addresses.append(address)
        if protocol:
            result.variables.setdefault(f"{_OURS}KAFKA_SECURITY_PROTOCOL", protocol)
    topic = given.get("KAFKASTORE_TOPIC", "_schemas")
    result.variables[f"{_OURS}STORE"] = f"kafka://{','.join(addresses)}/{topic}"


def _plain(given: Mapping[str, str], result: Translated) -> Iterator[str]:
    for name, ours in _PLAIN.items():
        yield name
        if name in given:
            result.variables[_OURS + ours] = given[name]


def _addresses(given: Mapping[str, str], result: Translated) -> Iterator[str]:
    yield from ("LISTENERS", "HOST_NAME")
    if not given.keys() & {"LISTENERS", "HOST_NAME"}:
        return
    first, *others = given.get("LISTENERS", "http://0.0.0.0:8081").split(",")
    try:
        url = urlsplit(first.strip())
        scheme, host, port = url.scheme, url.hostname, url.port or 8081
    except ValueError:
        scheme, host, port = "", None, 0
    if scheme not in ("http", "https") or not host:
        raise UsageError(
            f"{PREFIX}LISTENERS: {first!r} is no URL", advice="write http://0.0.0.0:8081"
        )
    if scheme == "https":
        result.notes.append("https needs SCHEMAREG_SERVE_TLS_CERTIFICATE and _TLS_KEY (PEM files)")
    if others:
        result.notes.append(f"only the first listener is used: {first}")
    result.variables[f"{_OURS}HOST"] = host
    result.variables[f"{_OURS}PORT"] = str(port)
    result.variables[f"{_OURS}INSECURE"] = "true"
    result.notes.append(
        "everybody who reaches the port may register and delete: SCHEMAREG_SERVE_AUTH_FILE has"
        " users and rights"
    )
    if "HOST_NAME" in given:
        result.variables[f"{_OURS}ADVERTISE"] = f"{scheme}://{given['HOST_NAME']}:{port}"


def _jaas(given: Mapping[str, str], result: Translated) -> Iterator[str]:
    yield "KAFKASTORE_SASL_JAAS_CONFIG"
    text = given.get("KAFKASTORE_SASL_JAAS_CONFIG")
    if text is None:
        return
    module = text.strip().split(maxsplit=1)[0].rpartition(".")[2] if text.strip() else ""
    options = dict(re.findall(r'([\w.]+)\s*=\s*"((?:[^"\\]|\\.)*)"', text))
    if module not in _LOGIN_MODULES or not {"username", "password"} <= options.keys():
        raise UsageError(
            f"{PREFIX}KAFKASTORE_SASL_JAAS_CONFIG: it names no user and password of"
            f" {', '.join(_LOGIN_MODULES)}",
            advice="set SCHEMAREG_SERVE_KAFKA_SASL_USERNAME and _KAFKA_SASL_PASSWORD",
        )
    for option, ours in (("username", "USERNAME"), ("password", "PASSWORD")):
        value = re.sub(r"\\(.)", r"\1", options[option])
        result.variables[f"{_OURS}KAFKA_SASL_{ours}"] = value


def _stores_of_java(given: Mapping[str, str], result: Translated) -> Iterator[str]:
    for name, ours in _JAVA_STORES.items():
        yield name
        if name in given:
            _check_pem(name, given[name], "keytool -exportcert -rfc -keystore {} > ca.pem")
            result.variables[_OURS + ours] = given[name]
    for name in _KEY_STORES:
        yield name
        if name in given:
            line = "openssl pkcs12 -in {} -nodes > both.pem, after keytool -importkeystore for JKS"
            _check_pem(name, given[name], line)


def _check_pem(name: str, path: str, conversion: str) -> None:
    if not path.endswith((".pem", ".crt", ".cer")):
        raise UsageError(
            f"{PREFIX}{name}: {path} is a Java key store, which only Java reads",
            advice=f"convert it to PEM: {conversion.format(path)}",
        )


def _levels(given: Mapping[str, str], result: Translated) -> Iterator[str]:
    for name in ("SCHEMA_COMPATIBILITY_LEVEL", "AVRO_COMPATIBILITY_LEVEL"):
        yield name
        if name in given:
            result.notes.append(
                f"{PREFIX}{name}: the global level is kept in the topic; set it once by"
                f' PUT /config {{"compatibility": "{given[name].upper()}"}}'
            )
    for name in ("LEADER_ELIGIBILITY", "MASTER_ELIGIBILITY"):
        yield name
        if given.get(name, "").lower() == "false":
            result.variables[f"{_OURS}READ_ONLY"] = "true"


_Part = Callable[[Mapping[str, str], Translated], Iterator[str]]
_PARTS: tuple[_Part, ...] = (_plain, _store, _addresses, _jaas, _stores_of_java, _levels)
