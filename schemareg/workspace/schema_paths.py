"""Which files of a project are schemas, and their texts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from schemareg.errors import NoSchemasError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.workspace.config import Config
from schemareg.workspace.files import (
    Bounds,
    bounds_around,
    bounds_of,
    check_within,
    exists,
    is_folder,
    is_regular,
    names_in,
    read_bytes,
    read_start,
    repository_top,
    walk,
)
from schemareg.workspace.source_languages import SUFFIX, SUFFIXES

MESSAGES = "the messages of"
EXCLUDED = "excluded by the configuration"
IGNORED = "ignored by git"
EARLIER = "earlier versions"
BLOCKED = "using types of the refused"
HIDDEN = "hidden"
NO_FILE = "which is a folder"
NOT_CHECKED_OUT = "a submodule that is not checked out"
OTHER_NAME = "not named as a schema file"
SNAPSHOT_MARK = "subject.json"
"""The file that makes a folder one of a snapshot: its schemas are versions, not files."""
# what schemas and their sources are called elsewhere
_LOOKED_AT_BYTES = 4096
_KINDS = (b'"record"', b'"enum"', b'"fixed"')
_MOST_SHOWN = 5
_NEVER_ENTERED = (".git", "node_modules")
_OFTEN_SCHEMAS = (".json", ".avro")


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something that looks like a schema, as shown, and that is not read; why, in a few words."""

    shown: str
    reason: str


@dataclass(frozen=True, slots=True)
class SchemaPaths:
    """The schema files below some directories, and what looks like one and was passed over.

    Passed over are hidden files, and other suffixes than `SUFFIXES` in any case.
    """

    paths: tuple[Path, ...]
    passed_over: tuple[tuple[Path, str], ...]


def find_schemas(
    config: Config, tops: Iterable[Path], *, given: bool, snapshots: Collection[Path] | None = None
) -> SchemaPaths:
    """Every schema file under `tops`, sorted within each, none of them twice.

    What is below one of `snapshots` (by default the configured one) and has the mark of a
    snapshot's folder is left out; a file that is named itself is taken as it is. `given`: `tops`
    come from the command line, not from the configuration.

    Raises:
        UsageError: a path that is not there, leads out of the repository or cannot be read; the
            mark of a snapshot's folder beside schemas that are in none.
    """
    known = (config.snapshot,) if snapshots is None else snapshots
    within = bounds_of(config)
    paths: dict[Path, None] = {}
    passed_over: dict[Path, str] = {}
    for top in tops:
        absolute = (config.cwd / top).resolve()
        if not exists(absolute, config.shown(absolute)):
            raise _missing(absolute, config, given=given)
        around = (*within, *bounds_around(absolute)) if given else within
        if not given:
            check_within(absolute, around, config.shown(absolute))
        if not is_folder(absolute, config.shown(absolute)):
            paths[absolute] = None
            continue
        below = sorted(_files_below(absolute, known, around, config))
        ignored = _ignored(absolute, below)
        for path in below:
            shown = config.shown(path)
            if not config.is_in_roots(path):
                continue
            if path in ignored or config.is_excluded(path):
                if is_schema_path(path.name):
                    passed_over[path] = IGNORED if path in ignored else EXCLUDED
                continue
            inside = path.relative_to(absolute).as_posix()
            is_schema = is_schema_path(inside)
            if is_schema and not is_folder(path, shown):
                paths[path] = None
            elif path.name.lower().endswith(SUFFIXES) or _holds_a_schema(path, shown):
                hidden = HIDDEN if "/." in f"/{inside}" else OTHER_NAME
                passed_over[path] = NO_FILE if is_schema else hidden
        passed_over |= dict.fromkeys(_empty_submodules(absolute, config), NOT_CHECKED_OUT)
    left = ((path, reason) for path, reason in passed_over.items() if path not in paths)
    if not given:
        _check_patterns(config, paths)
    return SchemaPaths(tuple(paths), tuple(left))


def _check_patterns(config: Config, paths: Iterable[Path]) -> None:
    """Every pattern of the roots fits some of `paths`.

    Raises:
        UsageError: one fits none of them.
    """
    unused = next((p for p in config.root_patterns if not any(map(p.fits, paths))), None)
    if unused is not None:
        raise UsageError(
            f"roots: no schema file fits {unused.text!r}",
            location=Location(config.shown(config.source)) if config.source else None,
            advice="correct the pattern, or remove it (it is relative to the configuration file)",
        )


def _ignored(top: Path, paths: Sequence[Path]) -> set[Path]:
    """Those of `paths`, all below `top`, that git ignores; none where it ignores `top` itself."""
    home = repository_top(top)
    if home is None or not paths:
        return set()
    nearest = {path.parent for path in paths}
    around = {folder for near in nearest for folder in (near, *near.parents)}
    folders = (folder for folder in around if folder.is_relative_to(home))
    if not any(is_regular(folder / ".gitignore", ".gitignore") for folder in folders):
        return set()
    from schemareg.workspace.git import ignored_paths  # a process that few repositories need

    found = ignored_paths(home, [*paths, top] if top != home else paths)
    return set() if top in found else found


