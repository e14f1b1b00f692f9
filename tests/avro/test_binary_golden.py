"""Every line of the recorded decodings of Avro Java 1.12.1."""

from __future__ import annotations

import gzip
import json
import math
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemareg.avro import parse
from schemareg.avro.binary import decode_node
from schemareg.errors import DecodeError

GOLDEN = Path(__file__).parent.parent / "golden" / "avro-java-1.12.1-decoded.jsonl.gz"

NAMES_IGNORED = "java ignores record names"
# Where we and Java differ, and how often in the file: nothing else may.
DIFFERENCES = {
    # Java's reader takes a record of any name; the specification wants the (short) names to match
    # (counted in the test: with `any_record_name` we ignore them too, and read the same)
    NAMES_IGNORED: 93,
    # the alias ".C" of n1.B: Java's reader honours it, Java's own verdict does not
    "java reads by an alias that leads to the null namespace": 2,
    # Java builds the whole resolution first and overflows on a record that holds itself
    "java overflows on a record that requires itself": 2,
    # Java applies a reader's type alias to every writer's type of that name
    "java lets an alias shadow another type": 1,
}
JAVA_READS_INCOMPATIBLE = {1272: "java reads by an alias that leads to the null namespace"}
JAVA_FAILS_ON_COMPATIBLE = {
    221: "java overflows on a record that requires itself",
    901: "java overflows on a record that requires itself",
    1365: "java lets an alias shadow another type",
}


@dataclass(frozen=True, slots=True)
class Result:
    value: Any
    failure: str | None


def lines() -> Iterator[dict[str, Any]]:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def as_recorded(value: Any) -> Any:
    """Bytes as ISO-8859-1 text, NaN and infinities as Java's words, as the file has them."""
    match value:
        case bytes():
            return value.decode("latin-1")
        case float() if math.isnan(value):
            return "NaN"
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case list():
            return [as_recorded(item) for item in value]
        case dict():
            return {key: as_recorded(item) for key, item in value.items()}
        case _:
            return value


def equal(ours: Any, recorded: Any) -> bool:
    """Same JSON type and value; a float's shortest spelling stands for its 32 bits."""
    if type(ours) is not type(recorded):
        return False
    match ours:
        case float():
            return bool(ours == recorded or struct.pack("<f", ours) == struct.pack("<f", recorded))
        case list():
            return len(ours) == len(recorded) and all(map(equal, ours, recorded))
        case dict():
            return ours.keys() == recorded.keys() and all(
                equal(ours[key], recorded[key]) for key in ours
            )
        case _:
            return bool(ours == recorded)


@pytest.mark.parametrize(
    ("any_record_name", "names_ignored", "agreed"), [(False, 93, 2889), (True, 0, 2982)]
)
def test_decode_recorded_bytes_as_java_except_the_counted_differences(
    any_record_name: bool, names_ignored: int, agreed: int
) -> None:
    differences: Counter[str] = Counter()
    equals = 0
    for number, line in enumerate(lines()):
        reader = parse(json.dumps(line["reader"])).root
        writer = parse(json.dumps(line["writer"])).root
        for datum in line["data"]:
            data = bytes.fromhex(datum["hex"])
            try:
                value = decode_node(
                    data, writer=writer, reader=reader, any_record_name=any_record_name
                )
                ours = Result(as_recorded(value), None)
            except DecodeError as error:
                ours = Result(None, str(error))
            case = f"line {number}, {datum['hex']}: {ours}"
            if "value" not in datum and ours.failure is None:
                assert line["verdict"] == "COMPATIBLE", case
                differences[JAVA_FAILS_ON_COMPATIBLE[number]] += 1
            elif "value" in datum and ours.failure is not None:
                assert line["verdict"] == "INCOMPATIBLE", case
                reason = JAVA_READS_INCOMPATIBLE.get(number, NAMES_IGNORED)
                assert number in JAVA_READS_INCOMPATIBLE or "record is named" in ours.failure, case
                differences[reason] += 1
            else:
                assert "value" not in datum or equal(ours.value, datum["value"]), case
                equals += 1
    assert differences == Counter(DIFFERENCES | {NAMES_IGNORED: names_ignored})
    assert equals == agreed
