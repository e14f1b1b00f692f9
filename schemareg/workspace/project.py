"""A project: its schema files in dependency order, and the subjects they are kept under."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from schemareg.errors import SchemaParseError, UsageError
from schemareg.places import Location
from schemareg.workspace.config import Config
from schemareg.workspace.schema_files import Resolved, SchemaFile, resolve_files
from schemareg.workspace.subjects import ProjectSubject, Role, subjects_of

__all__ = [
    "SNAPSHOT_MARK",
    "SUFFIX",
    "Project",
    "ProjectSubject",
    "ProjectTexts",
    "Resolved",
    "Role",
    "SchemaFile",
    "build_project",
    "load_project",
    "read_texts",
    "resolve_files",
    "schema_texts",
]

SUFFIX = ".avsc"
SNAPSHOT_MARK = "subject.json"
"""The file that makes a folder one of a snapshot: its schemas are versions, not files."""


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """What the roots hold: `files` in dependency order, `failures` of the files refused, and
    `subjects`, each after those it refers to.

    `selected` are the paths (as shown) of the files that were asked for; the others are there
    for what they define. None: all were asked for. `is_whole` tells that all roots are there.
    """

    files: tuple[SchemaFile, ...]
    failures: tuple[SchemaParseError, ...]
    subjects: tuple[ProjectSubject, ...]
    selected: frozenset[str] | None = None
    is_whole: bool = True
    avro_version: str = "1.12"

    def is_concerned(self, subject: ProjectSubject, /) -> bool:
        """Whether the file of `subject`, or one that it uses, is selected."""
        if self.selected is None or subject.file is None:
            return self.selected is None
        seen = {subject.file.path}
        waiting = [subject.file]
        while waiting:
            file = waiting.pop()
            if file.path in self.selected:
                return True
            waiting += [used for used in file.uses if used.path not in seen]
            seen |= {used.path for used in file.uses}
        return False

    def without_subject(self) -> tuple[SchemaFile, ...]:
        """The selected files that no subject holds: their outermost type has no name."""
        held = {subject.file.path for subject in self.subjects if subject.file}
        return tuple(f for f in self.files if f.path not in held and self.is_selected(f.path))

    def is_selected(self, path: str | None, /) -> bool:
        """Whether the file shown as `path` was asked for."""
        return self.selected is None or path in self.selected


@dataclass(frozen=True, slots=True)
class ProjectTexts:
    """The files of a project before they are parsed: path (as shown) and bytes of each.

    `selected` and `is_whole` are the project's.
    """

    texts: tuple[tuple[str, bytes], ...]
    selected: frozenset[str] | None
    is_whole: bool


def load_project(config: Config, paths: Sequence[Path] | None = None) -> Project:
    """The project in the configured roots, or in the files under `paths`.

    Where one of `paths` lies in a root, the files of all roots are there too, and `selected`
    tells which were asked for. Files that are refused are in `failures`; the others are there
    all the same.

    Raises:
        UsageError: a missing path, no schema file at all, or a configured event that no file
            defines.
    """
    read = read_texts(config, paths)
    project = build_project(read.texts, config, complete=read.is_whole)
    return replace(project, selected=read.selected)


def read_texts(config: Config, paths: Sequence[Path] | None = None) -> ProjectTexts:
    """The files that `load_project` parses.

    Raises:
        UsageError: a missing path, or no schema file at all.
    """
    asked = list(_schema_paths(config, paths or config.roots, given=bool(paths)))
    if not asked:
        places = ", ".join(config.shown(p) for p in paths or config.roots)
        raise UsageError(
            f"no schemas found: there is no *{SUFFIX} file under {places}",
            advice="name the directory that holds them, or set roots in schemareg.toml",
        )
    if not paths or not any(path.is_relative_to(root) for path in asked for root in config.roots):
        return ProjectTexts(tuple(_texts(asked, config)), None, is_whole=not paths)
    roots = [root for root in config.roots if root.exists()]
    whole = dict.fromkeys([*asked, *_schema_paths(config, roots, given=False)])
    selected = frozenset(config.shown(path) for path in asked)
    return ProjectTexts(tuple(_texts(sorted(whole), config)), selected, is_whole=True)


def schema_texts(config: Config, tops: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Path (as shown) and bytes of every schema file under `tops`, snapshots passed over.

    Raises:
        UsageError: a path that is not there or cannot be read.
    """
    return _texts(_schema_paths(config, tops, given=True), config)


def _texts(paths: Iterable[Path], config: Config) -> list[tuple[str, bytes]]:
    return [(config.shown(path), _bytes_of(path, config)) for path in paths]


def build_project(
    texts: Sequence[tuple[str, bytes]], config: Config, *, complete: bool = True
) -> Project:
    """The project that `texts` (path as shown, bytes) make under `config`.

    Raises:
        UsageError: with `complete`, when a configured event is defined nowhere and no file was
            refused that could define it.
    """
    resolved = resolve_files(texts, avro_version=config.avro_version)
    return Project(
        resolved.files,
        resolved.failures,
        tuple(subjects_of(resolved.files, config, complete=complete and not resolved.failures)),
        is_whole=complete,
        avro_version=config.avro_version,
    )


def _schema_paths(config: Config, tops: Iterable[Path], *, given: bool) -> Iterator[Path]:
    """Every schema file under `tops`, sorted within each, none of them twice.

    Snapshots below them are passed over; a file that is named itself is taken as it is.

    Raises:
        UsageError: a path that is not there.
    """
    seen: set[Path] = set()
    for top in tops:
        absolute = (config.cwd / top).resolve()
        if not absolute.exists():
            raise _missing(absolute, config, given=given)
        below = absolute.rglob(f"*{SUFFIX}")
        found = [absolute] if absolute.is_file() else sorted(filter(_is_file, below))
        for path in found:
            if path in seen or (path != absolute and (path.parent / SNAPSHOT_MARK).is_file()):
                continue
            seen.add(path)
            yield path


def _is_file(path: Path) -> bool:
    """Also a link that leads nowhere: whoever reads it is told, where it would go unnoticed."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def _missing(path: Path, config: Config, *, given: bool) -> UsageError:
    if given or config.source is None:
        return UsageError(
            f"{config.shown(path)}: no such file or directory",
            advice="name a schema file or a directory of them"
            if given
            else "name a directory of schemas, or write a schemareg.toml with roots",
        )
    return UsageError(
        f"roots: there is no {config.shown(path)}",
        location=Location(config.shown(config.source)),
        advice="create it, or correct the path (it is relative to the configuration file)",
    )


def _bytes_of(path: Path, config: Config) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{config.shown(path)} cannot be read: {error.strerror}",
            advice="check its permissions, or where its link leads",
        ) from error
