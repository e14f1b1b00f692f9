"""Event schemas by name, from a registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.registry import connect
from schemareg.schema_catalog import load_catalog
from schemareg.subjects import Subject
from schemareg.workspace import Config
from tests.support.other_types import registry_with_protobuf

MONEY = '{"type":"record","name":"Money","namespace":"shop","fields":[]}'


def test_registry_as_source_passes_over_other_schema_types(tmp_path: Path) -> None:
    with registry_with_protobuf(["money-value"]) as url, connect(url) as registry:
        registry.register(Subject("money-value"), MONEY)
        catalog = load_catalog([url], config=Config(cwd=tmp_path))
    assert list(catalog.entries) == ["shop.Money"]
    with pytest.raises(UsageError) as refusal:
        catalog.find("Call")
    assert str(refusal.value).endswith(
        "; passed over in the registry, because they are not Avro: 1 subjects"
    )
