"""Where the schema files of a directory keep their versions, as far as that can be recognized."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.workspace import Config, SchemaFile
from schemareg.workspace.version_paths import VersionLayout, versionless
from schemareg.workspace.versions import VersionedFiles, resolve_versions


@dataclass(frozen=True, slots=True)
class RecognizedVersions:
    """The layouts of versions in use: `schemas` have `earlier` versions in all."""

    layouts: tuple[VersionLayout, ...] = ()
    schemas: int = 0
    earlier: int = 0


def recognized_versions(texts: Sequence[tuple[str, bytes]], config: Config) -> RecognizedVersions:
    """The layouts by which some of `texts` are versions of one type.

    Files are versions only where they define a type of the same short name.
    """
    best = RecognizedVersions()
    for layout in VersionLayout:
        tried = (*best.layouts, layout)
        try:
            files = resolve_versions(texts, replace(config, versions=tried))
        except UsageError:
            continue
        series = list(_series(files))
        if any(len({_short_name(file) for file in own}) > 1 for own in series):
            continue
        renamed = layout is VersionLayout.NAMESPACES and any(map(_has_versions_in_names, series))
        earlier = sum(len(own) - 1 for own in series)
        if earlier > best.earlier or (earlier and renamed):
            best = RecognizedVersions(tried, len(series), earlier)
    return best


def _series(files: VersionedFiles) -> Iterator[list[SchemaFile]]:
    known = {file.path: file for file in (*files.files, *files.retired)}
    for path, earlier in files.earlier.items():
        if path in known:
            yield [*earlier, known[path]]


def _short_name(file: SchemaFile) -> str:
    return file.parts[0].fullname.rpartition(".")[2] if file.parts else ""


def _has_versions_in_names(series: Sequence[SchemaFile]) -> bool:
    names = {file.parts[0].fullname for file in series if file.parts}
    return len(names) > 1 and len({versionless(name)[0] for name in names}) == 1
