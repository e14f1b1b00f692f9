"""The smallest pair that still shows a difference, by greedy deletion."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fuzz_java.compare import AvroVersion, differences
from fuzz_java.generate import Pair
from fuzz_java.oracle import Oracle


def minimised(
    pair: Pair, kind: str, oracle: Oracle, question: dict[str, Any], avro_version: AvroVersion
) -> Pair:
    """A pair with the same kind of difference from which nothing can be taken away."""
    try:
        best = (json.loads(pair.reader), json.loads(pair.writer))
    except ValueError:
        return pair  # damaged on purpose: there is no structure to take from
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(best):
            candidate = Pair(json.dumps(smaller[0]), json.dumps(smaller[1]), pair.names)
            asked = question | {"reader": candidate.reader, "writer": candidate.writer}
            answer = next(oracle.ask([asked]))
            if kind in differences(candidate, answer, Counter(), avro_version):
                best, shrunk = smaller, True
                break
    return Pair(json.dumps(best[0]), json.dumps(best[1]), pair.names)


def _smaller(pair: tuple[Any, Any]) -> Iterator[tuple[Any, Any]]:
    for side in (0, 1):
        for changed in _without_a_piece(pair[side]):
            yield (changed, pair[1]) if side == 0 else (pair[0], changed)
    # the same cut on both sides keeps what evolved alike alike
    yield from zip(_without_a_piece(pair[0]), _without_a_piece(pair[1]), strict=False)


def _without_a_piece(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            for key in value:
                rest = {name: inner for name, inner in value.items() if name != key}
                yield rest
                for changed in _without_a_piece(value[key]):
                    yield copy.copy(value) | {key: changed}
                if key in ("items", "values"):
                    yield value[key]
        case list():
            for index, item in enumerate(value):
                yield value[:index] + value[index + 1 :]
                for changed in _without_a_piece(item):
                    yield [*value[:index], changed, *value[index + 1 :]]
        case _:
            return
