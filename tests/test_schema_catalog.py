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


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"all.avsc": f'[{MONEY}, {{"type":"record","name":"shop.Paid","fields":[]}}]'},
         ["shop.Money", "shop.Paid"]),
        ({"a.avsc": f'{{"type":"array","items":{MONEY}}}'}, ["shop.Money"]),
        ({"a.avsc": MONEY, "b.avsc": f'["null", {MONEY}]'}, ["shop.Money"]),
    ],
)  # fmt: skip
def test_types_in_arrays_and_unions_are_entries(
    tmp_path: Path, files: dict[str, str], names: list[str]
) -> None:
    for path, text in files.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    catalog = load_catalog([str(tmp_path)], config=Config(cwd=tmp_path))
    assert list(catalog.entries) == names
    assert catalog.find("Money").schema.root is not None
