"""Bring a registry to the state that a base describes: levels and versions, in order."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import pairwise

from schemareg.commands.register import register_project
from schemareg.errors import ContentError, RegistryError
from schemareg.registry.api.types import Registry
from schemareg.state import Base, BaseVersion
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
from schemareg.workspace import Project


def replay(base: Base, registry: Registry) -> None:
    """Register every version of `base`, each after its predecessor and what it refers to.

    Levels are set last: history was judged when it was made, and may have been made under
    another level. References are renumbered to the versions that the registry gave.

    Raises:
        ContentError: the registry refuses one of the versions.
    """
    given: dict[tuple[Subject, Version], Version] = {}
    for subject, old in _in_order(base):
        if old.version == min(v.version for v in base.history(subject)):
            registry.set_level(CompatibilityLevel.NONE, subject)
        references = [
            Reference(r.name, r.subject, given.get((r.subject, r.version), r.version))
            for r in old.references
        ]
        try:
            registered = registry.register(subject, old.text, references=references)
        except RegistryError as error:
            raise ContentError(
                f"no registry takes {subject} version {old.version}: "
                f"{error.message.rpartition('details: ')[2]}",
                location=old.location,
                advice="take the snapshot anew with `schemareg pull`",
            ) from error
        given[subject, old.version] = registered.version
    for subject in base.subjects():
        registry.set_level(base.level(subject) or CompatibilityLevel.BACKWARD, subject)


def register_unjudged(project: Project, registry: Registry, *, name: str) -> None:
    """Register the project whatever its levels say, so that real bytes can tell what breaks.

    For a registry of our own only; the levels are as before afterwards.

    Raises:
        RegistryError: the registry refuses a schema for another reason.
    """
    levels = {s.subject: registry.get_level(s.subject) for s in project.subjects}
    for subject in levels:
        registry.set_level(CompatibilityLevel.NONE, subject)
    register_project(project, registry, name=name)
    for subject, level in levels.items():
        registry.set_level(level, subject)


def _in_order(base: Base) -> Iterator[tuple[Subject, BaseVersion]]:
    versions = {(s, v.version): v for s in base.subjects() for v in base.history(s)}
    order: TopologicalSorter[tuple[Subject, Version]] = TopologicalSorter()
    for (subject, number), version in versions.items():
        order.add((subject, number), *((r.subject, r.version) for r in version.references))
    for subject in base.subjects():
        history = base.history(subject)
        for before, after in pairwise(history):
            order.add((subject, after.version), (subject, before.version))
    for key in order.static_order():
        if key in versions:
            yield key[0], versions[key]
