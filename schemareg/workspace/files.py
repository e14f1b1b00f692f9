"""Which files of a project are schemas, and reading them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from schemareg.errors import NoSchemasError, UsageError
from schemareg.places import Location
from schemareg.workspace.config import Config

SUFFIX = ".avsc"
SNAPSHOT_MARK = "subject.json"
"""The file that makes a folder one of a snapshot: its schemas are versions, not files."""
# what schemas and their sources are called elsewhere
_LOOKED_AT_BYTES = 4096
_KINDS = (b'"record"', b'"enum"', b'"fixed"')
_MOST_SHOWN = 5
_LOOKS_LIKE_A_SCHEMA = (SUFFIX, ".json", ".avdl", ".avpr")


@dataclass(frozen=True, slots=True)
class SchemaPaths:
    """The schema files below some directories, and what looks like one and was passed over.

    Passed over are hidden files, and other suffixes than `.avsc` in any case.
    """

    paths: tuple[Path, ...]
    passed_over: tuple[Path, ...]


def find_schemas(config: Config, tops: Iterable[Path], *, given: bool) -> SchemaPaths:
    """Every schema file under `tops`, sorted within each, none of them twice.

    Snapshots below them are left out; a file that is named itself is taken as it is. `given`:
    `tops` come from the command line, not from the configuration.

    Raises:
        UsageError: a path that is not there.
    """
    paths: dict[Path, None] = {}
    passed_over: dict[Path, None] = {}
    for top in tops:
        absolute = (config.cwd / top).resolve()
        if not absolute.exists():
            raise _missing(absolute, config, given=given)
        if absolute.is_file():
            paths[absolute] = None
            continue
        for path in sorted(_files_below(absolute, config.snapshot)):
            if is_schema_path(path.relative_to(absolute).as_posix()):
                paths[path] = None
            elif path.suffix.lower() != ".json" or _holds_a_schema(path):
                passed_over[path] = None
    return SchemaPaths(tuple(paths), tuple(path for path in passed_over if path not in paths))


def is_schema_path(path: str) -> bool:
    """Whether a file at `path`, relative to a root, is a schema file: no hidden one."""
    return path.lower().endswith(SUFFIX) and not path.startswith(".") and "/." not in path


def _holds_a_schema(path: Path) -> bool:
    """Whether the first characters of a JSON file look like those of a schema."""
    try:
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT_BYTES)
    except OSError:
        return False
    return b'"type"' in start and any(kind in start for kind in _KINDS)


def _files_below(top: Path, snapshot: Path) -> Iterator[Path]:
    """The files that look like schemas, also links to nowhere: reading those is an error."""
    for folder, folders, names in os.walk(top):
        own = Path(folder)
        if SNAPSHOT_MARK in names or own == snapshot:
            names = [name for name in names if name.endswith(SUFFIX)] if own == snapshot else []
        folders[:] = [name for name in folders if name not in (".git", "node_modules")]
        for name in names:
            if name.lower().endswith(_LOOKS_LIKE_A_SCHEMA):
                yield own / name


def read_files(paths: Iterable[Path], config: Config) -> list[tuple[str, bytes]]:
    """Path (as shown) and bytes of each file.

    Raises:
        UsageError: a file that cannot be read.
    """
    return [(config.shown(path), _read_bytes(path, config)) for path in paths]


def schema_texts(config: Config, tops: Iterable[Path]) -> list[tuple[str, bytes]]:
    """Path (as shown) and bytes of every schema file under `tops`, snapshots left out.

    Raises:
        UsageError: a path that is not there or cannot be read.
    """
    return read_files(find_schemas(config, tops, given=True).paths, config)


def write_file(path: Path, text: str, shown: str) -> None:
    """Makes `text` the content of the file at `path`: all of it or, after a failure, none.

    Line ends are written as they are in `text`. The file keeps its permissions.

    Raises:
        UsageError: a link, or a file that cannot be written.
    """
    if path.is_symlink():
        raise UsageError(f"{shown} is a link, which is not written", advice="name the file itself")
    part = None
    try:
        with NamedTemporaryFile("wb", dir=path.parent, prefix=".", delete=False) as file:
            part = Path(file.name)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o7777)
        else:
            part.chmod(0o644)
        os.replace(part, path)
    except OSError as error:
        if part is not None:
            part.unlink(missing_ok=True)
        raise UsageError(
            f"{shown} cannot be written: {error.strerror}", advice="check the rights of its folder"
        ) from error


def passed_over_note(passed_over: Sequence[str]) -> str:
    """One line that names the first of the files that were passed over."""
    shown = ", ".join(passed_over[:_MOST_SHOWN])
    more = len(passed_over) - _MOST_SHOWN
    rest = f" and {more} more" if more > 0 else ""
    count = "1 file" if len(passed_over) == 1 else f"{len(passed_over)} files"
    return f"passed over {count}, hidden or not named *{SUFFIX}: {shown}{rest}"


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


def _read_bytes(path: Path, config: Config) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{config.shown(path)} cannot be read: {error.strerror}",
            advice="check its permissions, or the target of its link",
        ) from error
