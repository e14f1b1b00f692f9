"""A way to deploy a change that is not deployable in one step: expand, migrate, contract.

The schema in between has what the old and the new one have. Each step is judged by the engine
before it is proposed; where none is found, the new events get a topic of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal, assert_never

from schemareg.avro import Schema, parse
from schemareg.avro.canonical import json_text
from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Record,
    Union,
    resolve,
)
from schemareg.compat import can_read, check
from schemareg.errors import SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.services.changes import Direction
from schemareg.subjects import CompatibilityLevel, Version

StepKind = Literal["register", "expand", "migrate", "wait", "contract", "topic", "reader"]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step. `schema` is the text that it registers, `direction` who goes first in it."""

    kind: StepKind
    event: str
    direction: Direction | None = None
    schema: str = field(default="", metadata={"whole": True})
    fields: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    wait_for: tuple[Version, ...] = ()
    refused_under: CompatibilityLevel | None = None
    """The level under which a registry refuses `schema`, where it does."""


@dataclass(frozen=True, slots=True)
class Hybrid:
    """A schema between two others; `renamed` maps a field path to the new field beside it,
    `optional` are the paths of new fields that need a default in it.
    """

    text: str
    schema: Schema
    renamed: Mapping[str, str]
    optional: frozenset[str]


def plan_of(
    event: str,
    retained: Sequence[tuple[Version, Schema]],
    new: Schema,
    *,
    for_ever: bool,
    level: CompatibilityLevel = CompatibilityLevel.NONE,
    services: tuple[str, ...] = (),
) -> tuple[PlanStep, ...]:
    """Numbered steps from the latest of `retained` to `new`, or as near to it as is possible."""
    old = retained[-1][1]
    hybrid = hybrid_of(old, new)
    if hybrid is not None:
        direction = step_direction([s for _, s in retained], hybrid.schema, for_ever=for_ever)
        if direction is not Direction.NONE:
            steps = _expand(event, retained, new, hybrid, direction, for_ever, services)
            return tuple(_judged(list(steps), retained, level))
    return (
        PlanStep("topic", event, schema=new.text, services=services),
        PlanStep("migrate", event, services=services),
        PlanStep("contract", event, fields=(event,), services=services),
    )


def _expand(
    event: str,
    retained: Sequence[tuple[Version, Schema]],
    new: Schema,
    hybrid: Hybrid,
    direction: Direction,
    for_ever: bool,
    services: tuple[str, ...],
) -> Iterator[PlanStep]:
    yield PlanStep("register", event, schema=hybrid.text)
    yield PlanStep("expand", event, direction, services=services)
    yield PlanStep("migrate", event, fields=tuple(hybrid.renamed.values()), services=services)
    # as it was asked for, or else with what the hybrid made optional
    for optional in dict.fromkeys((frozenset[str](), hybrid.optional)):
        final = _without(hybrid, new, optional)
        if final is None or final.text == hybrid.text:
            continue
        old = [(version, schema) for version, schema in retained if not reads(final, schema)]
        last = step_direction([hybrid.schema], final, for_ever=for_ever)
        if last is Direction.NONE or (old and for_ever):
            continue
        if old:
            yield PlanStep("wait", event, wait_for=tuple(version for version, _ in old))
        gone = tuple(_gone(hybrid.schema, final))
        yield PlanStep("contract", event, last, final.text, gone, services)
        return


def _gone(hybrid: Schema, final: Schema) -> Iterator[str]:
    """The paths of the fields that `final` has no more."""
    kept = _named(final)
    for name, before in _named(hybrid).items():
        after = kept.get(name)
        if isinstance(before, Record) and isinstance(after, Record):
            yield from (
                f"{before.name}.{f.name}" for f in before.fields if f.name not in after.positions
            )


def _judged(
    steps: Sequence[PlanStep], retained: Sequence[tuple[Version, Schema]], level: CompatibilityLevel
) -> Iterator[PlanStep]:
    """The steps, with what a registry answers to each schema after those before it."""
    history = list(retained)
    for step in steps:
        if not step.schema:
            yield step
            continue
        schema = parse(step.schema, references=retained[-1][1].references)
        is_refused = any(True for _ in check(schema, history, level))
        yield replace(step, refused_under=level) if is_refused else step
        history.append((Version(history[-1][0] + 1), schema))


def step_direction(old: Sequence[Schema], new: Schema, *, for_ever: bool) -> Direction:
    """Who goes first where writers and readers of the latest of `old` change to `new`."""
    old_reads_new = reads(old[-1], new)
    new_reads_old = all(reads(new, writer) for writer in old if reads(old[-1], writer))
    if old_reads_new:
        if new_reads_old:
            return Direction.TOGETHER
        return Direction.NONE if for_ever else Direction.PRODUCERS_FIRST
    return Direction.CONSUMERS_FIRST if new_reads_old else Direction.NONE


def reads(reader: Schema, writer: Schema) -> bool:
    return not any(True for _ in can_read(reader=reader, writer=writer))


def hybrid_of(old: Schema, new: Schema) -> Hybrid | None:
    """A schema with the fields of both; None where they are no records of one name."""
    before, after = resolve(old.root), resolve(new.root)
    if not (isinstance(before, Record) and isinstance(after, Record)):
        return None
    if before.fullname != after.fullname:
        return None
    merger = _Merger(_named(old), _named(new))
    return _parsed(merger.named(after), merger)


