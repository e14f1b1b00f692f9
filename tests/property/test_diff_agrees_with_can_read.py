"""A change that breaks a direction is there exactly where a reader of that direction fails."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from schemareg.avro import Schema, parse
from schemareg.compat import Direction, can_read
from schemareg.diff import Impact, diff, impact_of

GOLDEN = Path(__file__).parent.parent / "golden" / "avro-java-1.12.1-pairs.jsonl.gz"

# Java calls these compatible although no decoder reads them: two of the reader's fields share
# one of the writer's, and the one that goes empty has no default.
SHARED_SOURCES = {3396}


def recorded_pairs() -> Iterator[tuple[int, Schema, Schema]]:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        for number, line in enumerate(map(json.loads, file)):
            # a schema that throws against itself has broken readers without any change
            if line.get("verdict") in ("COMPATIBLE", "INCOMPATIBLE"):
                yield number, parse(json.dumps(line["writer"])), parse(json.dumps(line["reader"]))


def test_diff_breaks_a_direction_exactly_where_can_read_finds_something() -> None:
    disagreeing = set()
    for number, old, new in recorded_pairs():
        changes = tuple(diff(old, new))
        broken = {direction for change in changes for direction in change.breaks}
        failing = {
            direction
            for direction, reader, writer in (
                (Direction.BACKWARD, new, old),
                (Direction.FORWARD, old, new),
            )
            if next(can_read(reader=reader, writer=writer), None) is not None
        }
        if broken != failing:
            disagreeing.add(number)
        assert not broken or impact_of(changes) is Impact.MAJOR
    assert disagreeing == SHARED_SOURCES


def test_diff_of_a_schema_with_itself_is_empty() -> None:
    for _, old, _ in recorded_pairs():
        assert list(diff(old, parse(old.text))) == []
