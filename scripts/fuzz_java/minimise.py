"""The smallest pair that still shows a difference, by greedy deletion."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from fuzz_java.compare import AvroVersion, differences, parsed
from fuzz_java.generate import Group
from fuzz_java.oracle import Oracle


def minimised(
    pair: Group, kind: str, oracle: Oracle, question: dict[str, Any], avro_version: AvroVersion
) -> Group:
    """A pair with the same kind of difference from which nothing can be taken away."""
    try:
        reader, writer = map(json.loads, pair.texts)
    except ValueError:
        return pair  # damaged on purpose: there is no structure to take from
    best = (reader, writer)
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(best):
            candidate = pair.only(*map(json.dumps, smaller))
            answer = next(oracle.ask([question | {"schemas": candidate.texts}]))
            schemas = [parsed(text, pair.names, avro_version) for text in candidate.texts]
            found = differences(candidate, schemas, answer, Counter(), avro_version)
            if any(each == kind for _, each in found):
                best, shrunk = smaller, True
                break
    return pair.only(*map(json.dumps, best))


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
