"""The named types of a protocol as schemas of their own: each after those that it uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from schemareg.avro.parse.translated import Places
from schemareg.avro.schema import PRIMITIVES, JsonDict, JsonValue
from schemareg.graphs import components

_NAMED = frozenset(("record", "error", "enum", "fixed"))
_TYPE_KEYS = ("type", "items", "values")


def arranged(types: Sequence[JsonDict], namespace: str, places: Places) -> list[JsonValue]:
    """`types`, which are in `namespace` where they have none, in the order of their uses.

    Types that use each other in a cycle become one: the others are nested where the first of
    them uses them first, since a registry can store none of them before the others.
    """
    own = [_with_namespace(type_, namespace, places) for type_ in types]
    named: dict[str, JsonDict] = {}
    others: list[JsonValue] = []  # what no name distinguishes is left to the parser
    for type_ in own:
        name = _fullname(type_, "")
        if name is None or named.setdefault(name, type_) is not type_:
            others.append(type_)
    holders = {name: top for top, type_ in named.items() for name in _definitions(type_)}
    order = {top: at for at, top in enumerate(named)}
    top_of = {id(type_): top for top, type_ in named.items()}

    def used(type_: JsonDict) -> list[JsonDict]:
        tops = {top for names, *_ in _uses(type_) if (top := _holder(names, holders)) is not None}
        return [named[top] for top in sorted(tops, key=order.__getitem__)]

    arranged: list[JsonValue] = []
    for cycle in components(named.values(), used):
        first, *inner = sorted((top_of[id(type_)] for type_ in cycle), key=order.__getitem__)
        left = {top: named[top] for top in inner}
        _nest(named[first], left, places)
        arranged += [named[first], *left.values()]
    return [*arranged, *others]


def _with_namespace(type_: JsonDict, namespace: str, places: Places) -> JsonDict:
    name = type_.get("name")
    if not namespace or "namespace" in type_ or not isinstance(name, str) or "." in name:
        return type_
    own: JsonDict = {}
    for key, value in type_.items():
        own[key] = value
        if key == "name":
            own["namespace"] = namespace
    places.inherit(type_, own)
    places.of_member[id(own), "namespace"] = places.of_member[id(own), "name"]
    return own


def _fullname(value: JsonDict, space: str) -> str | None:
    """The full name of the type that `value` defines inside of namespace `space`."""
    name, given = value.get("name"), value.get("namespace", space)
    if value.get("type") not in _NAMED or not isinstance(name, str):
        return None
    return name if "." in name or not given else f"{given}.{name}"


def _definitions(type_: JsonDict) -> Iterator[str]:
    return (name for value, space, *_ in _values(type_) if isinstance(value, dict)
            and (name := _fullname(value, space)) is not None)  # fmt: skip


def _uses(
    type_: JsonDict,
) -> Iterator[tuple[tuple[str, str], JsonDict | list[JsonValue], str | int]]:
    """The names that `type_` uses (in its namespace, and as written), with holder and key."""
    for value, space, holder, key in _values(type_):
        if isinstance(value, str) and value not in PRIMITIVES and value not in _NAMED:
            yield (f"{space}.{value}" if space and "." not in value else value, value), holder, key


def _holder(names: tuple[str, str], holders: Mapping[str, str]) -> str | None:
    return next((holders[name] for name in names if name in holders), None)


def _values(
    type_: JsonDict,
) -> Iterator[tuple[JsonValue, str, JsonDict | list[JsonValue], str | int]]:
    """Each type in `type_` in text order, with the namespace around it, its holder and key."""
    stack: list[tuple[JsonValue, str, JsonDict | list[JsonValue], str | int]] = [
        (type_, "", type_, "")
    ]
    while stack:
        value, space, holder, key = stack.pop()
        yield value, space, holder, key
        found: list[tuple[JsonValue, str, JsonDict | list[JsonValue], str | int]] = []
        if isinstance(value, list):
            found = [(inner, space, value, at) for at, inner in enumerate(value)]
        elif isinstance(value, dict):
            name = _fullname(value, space)
            inside = space if name is None else name.rpartition(".")[0]
            found = [
                (value[key], inside, value, key)
                for key in _TYPE_KEYS
                if key in value and value[key] not in ("array", "map")
            ]
            fields = value.get("fields")
            for each in fields if isinstance(fields, list) else ():
                if isinstance(each, dict) and "type" in each:
                    found.append((each["type"], inside, each, "type"))
        stack.extend(reversed(found))


def _nest(outer: JsonDict, left: dict[str, JsonDict], places: Places) -> None:
    """Puts each of `left` where `outer`, or what is put into it, uses it first."""
    waiting = [outer]
    while waiting and left:
        for names, holder, key in list(_uses(waiting.pop(0))):
            name = next((name for name in names if name in left), None)
            if name is None:
                continue
            inner = left.pop(name)
            if "namespace" not in inner and "." not in str(inner["name"]):
                places.inherit(inner, inner := {**inner, "namespace": ""})
            holder[key] = inner  # type: ignore[index]
            waiting.append(inner)
