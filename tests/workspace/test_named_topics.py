"""Tests and services know topics by the names of files, and by patterns, as the project does."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.pytest_plugin.names import Names
from schemareg.registry.api.state import RegistryState
from schemareg.schema_catalog import load_catalog
from schemareg.services.findings import manifest_findings
from schemareg.services.manifest_file import read_manifest
from schemareg.services.platform import Platform
from schemareg.workspace import Config, load_config, load_project

RECORD = '{"type": "record", "name": "%s", "fields": []}'
CONFIG = """topics_by_file = true
[topics."payments.*"]
strategy = "record"
key = "long"
events = ["Paid"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "schemas").mkdir()
    for path, name in (("orders-value", "Placed"), ("Paid", "Paid")):
        (tmp_path / f"schemas/{path}.avsc").write_text(RECORD % name, encoding="utf-8")
    (tmp_path / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    return load_config(None, tmp_path)


@pytest.mark.parametrize(
    ("event", "topic", "refused"),
    [
        ("Placed", "orders", None),
        ("Paid", "payments.eu", None),
        ("Placed", "ordres", "no topic 'ordres' is configured"),
        ("Paid", "orders", "the configuration does not allow Paid on the topic 'orders'"),
        ("Placed", "payments.eu", "the configuration does not allow Placed on the topic"),
    ],
)
def test_topics_in_tests(config: Config, event: str, topic: str, refused: str | None) -> None:
    names = Names(load_catalog((), config=config), config)
    if refused is None:
        names.check_event_on(event, topic)
        return
    with pytest.raises(UsageError) as refusal:
        names.check_event_on(event, topic)
    assert refusal.value.message.startswith(refused)


@pytest.mark.parametrize(
    ("event", "topic", "rules"),
    [
        ("Placed", "orders", []),
        ("Paid", "payments.eu", []),
        ("Placed", "ordres", ["unknown-topic"]),
        ("Placed", "payments.eu", ["unknown-event"]),
    ],
)
def test_topics_of_services(
    config: Config, tmp_path: Path, event: str, topic: str, rules: list[str]
) -> None:
    uses = f'[{{ event = "{event}", topic = "{topic}" }}]'
    path = tmp_path / "services.toml"
    path.write_text(
        f"[services.a]\nproduces = {uses}\n[services.b]\nconsumes = {uses}\n", encoding="utf-8"
    )
    manifest = read_manifest(path, config).manifest
    platform = Platform.of(manifest, load_project(config), config, RegistryState({}))
    findings = list(manifest_findings(platform))
    assert [f.rule for f in findings if f.element and f.element.startswith("a.")] == rules
    unused = {f.element for f in findings if f.rule == "not-declared"}
    assert unused == {"Paid", "Placed"} - (set() if rules else {event})
