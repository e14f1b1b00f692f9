"""A project: its schema files in dependency order, and their subjects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path, PurePath
from types import MappingProxyType

from schemareg.errors import NoSchemasError, SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import Subject
from schemareg.workspace.config import Config, TopicConfig
from schemareg.workspace.file_topics import with_file_topics
from schemareg.workspace.files import exists
from schemareg.workspace.imports import with_imports
from schemareg.workspace.project_subjects import ProjectSubject, Role
from schemareg.workspace.recognized import recognized_names
from schemareg.workspace.schema_files import Resolved, SchemaFile, resolve_files
from schemareg.workspace.schema_paths import (
    BLOCKED,
    EARLIER,
    MESSAGES,
    SNAPSHOT_MARK,
    PassedOver,
    find_schemas,
    passed_over_note,
    read_files,
    schema_texts,
)
from schemareg.workspace.source_languages import NAMED_AS, SUFFIX, messages_of
from schemareg.workspace.subjects import retired_subjects, subjects_of
from schemareg.workspace.versions import newest_texts, resolve_versions

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
    "project_of",
    "read_texts",
    "resolve_files",
    "schema_texts",
    "without_earlier",
]


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """What the roots hold: `files` in dependency order, `failures` of the files refused, and
    `subjects`, each after those it refers to.

    `selected` are the paths (as shown) of the files that the command names; the others are there
    for what they define. None: all are selected. `is_whole`: the files of all roots are there.
    `passed_over` are the files that look like schemas and are not read, as shown. `aliases` are
    names that the configuration gives to subjects. `texts` are the bytes of all files by path.
    `earlier` are the paths of the files that are earlier versions: what they hold is in the
    subjects, and not in `files`. `retired` are the subjects of types that only they have.
    `topics` are those of the configuration, and those that files are named for.
    `blocked` are the files that use one of the refused ones, by path: the path of that one.
    """

    files: tuple[SchemaFile, ...]
    failures: tuple[SchemaParseError, ...]
    subjects: tuple[ProjectSubject, ...]
    selected: frozenset[str] | None = None
    is_whole: bool = True
    avro_version: str = "1.12"
    passed_over: tuple[PassedOver, ...] = ()
    aliases: Mapping[Subject, Subject] = field(default_factory=lambda: MappingProxyType({}))
    texts: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    earlier: frozenset[str] = frozenset()
    retired: tuple[ProjectSubject, ...] = ()
    topics: tuple[TopicConfig, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

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
        """The selected files that no subject holds, and that are no copies of types of others."""
        held = {subject.file.path for subject in self.subjects if subject.file}
        names = {name for f in self.files if f.path in held for name in f.schema.names}
        return tuple(
            file
            for file in self.files
            if file.path not in held
            and self.is_selected(file.path)
            and (file.fullname is None or file.fullname not in names)
        )

    def is_selected(self, path: str | None, /) -> bool:
        """Whether the command is about the file shown as `path`."""
        return self.selected is None or path in self.selected

    def blocked_by(self, name: str) -> tuple[str, str] | None:
        """The file without a schema that seems to define `name`, full or short, and the refused
        file that is to blame; None where no file seems to.
        """
        places = [failure.location for failure in self.failures]
        refused = [(place.path, place.path) for place in places if place and place.path]
        for path, by in (*self.blocked.items(), *refused):
            names = recognized_names(self.texts[path]) if path in self.texts else {}
            meant = [*names] or [PurePath(path).stem]
            if any(name in (full, full.rpartition(".")[2]) for full in meant):
                return path, by
        return None


@dataclass(frozen=True, slots=True)
class ProjectTexts:
    """The files of a project before they are parsed: path (as shown) and bytes of each.

    `selected`, `is_whole` and `passed_over` are the project's.
    """

    texts: tuple[tuple[str, bytes], ...]
    selected: frozenset[str] | None
    is_whole: bool
    passed_over: tuple[PassedOver, ...] = ()


def load_project(config: Config, paths: Sequence[Path] | None = None) -> Project:
    """The project in the configured roots, or in the files under `paths`.

    Where one of `paths` is in a root, the files of all roots are there too, and `selected` has
    those under `paths`. Files with problems are in `failures`, and hide none of the others.

    Raises:
        UsageError: a missing path, no schema file at all, or a configured event that no file
            defines.
    """
    return project_of(read_texts(config, paths), config)


def project_of(read: ProjectTexts, config: Config) -> Project:
    """The project that `read` makes; files that use a refused one are passed over.

    Raises:
        UsageError: a configured event that no file defines.
    """
    project = build_project(read.texts, config, complete=read.is_whole)
    passed_over = tuple(
        PassedOver(path, f"{BLOCKED} {by}")
        for path, by in project.blocked.items()
        if read.selected is None or path in read.selected
    )
    return replace(project, selected=read.selected, passed_over=(*read.passed_over, *passed_over))


def read_texts(config: Config, paths: Sequence[Path] | None = None) -> ProjectTexts:
    """The files that `load_project` parses.

    Raises:
        UsageError: a missing path, or no schema file at all.
    """
    found = find_schemas(config, paths or config.roots, given=bool(paths))
    named = found.paths
    passed_over = tuple(
        PassedOver(config.shown(path), reason) for path, reason in found.passed_over
    )
    if not named:
        places = ", ".join(config.shown(p) for p in paths or config.roots)
        note = f" ({passed_over_note(passed_over)})" if passed_over else ""
        raise NoSchemasError(
            f"no schemas found: there is no {NAMED_AS} file under {places}{note}",
            advice="name the directory that holds them, or set roots in schemareg.toml",
        )
    if not paths or not any(path.is_relative_to(root) for path in named for root in config.roots):
        texts, left = with_imports(read_files(named, config), config)
        passed_over += (*_messages(texts), *left)
        return ProjectTexts(texts, None, is_whole=not paths, passed_over=passed_over)
    roots = [root for root in config.roots if exists(root, config.shown(root))]
    whole = {*named, *find_schemas(config, roots, given=False).paths}
    selected = frozenset(config.shown(path) for path in named)
    texts, left = with_imports(read_files(sorted(whole), config), config)
    passed_over += tuple(_messages((path, raw) for path, raw in texts if path in selected))
    passed_over += left
    return ProjectTexts(texts, selected, is_whole=True, passed_over=passed_over)


def without_earlier(read: ProjectTexts, config: Config) -> ProjectTexts:
    """`read` without the files that are earlier versions by their path: those are passed over.

    Raises:
        UsageError: two files are the same version.
    """
    newest = newest_texts(read.texts, config)
    if len(newest) == len(read.texts):
        return read
    paths = {path for path, _ in newest}
    earlier = [path for path, _ in read.texts if path not in paths]
    selected = read.selected
    left = [path for path in earlier if selected is None or path in selected]
    return replace(
        read,
        texts=newest,
        selected=None if selected is None else selected & paths,
        passed_over=(*read.passed_over, *(PassedOver(path, EARLIER) for path in left)),
    )


def _messages(texts: Iterable[tuple[str, bytes]]) -> Iterator[PassedOver]:
    """The protocols with messages, which no schema describes."""
    for path, raw in texts:
        with suppress(SchemaParseError):  # reported where the project is built
            if count := messages_of(path, raw):
                yield PassedOver(f"{path} ({count})", MESSAGES)


def build_project(
    texts: Sequence[tuple[str, bytes]], config: Config, *, complete: bool = True
) -> Project:
    """The project that `texts` (path as shown, bytes) make under `config`.

    Raises:
        UsageError: with `complete`, when a configured event is defined nowhere and no file was
            refused that could define it.
    """
    resolved = resolve_versions(texts, config)
    return Project(
        resolved.files,
        resolved.failures,
        tuple(subjects_of(resolved, config, complete=complete and not resolved.failures)),
        is_whole=complete,
        avro_version=config.avro_version,
        texts=dict(texts),
        aliases={
            Subject(name): Subject(settings.alias)
            for name, settings in config.settings
            if settings.alias is not None
        },
        earlier=resolved.earlier_paths,
        retired=tuple(retired_subjects(resolved, config)) if config.versions else (),
        topics=with_file_topics(config, resolved.files).topics,
        blocked=resolved.blocked,
    )
