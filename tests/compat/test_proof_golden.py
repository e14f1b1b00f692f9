"""Every incompatibility of the recorded pairs of Avro Java 1.12.1, with an event that shows it."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from schemareg.avro import Schema, parse
from schemareg.avro.binary import decode
from schemareg.compat import can_read
from schemareg.compat.proof.fastavro_check import CrossCheck
from schemareg.compat.proof.prove import Grade, prove
from schemareg.errors import DecodeError

GOLDEN = Path(__file__).parent.parent / "golden" / "avro-java-1.12.1-pairs.jsonl.gz"

# How many incompatibilities of each kind are shown, and how. Unproved are only those that
# fastavro reads (it takes a reader's `[]` for no schema, and compares no kinds of named types),
# and one that a decoder never meets, since an alias leads another field there.
GRADES = {
    ("FIXED_SIZE_MISMATCH", "proved"): 121,
    ("FIXED_SIZE_MISMATCH", "vacuous"): 4,
    ("MISSING_ENUM_SYMBOLS", "proved"): 55,
    ("MISSING_UNION_BRANCH", "proved"): 166,
    ("MISSING_UNION_BRANCH", "unproved"): 16,
    ("MISSING_UNION_BRANCH", "vacuous"): 6,
    ("NAME_MISMATCH", "name-only"): 135,
    ("NAME_MISMATCH", "proved"): 199,
    ("NAME_MISMATCH", "vacuous"): 39,
    ("READER_FIELD_MISSING_DEFAULT_VALUE", "proved"): 453,
    ("READER_FIELD_MISSING_DEFAULT_VALUE", "vacuous"): 52,
    ("TYPE_MISMATCH", "proved"): 985,
    ("TYPE_MISMATCH", "unproved"): 6,
    ("TYPE_MISMATCH", "vacuous"): 82,
}
# these, and two records of another name
READ_BY_FASTAVRO = 23


def incompatible_pairs() -> Iterator[tuple[Schema, Schema]]:
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as file:
        for line in map(json.loads, file):
            if line.get("verdict") == "INCOMPATIBLE":
                yield parse(json.dumps(line["reader"])), parse(json.dumps(line["writer"]))


def refused(data: bytes, *, reader: Schema, writer: Schema) -> bool:
    try:
        decode(data, writer=writer, reader=reader)
    except DecodeError:
        return True
    return False


def test_prove_every_recorded_incompatibility() -> None:
    grades: Counter[tuple[str, str]] = Counter()
    read_by_fastavro = 0
    for reader, writer in incompatible_pairs():
        for found in can_read(reader=reader, writer=writer):
            proof = prove(found, reader=reader, writer=writer)
            grades[found.kind.value, proof.grade.value] += 1
            read_by_fastavro += proof.fastavro is CrossCheck.READS
            if proof.grade in (Grade.PROVED, Grade.NAME_ONLY):
                assert proof.data is not None
                assert refused(proof.data, reader=reader, writer=writer)
                # what the writer wrote is an event of the writer
                assert not refused(proof.data, reader=writer, writer=writer)
            if proof.grade is Grade.PROVED:
                assert proof.fastavro is not CrossCheck.READS
    assert grades == Counter(GRADES)
    assert read_by_fastavro == READ_BY_FASTAVRO
