"""A project as an editor holds it: unsaved texts in place of files, and what is reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from schemareg.commands.lint import lint_project, ratchet_of
from schemareg.commands.review import review
from schemareg.errors import NoSchemasError
from schemareg.findings import Diagnostic
from schemareg.lazy_dataclass import dataclass
from schemareg.state import RegistryState, default_base, open_state, subjects_of_interest
from schemareg.workspace import Config, Project, ProjectTexts, SchemaFile, build_project, read_texts


@dataclass(frozen=True, slots=True)
class Analysis:
    """A project as it is in the editor: what `lint` and `check` report of it.

    `read` are the texts that were parsed, `state` what the project is compared with, None where
    there is nothing. Findings are by the path that `config` shows.
    """

    config: Config
    read: ProjectTexts
    project: Project
    state: RegistryState | None
    findings: Mapping[str, tuple[Diagnostic, ...]]

    def file(self, path: Path) -> SchemaFile | None:
        """The file at `path` where it parses."""
        shown = self.config.shown(path)
        return next((file for file in self.project.files if file.path == shown), None)

    def text(self, shown: str) -> str:
        """The text of a file of the project."""
        raw = next(raw for path, raw in self.read.texts if path == shown)
        return raw.decode("utf-8-sig", "replace")

    def path(self, shown: str) -> Path:
        return self.config.cwd / shown


def read_edited(config: Config, edited: Mapping[Path, str]) -> ProjectTexts:
    """The files of the project, those that an editor holds as they are there."""
    try:
        read = read_texts(config)
    except NoSchemasError:
        read = ProjectTexts((), None, is_whole=True)
    texts = dict(read.texts)
    texts |= {config.shown(path): text.encode("utf-8") for path, text in edited.items()}
    return replace(read, texts=tuple(texts.items()))


def base_of(config: Config, project: Project, environment: Mapping[str, str]) -> RegistryState:
    """What a change of `project` is compared with where nobody names it: never a registry.

    Raises:
        SchemaregError: there is nothing, or it cannot be read.
    """
    spec = default_base(config, environment)
    wanted = subjects_of_interest(project, config)
    return open_state(spec, config=config, project=project, wanted=wanted)


def analyse(
    config: Config, read: ProjectTexts, state: RegistryState | None, *, today: date
) -> Analysis:
    """What lint reports of the texts, and the check against `state`.

    Raises:
        UsageError: the configuration does not fit the project.
    """
    project = build_project(read.texts, config, complete=read.is_whole)
    ratchet = ratchet_of(config, lambda: state)
    found = list(lint_project(project, config, ratchet).counting())
    if state is not None:
        result = review(project, state, config, today=today)
        # files that do not parse are reported by lint already
        found += (each for each in result.annotations() if each not in result.failures)
    findings: dict[str, list[Diagnostic]] = defaultdict(list)
    for each in found:
        findings[each.location.path or ""].append(each)
    return Analysis(
        config, read, project, state, {path: tuple(own) for path, own in findings.items()}
    )
