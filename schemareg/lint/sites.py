"""Where rules look: files, named types, fields, other uses of types, suppressions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple, Protocol, TypeAlias

from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    JsonObject,
    JsonValue,
    Map,
    NamedType,
    Node,
    Primitive,
    Record,
    Union,
)
from schemareg.lint.linted import LintedFile
from schemareg.lint.nodes import shown_type, without_null
from schemareg.places import ROOT, Pointer

SUPPRESSION_PROPERTY = "schemareg.ignore"
_NOTHING: JsonObject = {}


class Spot(Protocol):
    """A place inside a file, and the dotted name of the element there."""

    @property
    def path(self) -> str | None: ...
    @property
    def pointer(self) -> Pointer: ...
    @property
    def element(self) -> str: ...


class At(NamedTuple):
    """A spot by itself."""

    path: str | None
    pointer: Pointer
    element: str


class Trait:
    """What a site has, as bits: a rule that names some is called only where one is there.

    Most fields have few traits and most rules need one, so the linter skips most calls.
    """

    NO_DOC = 1 << 1
    DOC = 1 << 2
    NULL_DEFAULT = 1 << 3
    VALUE_DEFAULT = 1 << 19
    """A default that is not null."""
    ALIASES = 1 << 4
    PROPERTIES = 1 << 5
    """Properties of the type, field or node itself."""
    UNION = 1 << 6
    NULLABLE = 1 << 7
    # the type, or the one branch beside null
    WHOLE = 1 << 8
    FLOATING = 1 << 9
    TEXT = 1 << 10
    BYTES = 1 << 11
    BOOLEAN = 1 << 12
    CONTAINER = 1 << 13
    """An array or map."""
    NAMED = 1 << 14
    """A record, enum or fixed, or the name of one."""
    TYPE_PROPERTIES = 1 << 15
    # of types
    RECORD = 1 << 16
    ENUM = 1 << 17
    FIXED = 1 << 18


ALL_TRAITS = -1
_ANY = 1
_TRAITS_OF_KIND = {
    "int": Trait.WHOLE, "long": Trait.WHOLE, "float": Trait.FLOATING, "double": Trait.FLOATING,
    "string": Trait.TEXT, "bytes": Trait.BYTES, "boolean": Trait.BOOLEAN,
    "array": Trait.CONTAINER, "map": Trait.CONTAINER,
    "record": Trait.NAMED, "enum": Trait.NAMED, "fixed": Trait.NAMED, "ref": Trait.NAMED,
}  # fmt: skip
_TRAITS_OF_TYPE = {"record": Trait.RECORD, "enum": Trait.ENUM, "fixed": Trait.FIXED}

# Sites are plain slotted classes: there is one for every field, and a frozen dataclass takes
# three times as long to make.


class Site:
    """What a rule is called with; issues without a place of their own are reported here."""

    __slots__ = ("element", "path", "pointer", "traits")

    def __init__(
        self, path: str | None, pointer: Pointer = ROOT, element: str = "", traits: int = _ANY
    ) -> None:
        self.path = path
        self.pointer = pointer
        self.element = element
        self.traits = traits


class StrictReading(NamedTuple):
    """A text read as plain JSON: the error, and whether an object has a key twice."""

    error: json.JSONDecodeError | None
    has_repeated_keys: bool


def read_strictly(text: str) -> StrictReading:
    """The reading of `text`; no error for a text that only nests too deep or has a huge number."""
    repeated = False

    def noting(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
        nonlocal repeated
        value = dict(pairs)
        repeated = repeated or len(value) < len(pairs)
        return value

    try:
        json.loads(text.removeprefix("\ufeff"), object_pairs_hook=noting)
    except json.JSONDecodeError as error:
        return StrictReading(error, has_repeated_keys=repeated)
    except (RecursionError, ValueError):
        return StrictReading(None, has_repeated_keys=True)  # not known: the text is looked at
    return StrictReading(None, has_repeated_keys=repeated)


class FileSite(Site):
    """A file. `is_event`: a topic carries it as a value; `reading`: as plain JSON."""

    __slots__ = ("file", "is_event", "reading")

    def __init__(self, file: LintedFile, *, is_event: bool) -> None:
        super().__init__(file.path, ROOT, file.fullname or "")
        self.file = file
        self.is_event = is_event
        self.reading = read_strictly(file.text)

    def at(self, pointer: Pointer) -> At:
        return At(self.path, pointer, self.element)


class TypeSite(Site):
    """A named type where it is defined; `value` is its JSON object.

    `depth` counts the records around it; `is_root`: it is the whole file.
    """

    __slots__ = ("depth", "is_root", "node", "value")

    def __init__(
        self, path: str, pointer: Pointer, node: NamedType, value: JsonObject, depth: int
    ) -> None:
        self.path = path
        self.pointer = pointer
        self.element = node.fullname
        self.traits = (
            _ANY
            | _TRAITS_OF_TYPE[node.kind]
            | (Trait.DOC if (node.doc or "").strip() else Trait.NO_DOC)
            | (Trait.PROPERTIES if node.props else 0)
            | (Trait.ALIASES if node.aliases else 0)
        )
        self.node = node
        self.value = value
        self.is_root = not pointer
        self.depth = depth

    def at(self, tokens: str) -> At:
        """A place inside the type: `tokens` continue its pointer, like `/symbols/0`."""
        return At(self.path, Pointer(self.pointer + tokens), self.element)


class FieldSite(Site):
    """A field of a record; `value` is its JSON object."""

    __slots__ = ("field", "record", "value")

    def __init__(
        self, path: str, pointer: Pointer, record: Record, field: Field, value: JsonObject
    ) -> None:
        self.path = path
        self.pointer = pointer
        self.element = f"{record.fullname}.{field.name}"
        self.traits = _field_traits(field)
        self.record = record
        self.field = field
        self.value = value

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def doc(self) -> str:
        return self.field.doc or ""

    @property
    def shown_type(self) -> str:
        return shown_type(self.field.type)


class NodeSite(Site):
    """A node where it is written, unless that is the bare name of a primitive type."""

    __slots__ = ("node", "value")

    def __init__(
        self, path: str, pointer: Pointer, element: str, node: Node, value: JsonValue
    ) -> None:
        self.path = path
        self.pointer = pointer
        self.element = element
        self.traits = _ANY | _TRAITS_OF_KIND.get(node.kind, 0)
        if isinstance(node, Union):
            self.traits |= Trait.UNION
        if isinstance(value, dict) and len(value) > 1:
            self.traits |= Trait.PROPERTIES
        self.node = node
        self.value = value


class Suppression(NamedTuple):
    """One entry of a `schemareg.ignore` property: the rule as written there, and the reason.

    It covers everything at and below `owner`, the pointer of the object that has the property.
    """

    word: str
    reason: str
    owner: Pointer
    element: str


class SuppressionSite(Site):
    """A suppression, after every other rule has run. `rule` is the name that it gives.

    `known`: there is such a rule; `ran`: the rule ran; `used`: it covered a diagnostic.
    """

    __slots__ = ("known", "nearest", "ran", "reason", "rule", "used")

    def __init__(
        self,
        at: Spot,
        *,
        rule: str,
        reason: str,
        known: bool,
        ran: bool,
        used: bool,
        nearest: str,
    ) -> None:
        super().__init__(at.path, at.pointer, at.element)
        self.rule = rule
        self.reason = reason
        self.known = known
        self.ran = ran
        self.used = used
        self.nearest = nearest


class BaselineSite(Site):
    """The baseline, after every other rule has run: how many of its diagnostics are gone."""

    __slots__ = ("gone",)

    def __init__(self, path: str, *, gone: int) -> None:
        super().__init__(path)
        self.gone = gone


AnySite: TypeAlias = FileSite | TypeSite | FieldSite | NodeSite


def file_sites(file: LintedFile, *, is_event: bool) -> Iterator[AnySite]:
    """Every site of `file`: the file, then types, fields and other nodes in the order of the text.

    A record's fields come before what is inside them; the walk does not recurse.
    """
    value = file.value
    yield FileSite(file, is_event=is_event)
    path = file.path
    stack: list[tuple[Node, JsonValue, Pointer, str, int]] = [
        (file.schema.root, value, ROOT, "", 0)
    ]
    while stack:
        node, value, pointer, element, depth = stack.pop()
        if isinstance(value, str) and isinstance(node, Primitive):
            continue
        inside: list[tuple[Node, JsonValue, Pointer, str, int]] = []
        if isinstance(node, Record | Enum | Fixed) and isinstance(value, dict):
            element = node.fullname
            yield TypeSite(path, pointer, node, value, depth)
        yield NodeSite(path, pointer, element, node, value)
        match node, value:
            case Record(), {"fields": list() as fields}:
                for index, (field, own) in enumerate(zip(node.fields, fields, strict=False)):
                    if not isinstance(own, dict):
                        continue
                    at = Pointer(f"{pointer}/fields/{index}")
                    site = FieldSite(path, at, node, field, own)
                    yield site
                    type_ = own.get("type")
                    if not (isinstance(type_, str) and isinstance(field.type, Primitive)):
                        below = Pointer(at + "/type")
                        inside.append((field.type, type_, below, site.element, depth + 1))
            case Array(), {"items": items}:
                inside.append((node.items, items, Pointer(pointer + "/items"), element, depth))
            case Map(), {"values": values}:
                inside.append((node.values, values, Pointer(pointer + "/values"), element, depth))
            case Union(), list():
                inside.extend(
                    (branch, value[i], Pointer(f"{pointer}/{i}"), element, depth)
                    for i, branch in enumerate(node.branches)
                )
            case _:
                pass
        inside.reverse()
        stack.extend(inside)


def suppressions_at(site: AnySite) -> Iterator[Suppression]:
    """The suppressions that a type or field declares for itself and what is inside it."""
    match site:
        case TypeSite():
            given = site.node.props.get(SUPPRESSION_PROPERTY)
        case FieldSite():
            given = site.field.props.get(SUPPRESSION_PROPERTY)
        case _:
            return
    if isinstance(given, dict):
        for word, reason in given.items():
            text = reason if isinstance(reason, str) else ""
            yield Suppression(word, text, site.pointer, site.element)


def _field_traits(field: Field) -> int:
    traits = _ANY
    node = field.type
    if isinstance(node, Union):
        traits |= Trait.UNION
        if any(branch.kind == "null" for branch in node.branches):
            traits |= Trait.NULLABLE
            node = without_null(node)
    traits |= _TRAITS_OF_KIND.get(node.kind, 0)
    if isinstance(node, Primitive | Fixed) and node.props:
        traits |= Trait.TYPE_PROPERTIES
    if field.default is not None:
        traits |= Trait.NULL_DEFAULT if field.default.value is None else Trait.VALUE_DEFAULT
    if field.aliases:
        traits |= Trait.ALIASES
    if field.props:
        traits |= Trait.PROPERTIES
    doc = field.doc
    return traits | (Trait.DOC if doc and not doc.isspace() else Trait.NO_DOC)
