"""The nodes of a parsed Avro schema: immutable by convention, plain slots for speed.

Frozen dataclasses cost three times as much to build, and a parse builds one node for every type
that a schema names; so the nodes are plain slotted classes. Nobody assigns to them after
`schemareg.avro.parse.parser` has returned.

A node's pointer follows from the nodes that hold it. The syntax tree of a text, which gives the
range of a node's value, is built only for a text of which a position is reported.

A type's `shape` is a digest of all that decides whether it reads another type of equal shape:
two types with equal shapes read each other in full. None: nothing is promised, look inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from schemareg.places import ROOT, Pointer, child
from schemareg.syntax import Node as Value
from schemareg.syntax import Tree, parse_text

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "Mapping[str, JsonValue]"
_Held: TypeAlias = tuple[int, tuple[str | int, ...]]
JsonDict: TypeAlias = "dict[str, JsonValue]"
Order: TypeAlias = Literal["ascending", "descending", "ignore"]
Props: TypeAlias = JsonObject

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
NO_PROPS: Props = {}
_PARTS: Mapping[str, str] = {"array": "items", "map": "values"}


class Default:
    """A field's default value as JSON; there is one for `"default": null`, too."""

    __slots__ = ("value",)

    def __init__(self, value: JsonValue) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Default) and self.value == other.value

    def __hash__(self) -> int:
        return hash(repr(self.value))

    def __repr__(self) -> str:
        return f"Default({self.value!r})"


class Primitive:
    """One of the eight primitive types; `kind` is its name."""

    __slots__ = ("kind", "props", "shape")
    shape: str | None

    def __init__(self, kind: str, props: Props = NO_PROPS) -> None:
        self.kind = kind
        self.props = props
        self.shape = kind


def _bare(kind: str) -> Callable[[], Primitive]:
    """Makes primitives without properties: every use is a node of its own, so there are many."""
    attributes = {"kind": kind, "props": NO_PROPS, "shape": kind}
    return type(
        f"Bare{kind.capitalize()}",
        (Primitive,),
        {"__slots__": (), "__init__": object.__init__, **attributes},
    )


BARE_PRIMITIVES: Mapping[str, Callable[[], Primitive]] = {kind: _bare(kind) for kind in PRIMITIVES}


class Array:
    __slots__ = ("items", "props", "shape")
    kind = "array"

    def __init__(self, items: Node, props: Props = NO_PROPS, shape: str | None = None) -> None:
        self.items = items
        self.props = props
        self.shape = shape


class Map:
    __slots__ = ("props", "shape", "values")
    kind = "map"

    def __init__(self, values: Node, props: Props = NO_PROPS, shape: str | None = None) -> None:
        self.values = values
        self.props = props
        self.shape = shape


class Union:
    __slots__ = ("branches", "shape")
    kind = "union"

    def __init__(self, branches: tuple[Node, ...], shape: str | None = None) -> None:
        self.branches = branches
        self.shape = shape


class Field:
    """A field of a record. `aliases` are as written; `props` hold what Avro does not name."""

    __slots__ = ("aliases", "default", "doc", "name", "order", "props", "type")

    def __init__(
        self,
        name: str,
        type: Node,
        default: Default | None = None,
        aliases: tuple[str, ...] = (),
        doc: str | None = None,
        order: Order = "ascending",
        props: Props = NO_PROPS,
    ) -> None:
        self.name = name
        self.type = type
        self.default = default
        self.aliases = aliases
        self.doc = doc
        self.order = order
        self.props = props


