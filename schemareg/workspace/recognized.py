"""The names that a text which is refused seems to define."""

from __future__ import annotations

from schemareg.avro.parse.source import decode_text
from schemareg.errors import SchemaParseError
from schemareg.places import Pointer
from schemareg.syntax import parse_text

_NAMED = frozenset(("record", "error", "enum", "fixed"))
_CONTENTS = frozenset(("fields", "symbols", "size"))


def recognized_names(raw: bytes) -> dict[str, Pointer]:
    """Full names that a text which is no schema seems to define.

    So its users are not blamed for what only this file has wrong.
    """
    try:
        tree = parse_text(decode_text(raw))
    except SchemaParseError:
        return {}
    spaces: dict[int, str] = {}
    names: dict[str, Pointer] = {}
    for node in tree.nodes:
        outer = spaces.get(id(node.parent), "") if node.parent else ""
        spaces[id(node)] = outer
        texts = {
            key: tree.text[part.start : part.end].strip('"')
            for key, part in (node.members or {}).items()
            if key in ("type", "name", "namespace")
        }
        kind = texts.get("type") in _NAMED or not _CONTENTS.isdisjoint(node.members or ())
        if (kind or node.parent is None) and (name := texts.get("name")):
            space = name.rpartition(".")[0] if "." in name else texts.get("namespace") or outer
            spaces[id(node)] = space
            short = name.rpartition(".")[2]
            names.setdefault(f"{space}.{short}" if space else short, node.pointer)
    return names
