"""Rules about aliases."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.findings import Severity
from schemareg.lint.proposals import without_alias
from schemareg.lint.rule import Issue, Proposal, rule
from schemareg.lint.sites import FieldSite, Trait, TypeSite


@rule("SR501", FieldSite, severity=Severity.ERROR, traits=Trait.ALIASES)
def alias_collision(site: FieldSite) -> Iterator[Issue]:
    """A field's alias is another field's name or alias.

    Avro Java throws when the writer has both, and other implementations pick one of them.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string"},
          {"name": "payer", "type": "string", "aliases": ["by"]}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "payer", "type": "string", "aliases": ["by"]}]}
    """
    for alias in site.field.aliases:
        for other in site.record.fields:
            if other is not site.field and alias in (other.name, *other.aliases):
                yield Issue(
                    f"the alias {alias!r} of {site.field.name!r} also means {other.name!r}",
                    "remove the alias from one of them; readers lose the old name with it",
                )


@rule("SR502", FieldSite, severity=Severity.WARNING, traits=Trait.ALIASES)
def alias_equals_name(site: FieldSite) -> Iterator[Issue]:
    """A field's alias is its own name.

    It has no effect, and Avro Java throws on it when it compares versions.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "aliases": ["by"]}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": "string", "aliases": ["payer"]}]}
    """
    if site.field.name in site.field.aliases:
        yield Issue(
            f"{site.field.name!r} has its own name as alias",
            "remove it",
            fix=_removal(site, site.field.name),
        )


@rule("SR503", TypeSite, severity=Severity.WARNING, traits=Trait.ALIASES)
def type_alias_equals_name(site: TypeSite) -> Iterator[Issue]:
    """A type's alias is its own name.

    Bad:
        {"type": "record", "name": "Paid", "namespace": "shop", "aliases": ["Paid"], "fields": []}
    Good:
        {"type": "record", "name": "Paid", "namespace": "shop", "aliases": ["Payed"], "fields": []}
    """
    if site.node.fullname in site.node.aliases:
        yield Issue(
            f"{site.node.fullname!r} has its own name as alias",
            "remove it",
            fix=_removal(site, site.node.name, site.node.fullname),
        )


def _removal(site: FieldSite | TypeSite, *names: str) -> Proposal | None:
    written = site.value.get("aliases")
    alias = next((a for a in written if a in names), None) if isinstance(written, list) else None
    if not isinstance(written, list) or alias is None:
        return None
    edits = without_alias(site.pointer, written, alias)
    return Proposal(f"remove the alias {alias!r}", edits)
