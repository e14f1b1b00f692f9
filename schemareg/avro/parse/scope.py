"""Names while a text is read: which are defined, what a use means, what may be defined.

Source: Avro 1.12 specification, "Names"; Avro 1.12.1 `ParseContext`, 1.11.5 `Schema.Names`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

from schemareg.avro.canonical import json_string
from schemareg.avro.defaults import is_unfinished
from schemareg.avro.names import NameRule, name_fault
from schemareg.avro.parse.problems import (
    Holder,
    Key,
    Problems,
    unknown_type_advice,
)
from schemareg.avro.parse.redefinition import same_type
from schemareg.avro.parse.shared import NO_FIELDS
from schemareg.avro.schema import (
    PRIMITIVES,
    JsonDict,
    JsonValue,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Schema,
)

_PRIMITIVES = frozenset(PRIMITIVES)
_DEFINING = ("record", "error", "enum", "fixed")
# looking for the nearest word is slow: for at most so many problems, and among so many names
_MOST_ADVISED = 50
_MOST_NAMES = 2000


def types_of(references: Sequence[Schema]) -> Mapping[str, NamedType]:
    found: dict[str, NamedType] = {}
    # schemas that share references make a graph with exponentially many ways through it
    seen: set[int] = set()

    def add(schemas: Sequence[Schema]) -> None:
        for schema in schemas:
            if id(schema) not in seen:
                seen.add(id(schema))
                add(schema.references)
                found.update(schema.names)

    add(references)
    return found


def is_nameless(value: JsonValue) -> bool:
    """Whether `value` is a definition that is refused for want of a name."""
    return (
        isinstance(value, dict)
        and value.get("type") in _DEFINING
        and not isinstance(value.get("name"), str)
    )


def _is_plain_namespace(space: JsonValue) -> TypeGuard[str]:
    if not isinstance(space, str) or not space.isascii():
        return False
    return not [part for part in space.split(".") if not part.isidentifier()]


class Scope:
    """The names of one text; `names` holds the definitions that are complete by now.

    In Avro 1.11 a definition counts from its opening brace on, and there is no other use of a
    name before it; `pending` are the uses of a type that was not complete. `odd_names`: a name
    was accepted that no rule allows. `shared` are the fields that another version of it has.
    """

    __slots__ = (
        "is_1_11", "known", "names", "namespace", "odd_names", "opened", "pending", "placeholders",
        "problems", "rule", "shared",
    )  # fmt: skip

    def __init__(
        self,
        known: Mapping[str, NamedType],
        rule: NameRule,
        problems: Problems,
        *,
        is_1_11: bool,
    ) -> None:
        self.known = known
        self.rule = rule
        self.problems = problems
        self.is_1_11 = is_1_11
        self.names: dict[str, NamedType] = {}
        self.opened: list[str] = []
        self.pending: list[tuple[NameRef, str, Holder, Key]] = []
        self.placeholders: dict[int, Node] = {}
        self.namespace = ""
        self.odd_names = False
        self.shared = NO_FIELDS

    def placeholder(self) -> Node:
        """Replaces a type with a problem; nothing more is reported of it."""
        node = Primitive("null")
        self.placeholders[id(node)] = node
        return node

    def names_in_order(self) -> dict[str, NamedType]:
        if len(self.opened) == 1:
            return self.names
        names = self.names
        return {name: names[name] for name in self.opened if name in names}

    def resolve_pending(self) -> bool:
        """Gives each pending use its definition; whether the defaults can be judged then."""
        for ref, written, holder, key in self.pending:
            target = self.known.get(ref.fullname) or self.names.get(ref.fullname)
            if target is None:
                self.report_unknown(ref.fullname, written, holder, key)
            else:
                ref.target = target
        return True

    def report_unknown(self, fullname: str, written: str, holder: Holder, key: Key) -> None:
        advice = None
        few_names = len(self.known) + len(self.opened) <= _MOST_NAMES
        if few_names and len(self.problems.found) < _MOST_ADVISED:
            advice = unknown_type_advice(fullname, written, [*self.known, *self.opened])
        self.problems.add(holder, key, "unknown-type", f"unknown type {fullname!r}", advice)

    def use(self, name: str, holder: Holder, key: Key, *, of_object: bool = False) -> NameRef:
        """A use of a type by name; in Avro 1.12 its definition may come later."""
        space = self.namespace
        fullname = f"{space}.{name}" if space and "." not in name else name
        if self.is_1_11:
            fullname = fullname.removeprefix(".")
        target = self.known.get(fullname) or self.names.get(fullname)
        if target is None and fullname != name and not (of_object and self.is_1_11):
            target = self.known.get(name) or self.names.get(name)
            if target is not None:
                fullname = name
        ref = NameRef(fullname, target)
        if target is not None:
            if is_unfinished(target):
                self.pending.append((ref, name, holder, key))
        elif self.is_1_11:
            self.report_unknown(fullname, name, holder, key)
        else:
            self.pending.append((ref, name, holder, key))
        return ref

    def name_of(self, value: JsonDict) -> tuple[str, str]:
        """Name and namespace of a named type."""
        name = value.get("name")
        if isinstance(name, str) and name.isidentifier() and name.isascii():
            outer = self.namespace
            space = value.get("namespace", outer)
            if space and (space == outer or _is_plain_namespace(space)):
                return name, space
        if not isinstance(name, str):
            what = f"{value['type']} without a name"
            self.problems.add(value, None, "missing-attribute", what, 'add a "name"')
            return "", ""
        if "." in name:
            space, _, name = name.rpartition(".")
        else:
            given = value.get("namespace")
            space = given if isinstance(given, str) else self.namespace
        if not space and name in _PRIMITIVES:
            self.problems.add(
                value, "name", "invalid-name", f"{name!r} is the name of a primitive",
                "choose another name, or give it a namespace",
            )  # fmt: skip
        self.check_name(name, value, "name", "name")
        takes_any = self.is_1_11 or self.rule == "any-namespace"
        if space and space != self.namespace and takes_any:
            self.odd_names = self.odd_names or not space.replace(".", "_").isidentifier()
        elif space and space != self.namespace:
            for part in space.split("."):
                key = "namespace" if "." not in str(value["name"]) else "name"
                self.check_name(part, value, key, "namespace part")
        return name, space

    def check_name(self, name: str, holder: Holder, key: Key, what: str) -> None:
        if name.isascii() and name.isidentifier():
            return
        fault = name_fault(name, self.rule)
        self.odd_names = self.odd_names or self.rule == "none"
        if fault is not None:
            letters = "ASCII letters" if self.rule == "strict" else "letters"
            self.problems.add(
                holder, key, "invalid-name", f"the {what} {name!r} {fault}",
                f"a name has {letters}, digits and _, and starts with no digit",
            )  # fmt: skip

    def define(self, named: NamedType, value: JsonDict) -> None:
        """Notes a complete definition; Avro 1.12 takes the same one twice."""
        if is_nameless(value):
            return
        name = named.fullname
        first = self.known.get(name) if self.known else None
        if first is None:
            first = self.names.setdefault(name, named)
        if first is not named and (self.is_1_11 or not same_type(named, first)):
            self.problems.add(
                value, "name", "duplicate-definition", f"{name!r} is defined a second time",
                "refer to the first definition by its name, or choose another name",
            )  # fmt: skip

    def aliases(self, value: JsonDict) -> tuple[str, ...]:
        given = value["aliases"]
        if not isinstance(given, list):
            self.problems.add(
                value, "aliases", "invalid-aliases", "aliases must be an array of names",
                f"write [{json_string(given)}]" if isinstance(given, str) else None,
            )  # fmt: skip
            return ()
        for i, alias in enumerate(given):
            if not isinstance(alias, str):
                self.problems.add(given, i, "invalid-aliases", "an alias must be a string")
        return tuple(dict.fromkeys(alias for alias in given if isinstance(alias, str)))

    def type_aliases(self, value: JsonDict, space: str) -> tuple[str, ...]:
        found: list[str] = []
        for alias in self.aliases(value):
            own, dot, short = alias.rpartition(".")
            where = own if dot else space
            self.check_name(short, value, "aliases", "alias")
            if where:
                found.append(f"{where}.{short}")
            else:
                found.append(f".{short}" if space and not self.is_1_11 else short)
        return tuple(dict.fromkeys(found))


class OutlineScope(Scope):
    """The names of a text before the types of other texts are known.

    The uses of names that nothing defines are in `unknown` instead of being problems, and
    `holders` has each definition's object.
    """

    __slots__ = ("holders", "unknown")

    def __init__(
        self,
        known: Mapping[str, NamedType],
        rule: NameRule,
        problems: Problems,
        *,
        is_1_11: bool,
    ) -> None:
        super().__init__(known, rule, problems, is_1_11=is_1_11)
        self.unknown: list[tuple[str, str, Holder, Key]] = []
        self.holders: dict[str, JsonDict] = {}

    def resolve_pending(self) -> bool:
        return super().resolve_pending() and not self.unknown

    def report_unknown(self, fullname: str, written: str, holder: Holder, key: Key) -> None:
        self.unknown.append((fullname, written, holder, key))

    def define(self, named: NamedType, value: JsonDict) -> None:
        if not is_nameless(value):
            self.holders.setdefault(named.fullname, value)
        super().define(named, value)
