"""GUIDs: golden vectors out of the answers recorded from Confluent Schema Registry 8.3.1."""

from __future__ import annotations

import pytest

from schemareg.registry.api.types import Metadata
from schemareg.registry.store.identity import digest, guid_text, semantic_digest

ID = '{"type":"record","name":"Id","namespace":"i","fields":[{"name":"x","type":"int"}]}'
PER = '{"type":"record","name":"Per","namespace":"r","fields":[{"name":"a","type":"Addr"}]}'
ADDR_1 = ("r.Addr", "addr", 1)
TAGGED = Metadata(tags={"i.Id.x": ("PII",)}, properties={"owner": "o"}, sensitive=("owner",))


@pytest.mark.parametrize(
    ("text", "references", "metadata", "guid"),
    [
        ('"string"', [], None, "095d71cf-1255-6b9d-5e33-0ad575b3df5d"),
        ('"int"', [], None, "ef524ea1-b91e-7317-3d93-8ade36c1db32"),
        (ID, [], None, "6ca70bb3-b869-afac-5783-eda6189da43e"),
        (ID, [], Metadata(properties={"owner": "x"}), "6ca027aa-c5d1-cff2-4de7-49c6c92207a8"),
        (ID, [], TAGGED, "e1d759cd-7c28-658b-aa5b-1c947cb53115"),
        (ID, [ADDR_1], None, "3acb6a3d-2d0c-dba6-2dbe-a299591318fb"),
        (PER, [ADDR_1], None, "23ddaee3-4e59-e28a-8c88-7fb8836dae0b"),
        (PER, [ADDR_1, ADDR_1], None, "826652b9-cb93-41ba-a19f-3126a4aed0f8"),
        (PER, [("wrong.Name", "addr", 1)], None, "4b10dabd-0642-8120-7070-d2e5dad65248"),
    ],
)
def test_guid_is_confluents(
    text: str,
    references: list[tuple[str, str, int]],
    metadata: Metadata | None,
    guid: str,
) -> None:
    assert guid_text(digest(text, references, metadata)) == guid


def test_empty_metadata_is_not_none() -> None:
    assert digest('"int"', (), Metadata()) != digest('"int"', (), None)


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        (
            '{"type":"record","name":"T","fields":[],"zz":{"y":1,"x":2},"aa":1}',
            '{"type":"record","name":"T","fields":[],"aa":1,"zz":{"x":2,"y":1}}',
            True,
        ),
        (
            '{"type":"enum","name":"E","symbols":["A"],"aliases":["B","C"]}',
            '{"type":"enum","name":"E","symbols":["A"],"aliases":["C","B"]}',
            True,
        ),
        (
            '{"type":"enum","name":"E","symbols":["A","B"]}',
            '{"type":"enum","name":"E","symbols":["B","A"]}',
            False,
        ),
        ('{"type":"string","p":1}', '{"type":"string","p":2}', False),
        ('["int","string"]', '["string","int"]', False),
    ],
)
def test_semantic_digest_tells_what_differs_in_more_than_property_order(
    text: str, other: str, same: bool
) -> None:
    assert (semantic_digest(text) == semantic_digest(other)) is same
