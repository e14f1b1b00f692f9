"""Hazards of a pair of schemas: Java's verdict is yes, and bytes can still fail or mislead.

Nothing here changes a verdict. Each hazard names what goes wrong, with which readers, and what
to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from schemareg.avro.depth import with_room
from schemareg.avro.parse.scope import types_of
from schemareg.avro.resolution import (
    PROMOTIONS,
    choose_branch,
    is_known_by,
    names_match,
    sources_by_name,
)
from schemareg.avro.schema import (
    Enum,
    Fixed,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Schema,
    Type,
    Union,
    resolve,
)
from schemareg.compat.can_read import can_read
from schemareg.compat.hazard import Hazard, HazardKind, LocalHazard, NodeIn
from schemareg.compat.hazards.default_use import default_use
from schemareg.compat.hazards.java_only import java_only
from schemareg.compat.hazards.logical_change import logical_change
from schemareg.compat.hazards.renaming import renaming_clashes
from schemareg.compat.hazards.union_trial import can_fail, failed_trials
from schemareg.compat.proof.smallest_values import SmallestValues
from schemareg.compat.resolution_walk import Stage, Stop, stages, start_of, stop
from schemareg.compat.same_content import Contents


def hazards(*, reader: Schema, writer: Schema) -> Iterator[Hazard]:
    """What can go wrong when `reader` reads what `writer` wrote, though it may be compatible.

    A refusal that makes the pair incompatible is reported by `can_read`, and not here. A
    schema that reads itself is safe: no decoder resolves anything then.
    """
    if _is_same(reader, writer):
        return
    yield from with_room(lambda: tuple(_hazards(reader=reader, writer=writer)))


def _is_same(reader: Schema, writer: Schema) -> bool:
    """Both texts, and those of what they refer to, are equal."""
    contents = Contents()
    return contents.number(reader) == contents.number(writer)


def _hazards(*, reader: Schema, writer: Schema) -> Iterator[Hazard]:
    is_compatible = next(can_read(reader=reader, writer=writer), None) is None
    smallest_values = SmallestValues() if is_compatible else None
    shadowing: set[int] = set()
    read, written = types_of((reader,)), types_of((writer,))
    has_failing_default = any(map(can_fail, read.values()))
    # where they are incompatible, that is the reason already
    of_all = list(renaming_clashes(read, written)) if is_compatible else []
    for stage in stages(start_of(writer.root, reader.root)):
        local: list[LocalHazard] = [*of_all, *_of_stage(stage)]
        of_all = []
        source, type_ = resolve(stage.writer), resolve(stage.reader)
        if has_failing_default and isinstance(source, Record) and isinstance(type_, Union):
            local += failed_trials(source, type_)
        if isinstance(type_, Record | Enum | Fixed) and id(type_) not in shadowing:
            shadowing.add(id(type_))
            local += _shadowed(type_, read, written)
        if (
            smallest_values
            and (reason := stop(stage))
            and smallest_values.allow(writer.root, stage.steps)
        ):
            local.append(_refusal(reason))
        for hazard in local:
            yield Hazard(
                hazard.kind,
                hazard.message,
                hazard.advice,
                stage.trail,
                _node_in(reader, stage, of_reader=True),
                _node_in(writer, stage, of_reader=False),
                _uses(stage, of_reader=True),
                _uses(stage, of_reader=False),
                hazard.is_new,
            )


def _node_in(schema: Schema, stage: Stage, *, of_reader: bool) -> NodeIn:
    """The type of the stage, or, for one of another text, the use that reaches it."""
    node: Node = resolve(stage.reader if of_reader else stage.writer)
    at: Stage | None = stage
    while at is not None:
        use = at.reader if of_reader else at.writer
        if isinstance(use, NameRef) and not schema.defines(use.target):
            node = use  # the outermost of these counts: only that is in the schema's own text
        at = at.before
    return NodeIn(schema, node)


def _uses(stage: Stage, *, of_reader: bool) -> tuple[str, ...]:
    """The full names by which types were used from the root to the stage, outermost first."""
    uses: list[str] = []
    at: Stage | None = stage
    while at is not None:
        node = at.reader if of_reader else at.writer
        if isinstance(node, NameRef) and uses[-1:] != [node.fullname]:
            uses.append(node.fullname)
        at = at.before
    return tuple(reversed(uses))


def _of_stage(stage: Stage) -> Iterator[LocalHazard]:
    writer, reader = resolve(stage.writer), resolve(stage.reader)
    match writer, reader:
        case Union(), _:
            return
        case _, Union():
            yield from _of_choice(writer, reader, is_touched=_is_touched(stage))
        case Primitive(), Primitive():
            yield from java_only(writer, reader)
            yield from _of_promotion(writer.kind, reader.kind)
            yield from logical_change(writer, reader)
        case Fixed(), Fixed():
            yield from logical_change(writer, reader)
        case Enum(), Enum():
            yield from _of_symbols(writer, reader)
        case Record(), Record():
            yield from _of_fields(writer, reader)
        case _:
            return
    if isinstance(writer, Record | Enum | Fixed) and isinstance(reader, Record | Enum | Fixed):
        yield from _of_names(writer, reader, stage)


def _is_touched(stage: Stage) -> bool:
    """Whether the union at the stage is another one than the writer's, where that has one."""
    before = resolve(stage.before.writer) if stage.before else None
    reader = resolve(stage.reader)
    return not (
        isinstance(before, Union) and before.shape is not None and before.shape == reader.shape
    )


