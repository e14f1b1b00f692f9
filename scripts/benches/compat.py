"""Parse and compare, ours beside Apache's Python avro, in one process, turn by turn.

The three shapes of schema: a flat event, an event of nested records, a wide one with many
optional parts. The writer is the shape, the reader the shape with one optional field more, so they
are compatible, as almost every pair that a registry sees. Schema objects are fresh in every
round, and nothing is kept from call to call. Figures are microseconds of process CPU time,
medians over the rounds.
"""

from __future__ import annotations

import argparse
import copy
import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from schemareg.avro import Schema, parse
from schemareg.compat import can_read, check
from schemareg.subjects import CompatibilityLevel, Version

ROUNDS = 15
ROUND_S = 0.02
# shape -> the least ratio theirs / ours on parsed schemas, and from text
TARGETS = {"a": (25.0, 4.0), "b": (100.0, 6.0), "c": (100.0, 6.0)}
HISTORY = 100

Json = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    pairs()
    print(
        f"{'shape':7}{'bytes':>7}{'fields':>7}  {'operation':22}{'avro':>9}{'ours':>9}{'ratio':>8}"
    )
    met = [pair_table(name, shape, rounds) for name, shape in shapes().items()]
    print(f"targets {'met' if all(met) else 'MISSED'}: {TARGETS} (parsed, from text)\n")
    history_table(rounds)
    growth_table(rounds)


def pairs() -> None:
    """Both sides call every pair of the benchmark compatible, or it would measure nothing."""
    for shape in shapes().values():
        texts = json.dumps(with_one_more(shape)), json.dumps(shape)
        assert their_verdict(*map(avro.schema.parse, texts))
        assert our_verdict(*map(parse, texts))


def pair_table(name: str, shape: Json, rounds: int) -> bool:
    writer, reader = json.dumps(shape), json.dumps(with_one_more(shape))
    checked = side_by_side(
        lambda n: [(avro.schema.parse(reader), avro.schema.parse(writer)) for _ in range(n)],
        lambda pair: their_verdict(*pair),
        lambda n: [(parse(reader), parse(writer)) for _ in range(n)],
        lambda pair: our_verdict(*pair),
        rounds,
    )
    read = side_by_side(
        lambda n: [(reader, writer)] * n,
        lambda texts: their_verdict(*map(avro.schema.parse, texts)),
        lambda n: [(reader, writer)] * n,
        lambda texts: our_verdict(*map(parse, texts)),
        rounds,
    )
    fields = sum(1 for _ in every_field(shape))
    size = len(writer.encode())
    met = True
    for what, (theirs, ours), least in zip(
        ("check, parsed", "parse both and check"), (checked, read), TARGETS[name], strict=True
    ):
        ratio = theirs / ours
        met &= ratio >= least
        print(
            f"{name:7}{size:7}{fields:7}  {what:22}{theirs:9.1f}{ours:9.2f}{ratio:7.1f}x"
            f"  (target {least:g}x)"
        )
    return met


def side_by_side(
    their_input: Callable[[int], Sequence[Any]],
    theirs: Callable[[Any], bool],
    our_input: Callable[[int], Sequence[Any]],
    ours: Callable[[Any], bool],
    rounds: int,
) -> tuple[float, float]:
    """Median microseconds of one call of each."""
    their_times, our_times = [], []
    their_count = calls_per_round(their_input, theirs)
    our_count = calls_per_round(our_input, ours)
    for _ in range(rounds):
        their_times.append(measured(theirs, their_input(their_count)))
        our_times.append(measured(ours, our_input(our_count)))
    return statistics.median(their_times), statistics.median(our_times)


def calls_per_round(make: Callable[[int], Sequence[Any]], call: Callable[[Any], bool]) -> int:
    one = measured(call, make(10)) / 1e6
    return max(3, min(2000, int(ROUND_S / one)))


def measured(call: Callable[[Any], object], inputs: Sequence[Any]) -> float:
    gc.collect()
    gc.disable()
    start = time.process_time_ns()
    for one in inputs:
        call(one)
    spent = time.process_time_ns() - start
    gc.enable()
    return spent / len(inputs) / 1e3


def their_verdict(reader: avro.schema.Schema, writer: avro.schema.Schema) -> bool:
    result = ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
    return bool(result.compatibility is SchemaCompatibilityType.compatible)


def our_verdict(reader: Schema, writer: Schema) -> bool:
    return next(can_read(reader=reader, writer=writer), None) is None


