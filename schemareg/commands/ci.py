"""What a pull request is judged by, as one result: lint, check, layout, golden events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar

from schemareg.commands.check_result import CheckResult
from schemareg.commands.fmt import FmtResult, format_files
from schemareg.commands.lint import LintResult, lint_paths, ratchet_of
from schemareg.commands.progress import Progress, silent
from schemareg.commands.review import review
from schemareg.errors import ExitCode
from schemareg.findings import Diagnostic, Severity
from schemareg.golden import FixturesResult, check_fixtures
from schemareg.lazy_dataclass import dataclass
from schemareg.results import Case, Counts, Result
from schemareg.state import RegistryState
from schemareg.workspace import Config, Project
from schemareg.workspace.files import is_folder


@dataclass(frozen=True, slots=True)
class CiResult(Result):
    """The result of each step.

    `fmt` is None where the configuration has no [fmt], `fixtures` where there are no golden events
    beside a snapshot, and where schemas are refused. The changes since the state compared with
    are in the subjects of `check`.
    """

    command: ClassVar[str] = "ci"

    lint: LintResult
    check: CheckResult
    fmt: FmtResult | None
    fixtures: FixturesResult | None

    def annotations(self) -> Iterator[Diagnostic]:
        yield from self.lint.annotations()
        if self.fmt:
            # what is no JSON is lint's finding, too
            yield from (f for f in self.fmt.annotations() if f not in self.fmt.failures)
        yield from (f for f in self.check.annotations() if f not in self.check.failures)
        if self.fixtures:
            yield from self.fixtures.annotations()

    def texts(self) -> Mapping[str, bytes]:
        return self.lint.texts()

    def suppressed(self) -> Iterator[Diagnostic]:
        yield from self.lint.suppressed()
        yield from self.check.suppressed()

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when any step fails."""
        steps = (self.lint, self.check, self.fmt, self.fixtures)
        failed = any(step and step.exit_code(fail_on) is not ExitCode.YES for step in steps)
        return ExitCode.NO if failed else ExitCode.YES

    def counts(self) -> Counts:
        return self.check.counts()

    def cases(self) -> Iterator[Case]:
        yield from self.lint.cases()
        for step in (self.fmt, self.fixtures):
            if step:
                yield from step.cases()
        failures = {failure.location.path for failure in self.check.failures}
        yield from (case for case in self.check.cases() if case.name not in failures)

    def compared_with(self) -> str:
        return self.check.compared_with()


def judge_change(
    project: Project,
    state: RegistryState,
    config: Config,
    *,
    today: date,
    snapshot: RegistryState | None = None,
    cache: Path | None = None,
    with_proofs: bool = False,
    progress: Progress = silent,
    about: Sequence[Diagnostic] = (),
) -> CiResult:
    """Lint, layout, compatibility with `state`, and golden events.

    Golden events are those of the versions of `snapshot`, in the folder beside it; without a
    snapshot or such a folder they are not judged. Approvals whose day is before `today` are over.

    Raises:
        UsageError: settings that are out of range.
        ContentError: a file of golden events that is not ours.
    """
    folder = config.snapshot.parent / "fixtures"
    golden = None
    if snapshot is not None and is_folder(folder, config.shown(folder)) and not project.failures:
        golden = check_fixtures(project, snapshot, folder, shown=config.shown(folder))
    return CiResult(
        lint=lint_paths(config, cache=cache, ratchet=ratchet_of(config, lambda: state)),
        check=review(
            project,
            state,
            config,
            today=today,
            with_proofs=with_proofs,
            progress=progress,
            about=about,
        ),
        fmt=format_files(config, write=False) if config.fmt.values else None,
        fixtures=golden,
    )
