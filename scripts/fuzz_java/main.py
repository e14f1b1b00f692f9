"""Differential fuzzing against Avro Java: one summary line, 1 where anything differs."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fuzz_java import compare, oracle
from fuzz_java.generate import PAIRS, Group, group
from fuzz_java.minimise import minimised
from schemareg.avro.schema import Schema, resolve
from schemareg.compat.resolution_walk import stages, start_of

BATCH = 200 * PAIRS
SHOWN = 5
ALL_KINDS = 14  # eight primitives, array, map, union, record, enum, fixed
ENOUGH_FOR_COVERAGE = 50_000
VERSIONS = {"1.11": "1.11.5", "1.12": "1.12.1"}
ENTRY_KINDS = (
    "NAME_MISMATCH",
    "FIXED_SIZE_MISMATCH",
    "MISSING_ENUM_SYMBOLS",
    "READER_FIELD_MISSING_DEFAULT_VALUE",
    "TYPE_MISMATCH",
    "MISSING_UNION_BRANCH",
)


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    oracle.build(VERSIONS[options.avro])
    started = time.monotonic()
    pairs = -(-options.pairs // PAIRS) * PAIRS  # whole groups
    batches = [
        _Batch(options.seed, first, min(BATCH, pairs - first), options.avro)
        for first in range(0, pairs, BATCH)
    ]
    tally: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    met: set[tuple[str, str]] = set()
    examples: list[tuple[str, int]] = []
    with multiprocessing.Pool(
        options.jobs, initializer=_start_oracle, initargs=(VERSIONS[options.avro],)
    ) as pool:
        for counted, found, pairs_met in pool.imap_unordered(_batch, batches):
            tally += counted
            met |= pairs_met
            for kind, number in found:
                differing[kind] += 1
                if kind not in compare.KNOWN_WHY or options.known:
                    examples.append((kind, number))
    _show(examples, options.seed, options.avro)
    bad = sum(n for kind, n in differing.items() if kind not in compare.KNOWN_WHY)
    uncovered = _uncovered(tally, met) if options.pairs >= ENOUGH_FOR_COVERAGE else ""
    told = ", ".join(f"{kind} {n}" for kind, n in sorted(differing.items())) or "none"
    seen = ", ".join(f"{name} {tally[name]:,}" for name in sorted(tally))
    print(f"compared: {seen}; {len(met)} pairs of kinds")
    print(
        f"fuzz-java: Avro {VERSIONS[options.avro]}, {pairs:,} pairs, seed {options.seed}, "
        f"{time.monotonic() - started:.0f} s: {bad} differences ({told})"
        + (f"; not covered: {uncovered}" if uncovered else "")
    )
    return 1 if bad or uncovered else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fuzz-java", description=__doc__, epilog="example: scripts/fuzz-java 100000 7"
    )
    parser.add_argument("pairs", type=int, help="how many pairs of schemas")
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (and JVMs)")
    parser.add_argument("--avro", choices=sorted(VERSIONS), default="1.12", help="whose rules")
    parser.add_argument("--known", action="store_true", help="show Java's own quirks too")
    return parser.parse_args(arguments)


@dataclass(frozen=True, slots=True)
class _Batch:
    seed: int
    first: int
    size: int
    avro: compare.AvroVersion


def _question(made: Group, seed: int, number: int, avro: compare.AvroVersion) -> dict[str, Any]:
    """What to ask about a group of which `number` is the number of its first pair."""
    # texts and decoding are those of 1.12
    is_current = avro == "1.12"
    return {
        "schemas": made.texts,
        "names": made.names,
        "texts": is_current and number % 2 == 0,
        "pairs": [
            {
                "reader": reader,
                "writer": writer,
                "data": 2 if is_current and each % 4 == 0 else 0,
                "seed": seed * 1_000_003 + each,
            }
            for each, (reader, writer) in enumerate(made.pairs, number)
        ],
    }


def _group(seed: int, number: int, avro: compare.AvroVersion) -> Group:
    made = group(random.Random(f"{seed}:{number}"))
    # 1.11 knows no strict rule
    return replace(made, names="utf") if avro == "1.11" and made.names == "strict" else made


_oracle: oracle.Oracle


def _start_oracle(version: str) -> None:
    global _oracle  # a pool's worker has no other place for what it keeps
    _oracle = oracle.Oracle(version)
    # what a batch makes is gone with it: looking for cycles at every turn is a tenth of the time
    gc.set_threshold(200_000)


def _batch(work: _Batch) -> tuple[Counter[str], list[tuple[str, int]], set[tuple[str, str]]]:
    numbers = range(work.first, work.first + work.size, PAIRS)
    groups = [_group(work.seed, number, work.avro) for number in numbers]
    questions = [
        _question(made, work.seed, number, work.avro)
        for number, made in zip(numbers, groups, strict=True)
    ]
    tally: Counter[str] = Counter()
    found: list[tuple[str, int]] = []
    met: set[tuple[str, str]] = set()
    for number, made, answer in zip(numbers, groups, _oracle.ask(questions), strict=True):
        schemas = [compare.parsed(text, made.names, work.avro) for text in made.texts]
        different = compare.differences(made, schemas, answer, tally, work.avro)
        found += [(kind, number + index) for index, kind in different]
        tally["schemas"] += len(schemas)
        for reader, writer in made.pairs[::2]:
            met.update(_kinds_met(schemas[reader], schemas[writer]))
    return tally, found, met


def _kinds_met(reader: Schema | None, writer: Schema | None) -> Iterator[tuple[str, str]]:
    if reader is None or writer is None:
        return
    for stage in stages(start_of(writer.root, reader.root)):
        yield resolve(stage.writer).kind, resolve(stage.reader).kind


def _uncovered(tally: Counter[str], met: set[tuple[str, str]]) -> str:
    """What a run of this size should have met and has not."""
    missing = [kind for kind in (*ENTRY_KINDS, "THROWS", "COMPATIBLE") if not tally[kind]]
    if len(met) < ALL_KINDS**2:
        missing.append(f"{ALL_KINDS**2 - len(met)} pairs of kinds")
    return ", ".join(missing)


def _show(examples: Sequence[tuple[str, int]], seed: int, avro: compare.AvroVersion) -> None:
    if not examples:
        return
    judge = oracle.Oracle(VERSIONS[avro])
    shown: Counter[str] = Counter()
    for kind, number in examples:
        shown[kind] += 1
        if shown[kind] > SHOWN:
            continue
        made = _group(seed, number - number % PAIRS, avro)
        reader, writer = made.pairs[number % PAIRS]
        made = made.only(made.texts[reader], made.texts[writer])
        question = _question(made, seed, number, avro) | {"texts": kind == compare.TEXTS}
        small = minimised(made, kind, judge, question, avro)
        print(f"--- {kind} (pair {number}, names {made.names})")
        print("reader {}\nwriter {}".format(*small.texts))
        print(f"java   {next(judge.ask([question | {'schemas': small.texts}]))}")
    judge.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
