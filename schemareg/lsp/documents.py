"""The projects that an editor has open: one for each configuration, with its unsaved texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from pathlib import Path

from schemareg.errors import SchemaregError
from schemareg.lazy_dataclass import dataclass
from schemareg.lsp.analysis import Analysis, analyse, base_of, read_edited
from schemareg.state import RegistryState
from schemareg.workspace import Config, build_project, load_config


@dataclass(slots=True)
class OpenProject:
    """A project of which a file is open; `analysis` is of the texts `seen`.

    `state` is what it is compared with, and `base_error` why there is none; both are read when
    the project is opened, and anew when something is saved.
    """

    config: Config
    seen: Mapping[Path, str] = field(default_factory=dict)
    analysis: Analysis | None = None
    state: RegistryState | None = None
    base_error: SchemaregError | None = None
    is_stale: bool = True


class Documents:
    """What the documents of an editor belong to, by the home of their configuration."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.projects: dict[Path, OpenProject] = {}

    def project_of(self, path: Path) -> OpenProject:
        """The project to which the file at `path` belongs.

        Raises:
            UsageError: a configuration that cannot be read.
        """
        config = load_config(None, path.parent, [path])
        home = config.source.parent if config.source else path.parent
        config = load_config(None, home) if config.source else config
        known = self.projects.get(home)
        if known is None or known.config != config:
            known = self.projects[home] = OpenProject(config)
        return known

    def saved(self) -> None:
        """Something outside of the open texts may be another now."""
        for project in self.projects.values():
            project.is_stale = True

    def analysis_of(self, path: Path, texts: Mapping[Path, str], today: date) -> Analysis:
        """The analysis of the project of the file at `path`, with the open `texts` in it.

        Raises:
            SchemaregError: the configuration or the files cannot be read.
        """
        project = self.project_of(path)
        edited = dict(self._own(project, texts))
        if project.is_stale or project.analysis is None or project.seen != edited:
            read = read_edited(project.config, edited)
            if project.is_stale:
                whole = build_project(read.texts, project.config, complete=False)
                try:
                    project.state = base_of(project.config, whole, self.environment)
                    project.base_error = None
                except SchemaregError as error:
                    project.state, project.base_error = None, error
            project.analysis = analyse(project.config, read, project.state, today=today)
            project.seen, project.is_stale = edited, False
        return project.analysis

    def _own(self, project: OpenProject, texts: Mapping[Path, str]) -> Iterable[tuple[Path, str]]:
        for path, text in texts.items():
            if self.project_of(path) is project:
                yield path, text
