"""The ratchet: rules that report only what a change adds or touches.

What the change is compared with is held as the content of each element (a type without its fields,
a field without the types defined in it). An element that has the same content as before is not
touched, wherever its file is; a rule about files compares their texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace

from schemareg.avro.depth import with_room
from schemareg.avro.parse.parser import read_document
from schemareg.avro.schema import JsonObject, JsonValue
from schemareg.errors import SchemaregError
from schemareg.findings import RATCHET_REASON, Diagnostic
from schemareg.lazy_dataclass import dataclass

_NAMED = ("record", "error", "enum", "fixed")


@dataclass(frozen=True, slots=True)
class Before:
    """What there was before a change: the contents of its elements, and its texts."""

    contents: frozenset[tuple[str, str]] = frozenset()
    texts: frozenset[str] = field(default_factory=frozenset, repr=False)


def before(texts: Iterable[str]) -> Before:
    """What `texts` hold; those that are no JSON hold no element."""
    known = frozenset(texts)
    return Before(frozenset(pair for text in known for pair in contents_of(text)), known)


@dataclass(frozen=True, slots=True)
class Ratchet:
    """`rules` (names) report only what is not in `before`; `file_rules` of them compare texts."""

    rules: frozenset[str]
    file_rules: frozenset[str]
    before: Before

    def accept(
        self, diagnostics: Iterable[Diagnostic], text_of: Callable[[str], str]
    ) -> Iterator[Diagnostic]:
        """`diagnostics`, those of what is as before suppressed."""
        contents: dict[str, Mapping[str, set[str]]] = {}
        for diagnostic in diagnostics:
            path = diagnostic.location.path
            if diagnostic.suppressed is not None or diagnostic.rule not in self.rules or not path:
                yield diagnostic
                continue
            text = text_of(path)
            if path not in contents:
                contents[path] = _by_element(contents_of(text))
            own = contents[path].get(diagnostic.element)
            if diagnostic.rule in self.file_rules or own is None:
                is_as_before = text in self.before.texts
            else:
                is_as_before = all((diagnostic.element, c) in self.before.contents for c in own)
            yield replace(diagnostic, suppressed=RATCHET_REASON) if is_as_before else diagnostic


def _by_element(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    result: dict[str, set[str]] = {}
    for element, content in pairs:
        result.setdefault(element, set()).add(content)
    return result


def contents_of(text: str) -> Iterator[tuple[str, str]]:
    """Each named type and field of a schema text, by its dotted name, with its own content."""
    try:
        value = read_document(text).value
    except SchemaregError:
        return
    stack: list[tuple[JsonValue, str]] = [(value, "")]
    while stack:
        node, namespace = stack.pop()
        if isinstance(node, list):
            stack += [(item, namespace) for item in node]
        if not isinstance(node, dict):
            continue
        kind, name = node.get("type"), node.get("name")
        if kind not in _NAMED or not isinstance(name, str):
            stack += [(node[key], namespace) for key in ("type", "items", "values") if key in node]
            continue
        fullname, inner = _names(node, name, namespace)
        yield fullname, _content({k: v for k, v in node.items() if k != "fields"}, inner)
        fields = node.get("fields")
        for own in fields if isinstance(fields, list) else ():
            if isinstance(own, dict):
                yield f"{fullname}.{own.get('name')}", _content(own, inner)
                stack.append((own.get("type"), inner))


def _names(node: JsonObject, name: str, around: str) -> tuple[str, str]:
    """The full name of the type `node`, and the namespace of the names in it."""
    space, dot, _ = name.rpartition(".")
    if dot:
        return name, space
    given = node.get("namespace")
    space = given if isinstance(given, str) else around
    return (f"{space}.{name}" if space else name), space


def _content(value: JsonValue, namespace: str) -> str:
    def text() -> str:
        return json.dumps(_outer(value, namespace), sort_keys=True, ensure_ascii=False)

    return with_room(text)


def _outer(value: JsonValue, namespace: str) -> JsonValue:
    """`value` with the full names of the types that are defined in it, instead of these."""
    if isinstance(value, list):
        return [_outer(item, namespace) for item in value]
    if not isinstance(value, dict):
        return value
    result = dict(value)
    for key in ("type", "items", "values"):
        inner = value.get(key)
        if isinstance(inner, dict) and inner.get("type") in _NAMED:
            result[key] = _names(inner, str(inner.get("name")), namespace)[0]
        elif key in value and not (key == "type" and inner in _NAMED):
            result[key] = _outer(inner, namespace)
    return result