def _empty_submodules(top: Path, config: Config) -> list[Path]:
    """The submodules below `top`, or around it, that a clone without submodules left empty."""
    home = repository_top(top)
    if home is None or not is_regular(home / ".gitmodules", ".gitmodules"):
        return []
    from schemareg.workspace.git import submodules_below  # a process that few repositories need

    return [
        folder
        for folder in submodules_below(home)
        if (folder.is_relative_to(top) or top.is_relative_to(folder))
        and is_folder(folder, config.shown(folder))
        and not names_in(folder, config.shown(folder))
        and not config.is_excluded(folder)
    ]


def is_schema_path(path: str) -> bool:
    """Whether a file at `path`, relative to a root, is a schema file: no hidden one."""
    return path.lower().endswith(SUFFIXES) and not path.startswith(".") and "/." not in path


def _holds_a_schema(path: Path, shown: str) -> bool:
    """Whether the first characters of a file are those of JSON, and look like a schema."""
    if not is_regular(path, shown):
        return False
    start = read_start(path, shown, _LOOKED_AT_BYTES)
    return (
        start.lstrip()[:1] in (b"{", b"[")
        and b'"type"' in start
        and any(kind in start for kind in _KINDS)
    )


def _files_below(
    top: Path, snapshots: Collection[Path], within: Bounds, config: Config
) -> Iterator[Path]:
    """The files that look like schemas, also links to nowhere: reading those is an error."""
    for folder, names in walk(
        top, config.shown, within=within, wanted=_looks_like_a_schema, skipped=_NEVER_ENTERED
    ):
        if SNAPSHOT_MARK in names:
            if any(folder.is_relative_to(snapshot) for snapshot in snapshots):
                continue
            if any(name.lower().endswith(SUFFIXES) for name in names):
                raise UsageError(
                    "the mark of a snapshot's folder beside schemas, outside of the snapshot",
                    location=Location(config.shown(folder / SNAPSHOT_MARK)),
                    advice="remove it, or set snapshot to the folder that holds this one",
                )
        for name in names:
            yield folder / name


def _looks_like_a_schema(name: str) -> bool:
    """Also one with more behind the suffix: `a.avsc.txt`, `a.avsc~`."""
    lower = name.lower()
    return lower.endswith((*SUFFIXES, *_OFTEN_SCHEMAS)) or SUFFIX in lower


def read_files(paths: Iterable[Path], config: Config) -> list[tuple[str, bytes]]:
    """Path (as shown) and bytes of each file.

    Raises:
        UsageError: a file that cannot be read.
    """
    return [(shown := config.shown(path), read_bytes(path, shown)) for path in paths]


def schema_texts(
    config: Config, tops: Iterable[Path], *, snapshots: Collection[Path] | None = None
) -> list[tuple[str, bytes]]:
    """Path (as shown) and bytes of every schema file under `tops`, as `find_schemas`.

    Raises:
        UsageError: a path that is not there or cannot be read.
    """
    found = find_schemas(config, tops, given=True, snapshots=snapshots)
    return read_files(found.paths, config)


def passed_over_note(passed_over: Sequence[PassedOver]) -> str:
    """One line that names, for each reason, the first of what was passed over, and the count."""
    by_reason: dict[str, list[str]] = {}
    for each in passed_over:
        by_reason.setdefault(each.reason, []).append(each.shown)
    return "; ".join(_group(reason, shown) for reason, shown in by_reason.items())


def _group(reason: str, shown: Sequence[str]) -> str:
    more = len(shown) - _MOST_SHOWN
    rest = f" and {more} more" if more > 0 else ""
    if reason == MESSAGES:
        count = "1 protocol" if len(shown) == 1 else f"{len(shown)} protocols"
        return f"passed over {reason} {count}: {', '.join(shown[:_MOST_SHOWN])}{rest}"
    noun = "folder" if reason == NOT_CHECKED_OUT else "file"
    count = f"1 {noun}" if len(shown) == 1 else f"{len(shown)} {noun}s"
    return f"passed over {count}, {reason}: {', '.join(shown[:_MOST_SHOWN])}{rest}"


def _missing(path: Path, config: Config, *, given: bool) -> UsageError:
    if given or config.source is None:
        message = f"{config.shown(path)}: no such file or directory"
        if given:
            return UsageError(message, advice="name a schema file or a directory of them")
        return NoSchemasError(
            message, advice="name a directory of schemas, or write a schemareg.toml with roots"
        )
    return UsageError(
        f"roots: there is no {config.shown(path)}",
        location=Location(config.shown(config.source)),
        advice="create it, or correct the path (it is relative to the configuration file)",
    )
