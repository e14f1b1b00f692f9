"""Write what a registry holds into the snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from schemareg.errors import UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.state import PassedOver
from schemareg.results import Counts, Result
from schemareg.state import RegistryState, snapshot_subjects, write_snapshot
from schemareg.state.bundle import read_bundle, write_bundle
from schemareg.subjects import Subject
from schemareg.workspace import Config, Project
from schemareg.workspace.files import bounds_of, exists


@dataclass(frozen=True, slots=True)
class PullResult(Result):
    """The files of the snapshot or bundle that were written or removed, as a person types them.

    `snapshot` is the place of either, `kept` are the subjects in it that the registry does not
    hold, or does not show; `passed_over` what it holds of other schema types than Avro.
    """

    command: ClassVar[str] = "pull"

    base: str
    snapshot: str
    changed: tuple[str, ...]
    subjects: int
    kept: tuple[Subject, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()

    def annotations(self) -> Iterator[Diagnostic]:
        for subject in self.kept:
            yield Diagnostic(
                rule="subject-not-in-registry",
                severity=Severity.WARNING,
                message=f"{self.base} does not hold {subject}, or does not show it to you: what"
                f" {self.snapshot} has of it is unchanged",
                location=Location(self.snapshot),
                element=subject,
                advice="if it was deleted, run `schemareg pull --prune`",
            )

    def counts(self) -> Counts:
        passed_over = len(self.passed_over)
        return Counts("subject", self.subjects + passed_over, self.subjects, passed_over)

    def compared_with(self) -> str:
        return self.base


def check_has_subjects(project: Project) -> None:
    """Nothing, when the project has a subject whose state can be pulled.

    Raises:
        UsageError: its files define none.
    """
    if project.subjects:
        return
    paths = [file.path for file in project.without_subject()]
    paths += [e.location.path for e in project.failures if e.location and e.location.path]
    shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    raise UsageError(
        f"no file of this project defines a subject: {shown}",
        advice="a subject needs a type that has a name; run `schemareg lint`, or pull with --all",
    )


def pull(
    state: RegistryState, config: Config, *, prune: bool = False, bundle: Path | None = None
) -> PullResult:
    """Make the configured snapshot hold what `state` holds; files that agree are left alone.

    Or make the file `bundle` hold it.

    Subjects of either that `state` does not hold stay, and are removed only with `prune`.

    Raises:
        UsageError: `state` holds nothing, or a file cannot be written.
    """
    if not state.subjects:
        raise UsageError(
            f"{state.origin.description} holds no Avro subject of this project: there is nothing"
            " to write into the snapshot",
            advice="check the URL, the context and your rights, or run `schemareg register` first",
        )
    if bundle is not None:
        return _into_bundle(state, config, bundle, prune=prune)
    others = sorted(snapshot_subjects(config.snapshot) - state.subjects.keys())
    kept = () if prune else tuple(others)
    # a folder whose subject cannot be read ("") may be one of them
    changed = write_snapshot(
        config.snapshot,
        state,
        kept=() if prune else {*kept, Subject("")},
        within=bounds_of(config),
    )
    return PullResult(
        state.origin.description,
        config.shown(config.snapshot),
        tuple(config.shown(path) for path in changed),
        len(state.subjects),
        kept,
        state.passed_over,
    )


def _into_bundle(state: RegistryState, config: Config, bundle: Path, *, prune: bool) -> PullResult:
    path, shown = config.cwd / bundle, config.shown(bundle)
    before = read_bundle(path, shown).subjects if not prune and exists(path, shown) else {}
    kept = {subject: held for subject, held in before.items() if subject not in state.subjects}
    write_bundle(path, replace(state, subjects={**kept, **state.subjects}))
    return PullResult(
        state.origin.description,
        shown,
        (shown,),
        len(state.subjects),
        tuple(sorted(kept)),
        state.passed_over,
    )
