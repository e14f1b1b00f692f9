"""Rules of validity that the parser does not enforce: keys, encoding, misspelt attributes.

Those that it does enforce are in `schemareg.lint.problems`. Neither can be switched off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from schemareg.avro.schema import JsonObject, NameRef, Union
from schemareg.findings import Severity
from schemareg.lint.proposals import renamed_key
from schemareg.lint.rule import Issue, Proposal, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import At, FieldSite, FileSite, NodeSite, Site, Trait
from schemareg.places import Position, child


@rule("SR012", FileSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def duplicate_json_key(site: FileSite) -> Iterator[Issue]:
    """A JSON object has a key twice.

    Parsers use the last one and ignore the others silently, so one of two edits is lost.

    Bad:
        {"type": "record", "name": "Paid", "doc": "One.", "doc": "Two.", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "doc": "One.", "fields": []}
    """
    reading = site.reading
    if reading.error is None and not reading.has_repeated_keys:
        return
    for node in site.file.schema.tree.repeated():
        yield Issue(
            f"the key {node.step!r} is here twice; only the last counts",
            "remove one",
            site.at(node.pointer),
        )


@rule("SR013", FileSite, severity=Severity.WARNING)
def file_encoding(site: FileSite) -> Iterator[Issue]:
    """A byte-order mark, Windows line ends, or UTF-16.

    Registries and the fingerprints of other tools are computed from another text.

    Bad:
        \ufeff{"type": "record", "name": "Paid", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "fields": []}
    """
    if b"\0" in site.file.raw[:4]:
        yield Issue("the file is in UTF-16 or UTF-32", "save it as UTF-8")
        return
    if site.file.raw.startswith(b"\xef\xbb\xbf"):
        yield Issue("the file starts with a byte-order mark", "save it as UTF-8 without one")
    if b"\r\n" in site.file.raw:
        yield Issue("the file has Windows line ends", "save it with LF")


@rule("SR014", FileSite, severity=Severity.WARNING)
def plain_json(site: FileSite) -> Iterator[Issue]:
    """A text that Avro Java's parser accepts as JSON, and other parsers do not.

    Comments are the usual case; code generators of other languages fail on them.

    Bad:
        {"type": "record", "name": "Paid", /* the money arrived */ "fields": []}
    Good:
        {"type": "record", "name": "Paid", "doc": "The money arrived.", "fields": []}
    """
    error = site.reading.error
    if error is not None:
        yield Issue(
            "plain JSON ends here: parsers of other languages refuse the file",
            'remove comments; texts for people go into "doc"',
            position=Position(error.lineno, error.colno),
        )


_NAMED_KEYS = ("type", "name", "namespace", "doc", "aliases")
_LOGICAL_KEYS = ("type", "logicalType", "precision", "scale")
_KEYS_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "record": (*_NAMED_KEYS, "fields"),
    "enum": (*_NAMED_KEYS, "symbols", "default"),
    "fixed": (*_NAMED_KEYS, *_LOGICAL_KEYS, "size"),
    "array": ("type", "items"),
    "map": ("type", "values"),
}
_KEYS_OF_FIELD = ("name", "type", "default", "doc", "aliases", "order")


@rule("SR015", FieldSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def unknown_attribute(site: FieldSite) -> Iterator[Issue]:
    """An attribute of a field that looks like a misspelt one of Avro.

    Avro keeps unknown attributes as properties, so a misspelt `default` is no default.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tries", "type": "int", "defualt": 1}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tries", "type": "int", "default": 1, "owner": "billing"}]}
    """
    yield from _misspelt(site, site.field.props, site.value, _KEYS_OF_FIELD)


@rule("SR016", NodeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def unknown_type_attribute(site: NodeSite) -> Iterator[Issue]:
    """An attribute of a type that looks like a misspelt one of Avro.

    Readers ignore it: with a `logicaltype` or a `Scale` they return plain numbers or bytes.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicaltype": "timestamp-millis"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "paidAt", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
    """
    node = site.node
    if isinstance(site.value, dict) and not isinstance(node, Union | NameRef):
        known = _KEYS_OF_TYPE.get(node.kind, _LOGICAL_KEYS)
        yield from _misspelt(site, node.props, site.value, known)


def _misspelt(
    site: Site, props: Mapping[str, object], value: JsonObject, known: tuple[str, ...]
) -> Iterator[Issue]:
    for key in props:
        near = None if key in known else _near_key(key, known)
        # a name that exists already was hardly meant a second time
        if near and near not in value:
            yield Issue(
                f"Avro does not know the attribute {key!r}",
                f"did you mean {near!r}?",
                At(site.path, child(site.pointer, key), site.element),
                fix=Proposal(
                    f"write {near!r}", renamed_key(site.pointer, key, near), is_safe=False
                ),
            )


@lru_cache(maxsize=1024)
def _near_key(key: str, known: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches  # costs start-up time that few texts need

    by_letters = {word.lower(): word for word in known}
    near = get_close_matches(key.lower(), by_letters, n=1, cutoff=0.8)
    return by_letters[near[0]] if near else None
