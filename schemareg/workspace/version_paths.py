"""Versions that the places of schema files name: `v1/Order.avsc`, `Order-v1.avsc`, `shop.v1`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import PurePosixPath

from schemareg.lazy_dataclass import dataclass

_FOLDER = r"[vV]?(\d{1,9}(?:[._]\d{1,9}){0,3})"
_IN_NAME = r"(?:[-._][vV]|[-_])(\d{1,9}(?:[._]\d{1,9}){0,3})(?=$|[-._])"
_IN_NAMESPACE = r"[vV](\d{1,9}(?:_\d{1,9}){0,3})"


class VersionLayout(StrEnum):
    """Where the versions of a schema are distinguished."""

    FOLDERS = "folders"
    FILES = "files"
    NAMESPACES = "namespaces"


@dataclass(frozen=True, slots=True)
class VersionedPath:
    """A file that is one version of a schema.

    Files of one `series` are versions of the same schema. Files of one `group` are versioned
    together: they use each other within a version. `number` is empty for a file without one
    beside files of its series that have: the newest. `in_folder`: a folder has the version, and
    holds all that belongs to it.
    """

    path: str
    series: str
    group: str
    number: tuple[int, ...]
    in_folder: bool = False

    @property
    def age(self) -> tuple[bool, tuple[int, ...]]:
        """What versions are in order by, the oldest first."""
        return not self.number, self.number


def versioned_path(path: str, layouts: Collection[VersionLayout]) -> VersionedPath | None:
    """The version that `path` (with forward slashes) names; None where it names none.

    A folder counts before the name of the file; of nested folders the last that are numbers.
    """
    if not any(map(str.isdigit, path)):
        return None
    pure = PurePosixPath(path)
    folders = list(pure.parent.parts)
    name, in_name = versionless_name(pure.name)
    if VersionLayout.FOLDERS in layouts:
        end = next((i + 1 for i in reversed(range(len(folders))) if _number(folders[i])), 0)
        start = end
        while start > 0 and _number(folders[start - 1]):
            start -= 1
        if end:
            number = tuple(n for folder in folders[start:end] for n in _number(folder))
            group = "/".join((*folders[:start], ""))
            series = "/".join((*folders[:start], *folders[end:], name))
            return VersionedPath(path, series, group, number, in_folder=True)
    if VersionLayout.FILES in layouts and in_name:
        group = "/".join((*folders, ""))
        return VersionedPath(path, "/".join((*folders, name)), group, in_name)
    return None


def versionless(fullname: str) -> tuple[str, tuple[int, ...]]:
    """`fullname` without the last part of its namespace that is a version, and that version.

    The version is empty where no part of the namespace is one.
    """
    parts = fullname.split(".")
    for at in reversed(range(len(parts) - 1)):
        if found := re.fullmatch(_IN_NAMESPACE, parts[at]):
            return ".".join((*parts[:at], *parts[at + 1 :])), _numbers(found[1])
    return fullname, ()


def versionless_name(name: str) -> tuple[str, tuple[int, ...]]:
    """`name` of a file without its last version, and that version; empty where it has none."""
    stem, dot, suffix = name.rpartition(".")
    found = list(re.finditer(_IN_NAME, stem))
    if not found or found[-1].start() == 0:
        return name, ()
    last = found[-1]
    return f"{stem[: last.start()]}{stem[last.end() :]}{dot}{suffix}", _numbers(last[1])


def versioned_paths(
    paths: Iterable[str], layouts: Collection[VersionLayout]
) -> Mapping[str, VersionedPath]:
    """Those of `paths` that are versions, also one without a number beside numbered ones."""
    paths = tuple(paths)
    found = {path: own for path in paths if (own := versioned_path(path, layouts)) is not None}
    numbered = {own.series: own for own in found.values()}
    for path in paths:
        if path not in found and (beside := numbered.get(path)) is not None:
            found[path] = VersionedPath(path, path, beside.group, (), beside.in_folder)
    return found


def _number(folder: str) -> tuple[int, ...]:
    found = re.fullmatch(_FOLDER, folder)
    return _numbers(found[1]) if found else ()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.split(r"[._]", text)))
