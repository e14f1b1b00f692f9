"""The pairs of nodes that a decoder meets with two schemas, and what it refuses at each.

A verdict is about schemas; this walks the decoder's own decisions (which field fills which,
which branch is chosen), so that a refusal found here can be met by an event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import StrEnum

from schemareg.avro.resolution import (
    PROMOTIONS,
    choose_branch,
    is_settled,
    names_match,
    sources_by_name,
)
from schemareg.avro.schema import Array, Enum, Fixed, Map, Node, Primitive, Record, Union, resolve
from schemareg.lazy_dataclass import dataclass


class Stop(StrEnum):
    """Why a decoder refuses at a pair of nodes."""

    TYPE = "type"
    NAME = "name"
    SIZE = "size"
    SYMBOL = "symbol"
    BRANCH = "branch"
    MISSING_FIELD = "missing-field"
    TWO_SOURCES = "two-sources"


@dataclass(frozen=True, slots=True)
class Step:
    """One step into the writer's value: field or branch number, or into an array or a map."""

    into: str
    index: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A pair that a decoder meets; `steps` are the path from the writer's root to its node.

    `trail` is the same path in words, by the reader's names; `before` is the pair it was reached
    from. The nodes are as used: a name stays one.
    """

    writer: Node
    reader: Node
    steps: tuple[Step, ...] = ()
    trail: str = ""
    before: Stage | None = None


def stages(start: Stage) -> Iterator[Stage]:
    """Every pair that a decoder can meet from `start`, nearest first, each once.

    Types of fields that are equal and plain are left out, since nothing can happen at them.
    """
    waiting = deque([start])
    seen = {(id(start.writer), id(start.reader))}
    while waiting:
        stage = waiting.popleft()
        yield stage
        for following in _following(stage):
            key = (id(following.writer), id(following.reader))
            if key not in seen:
                seen.add(key)
                waiting.append(following)


def start_of(writer: Node, reader: Node) -> Stage:
    """The pair of roots, its trail the reader's own name."""
    root = resolve(reader)
    return Stage(writer, reader, (), root.name if isinstance(root, Record | Enum | Fixed) else "")


def reads(*, reader: Node, writer: Node) -> bool:
    """No value of `writer` is refused by a reader with `reader`."""
    return all(stop(stage) is None for stage in stages(start_of(writer, reader)))


def _following(stage: Stage) -> Iterator[Stage]:
    writer, reader = resolve(stage.writer), resolve(stage.reader)
    if isinstance(writer, Union):
        for index, branch in enumerate(writer.branches):
            yield _into(stage, Step("branch", index), branch, stage.reader)
        return
    if isinstance(reader, Union):
        chosen = choose_branch(writer, reader)
        if chosen is not None:
            branch = reader.branches[chosen]
            yield Stage(stage.writer, branch, stage.steps, stage.trail, stage)
        return
    match writer, reader:
        case Array(), Array():
            yield _into(stage, Step("items"), writer.items, reader.items, "[]")
        case Map(), Map():
            yield _into(stage, Step("values"), writer.values, reader.values, "{}")
        case Record(), Record():  # whatever their names: Java's reader does not stop there
            sources = sources_by_name(writer, reader)
            for field in reader.fields:
                for index in sources.get(field.name, ())[:1]:
                    source = writer.fields[index]
                    if is_settled(source.type, field.type):
                        continue
                    step = Step("field", index)
                    yield _into(stage, step, source.type, field.type, f".{field.name}")
        case _:
            pass


def _into(stage: Stage, step: Step, writer: Node, reader: Node, word: str = "") -> Stage:
    trail = (stage.trail + word).removeprefix(".")
    return Stage(writer, reader, (*stage.steps, step), trail, stage)


def stop(stage: Stage) -> Stop | None:
    """Why a decoder refuses a value of the writer's node right here; None: it goes on."""
    writer, reader = resolve(stage.writer), resolve(stage.reader)
    if isinstance(writer, Union):
        return None
    if isinstance(reader, Union):
        return Stop.BRANCH if choose_branch(writer, reader) is None else None
    match writer, reader:
        case Primitive(), Primitive():
            same = writer.kind == reader.kind or (writer.kind, reader.kind) in PROMOTIONS
            return None if same else Stop.TYPE
        case (Array(), Array()) | (Map(), Map()):
            return None
        case Fixed(), Fixed():
            if not names_match(writer, reader):
                return Stop.NAME
            return None if writer.size == reader.size else Stop.SIZE
        case Enum(), Enum():
            if not names_match(writer, reader):
                return Stop.NAME
            return Stop.SYMBOL if unknown_symbols(writer, reader) else None
        case Record(), Record():
            if not names_match(writer, reader):
                return Stop.NAME
            return _record_stop(writer, reader)
        case _:
            return Stop.TYPE


def unknown_symbols(writer: Enum, reader: Enum) -> tuple[str, ...]:
    """The writer's symbols on which the reader fails, in the writer's order."""
    if reader.default is not None:
        return ()
    known = set(reader.symbols)
    return tuple(symbol for symbol in writer.symbols if symbol not in known)


def _record_stop(writer: Record, reader: Record) -> Stop | None:
    sources = sources_by_name(writer, reader)
    for field in reader.fields:
        if len(sources.get(field.name, ())) > 1:
            return Stop.TWO_SOURCES
        if field.name not in sources and field.default is None:
            return Stop.MISSING_FIELD
    return None
