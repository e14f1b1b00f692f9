"""Text -> Schema, accepting and refusing as Avro Java does; all problems of a text at once.

Source: Avro 1.12.1 `Schema.Parser` and `ParseContext`; Avro 1.11.5 `Schema.Names`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemareg.avro import structural_hash
from schemareg.avro.depth import with_room
from schemareg.avro.names import NameRule
from schemareg.avro.parse import source
from schemareg.avro.parse.attributes import FieldAttributes
from schemareg.avro.parse.enum_fixed import read_enum, read_fixed
from schemareg.avro.parse.problems import Holder, Key, PointersOf, Problems, Use
from schemareg.avro.parse.properties import TYPE_ATTRIBUTES, copied_properties, properties, text_of
from schemareg.avro.parse.scope import OutlineScope, Scope, is_nameless, types_of
from schemareg.avro.parse.shared import NO_FIELDS, NULL_AND_ANOTHER, same_field, shared_fields
from schemareg.avro.schema import (
    BARE_PRIMITIVES,
    NO_PROPS,
    Array,
    Field,
    JsonDict,
    JsonValue,
    Map,
    Node,
    Primitive,
    Props,
    Record,
    Schema,
    Union,
    name_of,
)
from schemareg.errors import SchemaParseError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Pointer
from schemareg.suggestions import did_you_mean
from schemareg.syntax import Tree

AVRO_VERSIONS = ("1.11", "1.12")
# how many attributes each has at least
_BARE_FIELD = 2
_BARE_CONTAINER = 2
_BARE_RECORD = 3


class Document(NamedTuple):
    """A schema text with its JSON value: read once, parsed as often as needed.

    `tree` is that of the source where `text` was made from another language: its nodes have the
    pointers of `value` and the offsets of the source.
    """

    text: str
    value: JsonValue
    tree: Tree | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """What a text defines and needs, before the types of other texts are known.

    `definitions` maps each full name that it defines to its place, `unknown` are its uses of
    names that it does not define, in text order. Without any, the parse is complete: `schema`
    is its result, or `error` has its problems.
    """

    document: Document
    definitions: Mapping[str, Pointer]
    unknown: tuple[Use, ...]
    schema: Schema | None = None
    error: SchemaParseError | None = None


def read_document(text: str | bytes) -> Document:
    """The characters and the JSON value of `text`.

    Raises:
        SchemaParseError: it is not JSON as Avro Java reads it.
    """
    chars = source.decode_text(text)
    return Document(chars, source.load(chars))


def parse(
    text: str | bytes,
    *,
    avro_version: str = "1.12",
    references: Sequence[Schema] = (),
    names: NameRule = "utf",
    validate_defaults: bool = True,
) -> Schema:
    """The schema that `text` describes, by the rules of Avro Java `avro_version` (1.11 or 1.12).

    The types of `references`, and of theirs, are known by full name. `names` is the rule for
    names: Java's letters and digits, ASCII only, or anything; a Confluent registry reads new
    schemas `strict`, looks others up with `any-namespace`, and reads stored ones with `none` and
    without `validate_defaults`.

    Raises:
        SchemaParseError: with every problem of the text, each with its place.
        UsageError: `avro_version` is neither.
    """
    document = read_document(text)
    return _parsed(document, avro_version, references, names, validate_defaults)


def parse_document(
    document: Document,
    *,
    avro_version: str = "1.12",
    references: Sequence[Schema] = (),
    names: NameRule = "utf",
    validate_defaults: bool = True,
) -> Schema:
    """`parse` of a text that is read already.

    Raises:
        SchemaParseError, UsageError: as `parse`.
    """
    return _parsed(document, avro_version, references, names, validate_defaults)


def _parsed(
    document: Document,
    avro_version: str,
    references: Sequence[Schema],
    names: NameRule,
    validate_defaults: bool,  # by position: a small schema is parsed 3 % faster so
) -> Schema:
    known = types_of(references) if references else {}
    is_1_11 = _is_1_11(avro_version)

    def walked() -> tuple[Node, Scope]:
        scope = Scope(known, names, Problems(), is_1_11=is_1_11)
        return _walked(document.value, scope, validate_defaults=validate_defaults), scope

    root, scope = with_room(walked)
    if scope.problems.found:
        raise scope.problems.error(*document)
    return _finished(document, root, scope, references)


def outline(
    document: Document, *, avro_version: str = "1.12", like: Outline | None = None
) -> Outline:
    """What `document` defines and which names it needs from elsewhere; never raises for them.

    `like` is another version of it, read by the same Avro: plain fields of both are its nodes.
    """
    is_1_11 = _is_1_11(avro_version)

    def walked() -> tuple[Node, OutlineScope]:
        scope = OutlineScope({}, "utf", Problems(), is_1_11=is_1_11)
        # a namespace that only 1.11 accepts takes the shapes of all its nodes
        if like is not None and like.schema is not None and not is_1_11:
            scope.shared = shared_fields(like.document.value, like.schema.root)
        return _walked(document.value, scope, validate_defaults=True), scope

    root, scope = with_room(walked)
    pointers = PointersOf(document.value)
    definitions = {name: pointers.at(holder) for name, holder in scope.holders.items()}
    unknown = tuple(
        Use(tuple(dict.fromkeys((fullname, written))), pointers.at(holder, key))
        for fullname, written, holder, key in scope.unknown
    )
    if unknown:
        return Outline(document, definitions, unknown)
    if scope.problems.found:
        error = scope.problems.error(*document)
        return Outline(document, definitions, (), error=error)
    return Outline(document, definitions, (), _finished(document, root, scope, ()))


def _is_1_11(avro_version: str) -> bool:
    if avro_version not in AVRO_VERSIONS:
        raise UsageError(
            f"unknown Avro version {avro_version!r}",
            advice=did_you_mean(avro_version, AVRO_VERSIONS),
        )
    return avro_version == "1.11"


def _walked(value: JsonValue, scope: Scope, *, validate_defaults: bool) -> Node:
    attributes = FieldAttributes(scope, validate_defaults=validate_defaults)
    root = _Walker(scope, attributes).node(value, None, None)
    if scope.pending and scope.resolve_pending():
        attributes.check_again(root)
    return root


def _finished(document: Document, root: Node, scope: Scope, references: Sequence[Schema]) -> Schema:
    text, _, tree = document
    schema = Schema(root, scope.names_in_order(), text, references, tree)
    if scope.odd_names:
        structural_hash.forget(schema)
    elif scope.pending:
        with_room(lambda: structural_hash.close(schema))
    return schema


class _Walker:
    """One pass over the JSON value of a text, building its nodes."""

    __slots__ = ("attributes", "problems", "scope")

    def __init__(self, scope: Scope, attributes: FieldAttributes) -> None:
        self.scope = scope
        self.problems = scope.problems
        self.attributes = attributes

    def node(self, value: JsonValue, holder: Holder, key: Key) -> Node:
        """The type that `value` describes; a refused one is a `null` of its own."""
        if isinstance(value, str):
            make = BARE_PRIMITIVES.get(value)
            return self.scope.use(value, holder, key) if make is None else make()
        if isinstance(value, dict):
            return self.object(value)
        if isinstance(value, list):
            return self.union(value)
        shown = "null" if value is None else repr(value)
        self.problems.add(
            holder, key, "not-a-schema", f"{shown} is not a schema",
            "a schema is a type name, an object with a type, or an array of branches",
        )  # fmt: skip
        return self.scope.placeholder()

    def object(self, value: JsonDict) -> Node:
        kind = value.get("type")
        if not isinstance(kind, str):
            if kind is None:
                message, key, advice = "an object without a type", None, 'add a "type"'
            else:
                message, key = "the type of an object must be a word", "type"
                advice = "write the type without the object around it"
            self.problems.add(value, key, "not-a-schema", message, advice)
            return self.scope.placeholder()
        match kind:
            case "record" | "error":
                return self.record(value, is_error=kind == "error")
            case "array":
                items = self.part(value, "items")
                props = NO_PROPS if len(value) == _BARE_CONTAINER else self.props(value)
                return Array(items, props, structural_hash.of_array(items))
            case "map":
                values = self.part(value, "values")
                props = NO_PROPS if len(value) == _BARE_CONTAINER else self.props(value)
                return Map(values, props, structural_hash.of_map(values))
            case "enum":
                return read_enum(value, self.scope)
            case "fixed":
                return read_fixed(value, self.scope)
            case _ if kind in BARE_PRIMITIVES:
                return Primitive(kind, properties(value, TYPE_ATTRIBUTES))
            case _:
                return self.scope.use(kind, value, "type", of_object=True)

    def part(self, value: JsonDict, key: str) -> Node:
        if key in value:
            part = value[key]
            if isinstance(part, str) and part in BARE_PRIMITIVES:
                return BARE_PRIMITIVES[part]()
            return self.node(part, value, key)
        self.problems.add(
            value, None, "missing-attribute", f"{value['type']} without {key}", f'add "{key}"'
        )
        return self.scope.placeholder()

    def union(self, value: list[JsonValue]) -> Union:
        if len(value) == NULL_AND_ANOTHER and value[0] == "null":
            return self.optional(value)
        branches = tuple([self.node(part, value, i) for i, part in enumerate(value)])
        kinds = [branch.kind for branch in branches]
        if len({*kinds}) < len(kinds) or "union" in kinds or "ref" in kinds:
            self.check_branches(branches, value)
        return Union(branches, structural_hash.of_union(branches, kinds))

    def optional(self, value: list[JsonValue]) -> Union:
        """The union that nearly all are, of null and another type, read faster."""
        branch = self.node(value[1], value, 1)
        branches = BARE_PRIMITIVES["null"](), branch
        if branch.kind == "null" or branch.kind == "union":
            self.check_branches(branches, value)
        return Union(branches, None if branch.shape is None else f"(null|{branch.shape})")

    def check_branches(self, branches: Sequence[Node], value: list[JsonValue]) -> None:
        labels: set[str] = set()
        for i, branch in enumerate(branches):
            if id(branch) in self.scope.placeholders or is_nameless(value[i]):
                continue
            label = name_of(branch)
            if isinstance(branch, Union):
                self.problems.add(
                    value, i, "nested-union", "a union directly inside a union",
                    "write its branches into the outer one",
                )  # fmt: skip
            elif label in labels:
                self.problems.add(
                    value, i, "duplicate-branch", f"{label!r} appears twice in one union",
                    "a union may hold each type once; two arrays or maps go into records",
                )  # fmt: skip
            labels.add(label)

    def props(self, value: JsonDict) -> Props:
        """The properties of a type that holds others."""
        if self.scope.is_1_11:
            return properties(value, TYPE_ATTRIBUTES)
        return copied_properties(value, self.problems)

    def record(self, value: JsonDict, *, is_error: bool) -> Record:
        scope = self.scope
        outer = scope.namespace
        name, space = scope.name_of(value)
        aliases = scope.type_aliases(value, space) if "aliases" in value else ()
        record = Record(name, space, aliases, text_of(value, "doc") if "doc" in value else None)
        if is_error:
            record.is_error = True
        scope.opened.append(record.fullname)
        if scope.is_1_11:
            scope.define(record, value)
        scope.namespace = space
        fields = value.get("fields")
        if isinstance(fields, list):
            record.fields = self.fields(fields)
        else:
            self.problems.add(
                value, None if fields is None else "fields", "missing-attribute",
                f"record {name!r} without fields", 'add "fields": []',
            )  # fmt: skip
        scope.namespace = outer
        if len(value) > _BARE_RECORD:
            record.props = self.props(value)
        structural_hash.settle(record, may_have_aliases=self.attributes.has_met_aliases)
        if len({field.name for field in record.fields}) < len(record.fields):
            self.report_duplicates(fields)
        scope.define(record, value)
        return record

    def fields(self, values: list[JsonValue]) -> tuple[Field, ...]:
        fields: list[Field] = []
        # those of one record only: in a schema each field is a node of its own
        shared, self.scope.shared = self.scope.shared, NO_FIELDS
        for i, value in enumerate(values):
            if shared and (field := same_field(value, shared)) is not None:
                fields.append(field)
                continue
            # most fields are a name and a type, and nothing is wrong with them
            if isinstance(value, dict) and len(value) == _BARE_FIELD:
                name = value.get("name")
                if isinstance(name, str) and name.isidentifier() and name.isascii():
                    type_ = value.get("type")
                    if isinstance(type_, str) and type_ in BARE_PRIMITIVES:
                        fields.append(Field(name, BARE_PRIMITIVES[type_]()))
                        continue
                    if isinstance(type_, dict):
                        fields.append(Field(name, self.object(type_)))
                        continue
            fields.append(self.field(value, values, i))
        return tuple(fields)

    def report_duplicates(self, fields: JsonValue) -> None:
        names: set[JsonValue] = set()
        for field in fields if isinstance(fields, list) else ():
            name = field.get("name") if isinstance(field, dict) else None
            if isinstance(field, dict) and isinstance(name, str):
                if name in names:
                    self.problems.add(
                        field, "name", "duplicate-field", f"field {name!r} appears twice",
                        "rename one of them",
                    )  # fmt: skip
                names.add(name)

    def field(self, value: JsonValue, holder: list[JsonValue], index: int) -> Field:
        if not isinstance(value, dict):
            self.problems.add(holder, index, "not-a-field", "a field must be an object")
            return Field("", self.scope.placeholder())
        name = value.get("name")
        if not isinstance(name, str):
            self.problems.add(
                value, None, "missing-attribute", "a field without a name", 'add a "name"'
            )
            name = ""
        elif not (name.isidentifier() and name.isascii()):
            self.scope.check_name(name, value, "name", "field name")
        problems = len(self.problems.found)
        if "type" in value:
            field = Field(name, self.node(value["type"], value, "type"))
        else:
            self.problems.add(
                value, None, "missing-attribute", f"field {name!r} without a type", 'add a "type"'
            )
            field = Field(name, self.scope.placeholder())
        if len(value) > _BARE_FIELD:
            self.attributes.read(field, value, is_sound=len(self.problems.found) == problems)
        return field
