"""The state that another directory's schema files describe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.state.files import SourceFile, state_of_files
from schemareg.workspace import Config, Project, load_config, schema_texts
from schemareg.workspace.config_file import find_config
from schemareg.workspace.files import is_folder


def read_directory(
    directory: Path, config: Config, project: Project | None = None
) -> RegistryState:
    """The state of the schema files under `directory` (or of one file).

    A directory that has a configuration of its own, as another checkout has, is read by that.

    Raises:
        UsageError: it holds no schemas, or the schemas under check.
    """
    shown = config.shown(directory)
    for root in config.roots:
        if directory.is_relative_to(root) or root.is_relative_to(directory):
            raise UsageError(
                f"{shown} holds the schemas under check: they would be compared with themselves",
                advice="compare with another directory, git:REF, snapshot, or a registry",
            )
    then = _own_config(directory, config)
    tops = then.roots if then and directory == _home(then) else (directory,)
    texts = schema_texts(config, tops, snapshots=_snapshots(directory, config, then))
    if not texts:
        raise UsageError(
            f"there are no schemas in {shown} to compare with",
            advice="name the directory that holds the older *.avsc files, or a snapshot",
        )
    roots = [directory if is_folder(directory, config.shown(directory)) else directory.parent]
    roots = [*(then.roots if then else ()), *roots]
    files = [
        SourceFile(_path_today(config.cwd / path, roots, config, project), path, raw)
        for path, raw in texts
    ]
    return state_of_files(files, Origin(shown, shown), today=config, then=then, project=project)


def _own_config(directory: Path, config: Config) -> Config | None:
    """The configuration that the directory belongs to; None where that is today's, or none."""
    source = find_config(
        directory if is_folder(directory, config.shown(directory)) else directory.parent
    )
    if source is None or source.resolve() == config.source:
        return None
    then = load_config(source, config.cwd)
    if config.source is not None:
        then = replace(then, modules=then.modules_below(config.source.parent))
    inside = any(directory.is_relative_to(root) for root in then.roots)
    return then if inside or directory == _home(then) else None


def _snapshots(directory: Path, config: Config, then: Config | None) -> tuple[Path, ...]:
    """Where the directory may have a snapshot: by its own configuration, or named as today's."""
    if then is not None:
        return (then.snapshot,)
    homes = (*config.roots, *([config.source.parent] if config.source else [config.cwd]))
    snapshot = config.snapshot
    places = [snapshot.relative_to(home) for home in homes if snapshot.is_relative_to(home)]
    return (directory / snapshot.name, *(directory / place for place in places))


def _home(config: Config) -> Path | None:
    return config.source.parent if config.source else None


def _path_today(path: Path, roots: list[Path], config: Config, project: Project | None) -> str:
    """The path of the same file in the project: the same one below a root."""
    failures = project.failures if project else ()
    known: set[str | None] = {file.path for file in project.files} if project else set()
    known |= {failure.location.path for failure in failures if failure.location}
    known |= project.blocked.keys() if project else set()
    for below in (path.relative_to(root) for root in roots if path.is_relative_to(root)):
        for root in config.roots:
            if (candidate := config.shown(root / below)) in known:
                return candidate
    return config.shown(path)
