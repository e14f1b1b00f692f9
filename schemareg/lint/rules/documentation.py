"""Rules about documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from schemareg.avro.schema import Enum, Record
from schemareg.findings import Severity
from schemareg.lint.facts import ProjectSite
from schemareg.lint.name_words import words
from schemareg.lint.nodes import is_nullable
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import At, FieldSite, NodeSite, Trait, TypeSite
from schemareg.places import child


@rule("SR201", TypeSite, severity=Severity.WARNING, preset=Preset.STRICT, traits=Trait.RECORD)
def record_doc_required(site: TypeSite) -> Iterator[Issue]:
    """A record without a doc.

    The doc of an event describes which fact it states; nothing else in a schema does.

    Bad:
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "doc": "An order was paid in full.", "fields": []}
    """
    if isinstance(site.node, Record) and not (site.node.doc or "").strip():
        yield Issue(
            f"the record {site.node.name} has no doc", "describe which fact or thing it represents"
        )


@rule("SR202", FieldSite, severity=Severity.WARNING, preset=Preset.STRICT, traits=Trait.NO_DOC)
def field_doc_required(site: FieldSite) -> Iterator[Issue]:
    """A field without a doc.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "by", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "doc": "Account that paid."}]}
    """
    if not (site.field.doc or "").strip():
        yield Issue(f"the field {site.field.name!r} has no doc", "describe what its value means")


@rule("SR203", TypeSite, severity=Severity.WARNING, preset=Preset.STRICT, traits=Trait.ENUM)
def enum_doc_required(site: TypeSite) -> Iterator[Issue]:
    """An enum without a doc.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    Good:
        {"type": "enum", "name": "Channel", "doc": "How a message is sent.",
         "symbols": ["SMS", "PUSH"]}
    """
    if isinstance(site.node, Enum) and not (site.node.doc or "").strip():
        yield Issue(
            f"the enum {site.node.name} has no doc", "describe what its symbols distinguish"
        )


@rule("SR204", NodeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def doc_misplaced(site: NodeSite) -> Iterator[Issue]:
    """A doc on a type whose doc tools do not show.

    Generators and catalogs show docs of records, enums, fixeds and fields; on a primitive, array
    or map a doc is ignored.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": {"type": "string", "doc": "Account that paid."}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "doc": "Account that paid."}]}
    """
    unnamed = site.node.kind not in ("record", "enum", "fixed", "union", "ref")
    if unnamed and isinstance(site.value, dict) and "doc" in site.value:
        yield Issue(
            f"the doc of the {site.node.kind} is shown by no tool",
            "describe it in the doc of the field",
            At(site.path, child(site.pointer, "doc"), site.element),
        )


@rule("SR205", FieldSite, severity=Severity.WARNING, traits=Trait.DOC)
def doc_placeholder(
    site: FieldSite, *, marks: tuple[str, ...] = ("todo", "fixme", "tbd", "xxx", "lorem ipsum")
) -> Iterator[Issue]:
    """A doc that is only a note to write one.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "doc": "TODO"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "doc": "Account that paid."}]}
    """
    mark = _any_mark(marks).search(site.field.doc or "")
    if mark:
        yield Issue(f"the doc of {site.field.name!r} has the note {mark[0]!r}", "write the doc")


@lru_cache(maxsize=16)
def _any_mark(marks: tuple[str, ...]) -> re.Pattern[str]:
    spelt = "|".join(r"\s+".join(map(re.escape, mark.split())) for mark in marks) or "(?!)"
    return re.compile(rf"\b(?:{spelt})\b", re.IGNORECASE)


@rule("SR206", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.DOC)
def doc_too_short(site: FieldSite, *, least: int = 8) -> Iterator[Issue]:
    """A doc that adds nothing to the name.

    `least` is the number of characters below which a doc counts as adding nothing.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "userId", "type": "string", "doc": "The user id."}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "userId", "type": "string", "doc": "Account that paid."}]}
    """
    doc = (site.field.doc or "").strip()
    said = tuple(word for word in words(doc) if word not in ("the", "a", "an", "of", "this"))
    if doc and (len(doc) < least or sorted(said) == sorted(words(site.field.name))):
        yield Issue(f"the doc {doc!r} adds nothing to the name", "describe what the value means")


@rule("SR207", ProjectSite, severity=Severity.INFO, preset=Preset.STRICT)
def doc_duplicated(site: ProjectSite) -> Iterator[Issue]:
    """Fields of different names share one doc.

    Usually one was copied and never rewritten.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "doc": "Account that paid."},
          {"name": "order", "type": "string", "doc": "Account that paid."}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "doc": "Account that paid."},
          {"name": "order", "type": "string", "doc": "The order that is paid."}]}
    """
    first: dict[str, str] = {}
    for field in site.fields:
        doc, name = field.doc.strip(), field.name
        if doc and first.setdefault(doc, name) != name:
            yield Issue(
                f"{name!r} has the doc of {first[doc]!r}", "describe what this field means", field
            )


@rule("SR208", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.NULLABLE)
def doc_null_meaning(
    site: FieldSite,
    *,
    marks: tuple[str, ...] = ("null", "optional", "if", "when", "unless", "without", "absent"),
) -> Iterator[Issue]:
    """A nullable field whose doc does not describe when it is null.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "coupon",
          "type": ["null", "string"], "default": null, "doc": "The coupon code."}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "coupon",
          "type": ["null", "string"], "default": null,
          "doc": "The coupon code; null without one."}]}
    """
    doc = site.field.doc
    if doc and is_nullable(site.field.type) and not set(words(doc)) & set(marks):
        yield Issue(
            f"the doc of {site.field.name!r} does not describe when it is null",
            "add when it is null, and what that means",
        )