def _of_names(writer: NamedType, reader: NamedType, stage: Stage) -> Iterator[LocalHazard]:
    """A namespace that changed: Avro's verdict, Java and fastavro go by the short name."""
    if stage.before is not None and isinstance(resolve(stage.before.reader), Union):
        return  # the choice of the branch has reported it
    if is_known_by(writer, reader) or not names_match(writer, reader):
        return
    yield LocalHazard(
        HazardKind.NAMESPACE,
        f"{writer.fullname} is read as {reader.fullname} by its short name only: readers that "
        f"compare full names (Apache's Python avro) refuse every event",
        f'Add "{writer.fullname}" to the aliases of {reader.fullname}, or keep the namespace.',
    )


def _of_symbols(writer: Enum, reader: Enum) -> Iterator[LocalHazard]:
    if reader.default is None or not names_match(writer, reader):
        return
    known = set(reader.symbols)
    unknown = [repr(symbol) for symbol in writer.symbols if symbol not in known]
    if unknown:
        symbols = ", ".join(unknown)
        them = "it" if len(unknown) == 1 else "them"
        yield LocalHazard(
            HazardKind.UNKNOWN_SYMBOL,
            f"the reader's {reader.fullname} does not know {symbols}, and silently reads its "
            f"default {reader.default!r} instead",
            f"Keep {symbols} while events hold {them}, or make sure that {reader.default!r} is "
            f"right for {them}.",
        )


_LARGEST_EXACT = {"float": "16,777,216 (2^24)", "double": "9,007,199,254,740,992 (2^53)"}


def _of_promotion(writer: str, reader: str) -> Iterator[LocalHazard]:
    match writer, reader:
        case ("int", "float") | ("long", "float") | ("long", "double"):
            yield LocalHazard(
                HazardKind.LOSSY_PROMOTION,
                f"{writer} read as {reader} loses digits beyond {_LARGEST_EXACT[reader]}",
                f"Keep {writer}, or make sure that no value goes beyond that.",
            )
        case "bytes", "string":
            yield LocalHazard(
                HazardKind.BYTES_AS_TEXT,
                "bytes read as string: where they are not UTF-8 some readers fail, and Java's "
                "puts U+FFFD in their place",
                "Keep bytes, and put the text into a new field.",
            )
        case "string", "bytes":
            yield LocalHazard(
                HazardKind.TEXT_AS_BYTES,
                "string read as bytes: consumers get raw UTF-8 where they had text",
                "Keep string, and put the bytes into a new field.",
            )
        case _:
            return


