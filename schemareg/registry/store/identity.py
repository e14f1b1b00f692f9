"""When two schemas are the same: one digest, one id in a context.

Source: the golden vectors of Confluent's schema-md5 test data and 577 recorded answers of 8.3.1.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress

from schemareg.avro.depth import with_room
from schemareg.avro.schema import JsonValue
from schemareg.registry.api.types import Metadata
from schemareg.registry.store.rows import AVRO, Content, RuleSet
from schemareg.syntax import fast_json

_ORDERED = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_FRACTION = re.compile(rb"(?:^|[\s:,\[-])0+[.eE]")
"""Of digits as zeros; not a name such as com.shop.v1.Order."""


def digest(
    text: str,
    references: Iterable[tuple[str | None, str | None, int | None]] = (),
    metadata: Metadata | None = None,
    rule_set: Mapping[str, JsonValue] | None = None,
) -> bytes:
    """The 16 bytes that a GUID spells: of the canonical text, its references, its metadata."""
    md5 = hashlib.md5(text.encode(errors="replace"), usedforsecurity=False)
    for name, subject, version in references:
        md5.update((name or "").encode(errors="replace"))
        md5.update((subject or "").encode(errors="replace"))
        if version is not None:
            md5.update(struct.pack(">i", version))
    if metadata is not None:
        md5.update(b"\x01")
        for key in sorted(metadata.tags):
            _add(md5, key, *sorted(metadata.tags[key]))
        for key in sorted(metadata.properties):
            _add(md5, key, metadata.properties[key])
        _add(md5, *sorted(metadata.sensitive))
    if rule_set is not None:
        _add_rules(md5, rule_set)
    return md5.digest()


def digest_of(content: Content) -> bytes:
    """The digest that the parts of `content` have."""
    references = ((r.name, r.subject, r.version) for r in content.references)
    return digest(content.text, references, content.metadata, content.rule_set)


def _add(md5: hashlib._Hash, *texts: JsonValue) -> None:
    for text in texts:
        if text is not None:
            md5.update(str(text).encode(errors="replace"))


def _add_rules(md5: hashlib._Hash, rule_set: Mapping[str, JsonValue]) -> None:
    md5.update(b"\x01")
    for family in ("migrationRules", "domainRules", "encodingRules"):
        rules = rule_set.get(family)
        for rule in rules if isinstance(rules, list) else ():
            if not isinstance(rule, dict):
                continue
            _add(md5, *(rule.get(member) for member in ("name", "doc", "kind", "mode", "type")))
            tags = rule.get("tags")
            _add(md5, *sorted(map(str, tags)) if isinstance(tags, list) else ())
            params = rule.get("params")
            for key in sorted(params) if isinstance(params, dict) else ():
                _add(md5, key, params[key])  # type: ignore[index,call-overload]  # a dict, as above
            _add(md5, *(rule.get(member) for member in ("expr", "onSuccess", "onFailure")))
            if rule.get("disabled") is True:
                md5.update(b"\x01")
    _add(md5, rule_set.get("enableAt"))


def is_same(one: Content, other: Content) -> bool:
    """Whether two contents of one digest are one: a digest joins its parts without a border, and
    is made to order by who wants to.
    """
    return (
        one.text == other.text
        and one.schema_type == other.schema_type
        and one.references == other.references
        and _comparable_metadata(one.metadata) == _comparable_metadata(other.metadata)
        and _comparable_rules(one.rule_set) == _comparable_rules(other.rule_set)
    )


def _comparable_metadata(metadata: Metadata | None) -> object:
    if metadata is None:
        return None
    tags = {key: frozenset(names) for key, names in metadata.tags.items()}
    return tags, metadata.properties, frozenset(metadata.sensitive)


def _comparable_rules(rule_set: RuleSet | None) -> object:
    if rule_set is None:
        return None
    families = {
        family: rules
        for family in ("migrationRules", "domainRules", "encodingRules")
        if (rules := rule_set.get(family))
    }
    return families, rule_set.get("enableAt")


def semantic_digest(text: str) -> bytes:
    """16 bytes that canonical texts share when they differ in the order of properties only."""
    ordered = with_room(lambda: _without_order(text))
    return hashlib.md5(ordered, usedforsecurity=False).digest()


def semantic_digest_of(text: str, schema_type: str) -> bytes:
    """As `semantic_digest`; a text that cannot be read is like no other."""
    if schema_type == AVRO:
        with suppress(ValueError):
            return semantic_digest(text)
    whole = f"{schema_type}\0{text}".encode(errors="replace")
    return hashlib.md5(whole, usedforsecurity=False).digest()


def _without_order(text: str) -> bytes:
    if _is_written_alike(text):
        try:
            return fast_json.dumps_sorted(_normal(fast_json.loads(text.encode()), text))
        except (TypeError, ValueError, RecursionError):
            pass  # deeper than the fast encoder goes
    return _ORDERED.encode(_normal(json.loads(text), text)).encode()


def _is_written_alike(text: str) -> bool:
    """No encoder of JSON would write a part of `text` in its own way."""
    if not text.isascii() or any(part in text for part in ("\\", "\x7f", "-0")):
        return False
    zeros = fast_json.digits_as_zeros(text.encode())
    if fast_json.has_long_number(zeros):
        return False
    may_have_fraction = any(part in zeros for part in (b"0.", b"0e", b"0E"))
    return not (may_have_fraction and _FRACTION.search(zeros))


def _normal(value: JsonValue, text: str) -> JsonValue:
    return _unordered_aliases(value) if '"aliases"' in text else value


def _unordered_aliases(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_unordered_aliases(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: sorted(member, key=str)
        if key == "aliases" and isinstance(member, list)
        else _unordered_aliases(member)
        for key, member in value.items()
    }


def guid_text(digest: bytes) -> str:
    """The 16 bytes as a UUID is written."""
    hexed = digest.hex()
    return f"{hexed[:8]}-{hexed[8:12]}-{hexed[12:16]}-{hexed[16:20]}-{hexed[20:]}"