def _without(hybrid: Hybrid, new: Schema, optional: frozenset[str]) -> Schema | None:
    """The new schema with the new names of the fields whose type changed, and `optional` ones."""
    writer = _Merger({}, _named(new), new_names=hybrid.renamed, optional={*optional})
    root = resolve(new.root)
    assert isinstance(root, Record)
    made = _parsed(writer.named(root), writer)
    return made.schema if made else None


def _parsed(value: JsonValue, merger: _Merger) -> Hybrid | None:
    text = json_text(value)
    try:
        return Hybrid(text, parse(text), dict(merger.renamed), frozenset(merger.optional))
    except SchemaParseError:
        return None


def _named(schema: Schema) -> dict[str, NamedType]:
    """The named types that `schema` defines or reaches."""
    found: dict[str, NamedType] = {}
    waiting: list[Node] = [schema.root]
    while waiting:
        node = resolve(waiting.pop())
        match node:
            case Record() | Enum() | Fixed():
                if node.fullname in found:
                    continue
                found[node.fullname] = node
                if isinstance(node, Record):
                    waiting += [f.type for f in node.fields]
            case Array():
                waiting.append(node.items)
            case Map():
                waiting.append(node.values)
            case Union():
                waiting += node.branches
            case Primitive():
                pass
            case _:
                assert_never(node)
    return found


@dataclass(slots=True)
class _Merger:
    """Writes types as JSON, those that both schemas have with the fields of both."""

    old: Mapping[str, NamedType]
    new: Mapping[str, NamedType]
    new_names: Mapping[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    def node(self, node: Node) -> JsonValue:
        type_ = resolve(node)
        match type_:
            case Primitive():
                return {"type": type_.kind, **type_.props} if type_.props else type_.kind
            case Array():
                return {"type": "array", "items": self.node(type_.items), **type_.props}
            case Map():
                return {"type": "map", "values": self.node(type_.values), **type_.props}
            case Union():
                return [self.node(branch) for branch in type_.branches]
            case Record() | Enum() | Fixed():
                return self.named(type_)
            case NameRef():  # resolved above
                return type_.fullname
            case _:
                assert_never(type_)

    def named(self, type_: NamedType) -> JsonValue:
        name = type_.fullname
        if name in self.written:
            return name
        self.written.add(name)
        latest = self.new.get(name, type_)
        before = self.old.get(name)
        value: dict[str, JsonValue] = {"type": latest.kind, "name": name, **latest.props}
        if latest.aliases:
            value["aliases"] = list(latest.aliases)
        match latest, before:
            case Record(), Record():
                value["fields"] = list(self.fields_of_both(before, latest))
            case Record(), _:
                value["fields"] = [self.field(f, f"{latest.name}.") for f in latest.fields]
            case Enum(), Enum():
                value["symbols"] = list(dict.fromkeys((*before.symbols, *latest.symbols)))
                if default := latest.default or before.default:
                    value["default"] = default
            case Enum(), _:
                value["symbols"] = list(latest.symbols)
                if latest.default is not None:
                    value["default"] = latest.default
            case Fixed(), _:
                value["size"] = latest.size
        return value

    def field(self, field: Field, at: str) -> JsonValue:
        name = self.new_names.get(at + field.name, field.name)
        value: dict[str, JsonValue] = {"name": name, "type": self.node(field.type), **field.props}
        if field.aliases:
            value["aliases"] = list(field.aliases)
        if name != field.name or at + field.name in self.optional:
            value["type"], value["default"] = _optional(value["type"]), None
        elif field.default is not None:
            value["default"] = field.default.value
        return value

    def fields_of_both(self, before: Record, latest: Record) -> Iterator[JsonValue]:
        at = f"{latest.name}."
        for old in before.fields:
            position = latest.positions.get(old.name)
            new = None if position is None else latest.fields[position]
            if new is None or not self.mergeable(old.type, new.type):
                yield self.field(old, at)
                if new is not None:
                    name = f"{old.name}V2"
                    self.renamed[at + old.name] = name
                    yield {"name": name, "type": _optional(self.node(new.type)), "default": None}
            else:
                merged = new if new.default is not None or old.default is None else old
                yield self.field(
                    Field(new.name, new.type, merged.default, new.aliases, props=new.props), at
                )
        for new in latest.fields:
            if new.name in before.positions:
                continue
            if new.default is not None:
                yield self.field(new, at)
            else:
                self.optional.add(at + new.name)
                yield self.field(new, at)

    def mergeable(self, old: Node, new: Node) -> bool:
        """Whether one field can have the type `new`, or for a named type the merged one."""
        before, after = resolve(old), resolve(new)
        if isinstance(before, Record | Enum) and isinstance(after, Record | Enum):
            return before.fullname == after.fullname and before.kind == after.kind
        if isinstance(before, Array) and isinstance(after, Array):
            return self.mergeable(before.items, after.items)
        one, other = Schema(before, {}, ""), Schema(after, {}, "")
        return reads(other, one)


def _optional(value: JsonValue) -> JsonValue:
    """`value` or null, null first, so that null can be the default."""
    if isinstance(value, list):
        return ["null", *(branch for branch in value if branch != "null")]
    return value if value == "null" else ["null", value]
