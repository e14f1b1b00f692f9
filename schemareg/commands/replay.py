"""Fill a registry of our own with a state: versions in order, then levels."""

from __future__ import annotations

from schemareg.commands.register import register_project
from schemareg.errors import ContentError, RegistryError
from schemareg.registry.api.registering import register_state
from schemareg.registry.api.state import RegistryState, in_order
from schemareg.registry.api.types import PlanRegistry, Registry
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Project


def replay(state: RegistryState, registry: Registry) -> None:
    """Register every version of `state`, each after its predecessor and what it refers to.

    Levels are set last: history was judged when it was made, and may have been made under
    another level. Versions that are deleted in `state` are deleted again.

    Raises:
        ContentError: the registry refuses one of the versions.
    """
    for subject in state.subjects:
        registry.set_level(CompatibilityLevel.NONE, subject)
    order = in_order(state)
    deleted = []
    registered = register_state(state, registry.register)
    for subject, wanted in order:
        try:
            _, found = next(registered)
        except RegistryError as error:
            raise ContentError(
                f"no registry accepts {subject} version {wanted.version}: "
                f"{error.message.rpartition('details: ')[2]}",
                location=wanted.location,
                advice="write the snapshot again with `schemareg pull`",
            ) from error
        if wanted.deleted:
            deleted.append((subject, found.version))
    for subject, version in deleted:
        registry.delete_version(subject, version)
    for subject, held in state.subjects.items():
        registry.set_level(held.level or CompatibilityLevel.BACKWARD, subject)


def register_unjudged(project: Project, registry: PlanRegistry, *, name: str) -> None:
    """Register the project whatever its levels are, so that real bytes show what breaks.

    For a registry of our own only; the levels are as before afterwards.

    Raises:
        RegistryError: the registry refuses a schema for another reason.
    """
    levels = {s.subject: registry.get_level(s.subject) for s in project.subjects}
    for subject in levels:
        registry.set_level(CompatibilityLevel.NONE, subject)
    register_project(project, registry, name=name, with_levels=False)
    for subject, level in levels.items():
        registry.set_level(level, subject)
