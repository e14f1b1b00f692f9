"""What commands refuse to do because a file of the repository asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

EVENT = '{"type": "record", "name": "E", "namespace": "a.b", "fields": []}'
SECRETS = {"SCHEMAREG_REGISTRY_USER": "ci", "SCHEMAREG_REGISTRY_PASSWORD": "s3cret"}


@pytest.mark.parametrize("command", ["register", "pull", "roundtrip --matrix", "verify"])
def test_no_password_goes_to_a_registry_of_the_file(
    here: Path, schemareg: Schemareg, command: str
) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/E.avsc").write_text(EVENT, encoding="utf-8")
    (here / "schemareg.toml").write_text('registry = "http://127.0.0.1:9"', encoding="utf-8")
    answer = schemareg(*command.split(), environment=SECRETS)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.replace("\n", " ").startswith(
        "schemareg: error: the credentials in SCHEMAREG_REGISTRY_USER would go to the registry"
    )


def test_no_password_goes_to_a_broker_of_the_file(here: Path, schemareg: Schemareg) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/E.avsc").write_text(EVENT, encoding="utf-8")
    (here / "schemareg.toml").write_text('broker = "127.0.0.1:9"', encoding="utf-8")
    answer = schemareg("verify", environment={"SCHEMAREG_KAFKA_CLIENT_SASL_PASSWORD": "s3cret"})
    assert answer.code == 2
    assert "SCHEMAREG_KAFKA_CLIENT_SASL_PASSWORD would go to the broker" in answer.err
