"""Rules about namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemareg.findings import Severity
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import TypeSite
from schemareg.patterns import compile_pattern


@rule("SR304", TypeSite, severity=Severity.ERROR)
def namespace_required(site: TypeSite) -> Iterator[Issue]:
    """A type without a namespace.

    Its name collides with the next team's, and generated code lands in the default package. Types
    inside of it inherit what it lacks, and are not reported again.

    Bad:
        {"type": "record", "name": "Paid", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "namespace": "com.company.payment", "fields": []}
    """
    inherits = site.depth > 0 and "namespace" not in site.value
    if not site.node.namespace and not inherits:
        yield Issue(
            f"{site.node.name} has no namespace",
            'add "namespace" before it is registered: the namespace is part of the full name, and'
            " readers of a registered type need the old one as alias",
        )


@rule("SR305", TypeSite, severity=Severity.WARNING, preset=Preset.STRICT)
def namespace_pattern(
    site: TypeSite, *, pattern: str = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"
) -> Iterator[Issue]:
    """A namespace that is not lower-case and dotted, or does not fit `pattern`.

    Bad:
        {"type": "record", "name": "Paid", "namespace": "com.Company", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "namespace": "com.company", "fields": []}
    """
    space = site.node.namespace
    if space and compile_pattern(pattern).fullmatch(space) is None:
        yield Issue(
            f"the namespace {space!r} does not fit {pattern!r}",
            "correct it before it is registered: readers of a registered type need the old full"
            " name as alias",
        )


@rule(
    "SR316",
    TypeSite,
    severity=Severity.INFO,
    preset=Preset.ALL,
    choices={"policy": ("forbid", "require")},
)
def namespace_version_suffix(site: TypeSite, *, policy: str = "forbid") -> Iterator[Issue]:
    """A namespace that ends in a version, or (`policy` `require`) one that does not.

    Bad:
        {"type": "record", "name": "Paid", "namespace": "com.company.v1", "fields": []}
    Good:
        {"type": "record", "name": "Paid", "namespace": "com.company", "fields": []}
    """
    has_version = re.search(r"(^|\.)v\d+$", site.node.namespace) is not None
    if has_version and policy == "forbid":
        yield Issue(
            f"{site.node.namespace!r} ends in a version",
            "leave versions to the registry: a new namespace makes a new type",
        )
    if not has_version and policy == "require":
        yield Issue(
            f"{site.node.namespace!r} does not end in a version",
            "end it in .v1 before it is registered: the namespace is part of the full name",
        )
