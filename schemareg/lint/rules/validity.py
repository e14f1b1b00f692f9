"""Rules of validity that the parser does not enforce: keys, encoding, misspelt attributes.

Those that it does enforce are in `schemareg.lint.problems`. Neither can be switched off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from schemareg.avro.parse import source
from schemareg.findings import Severity
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, FileSite, Trait, TypeSite
from schemareg.places import tokens


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
    for pointer in source.duplicate_keys(site.file.text):
        yield Issue(
            f"the key {tokens(pointer)[-1]!r} is here twice; only the last counts",
            "remove one",
            site.at(pointer),
        )


@rule("SR013", FileSite, severity=Severity.WARNING)
def file_encoding(site: FileSite) -> Iterator[Issue]:
    """A byte-order mark, Windows line ends, or UTF-16.

    Registries and fingerprints of other tools see another text.

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
    """A text that Avro Java's parser takes for JSON, and other parsers do not.

    Comments are the usual case; code generators of other languages stop at them.

    Bad:
        {"type": "record", "name": "Paid", /* the money arrived */ "fields": []}
    Good:
        {"type": "record", "name": "Paid", "doc": "The money arrived.", "fields": []}
    """
    error = site.reading.error
    if error is not None:
        yield Issue(
            f"plain JSON ends at line {error.lineno}, column {error.colno}",
            'remove comments; texts for people go into "doc"',
        )


_KEYS_OF_TYPE = {
    "record": ("type", "name", "namespace", "doc", "aliases", "fields"),
    "enum": ("type", "name", "namespace", "doc", "aliases", "symbols", "default"),
    "fixed": ("type", "name", "namespace", "doc", "aliases", "size", "logicalType"),
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
    yield from _misspelt(site.field.props, _KEYS_OF_FIELD)


@rule("SR016", TypeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def unknown_type_attribute(site: TypeSite) -> Iterator[Issue]:
    """An attribute of a named type that looks like a misspelt one of Avro.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS"], "defualt": "SMS"}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS"], "default": "SMS"}
    """
    yield from _misspelt(site.node.props, _KEYS_OF_TYPE[site.node.kind])


def _misspelt(props: Mapping[str, object], known: tuple[str, ...]) -> Iterator[Issue]:
    for key in props:
        near = get_close_matches(key.lower(), known, n=1, cutoff=0.8)
        if key not in known and near:
            yield Issue(f"Avro does not know the attribute {key!r}", f"did you mean {near[0]!r}?")