class _Named:
    """What record, enum and fixed share. `namespace` is "" for the null namespace.

    `fullname` is dotted (bare in the null namespace); `aliases` are full names as Avro Java
    computes them: an undotted alias gets the type's namespace, one in the null namespace on a
    type that has a namespace keeps its dot (`.Old`; Avro 1.11 drops it).
    """

    __slots__ = (
        "aliases", "doc", "fullname", "name", "namespace", "props", "shape",
    )  # fmt: skip
    shape: str | None

    def __init__(
        self,
        name: str,
        namespace: str,
        aliases: tuple[str, ...] = (),
        doc: str | None = None,
        props: Props = NO_PROPS,
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.fullname = f"{namespace}.{name}" if namespace else name
        self.aliases = aliases
        self.doc = doc
        self.props = props
        self.shape = None


class Record(_Named):
    """A record, or with `is_error` an error; `fields` in order.

    What compatibility compares, set by `schemareg.avro.structural_hash.settle`: `tokens` has for
    each field its name and shape in one string, `text` is the type with all of them, empty until
    the record is complete; `unsettled` are the positions of the fields that an equal token does
    not settle: those with aliases, and those whose types have no shape.
    """

    __slots__ = ("_positions", "fields", "is_error", "text", "tokens", "unsettled")
    kind = "record"
    tokens: Sequence[str]
    unsettled: Sequence[int]

    def __init__(
        self,
        name: str,
        namespace: str,
        aliases: tuple[str, ...] = (),
        doc: str | None = None,
        props: Props = NO_PROPS,
    ) -> None:
        _Named.__init__(self, name, namespace, aliases, doc, props)
        self.fields: tuple[Field, ...] = ()
        self.is_error = False
        self.text = ""
        self.tokens = self.unsettled = ()
        self._positions: Mapping[str, int] | None = None

    @property
    def positions(self) -> Mapping[str, int]:
        """The position of each field by its name; counted at the first use."""
        if self._positions is None:
            self._positions = {field.name: i for i, field in enumerate(self.fields)}
        return self._positions


class Enum(_Named):
    """`default` is the enum's own default symbol (Avro 1.9), not a field's."""

    __slots__ = ("default", "symbols")
    kind = "enum"
    symbols: tuple[str, ...]
    default: str | None


class Fixed(_Named):
    __slots__ = ("size",)
    kind = "fixed"
    size: int


class NameRef:
    """A use, by name, of a type defined elsewhere; `target` is that definition.

    While a text is read, and in one that is refused, it may be `UNDEFINED`.
    """

    __slots__ = ("fullname", "shape", "target")
    kind = "ref"

    def __init__(self, fullname: str, target: NamedType | None = None) -> None:
        self.fullname = fullname
        self.target = UNDEFINED if target is None else target
        self.shape = self.target.shape


NamedType: TypeAlias = Record | Enum | Fixed
UNDEFINED: Final[NamedType] = Record("", "")
Type: TypeAlias = Primitive | Array | Map | Union | Record | Enum | Fixed
Node: TypeAlias = Type | NameRef


class Schema:
    """A parsed schema.

    `root` is its outermost node; `names` maps full names to the types that this text defines, in
    text order; `references` are the schemas whose types it may use by name; `text` is the source
    exactly as given. `source` is the tree of the text in another language from which `text` was
    made, None where there is none.
    """

    __slots__ = ("_holders", "_tree", "_values", "names", "references", "root", "source", "text")

    def __init__(
        self,
        root: Node,
        names: Mapping[str, NamedType],
        text: str,
        references: Sequence[Schema] = (),
        source: Tree | None = None,
    ) -> None:
        self.root = root
        self.source = source
        self.names = names
        self.text = text
        self.references = tuple(references)
        self._tree: Tree | None = None
        self._holders: Mapping[int, _Held] | None = None
        self._values: Mapping[int, Value] | None = None

    @property
    def tree(self) -> Tree:
        """The syntax tree of `text`, or of its source, built at the first use."""
        if self._tree is None:
            self._tree = self.source or parse_text(self.text)
        return self._tree

    def value_of(self, node: Node) -> Value:
        """The value of `node`, which is in this text, in its syntax tree."""
        if self._values is None:
            assert self.tree.root is not None
            self._values = _values(self.root, self.tree.root)
        return self._values[id(node)]

    def pointer(self, node: Node) -> Pointer:
        """The pointer of `node`, which is in this text; the root's in a schema made without one."""
        if not self.text or node is self.root:
            return ROOT
        if self._holders is None:
            self._holders = _holders(self.root)
        steps: list[str | int] = []
        at, step = self._holders[id(node)]
        while step:
            steps[:0] = step
            at, step = self._holders[at]
        return child(ROOT, *steps)

    def defines(self, type_: NamedType) -> bool:
        """Whether the definition `type_` is in this text."""
        return self.names.get(type_.fullname) is type_


def resolve(node: Node) -> Type:
    """The type itself: the definition behind a name, or `node`."""
    return node.target if type(node) is NameRef else node  # type: ignore[return-value]  # narrowed by identity for speed


def name_of(node: Node) -> str:
    """A type as people call it: its full name, or its kind."""
    return node.kind if isinstance(node, Primitive | Array | Map | Union) else node.fullname


def children(node: Node) -> Sequence[Node]:
    """The nodes directly inside of `node`, in order; none of a use by name."""
    match node:
        case Array():
            return (node.items,)
        case Map():
            return (node.values,)
        case Union():
            return node.branches
        case Record():
            return [field.type for field in node.fields]
        case _:
            return ()


def nodes_of(root: Node) -> Iterator[Node]:
    """`root` and every node in it, in text order, definitions once, uses by name as `NameRef`."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, Primitive):
            stack.extend(reversed(children(node)))


def parts(node: Node) -> Iterator[Node]:
    """`node` and what it holds through arrays, maps and unions, in order; records stay closed."""
    stack: list[Node] = [node]
    while stack:
        node = stack.pop()
        yield node
        if type(node) is not Record:
            stack.extend(reversed(children(node)))


def reached(root: Node) -> Iterator[Node]:
    """Every node from `root` on, into what is used by name, too; each type is entered once."""
    entered: set[int] = set()
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        yield node
        type_ = resolve(node)
        if id(type_) not in entered:
            entered.add(id(type_))
            stack.extend(reversed(children(type_)))


def walk(schema: Schema) -> Iterator[Node]:
    """Every node of the text in order, definitions once, uses by name as `NameRef`."""
    return nodes_of(schema.root)


def _holders(root: Node) -> Mapping[int, _Held]:
    """By the identity of each node: that of the one that holds it, and the steps from there.

    Finding a pointer costs no look into the text, which is a hundred times the work.
    """
    holders: dict[int, _Held] = {id(root): (0, ())}
    for holder in nodes_of(root):
        for index, node in enumerate(children(holder)):
            holders[id(node)] = id(holder), _step(holder, index)
    return holders


def _step(holder: Node, index: int) -> tuple[str | int, ...]:
    if isinstance(holder, Record):
        return "fields", index, "type"
    return (_PARTS.get(holder.kind, index),)


def _values(root: Node, value: Value) -> Mapping[int, Value]:
    """By the identity of `root` and of every node in it: its value in the syntax tree."""
    values: dict[int, Value] = {}
    stack = [(root, value)]
    while stack:
        node, value = stack.pop()
        values[id(node)] = value
        stack.extend(zip(children(node), _values_of(node, value), strict=True))
    return values


def _values_of(node: Node, value: Value) -> Sequence[Value]:
    """The values of `children(node)`, where `value` is that of `node`."""
    match node:
        case Array():
            return (value.member("items"),)
        case Map():
            return (value.member("values"),)
        case Union():
            return value.children
        case Record():
            return [field.member("type") for field in value.member("fields").children]
        case _:
            return ()
