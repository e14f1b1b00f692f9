"""What the deployments of docs/deploy start: the chart as rendered, the compose file, the unit."""

from __future__ import annotations

import configparser
import hashlib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from schemareg.registry.server.confluent_environment import from_confluent

TOP = Path(__file__).parents[2]
DEPLOY = TOP / "docs/deploy"
GOLDEN = TOP / "tests/golden/helm"
CHART = DEPLOY / "helm/schemareg"


def rendered(name: str) -> dict[str, Any]:
    return {
        found["kind"]: found
        for found in yaml.safe_load_all((GOLDEN / name).read_text(encoding="utf-8"))
    }


def test_rendered_chart_is_that_of_the_chart_as_it_is() -> None:
    files = sorted(
        (str(path.relative_to(TOP)), path) for path in CHART.rglob("*") if path.is_file()
    )
    text = b"".join(path.read_bytes() for _, path in files)
    assert (GOLDEN / "chart.sha256").read_text(encoding="ascii").strip() == hashlib.sha256(
        text
    ).hexdigest(), "run scripts/check-chart --write"


@pytest.mark.parametrize("name", ["usual.yaml", "full.yaml"])
@pytest.mark.parametrize("release", ["1.27", "1.31"])
def test_rendered_chart_is_valid(name: str, release: str) -> None:
    resources = rendered(name)
    assert resources.keys() == {"Deployment", "PodDisruptionBudget", "Service"}
    for resource in resources.values():
        kubernetes_validate.validate(resource, release, strict=True)


ENVIRONMENT = [
    (
        "usual.yaml",
        {
            "SCHEMAREG_SERVE_STORE": "kafka://broker:9092/_schemas",
            "SCHEMAREG_SERVE_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
            "SCHEMAREG_SERVE_KAFKA_GROUP": "schema-registry",
            "SCHEMAREG_SERVE_HOST": "0.0.0.0",
            "SCHEMAREG_SERVE_PORT": "8081",
            "SCHEMAREG_SERVE_INSECURE": "true",
            "SCHEMAREG_SERVE_ADVERTISE": "http://status.podIP:8081",
        },
    ),
    (
        "full.yaml",
        {
            "SCHEMAREG_SERVE_STORE": "kafka://broker-0:9093,broker-1:9093/_schemas",
            "SCHEMAREG_SERVE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "SCHEMAREG_SERVE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "SCHEMAREG_SERVE_KAFKA_GROUP": "schema-registry",
            "SCHEMAREG_SERVE_HOST": "0.0.0.0",
            "SCHEMAREG_SERVE_PORT": "8081",
            "SCHEMAREG_SERVE_INSECURE": "true",
            "SCHEMAREG_SERVE_ADVERTISE": "https://status.podIP:8081",
        },
    ),
]


@pytest.mark.parametrize(("name", "settings"), ENVIRONMENT, ids=[name for name, _ in ENVIRONMENT])
def test_environment_of_the_pods_means_these_settings(name: str, settings: dict[str, str]) -> None:
    pod = rendered(name)["Deployment"]["spec"]["template"]["spec"]
    environment = {
        variable["name"]: variable.get("value")
        or variable["valueFrom"].get("fieldRef", {}).get("fieldPath", "")
        for variable in pod["containers"][0]["env"]
    }
    assert from_confluent(environment).variables == settings
    assert pod["enableServiceLinks"] is False
    assert pod["terminationGracePeriodSeconds"] >= 30


def test_compose_file_has_the_variables_of_confluents_image() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    registry = services["schema-registry"]
    assert registry["read_only"] is True
    assert from_confluent(registry["environment"]).variables == {
        "SCHEMAREG_SERVE_STORE": "kafka://broker:29092/_schemas",
        "SCHEMAREG_SERVE_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
        "SCHEMAREG_SERVE_HOST": "0.0.0.0",
        "SCHEMAREG_SERVE_PORT": "8081",
        "SCHEMAREG_SERVE_INSECURE": "true",
        "SCHEMAREG_SERVE_ADVERTISE": "http://schema-registry:8081",
    }


def test_unit_of_systemd_runs_the_server_for_a_user_without_rights() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read(DEPLOY / "schemareg.service", encoding="utf-8")
    service = unit["Service"]
    assert service["ExecStart"].endswith("/schemareg serve")
    assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
