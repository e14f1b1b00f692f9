"""Files that are versions of one schema: which are the newest, and what the others were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from types import MappingProxyType

from schemareg.errors import SchemaParseError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import Version
from schemareg.workspace.config import Config
from schemareg.workspace.schema_files import Resolved, SchemaFile, resolve_files
from schemareg.workspace.version_paths import (
    VersionedPath,
    VersionLayout,
    versioned_paths,
    versionless,
)

_FIRST = Version(1)


@dataclass(frozen=True, slots=True, eq=False)
class VersionedFiles:
    """The files of a project, the newest versions apart from the earlier ones.

    `files` are the newest, in dependency order, with the earlier ones that they use. `earlier`
    has the others by the path of the newest of each series, oldest first. `retired` are the last
    files of series that the newest version has no file of. `numbers` are the versions by path,
    `blocked` those of `Resolved`.
    """

    files: tuple[SchemaFile, ...]
    failures: tuple[SchemaParseError, ...]
    earlier: Mapping[str, tuple[SchemaFile, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    retired: tuple[SchemaFile, ...] = ()
    numbers: Mapping[str, Version] = field(default_factory=lambda: MappingProxyType({}))
    blocked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def number(self, path: str) -> Version:
        """The version that the file at `path` is; 1 where there are no others of it."""
        return self.numbers.get(path, _FIRST)

    @property
    def earlier_paths(self) -> frozenset[str]:
        """Paths of the files that are no newest version."""
        paths = {file.path for files in self.earlier.values() for file in files}
        paths |= {file.path for file in self.retired}
        return frozenset(paths - {file.path for file in self.files})


def newest_texts(
    texts: Iterable[tuple[str, bytes]], config: Config
) -> tuple[tuple[str, bytes], ...]:
    """Those of `texts` that are no earlier version by their path.

    Raises:
        UsageError: two files are the same version.
    """
    texts = tuple(texts)
    if not config.versions:
        return texts
    earlier = _earlier(_located(texts, config))
    return tuple((path, raw) for path, raw in texts if path not in earlier)


def resolve_versions(
    texts: Sequence[tuple[str, bytes]], config: Config, *, parsed: Iterable[SchemaFile] = ()
) -> VersionedFiles:
    """`texts` parsed; each earlier version with the types of its own time.

    In a folder that is a version a type is the one of that folder. Beside files that have their
    version in the name it is the newest one up to that version. A type elsewhere is the newest.
    Of `parsed`, files read by the same Avro version, those that are among `texts` are not read
    again.

    Raises:
        UsageError: two files are the same version.
    """
    if not config.versions:
        resolved = _resolve_files(texts, config, parsed=parsed)
        return VersionedFiles(resolved.files, resolved.failures, blocked=resolved.blocked)
    located = _located(texts, config)
    earlier = _earlier(located)
    newest = _resolve_files(
        [(path, raw) for path, raw in texts if path not in earlier], config, parsed=parsed
    )
    resolved = _resolve_earlier(texts, located, earlier, newest, config)
    by_path = {file.path: file for file in (*newest.files, *resolved.files)}
    series: dict[str, list[SchemaFile]] = {}
    for own in sorted(located.values(), key=lambda own: (own.age, own.path)):
        if own.path in by_path:
            series.setdefault(own.series, []).append(by_path[own.path])
    numbers = {path: own.number for path, own in located.items() if path in by_path}
    files = newest.files
    if VersionLayout.NAMESPACES in config.versions:
        files = _by_namespace(newest.files, series, numbers, config)
    kept = {file.path for file in files}
    failures = (*newest.failures, *resolved.failures)
    return VersionedFiles(
        files,
        tuple(sorted(failures, key=lambda e: _place_in(texts, e))),
        {own[-1].path: tuple(own[:-1]) for own in series.values() if len(own) > 1},
        tuple(own[-1] for own in series.values() if own[-1].path not in kept),
        dict(_numbered(series.values(), numbers)),
        {**newest.blocked, **resolved.blocked},
    )


def _resolve_files(
    texts: Sequence[tuple[str, bytes]],
    config: Config,
    *,
    known: Sequence[SchemaFile] = (),
    parsed: Iterable[SchemaFile] = (),
) -> Resolved:
    return resolve_files(
        texts,
        avro_version=config.avro_version,
        known=known,
        parsed=parsed,
        modules_seen_from=config.modules_seen_from,
    )


def _located(texts: Sequence[tuple[str, bytes]], config: Config) -> Mapping[str, VersionedPath]:
    """The files whose path has a version, by the path as shown.

    Raises:
        UsageError: two of them are the same version.
    """
    home = config.source.parent if config.source else config.cwd
    shown = {_below(config.cwd / path, home): path for path, _ in texts}
    found = versioned_paths(shown, config.versions)
    seen: dict[tuple[str, tuple[int, ...]], str] = {}
    for own in found.values():
        first = seen.setdefault((own.series, own.number), own.path)
        if first != own.path:
            raise UsageError(
                f"versions: {shown[first]} and {shown[own.path]} are the same version",
                advice="remove one of the two, or exclude it",
            )
    return {shown[own.path]: own for own in found.values()}


def _below(path: Path, home: Path) -> str:
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.as_posix()


def _earlier(located: Mapping[str, VersionedPath]) -> frozenset[str]:
    """The paths of what is no newest version: of its folder's group, or of its series."""
    newest: dict[str, VersionedPath] = {}
    for own in located.values():
        key = _compared_in(own)
        if key not in newest or newest[key].age < own.age:
            newest[key] = own
    return frozenset(p for p, own in located.items() if own.age < newest[_compared_in(own)].age)


