"""Apply what lint rules propose, as far as the registered versions allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from schemareg.avro.canonical import parsing_canonical_form
from schemareg.commands.check import check_project
from schemareg.commands.fmt import unified_diff
from schemareg.commands.lint import FixedFile, LintResult, RefusedFix, lint_project
from schemareg.errors import UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.fix.edits import Candidate, Texts, accepted, applied, together
from schemareg.state import RegistryState
from schemareg.workspace import Config, Project, ProjectTexts, build_project, read_texts
from schemareg.workspace.files import write_file

_MOST_PASSES = 10
_NOT_KNOWN = (
    "it changes what is registered, and there are no registered versions to check it against; "
    "name them with --against, or use --unsafe-fixes"
)
_BY_HAND = "it may change what the schema means; --unsafe-fixes applies it"


def fix_paths(
    config: Config,
    paths: Sequence[Path] | None,
    state: RegistryState | None,
    *,
    unsafe: bool,
    write: bool,
) -> LintResult:
    """The result of lint after every fix that no reader suffers from.

    A fix is applied where every file still parses, and the schemas have the canonical form that
    they had or pass the check against `state`. `unsafe` adds those that a person should look at,
    and, without a `state`, those that nothing is known about; what fails the check never is.

    Raises:
        UsageError: as `lint_paths`; a file that cannot be written.
    """
    read = read_texts(config, paths)
    run = _Run(config, read, state, unsafe=unsafe)
    result = run.fixed()
    if write:
        for path in run.changed():
            write_file(config.cwd / path, run.marks[path] + run.texts[path], path)
    return replace(result, passed_over=read.passed_over, fixes_written=write)


class _Run:
    """The texts of a project while they are fixed; `marks` are their byte order marks."""

    def __init__(
        self, config: Config, read: ProjectTexts, state: RegistryState | None, *, unsafe: bool
    ) -> None:
        self.config, self.read, self.state, self.unsafe = config, read, state, unsafe
        self.texts: dict[str, str] = {}
        self.before: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.titles: dict[str, list[str]] = {}
        self.refused: dict[tuple[str | None, str, str, str], RefusedFix] = {}
        for path, raw in read.texts:
            mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
            try:
                text = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                continue  # another encoding: no offsets to edit at
            self.texts[path] = self.before[path] = text
            self.marks[path] = mark

    def changed(self) -> list[str]:
        return [path for path, text in self.texts.items() if text != self.before[path]]

    def fixed(self) -> LintResult:
        for _ in range(_MOST_PASSES):
            project = self.project({})
            result = lint_project(project, self.config)
            candidates = together(self.candidates(result.counting()))
            judge = _Judge(project, self.state, self)
            good, bad = accepted(self.texts, candidates, judge.refusal)
            for one, reason in bad:
                self.refuse(one, reason)
            if not good:
                break
            for one in good:
                self.titles.setdefault(one.path, []).append(one.fix.title)
            self.texts |= applied(self.texts, good)
        else:
            result = lint_project(self.project({}), self.config)
        return replace(result, fixed=tuple(map(self.file, self.changed())), refused=self.refusals())

    def file(self, path: str) -> FixedFile:
        diff = unified_diff(self.before[path], self.texts[path], path)
        return FixedFile(path, tuple(self.titles.get(path, ())), diff)

    def refusals(self) -> tuple[RefusedFix, ...]:
        return tuple(self.refused.values())

    def project(self, changed: Texts) -> Project:
        """The project with the texts of this run, those of `changed` first."""
        texts: list[tuple[str, bytes]] = []
        for path, raw in self.read.texts:
            text = changed.get(path, self.texts.get(path))
            known = text is None or text == self.before.get(path)
            texts.append((path, raw if known or text is None else text.encode()))
        project = build_project(texts, self.config, complete=self.read.is_whole)
        return replace(project, selected=self.read.selected)

    def candidates(self, diagnostics: Sequence[Diagnostic]) -> list[Candidate]:
        """The fixes that may be tried; what a person has to decide is refused where not wanted."""
        result = []
        for diagnostic in diagnostics:
            path, fix = diagnostic.location.path, diagnostic.fix
            if fix is None or not fix.edits or path not in self.texts:
                continue
            one = Candidate(path, fix, diagnostic)
            if _key(one) in self.refused:
                continue
            if fix.is_safe or self.unsafe:
                result.append(one)
            else:
                self.refuse(one, _BY_HAND)
        return result

    def refuse(self, one: Candidate, reason: str) -> None:
        found = one.diagnostic
        refused = RefusedFix(found.location, found.rule, one.fix.title, reason)
        self.refused.setdefault(_key(one), refused)


def _key(one: Candidate) -> tuple[str | None, str, str, str]:
    found = one.diagnostic
    return (one.path, found.rule, found.location.pointer, one.fix.title)


class _Judge:
    """Whether texts may replace those of `project`."""

    def __init__(self, project: Project, state: RegistryState | None, run: _Run) -> None:
        self.run = run
        self.state = state
        self.failures = {(f.location.path if f.location else None) for f in project.failures}
        self.forms = _canonical_forms(project)
        self.errors = self.errors_of(project)

    def errors_of(self, project: Project) -> dict[tuple[str, str], str]:
        if self.state is None:
            return {}
        found = check_project(project, self.state).annotations()
        errors = (d for d in found if d.severity is Severity.ERROR)
        return {(d.rule, d.element + d.message): d.message for d in errors}

    def refusal(self, texts: Texts) -> str | None:
        try:
            project = self.run.project(texts)
        except UsageError as error:
            return str(error)
        for failure in project.failures:
            path = failure.location.path if failure.location else None
            if path not in self.failures:
                return f"{path} would not be a schema: {failure.problems[0].message}"
        for key, message in self.errors_of(project).items():
            if key not in self.errors:
                return f"readers would break: {message}"
        if self.state is None and not self.run.unsafe:
            forms = _canonical_forms(project)
            if any(forms.get(path) != form for path, form in self.forms.items()):
                return _NOT_KNOWN
        return None


def _canonical_forms(project: Project) -> Mapping[str, str]:
    return {file.path: parsing_canonical_form(file.schema) for file in project.files}
