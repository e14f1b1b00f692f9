"""Neighbouring longs, which a decoder takes at once where all have six bytes, or all eight."""

from __future__ import annotations

import json
from io import BytesIO

import fastavro
import pytest

from schemareg.avro import parse
from schemareg.codec.decoder import compile_decoder
from schemareg.codec.runs import LONGEST, run_reader, runs_among
from schemareg.errors import DecodeError

SIX, EIGHT = 1_792_759_262_460, 1_792_759_262_460_123
LEAST_OF_SIX, MOST_OF_SIX = 1 << 34, (1 << 41) - 1
LEAST_OF_EIGHT, MOST_OF_EIGHT = 1 << 48, (1 << 55) - 1
SMALLEST, LARGEST = -(1 << 63), (1 << 63) - 1


def longs(count: int) -> dict[str, object]:
    fields = [{"name": f"f{i}", "type": "long"} for i in range(count)]
    return {"type": "record", "name": "Longs", "fields": fields}


def written(values: list[int]) -> bytes:
    """The bytes that fastavro writes."""
    out = BytesIO()
    event = {f"f{i}": value for i, value in enumerate(values)}
    fastavro.schemaless_writer(out, fastavro.parse_schema(longs(len(values))), event)
    return out.getvalue()


@pytest.mark.parametrize(
    ("values", "at_once"),
    [
        ([SIX, SIX + 1, SIX - 1], True),
        ([EIGHT, -EIGHT, EIGHT + 1], True),
        ([LEAST_OF_SIX, MOST_OF_SIX, -LEAST_OF_SIX - 1, -MOST_OF_SIX - 1], True),
        ([LEAST_OF_EIGHT, MOST_OF_EIGHT, -LEAST_OF_EIGHT - 1, -MOST_OF_EIGHT - 1], True),
        ([EIGHT] * 60, True),
        ([SIX, EIGHT, SIX], False),
        ([EIGHT, SIX, EIGHT], False),
        ([EIGHT, 3, EIGHT], False),
        ([SIX, 0, 0], False),
        ([EIGHT, 0, 0], False),
        ([0, 1, -1], False),
        ([LEAST_OF_SIX - 1, SIX, SIX], False),
        ([MOST_OF_SIX + 1, SIX, SIX], False),
        ([SIX, SIX, MOST_OF_SIX + 1], False),
        ([LEAST_OF_EIGHT - 1, EIGHT, EIGHT], False),
        ([MOST_OF_EIGHT + 1, EIGHT, EIGHT], False),
        ([EIGHT, EIGHT, MOST_OF_EIGHT + 1], False),
        ([SMALLEST, LARGEST, EIGHT], False),
    ],
)
def test_neighbouring_longs(values: list[int], at_once: bool) -> None:
    data = written(values)
    decode = compile_decoder(writer=parse(json.dumps(longs(len(values)))))
    assert decode(data) == {f"f{i}": value for i, value in enumerate(values)}
    run = run_reader(len(values))(data + bytes(8), 0)
    assert run == ((len(data), *values) if at_once else None)


@pytest.mark.parametrize("cut", [1, 2, 8, 9, 17])
def test_a_run_that_ends_early_is_refused(cut: int) -> None:
    decode = compile_decoder(writer=parse(json.dumps(longs(3))))
    with pytest.raises(DecodeError):
        decode(written([EIGHT] * 3)[:-cut])


def test_a_reader_promotes_and_passes_over_parts_of_a_run() -> None:
    fields = [{"name": "f0", "type": "double"}, {"name": "f2", "type": "long"}]
    reader = parse(json.dumps({"type": "record", "name": "Longs", "fields": fields}))
    decode = compile_decoder(writer=parse(json.dumps(longs(3))), reader=reader)
    assert decode(written([SIX, EIGHT, SIX])) == {"f0": 1792759262460.0, "f2": SIX}
    assert decode(written([SIX, SIX, SIX + 2])) == {"f0": 1792759262460.0, "f2": SIX + 2}


def test_a_reader_that_cannot_read_one_long_of_many() -> None:
    fields = [{"name": "f1", "type": "string"}]
    reader = parse(json.dumps({"type": "record", "name": "Longs", "fields": fields}))
    with pytest.raises(DecodeError):
        compile_decoder(writer=parse(json.dumps(longs(5))), reader=reader)(written([SIX] * 5))


@pytest.mark.parametrize(
    ("are_longs", "runs"),
    [
        ("", {}),
        ("ll", {}),
        ("lll", {0: 3}),
        ("-lll-ll-llll", {1: 3, 8: 4}),
        ("l" * (LONGEST + 2), {0: LONGEST}),
        ("l" * (LONGEST + 3), {0: LONGEST, LONGEST: 3}),
    ],
)
def test_runs_among_fields(are_longs: str, runs: dict[int, int]) -> None:
    assert runs_among([letter == "l" for letter in are_longs]) == runs
