"""Files that Avro IDL imports: those of the repository are read, the others are named."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from schemareg.errors import SchemaParseError
from schemareg.workspace.config import Config
from schemareg.workspace.files import FileError, bounds_of, check_within, is_regular, read_bytes
from schemareg.workspace.schema_paths import PassedOver
from schemareg.workspace.source_languages import SUFFIXES, imports_of

OUTSIDE = "imports that lead out of the repository"
MISSING = "imports that are not there"
NO_SCHEMA = "imports that are not named as schema files"

Read = Callable[[Path], bytes | None]
"""The content of a file of the repository; None where there is none."""


def with_imports(
    texts: Sequence[tuple[str, bytes]], config: Config, read: Read | None = None
) -> tuple[tuple[tuple[str, bytes], ...], tuple[PassedOver, ...]]:
    """`texts` (path as shown, bytes) and what they import that is not among them, sorted.

    A path is relative to the file that imports it, else to a root, as on a class path. What
    cannot be read is passed over: a type that is missing for that is a problem of its user. With
    `read` the files of another time are read.

    Source: Avro specification 1.12, "IDL Language", section Imports.
    """
    content = read or _reader(config)
    bounds = bounds_of(config)
    known = {_normal(config.cwd / path): path for path, _ in texts}
    found = dict(texts)
    left: dict[PassedOver, None] = {}
    waiting = list(texts)
    while waiting:
        path, raw = waiting.pop()
        for name in _imports(path, raw):
            places = list(_places(config.cwd / path, name, config))
            if any(place in known for place in places):
                continue
            shown = f"{name} (of {path})"
            inside = [place for place in places if any(map(place.is_relative_to, bounds))]
            if not inside:
                left[PassedOver(shown, OUTSIDE)] = None
                continue
            if not name.lower().endswith(SUFFIXES):
                left[PassedOver(shown, NO_SCHEMA)] = None
                continue
            for place in inside:
                if (text := content(place)) is not None:
                    known[place] = config.shown(place)
                    found[known[place]] = text
                    waiting.append((known[place], text))
                    break
            else:
                left[PassedOver(shown, MISSING)] = None
    if len(found) == len(texts):
        return tuple(texts), tuple(left)
    return tuple(sorted(found.items())), tuple(left)


def _imports(path: str, raw: bytes) -> Iterable[str]:
    with suppress(SchemaParseError):  # reported where the project is built
        return imports_of(path, raw)
    return ()


def _places(importer: Path, name: str, config: Config) -> Iterator[Path]:
    for folder in dict.fromkeys((importer.parent, *config.roots)):
        yield _normal(folder / PurePosixPath(name))


def _normal(path: Path) -> Path:
    """`path` without `..`, as its spelling has it: links are followed where it is read."""
    return Path(os.path.normpath(path))


def _reader(config: Config) -> Read:
    bounds = bounds_of(config)

    def read(path: Path) -> bytes | None:
        shown = config.shown(path)
        with suppress(FileError, ValueError):
            check_within(path, bounds, shown)
            if is_regular(path, shown):
                return read_bytes(path, shown, within=bounds)
        return None

    return read