def _of_choice(writer: Type, reader: Union, *, is_touched: bool) -> Iterator[LocalHazard]:
    chosen = choose_branch(writer, reader)
    if chosen is None:
        return
    branches = [resolve(branch) for branch in reader.branches]
    if isinstance(writer, Record | Enum | Fixed):
        branch = branches[chosen]
        assert isinstance(branch, Record | Enum | Fixed)
        if not is_known_by(writer, branch):
            yield LocalHazard(
                HazardKind.NAMESPACE,
                f"in a union {writer.fullname} is read as {branch.fullname} by its short name "
                f"only: readers that compare full names (Apache's Python avro) refuse it",
                f'Add "{writer.fullname}" to the aliases of {branch.fullname}.',
            )
        namesakes = [
            other.fullname
            for other in branches
            if isinstance(other, Record | Enum | Fixed) and other.name == writer.name
        ]
        if len(namesakes) > 1:
            yield LocalHazard(
                HazardKind.NAMESAKES,
                f"the union holds {' and '.join(namesakes)}: some readers "
                f"distinguish them by nothing but the short name, and take the first",
                "Give the branches different short names.",
                is_new=is_touched,
            )
        return
    earlier = [b.kind for b in branches[:chosen] if (writer.kind, b.kind) in PROMOTIONS]
    if earlier and branches[chosen].kind == writer.kind:
        yield LocalHazard(
            HazardKind.EARLIER_PROMOTION,
            f"{writer.kind} has its own branch, but {earlier[0]} comes before it and some "
            f"readers (fastavro) take the first that can be promoted to",
            f"Put {writer.kind} before {earlier[0]} in the union.",
            is_new=is_touched,
        )


def _of_fields(writer: Record, reader: Record) -> Iterator[LocalHazard]:
    sources = sources_by_name(writer, reader)
    own_names = writer.positions
    for field in reader.fields:
        if field.name in own_names and field.name in sources:
            continue
        if field.name in own_names and field.default is not None:
            taker = next(f.name for f in reader.fields if field.name in f.aliases)
            yield LocalHazard(
                HazardKind.SHARED_SOURCE,
                f"the writer's {field.name!r} goes to the field {taker!r}, which has it as an "
                f"alias; {field.name!r} silently gets its default",
                f"Remove the alias {field.name!r} from {taker!r}.",
            )
        elif field.name in sources:
            yield from _of_alias(writer, reader, field.name)
        if field.name not in sources and field.default is not None:
            yield from default_use(field, field.default)


def _of_alias(writer: Record, reader: Record, name: str) -> Iterator[LocalHazard]:
    """Java's reader goes by aliases twice, and only under the record's own or aliased full name."""
    taker = next((f.name for f in reader.fields if name in f.aliases and f.name != name), None)
    if taker is not None:
        yield LocalHazard(
            HazardKind.SHARED_SOURCE,
            f"{name!r} is found by an alias, and is itself an alias of {taker!r}: Java's reader "
            f"passes the value on to {taker!r}",
            f"Remove the alias {name!r} from {taker!r}.",
        )
    if is_known_by(writer, reader) or not names_match(writer, reader):
        return
    yield LocalHazard(
        HazardKind.ALIAS_ACROSS_NAMES,
        f"{name!r} is found by an alias, but the record changed from {writer.fullname} to "
        f"{reader.fullname}: Java's reader then knows no alias, and fails or takes the default",
        f'Add "{writer.fullname}" to the aliases of {reader.fullname}.',
    )


def _shadowed(
    type_: NamedType, read: Collection[str], written: Collection[str]
) -> Iterator[LocalHazard]:
    """`read` and `written` are the full names of all types on either side."""
    # Java's reader takes the alias `.A` for the A of the null namespace, unlike its verdict
    for alias in (alias.removeprefix(".") for alias in type_.aliases):
        if alias != type_.fullname and alias in read and alias in written:
            yield LocalHazard(
                HazardKind.ALIAS_SHADOWS_TYPE,
                f"{type_.fullname} has the alias {alias}, which is also a type in use: Java's "
                f"reader takes every {alias} of the writer for a {type_.fullname}",
                f"Remove the alias {alias}.",
            )


_REASONS: Mapping[Stop, str] = {
    Stop.TYPE: "the types differ",
    Stop.NAME: "the names differ",
    Stop.SIZE: "the sizes differ",
    Stop.SYMBOL: "a symbol is unknown to the reader",
    Stop.BRANCH: "the reader's union has no branch for it",
    Stop.MISSING_FIELD: "a field without default has no source",
    Stop.TWO_SOURCES: "two of the writer's fields fill one of the reader's",
}


def _refusal(reason: Stop) -> LocalHazard:
    return LocalHazard(
        HazardKind.DECODER_REFUSES,
        f"the schemas count as compatible, yet a decoder that gets here refuses: "
        f"{_REASONS[reason]}",
        "Change it as if it were incompatible.",
    )