def _compared_in(own: VersionedPath) -> str:
    return own.group if own.in_folder else own.series


def _resolve_earlier(
    texts: Sequence[tuple[str, bytes]],
    located: Mapping[str, VersionedPath],
    earlier: frozenset[str],
    newest: Resolved,
    config: Config,
) -> Resolved:
    """The earlier files: the versions of each group from the oldest on."""
    versions: dict[tuple[str, tuple[bool, tuple[int, ...]]], list[tuple[str, bytes]]] = {}
    for path, raw in texts:
        if path in earlier:
            own = located[path]
            versions.setdefault((own.group, own.age), []).append((path, raw))
    files: list[SchemaFile] = []
    failures: list[SchemaParseError] = []
    blocked: dict[str, str] = {}
    for (group, age), own_texts in sorted(versions.items()):
        known = [file for file in files if _is_known(located[file.path], group, age)]
        known.reverse()  # of the same group, the newest first
        known += [f for f in newest.files if _is_beside(located.get(f.path), group)]
        resolved = _resolve_files(own_texts, config, known=known)
        files += resolved.files
        failures += resolved.failures
        blocked |= resolved.blocked
    return Resolved(tuple(files), tuple(failures), blocked)


def _is_known(own: VersionedPath, group: str, age: tuple[bool, tuple[int, ...]]) -> bool:
    return not own.in_folder and own.group == group and own.age < age


def _is_beside(own: VersionedPath | None, group: str) -> bool:
    """Whether a newest file may be used by an earlier version of `group`."""
    return own is None or own.group != group or not own.in_folder


def _by_namespace(
    files: Sequence[SchemaFile],
    series: dict[str, list[SchemaFile]],
    numbers: dict[str, tuple[int, ...]],
    config: Config,
) -> tuple[SchemaFile, ...]:
    """`files` without those that are earlier by the namespace of their first type.

    `series` and `numbers` get what is a version by that, where the path is none.
    """
    found: dict[tuple[str, str], list[tuple[tuple[int, ...], SchemaFile]]] = {}
    for file in files:
        if file.path in numbers or not file.parts:
            continue
        name, number = versionless(file.parts[0].fullname)
        module = config.modules_seen_from(file.path)[0]
        found.setdefault((module, name), []).append((number, file))
    left: set[str] = set()
    for (module, name), own in found.items():
        own.sort(key=lambda each: (not each[0], each[0], each[1].path))
        if len(own) < 2 or len({number for number, _ in own}) < len(own):
            continue
        series[f"namespace {module} {name}"] = [file for _, file in own]
        numbers |= {file.path: number for number, file in own}
        left |= {file.path for _, file in own[:-1]}
    used = [file for file in files if file.path not in left]
    while used:
        for file in used.pop().uses:
            if file.path in left:
                left.discard(file.path)
                used.append(file)
    return tuple(file for file in files if file.path not in left)


def _numbered(
    series: Iterable[Sequence[SchemaFile]], numbers: Mapping[str, tuple[int, ...]]
) -> Iterable[tuple[str, Version]]:
    """Each file's version: the number in its path where all have one, else its place."""
    for files in series:
        own = [numbers[file.path] for file in files]
        if own and not own[-1]:  # the newest has none
            own[-1] = (own[-2][0] + 1,) if len(own) > 1 and len(own[-2]) == 1 else (0,)
        plain = all(len(number) == 1 and number[0] > 0 for number in own)
        for at, (file, number) in enumerate(zip(files, own, strict=True)):
            yield file.path, Version(number[0] if plain else at + 1)


def _place_in(texts: Sequence[tuple[str, bytes]], error: SchemaParseError) -> int:
    path = error.location.path if error.location else None
    return next((at for at, (known, _) in enumerate(texts) if known == path), len(texts))
