"""The part of a registry that a project manages, read as what a plan starts from."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from schemareg.errors import RegistryError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.plan.actions import RegisterVersion
from schemareg.plan.diff import PlanOptions
from schemareg.plan.order import AT_ONCE
from schemareg.plan.saved import Plan
from schemareg.registry.api.contexts import qualified
from schemareg.registry.api.error_codes import is_absent
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.types import Registry
from schemareg.state import subjects_of_interest
from schemareg.state.registry import read_registry
from schemareg.subjects import CompatibilityLevel, Deletion, Subject, Version
from schemareg.workspace import Config, Project


@dataclass(frozen=True, slots=True)
class Managed:
    """What a registry holds of a project's subjects, and what a plan may do to it."""

    state: RegistryState
    options: PlanOptions


def read_managed(
    project: Project,
    config: Config,
    registry: Registry,
    name: str,
    *,
    deletion: Deletion = Deletion.NONE,
) -> Managed:
    """What `registry` (which people call `name`) holds of what `project` manages.

    Other subjects are neither read nor part of any plan. With a `deletion` the managed subjects
    that the project does not have are read, too.

    Raises:
        UsageError: the project has a subject that `managed` of the configuration leaves out, or a
            deletion is requested and `managed` is not configured.
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """
    check_managed(project, config)
    wanted = subjects_of_interest(project, config)
    deletable: tuple[Subject, ...] = ()
    if deletion is not Deletion.NONE:
        deletable = _deletable(project, config, registry, deletion)
    state = read_registry(
        registry,
        name,
        [*wanted, *deletable],
        with_modes=any(s.settings.mode is not None for s in project.subjects),
        settings_of=project.aliases,
    )
    inheriting = [s.subject for s in project.subjects if s.settings.inherits_level]
    levels = _inherited_levels(inheriting, registry)
    return Managed(state, PlanOptions(levels, deletion, frozenset(deletable)))


def check_managed(project: Project, config: Config) -> None:
    """Nothing, when every subject of the project is one that it manages.

    Raises:
        UsageError: naming one that is not.
    """
    names = (*(subject.subject for subject in project.subjects), *project.aliases)
    other = next((name for name in names if not config.is_managed(name)), None)
    if other is not None:
        raise UsageError(
            f"the project has the subject {other}, which managed leaves out:"
            f" {', '.join(config.managed)}",
            location=Location(config.shown(config.source)) if config.source else None,
            advice="add a pattern for it to managed, or move its schema out of the roots",
        )


def _deletable(
    project: Project, config: Config, registry: Registry, deletion: Deletion
) -> tuple[Subject, ...]:
    if not config.managed:
        raise UsageError(
            "deleting needs to know which subjects of the registry belong to this project",
            advice='set managed in the configuration, such as managed = ["orders-*"]',
        )
    own = {s.subject for s in project.subjects}
    held = registry.get_subjects(deleted=deletion is Deletion.PERMANENT)
    return tuple(s for s in held if s not in own and config.is_managed(s))


def _inherited_levels(
    subjects: Iterable[Subject], registry: Registry
) -> dict[Subject, CompatibilityLevel | None]:
    """The level that each of `subjects` has without one of its own: one request per context."""
    prefixes = {subject: qualified(subject).context_prefix for subject in subjects}
    levels = {
        prefix: registry.get_level(Subject(prefix) if prefix else None)
        for prefix in sorted(set(prefixes.values()))
    }
    return {subject: levels[prefix] for subject, prefix in prefixes.items()}


def newest_numbers(plan: Plan, registry: Registry) -> dict[Subject, Version]:
    """The highest number that each subject with a version to register has, deleted ones too.

    One request for each of them.

    Raises:
        RegistryError, RegistryUnavailableError: the registry refused, or did not answer.
    """

    def newest(subject: Subject) -> Version:
        try:
            return max(registry.get_versions(subject, deleted=True), default=Version(0))
        except RegistryError as error:
            if is_absent(error):
                return Version(0)
            raise

    subjects = [a.subject for a in plan.actions if isinstance(a, RegisterVersion)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(subjects, pool.map(newest, subjects), strict=True))


def levels_after(state: RegistryState, options: PlanOptions) -> RegistryState:
    """`state` with the levels that a plan leaves to be inherited, which a check goes by."""
    if not options.inheriting:
        return state
    subjects = {
        subject: replace(held, level=options.inheriting.get(subject, held.level))
        for subject, held in state.subjects.items()
    }
    return replace(state, subjects=subjects)
