"""Apply what diagnostics propose, as far as the registered versions allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from schemareg.avro.canonical import parsing_canonical_form
from schemareg.commands.approvals import with_approvals
from schemareg.commands.check import check_project
from schemareg.commands.check_result import CheckResult
from schemareg.commands.fmt import unified_diff
from schemareg.commands.lint import LintResult, lint_project
from schemareg.commands.review import review
from schemareg.compat.words import described
from schemareg.errors import UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.fix.edits import Candidate, Texts, accepted, applied, together
from schemareg.fix.results import FixedFile, RefusedFix
from schemareg.lint.ratchet import Ratchet
from schemareg.state import RegistryState
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, Project, ProjectTexts, build_project, read_texts
from schemareg.workspace.files import write_file
from schemareg.workspace.source_languages import is_translated

_MOST_PASSES = 10
_NOT_KNOWN = (
    "it changes what is registered, and there are no registered versions to check it against; "
    "name them with --against, or use --unsafe-fixes"
)
_NOT_UTF_8 = "only UTF-8 is written, and the file has another encoding; save it as UTF-8"
_TRANSLATED = "fixes edit .avsc files only; change this one by hand"
_BY_HAND = "it may change what the schema means; --unsafe-fixes applies it"


def fix_paths(
    config: Config,
    paths: Sequence[Path] | None,
    state: RegistryState | None,
    *,
    unsafe: bool,
    write: bool,
    ratchet: Ratchet | None = None,
) -> LintResult:
    """The result of lint after every fix that no reader suffers from.

    A fix is applied where every file still parses, and the schemas have the canonical form that
    they had or pass the check against `state`. `unsafe` adds those that a person should look at,
    and, without a `state`, those that nothing is known about; what fails the check never is. What
    `ratchet` accepts stays as it is.

    Raises:
        UsageError: as `lint_paths`; a file that cannot be written.
    """
    read = read_texts(config, paths)
    run = _Run(config, read, state, unsafe=unsafe)
    while run.apply(lint_project(project := run.project({}), config, ratchet).counting(), project):
        pass
    result = lint_project(run.project({}), config, ratchet)
    if write:
        run.write()
    return replace(
        result,
        passed_over=read.passed_over,
        fixed=run.fixed(),
        refused=run.refusals(),
        fixes_written=write,
    )


def fix_incompatibilities(
    config: Config,
    paths: Sequence[Path] | None,
    state: RegistryState,
    *,
    level: CompatibilityLevel | None = None,
    with_proofs: bool = False,
    unsafe: bool,
    write: bool,
    today: date,
    about: Sequence[Diagnostic] = (),
) -> CheckResult:
    """The result of the check against `state` after every fix that removes what it is for.

    A fix is applied where every file still parses, its incompatibility is gone, and there is no
    other one. `unsafe` adds those that guess, such as that a field was renamed. What is approved
    `today` stays as it is.

    Raises:
        UsageError: as `load_project`; a file that cannot be written.
    """
    read = read_texts(config, paths)
    run = _Run(config, read, state, level=level, unsafe=unsafe, today=today)
    while run.apply([*run.check(project := run.project({})).annotations()], project):
        pass
    project = run.project({})
    result = review(
        project, state, config, today=today, level=level, with_proofs=with_proofs, about=about
    )
    if write:
        run.write()
    return replace(result, fixed=run.fixed(), refused=run.refusals(), fixes_written=write)


def refusal_of(
    config: Config,
    read: ProjectTexts,
    state: RegistryState | None,
    found: Diagnostic,
    *,
    today: date,
) -> str | None:
    """Why the fix of `found`, a person having decided for it, must not be applied to `read`.

    None where every file still parses and no reader breaks as far as `state` is known.

    Raises:
        UsageError: the configuration does not fit the project.
    """
    run = _Run(config, read, state, unsafe=True)
    path, fix = found.location.path, found.fix
    if fix is None or path is None:
        return "there is nothing to edit"
    if path not in run.texts:
        return run.unedited(path)
    candidate = Candidate(path, fix, found)
    return _Judge(run.project({}), run).refusal(applied(run.texts, [candidate]), [candidate])


class _Run:
    """The texts of a project while they are fixed; `marks` are their byte order marks.

    With `today`, the day on which the check itself is fixed, a fix is refused after which the
    check still reports what it is for.
    """

    def __init__(
        self,
        config: Config,
        read: ProjectTexts,
        state: RegistryState | None,
        *,
        level: CompatibilityLevel | None = None,
        unsafe: bool,
        today: date | None = None,
    ) -> None:
        self.config, self.read, self.state = config, read, state
        self.level, self.unsafe, self.today = level, unsafe, today
        self.passes = 0
        self.texts: dict[str, str] = {}
        self.before: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.titles: dict[str, list[str]] = {}
        self.refused: dict[tuple[str | None, str, str, str], RefusedFix] = {}
        for path, raw in read.texts:
            if is_translated(path):
                continue  # its places are in another language than the edits
            mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
            try:
                text = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                continue  # another encoding: there are no offsets to edit at
            self.texts[path] = self.before[path] = text
            self.marks[path] = mark

    def changed(self) -> list[str]:
        return [path for path, text in self.texts.items() if text != self.before[path]]

    def write(self) -> None:
        for path in self.changed():
            write_file(self.config.cwd / path, self.marks[path] + self.texts[path], path)

    def apply(self, diagnostics: Sequence[Diagnostic], project: Project) -> bool:
        """Applies what may be applied to `project`; whether that was anything."""
        if self.passes == _MOST_PASSES:
            return False
        self.passes += 1
        candidates = together(self.candidates(diagnostics))
        if not candidates:
            return False
        judge = _Judge(project, self)
        good, bad = accepted(self.texts, candidates, judge.refusal)
        for one, reason in bad:
            self.refuse(one, reason)
        for one in good:
            self.titles.setdefault(one.path, []).append(one.fix.title)
        self.texts |= applied(self.texts, good)
        return bool(good)

    def check(self, project: Project) -> CheckResult:
        assert self.state is not None
        result = check_project(project, self.state, level=self.level)
        if self.today is None:
            return result
        return with_approvals(result, self.config.approvals, project, self.today)

    def fixed(self) -> tuple[FixedFile, ...]:
        return tuple(
            FixedFile(
                path,
                tuple(self.titles.get(path, ())),
                unified_diff(self.before[path], self.texts[path], path),
            )
            for path in self.changed()
        )

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
            if fix is None or not fix.edits or path is None:
                continue
            one = Candidate(path, fix, diagnostic)
            if _key(one) in self.refused:
                continue
            if path not in self.texts:
                self.refuse(one, self.unedited(path))
            elif fix.is_safe or self.unsafe:
                result.append(one)
            else:
                self.refuse(one, _BY_HAND)
        return result

    def unedited(self, path: str) -> str:
        """Why no edit is applied to the file, which is not among `texts`."""
        return _TRANSLATED if is_translated(path) else _NOT_UTF_8

    def refuse(self, one: Candidate, reason: str) -> None:
        found = one.diagnostic
        refused = RefusedFix(found.location, found.rule, one.fix.title, reason)
        self.refused.setdefault(_key(one), refused)


def _key(one: Candidate) -> tuple[str | None, str, str, str]:
    found = one.diagnostic
    return (one.path, found.rule, found.location.pointer, one.fix.title)


class _Judge:
    """Whether texts may replace those of `project`."""

    def __init__(self, project: Project, run: _Run) -> None:
        self.run = run
        self.failures = {(f.location.path if f.location else None) for f in project.failures}
        self.forms = _canonical_forms(project)
        self.known = set() if run.state is None else set(_errors(run.check(project)))

    def refusal(self, texts: Texts, fixes: Sequence[Candidate]) -> str | None:
        try:
            project = self.run.project(texts)
        except UsageError as error:
            return str(error)
        for failure in project.failures:
            path = failure.location.path if failure.location else None
            if path not in self.failures:
                return f"{path} would not be a schema: {failure.problems[0].message}"
        if self.run.state is not None:
            return self._clash(self.run.check(project), fixes)
        forms = _canonical_forms(project)
        if not self.run.unsafe and any(forms.get(p) != form for p, form in self.forms.items()):
            return _NOT_KNOWN
        return None

    def _clash(self, after: CheckResult, fixes: Sequence[Candidate]) -> str | None:
        """What the check reports of the texts that it did not before, or still reports."""
        for key, message in _errors(after).items():
            if key not in self.known:
                return f"readers would break: {message}"
        left = {_about(found): found.message for found in after.annotations()}
        for one in () if self.run.today is None else fixes:
            if (message := left.get(_about(one.diagnostic), "")) != "":
                return f"it is not enough: {message}"
        return None


def _errors(check: CheckResult) -> dict[tuple[str, ...], str]:
    """The message of each error, by what stays equal when others are fixed."""
    errors: dict[tuple[str, ...], str] = {}
    for found in check.annotations():
        if found.severity is Severity.ERROR:
            errors[(found.rule, found.element, found.location.path or "")] = found.message
    for subject in check.subjects:
        for violation in subject.violations:
            why = violation.innermost
            key = (subject.subject, violation.direction, why.kind, why.path, why.message)
            about = (why.kind.value, why.path, violation.location.path or "")
            errors[key] = errors.get(about, f"{subject.subject}: {described(why)}")
    return errors


def _about(found: Diagnostic) -> tuple[str, str, str | None]:
    return (found.rule, found.element, found.location.path)


def _canonical_forms(project: Project) -> Mapping[str, str]:
    return {file.path: parsing_canonical_form(file.schema) for file in project.files}