def history_table(rounds: int) -> None:
    """A new version against 100 old ones, of which 10 differ from it in structure."""
    shape = shapes()["b"]
    differing = [copy.deepcopy(shape) for _ in range(10)]
    for i, old in enumerate(differing):
        old["fields"] = old["fields"][: len(old["fields"]) - i - 1]
    same = []
    for i in range(HISTORY - len(differing)):
        old = copy.deepcopy(shape)
        old["doc"] = f"edition {i}"
        same.append(old)
    new = json.dumps(shape)

    def versions(olds: list[Json], n: int) -> list[tuple[Schema, list[tuple[Version, Schema]]]]:
        texts = [json.dumps(old) for old in olds]
        return [
            (parse(new), [(Version(i + 1), parse(text)) for i, text in enumerate(texts)])
            for _ in range(n)
        ]

    def checked(one: tuple[Schema, list[tuple[Version, Schema]]]) -> None:
        for _ in check(one[0], one[1], CompatibilityLevel.BACKWARD_TRANSITIVE):
            pass

    times = {
        what: statistics.median(measured(checked, versions(olds, 3)) for _ in range(rounds))
        for what, olds in (
            ("the 10 that differ", differing),
            ("all 100", [*differing, *same]),
        )
    }
    print(f"history of shape b, BACKWARD_TRANSITIVE, {HISTORY} versions:")
    for what, spent in times.items():
        print(f"  {what:22}{spent:9.1f} µs")
    few, whole = times.values()
    print(f"  ratio {whole / few:.2f} (target below 2)\n")


def growth_table(rounds: int) -> None:
    """One field more in a schema whose unchanged part grows; 200 calls on each fresh pair."""
    print("one optional field more, beside N unchanged records of 20 fields:")
    for n in (1, 10, 100):
        shape = {
            "type": "record",
            "name": "Wide",
            "fields": [{"name": "head", "type": "string"}]
            + [{"name": f"part{i}", "type": flat_record(f"Part{i}", 20)} for i in range(n)],
        }
        nested = {
            "type": "record",
            "name": "Outer",
            "fields": [
                {"name": "rest", "type": shape},
                {"name": "inner", "type": flat_record("Inner", 3)},
            ],
        }
        writer, reader = json.dumps(nested), json.dumps(with_one_more(nested))
        spent = statistics.median(
            measured(lambda pair: our_verdict(*pair), [(parse(reader), parse(writer))] * 200)
            for _ in range(rounds)
        )
        print(f"  N = {n:4} ({len(writer.encode()):7} bytes){spent:9.2f} µs")


def shapes() -> dict[str, Json]:
    return {"a": shape_a(), "b": shape_b(), "c": shape_c()}


def shape_a() -> Json:
    """A flat event of six fields."""
    return {
        "type": "record",
        "name": "OrderCreated",
        "namespace": "com.company.events",
        "fields": [
            {"name": "orderId", "type": "string"},
            {"name": "userId", "type": "string"},
            {"name": "items", "type": {"type": "array", "items": "string"}},
            {"name": "total", "type": "double"},
            {"name": "timestamp", "type": "long"},
            {"name": "version", "type": "string", "default": "1.0"},
        ],
    }


def flat_record(name: str, size: int) -> Json:
    kinds = ("string", "long", "double", "boolean", "int", "bytes")
    fields = [{"name": f"field{i}", "type": kinds[i % len(kinds)]} for i in range(size)]
    return {"type": "record", "name": name, "fields": fields}


def shape_b() -> Json:
    """61 fields: five records of a string, a record of six, an array and a map; and optionals."""
    fields: list[Json] = []
    for i in range(5):
        part = {
            "type": "record",
            "name": f"Part{i}",
            "fields": [
                {"name": "id", "type": "string"},
                {"name": "detail", "type": flat_record(f"Detail{i}", 6)},
                {"name": "tags", "type": {"type": "array", "items": "string"}},
                {"name": "labels", "type": {"type": "map", "values": "string"}},
            ],
        }
        fields.append({"name": f"part{i}", "type": part})
    for i in range(6):
        fields.append({"name": f"optional{i}", "type": ["null", "string"], "default": None})
    return {
        "type": "record",
        "name": "OrderFulfilled",
        "namespace": "com.company",
        "fields": fields,
    }


def shape_c() -> Json:
    """301 fields: ten records, each optional and used twice, 125 unions, enums and maps."""
    fields: list[Json] = []
    for i in range(10):
        inner: list[Json] = [
            {"name": f"option{j}", "type": ["null", "string"], "default": None} for j in range(10)
        ]
        inner += [{"name": f"number{j}", "type": "long"} for j in range(8)]
        inner += [
            {
                "name": "state",
                "type": {"type": "enum", "name": f"State{i}", "symbols": ["NEW", "OPEN", "DONE"]},
            },
            {"name": "extra", "type": {"type": "map", "values": "string"}},
        ]
        record = {"type": "record", "name": f"Section{i}", "fields": inner}
        fields.append({"name": f"section{i}", "type": ["null", record], "default": None})
        fields.append({"name": f"previous{i}", "type": ["null", f"Section{i}"], "default": None})
    fields += [{"name": f"note{i}", "type": ["null", "string"], "default": None} for i in range(5)]
    fields += [{"name": f"plain{i}", "type": "string", "doc": f"Text {i}."} for i in range(76)]
    return {
        "type": "record",
        "name": "CaseFile",
        "namespace": "com.company.cases",
        "fields": fields,
    }


def with_one_more(shape: Json) -> Json:
    grown = copy.deepcopy(shape)
    grown["fields"].append({"name": "channel", "type": ["null", "string"], "default": None})
    return grown


def every_field(value: Any) -> Any:
    if isinstance(value, dict):
        if "fields" in value:
            yield from value["fields"]
        for part in value.values():
            yield from every_field(part)
    elif isinstance(value, list):
        for part in value:
            yield from every_field(part)


if __name__ == "__main__":
    main()
