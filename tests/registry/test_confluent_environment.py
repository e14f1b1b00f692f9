"""The variables of Confluent's image: what they become, what is refused, what is noted."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from schemareg.errors import UsageError
from schemareg.registry.server.confluent_environment import from_confluent
from schemareg.registry.server.settings import settings_from

OPEN = (
    "everybody who reaches the port may register and delete: SCHEMAREG_SERVE_AUTH_FILE has users"
    " and rights"
)
ADDRESS = {"HOST": "0.0.0.0", "PORT": "8081", "INSECURE": "true"}
JAAS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'username="registry" password="se\\"cret";'
)

# The stock compose file, then one row for each variable that people have.
ROWS: list[tuple[dict[str, str], dict[str, str], list[str]]] = [
    (
        {
            "HOST_NAME": "schema-registry",
            "KAFKASTORE_BOOTSTRAP_SERVERS": "broker:29092",
            "LISTENERS": "http://0.0.0.0:8081",
        },
        {**ADDRESS, "ADVERTISE": "http://schema-registry:8081",
         "STORE": "kafka://broker:29092/_schemas"},
        [OPEN],
    ),
    (
        {"KAFKASTORE_BOOTSTRAP_SERVERS": "SASL_SSL://a:9092, SASL_SSL://b:9092",
         "KAFKASTORE_TOPIC": "shared"},
        {"STORE": "kafka://a:9092,b:9092/shared", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL"},
        [],
    ),
    (
        {"KAFKASTORE_SASL_MECHANISM": "PLAIN", "KAFKASTORE_SASL_JAAS_CONFIG": JAAS},
        {"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "registry",
         "KAFKA_SASL_PASSWORD": 'se"cret'},
        [],
    ),
    ({"KAFKASTORE_SSL_TRUSTSTORE_LOCATION": "/etc/ca.pem"}, {"KAFKA_SSL_CA": "/etc/ca.pem"}, []),
    ({"SCHEMA_REGISTRY_GROUP_ID": "blue"}, {"KAFKA_GROUP": "blue"}, []),
    ({"LEADER_ELIGIBILITY": "false"}, {"READ_ONLY": "true"}, []),
    ({"PORT": "tcp://10.0.0.7:8081", "SERVICE_HOST": "10.0.0.7", "PORT_8081_TCP_PORT": "8081"},
     {}, []),
    (
        {"KAFKASTORE_CONNECTION_URL": "zookeeper:2181", "HEAP_OPTS": "-Xmx1g"},
        {},
        ["not needed here: SCHEMA_REGISTRY_HEAP_OPTS, SCHEMA_REGISTRY_KAFKASTORE_CONNECTION_URL"],
    ),
    (
        {"SCHEMA_COMPATIBILITY_LEVEL": "full"},
        {},
        ["SCHEMA_REGISTRY_SCHEMA_COMPATIBILITY_LEVEL: the global level is kept in the topic; set it"
         ' once by PUT /config {"compatibility": "FULL"}'],
    ),
    ({"COLOUR": "red"}, {}, ["SCHEMA_REGISTRY_COLOUR is not known, and has no effect"]),
    (
        {"LISTENERS": "http://0.0.0.0:9000,http://0.0.0.0:9001"},
        {**ADDRESS, "PORT": "9000"},
        ["only the first listener is used: http://0.0.0.0:9000", OPEN],
    ),
]  # fmt: skip


def prefixed(variables: Mapping[str, str]) -> dict[str, str]:
    return {f"SCHEMA_REGISTRY_{name}": value for name, value in variables.items()}


@pytest.mark.parametrize(("given", "ours", "notes"), ROWS)
def test_variables_become_ours(
    given: dict[str, str], ours: dict[str, str], notes: list[str]
) -> None:
    result = from_confluent({**prefixed(given), "PATH": "/bin", "SCHEMA_REGISTRY_EMPTY": ""})
    assert result.variables == {f"SCHEMAREG_SERVE_{name}": value for name, value in ours.items()}
    assert result.notes == notes


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"LISTENERS": "PLAINTEXT"},
            "SCHEMA_REGISTRY_LISTENERS: 'PLAINTEXT' is no URL; write http://0.0.0.0:8081",
        ),
        (
            {"KAFKASTORE_SSL_TRUSTSTORE_LOCATION": "/etc/trust.jks"},
            "SCHEMA_REGISTRY_KAFKASTORE_SSL_TRUSTSTORE_LOCATION: /etc/trust.jks is a Java key "
            "store, which only Java reads; convert it to PEM: keytool -exportcert -rfc -keystore "
            "/etc/trust.jks > ca.pem",
        ),
        (
            {"KAFKASTORE_SASL_JAAS_CONFIG": "com.example.Own required;"},
            "SCHEMA_REGISTRY_KAFKASTORE_SASL_JAAS_CONFIG: it names no user and password of "
            "PlainLoginModule, ScramLoginModule, OAuthBearerLoginModule; set "
            "SCHEMAREG_SERVE_KAFKA_SASL_USERNAME and _KAFKA_SASL_PASSWORD",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        from_confluent(prefixed(given))
    assert str(refused.value) == message


def test_a_stock_compose_file_gives_settings() -> None:
    ours = from_confluent(prefixed(ROWS[0][0])).variables
    settings = settings_from(
        flags={}, environment={**ours, "SCHEMAREG_SERVE_PORT": "9999"}, table={}
    )
    assert (settings.host, settings.port, settings.insecure) == ("0.0.0.0", 9999, True)
    assert settings.store == "kafka://broker:29092/_schemas"
    assert settings.advertise == "http://schema-registry:8081"
