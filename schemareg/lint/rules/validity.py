"""Rules of validity: what keeps a file from being an Avro schema, or makes it lie.

The parser finds most of it; a rule here gives its problem a name. They cannot be switched off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from schemareg.avro.parse import source
from schemareg.findings import Severity
from schemareg.lint.rule import Hit, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, FileSite, ProblemSite, TypeSite

RULE_OF_CODE: Mapping[str, str] = {
    "not-json": "json-syntax",
    "not-text": "json-syntax",
    "trailing-text": "json-syntax",
    "huge-number": "json-syntax",
    "too-deep": "json-syntax",
    "unknown-type": "unresolved-type",
    "duplicate-definition": "duplicate-type-definition",
    "circular-reference": "circular-reference-between-files",
    "invalid-default": "invalid-default",
    "invalid-name": "invalid-name",
    "duplicate-field": "duplicate-field-name",
    "duplicate-symbol": "duplicate-enum-symbol",
    "nested-union": "nested-or-duplicate-union",
    "duplicate-branch": "nested-or-duplicate-union",
    "invalid-size": "fixed-size-invalid",
}
"""Which rule names a problem of the parser; the others are `invalid-schema`."""


def _hits(site: ProblemSite, rule_id: str) -> Iterator[Hit]:
    if RULE_OF_CODE.get(site.problem.code, "invalid-schema") == rule_id:
        yield Hit(site.problem.message, site.problem.advice)


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def json_syntax(site: ProblemSite) -> Iterator[Hit]:
    """A file that is not JSON.

    Bad:
        {"type": "record", "name": "Paid", "fields": [}
    Good:
        {"type": "record", "name": "Paid", "fields": []}
    """
    yield from _hits(site, "json-syntax")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def unresolved_type(site: ProblemSite) -> Iterator[Hit]:
    """A type is used that no file of the project defines.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "sum", "type": "shop.Money"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "sum", "type": "shop.Money"}]}
        ---
        {"type": "record", "name": "Money", "namespace": "shop", "fields": []}
    """
    yield from _hits(site, "unresolved-type")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def duplicate_type_definition(site: ProblemSite) -> Iterator[Hit]:
    """A full name is defined twice.

    Bad:
        {"type": "fixed", "name": "Digest", "size": 16}
        ---
        {"type": "fixed", "name": "Digest", "size": 32}
    Good:
        {"type": "fixed", "name": "Digest", "size": 16}
        ---
        {"type": "fixed", "name": "LongDigest", "size": 32}
    """
    yield from _hits(site, "duplicate-type-definition")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def circular_reference_between_files(site: ProblemSite) -> Iterator[Hit]:
    """Files use each other in a ring.

    A registry keeps a schema after those it refers to, so none of a ring could come first. A
    type that contains itself stands in one file.

    Bad:
        {"type": "record", "name": "A", "fields": [{"name": "b", "type": ["null", "B"]}]}
        ---
        {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}
    Good:
        {"type": "record", "name": "A", "fields": [{"name": "b", "type": ["null",
          {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}]}]}
    """
    yield from _hits(site, "circular-reference-between-files")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def invalid_default(site: ProblemSite) -> Iterator[Hit]:
    """A default that does not fit its type.

    Some implementations find out only when a reader needs it.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tries", "type": "int", "default": "one"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "tries", "type": "int", "default": 1}]}
    """
    yield from _hits(site, "invalid-default")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def invalid_name(site: ProblemSite) -> Iterator[Hit]:
    """A name that Avro does not allow.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "paid-by", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "paidBy", "type": "string"}]}
    """
    yield from _hits(site, "invalid-name")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def duplicate_field_name(site: ProblemSite) -> Iterator[Hit]:
    """Two fields of a record share a name.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string"}, {"name": "by", "type": "long"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string"}, {"name": "at", "type": "long"}]}
    """
    yield from _hits(site, "duplicate-field-name")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def duplicate_enum_symbol(site: ProblemSite) -> Iterator[Hit]:
    """A symbol stands twice in an enum.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH", "SMS"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    """
    yield from _hits(site, "duplicate-enum-symbol")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def nested_or_duplicate_union(site: ProblemSite) -> Iterator[Hit]:
    """A union inside a union, or a union with two branches of one type.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": ["string", "null", "string"]}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": ["string", "null"]}]}
    """
    yield from _hits(site, "nested-or-duplicate-union")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def fixed_size_invalid(site: ProblemSite) -> Iterator[Hit]:
    """A fixed whose size is not a whole number that Avro takes.

    Bad:
        {"type": "fixed", "name": "Digest", "size": -1}
    Good:
        {"type": "fixed", "name": "Digest", "size": 16}
    """
    yield from _hits(site, "fixed-size-invalid")


@rule(ProblemSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def invalid_schema(site: ProblemSite) -> Iterator[Hit]:
    """JSON that is not an Avro schema in any other way.

    Bad:
        {"type": "record", "name": "Paid"}
    Good:
        {"type": "record", "name": "Paid", "fields": []}
    """
    yield from _hits(site, "invalid-schema")


@rule(FileSite, severity=Severity.ERROR, preset=Preset.MINIMAL)
def duplicate_json_key(site: FileSite) -> Iterator[Hit]:
    """A key stands twice in one JSON object.

    Parsers keep the last one without a word, so one of two edits is lost.

    Bad:
        {"type": "record", "name": "Paid", "doc": "One.", "doc": "Two.", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "doc": "One.", "fields": []}
    """
    for pointer in source.duplicate_keys(site.file.text):
        key = pointer.rpartition("/")[2]
        yield Hit(
            f"the key {key!r} stands here twice; only the last counts",
            "take one away",
            site.at(pointer),
        )


@rule(FileSite, severity=Severity.WARNING)
def file_encoding(site: FileSite) -> Iterator[Hit]:
    """A byte-order mark, Windows line ends, or UTF-16.

    Registries and fingerprints of other tools see another text.

    Bad:
        \ufeff{"type": "record", "name": "Paid", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "fields": []}
    """
    if b"\0" in site.file.raw[:4]:
        yield Hit("the file is in UTF-16 or UTF-32", "save it as UTF-8")
        return
    if site.file.raw.startswith(b"\xef\xbb\xbf"):
        yield Hit("the file starts with a byte-order mark", "save it as UTF-8 without one")
    if b"\r\n" in site.file.raw:
        yield Hit("the file has Windows line ends", "save it with LF")


@rule(FileSite, severity=Severity.WARNING)
def plain_json(site: FileSite) -> Iterator[Hit]:
    """A text that Avro Java's parser takes for JSON, and other parsers do not.

    Comments are the usual case; code generators of other languages stop at them.

    Bad:
        {"type": "record", "name": "Paid", /* the money arrived */ "fields": []}
    Good:
        {"type": "record", "name": "Paid", "doc": "The money arrived.", "fields": []}
    """
    try:
        json.loads(site.file.text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        yield Hit(
            f"plain JSON ends at line {error.lineno}, column {error.colno}",
            'take comments out; "doc" is the place for words',
        )
    except (RecursionError, ValueError):
        return  # the parser has an answer for what is too deep or too long


_KEYS_OF_TYPE = {
    "record": ("type", "name", "namespace", "doc", "aliases", "fields"),
    "enum": ("type", "name", "namespace", "doc", "aliases", "symbols", "default"),
    "fixed": ("type", "name", "namespace", "doc", "aliases", "size", "logicalType"),
}
_KEYS_OF_FIELD = ("name", "type", "default", "doc", "aliases", "order")


@rule(FieldSite, severity=Severity.WARNING)
def unknown_attribute(site: FieldSite) -> Iterator[Hit]:
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


@rule(TypeSite, severity=Severity.WARNING)
def unknown_type_attribute(site: TypeSite) -> Iterator[Hit]:
    """An attribute of a named type that looks like a misspelt one of Avro.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS"], "defualt": "SMS"}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS"], "default": "SMS"}
    """
    yield from _misspelt(site.node.props, _KEYS_OF_TYPE[site.node.kind])


def _misspelt(props: Mapping[str, object], known: tuple[str, ...]) -> Iterator[Hit]:
    for key in props:
        near = get_close_matches(key.lower(), known, n=1, cutoff=0.8)
        if key not in known and near:
            yield Hit(f"Avro does not know the attribute {key!r}", f"did you mean {near[0]!r}?")
