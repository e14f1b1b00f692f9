"""Event schemas by name, from files, packages, archives and registries."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from schemareg.avro.schema import Schema
from schemareg.codec.messages import type_name
from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.address import is_registry_url
from schemareg.registry.api.state import AVRO
from schemareg.subjects import Subject
from schemareg.suggestions import did_you_mean
from schemareg.workspace import (
    SUFFIX,
    Config,
    SchemaFile,
    TopicConfig,
    load_project,
    resolve_files,
    schema_texts,
)
from schemareg.workspace.parts import SchemaPart

_ARCHIVES = (".zip", ".jar", ".whl")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A named type that can be an event; MODULE:NAME where several modules define the name."""

    fullname: str
    text: str
    schema: Schema

    @property
    def name(self) -> str:
        """The full name of the type, without its module."""
        return self.fullname.rpartition(":")[2]


class Catalog:
    """Entries by full name, each after those that it uses.

    `passed_over` are subjects of a registry that hold no Avro schema. `topics` are those of the
    project, None where it is that of other sources.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        passed_over: Sequence[Subject] = (),
        topics: Sequence[TopicConfig] | None = None,
    ) -> None:
        self.entries: Mapping[str, Entry] = {entry.fullname: entry for entry in entries}
        self.passed_over = tuple(passed_over)
        self.topics = topics

    def find(self, name: str) -> Entry:
        """The entry called `name`, full or (where only one has it) short.

        Raises: UsageError for an unknown name, or when a short name means several.
        """
        if name in self.entries:
            return self.entries[name]
        names = [(full, entry.name) for full, entry in self.entries.items()]
        short = [full for full, own in names if name in (own, own.rpartition(".")[2])]
        if len(short) == 1:
            return self.entries[short[0]]
        if short:
            raise UsageError(f"{name!r} is the name of several types", advice=" or ".join(short))
        advice = did_you_mean(name, self.entries)
        if self.passed_over:
            number = len(self.passed_over)
            advice += f"; passed over in the registry, because they are not Avro: {number} subjects"
        raise UsageError(f"no schema defines {name!r}", advice=advice)


def catalog_of(files: Iterable[SchemaFile]) -> Catalog:
    """The named types that `files`, in dependency order, define at their top, or in an array or a
    union there; of copies the first. Those of one name in several modules are MODULE:NAME.
    """
    parts: dict[str, dict[str, SchemaPart]] = {}
    for file in files:
        for part in file.parts:
            parts.setdefault(part.fullname, {}).setdefault(file.modules[0], part)
    return Catalog(
        [
            Entry(f"{module}:{name}" if len(own) > 1 else name, part.text, part.schema)
            for name, own in parts.items()
            for module, part in own.items()
        ]
    )


def load_catalog(sources: Sequence[str], *, config: Config) -> Catalog:
    """What `sources` hold together; without any, the configured project.

    A source is a directory, a file (one schema, or a zip, jar or wheel of them),
    `package:NAME` with an optional `/FOLDER` (an installed package's files), or the URL of a
    registry, of whose Avro subjects the latest versions count.

    Raises:
        UsageError: a source that does not exist or holds no schema, or a type defined twice.
        SchemaParseError: a schema that is refused.
        RegistryError, RegistryUnavailableError: a registry refused, or did not answer.
    """
    if not sources:
        project = load_project(config)
        if project.failures:
            raise project.failures[0]
        return Catalog([*catalog_of(project.files).entries.values()], topics=project.topics)
    texts: list[tuple[str, bytes]] = []
    entries: list[Entry] = []
    passed_over: list[Subject] = []
    for source in sources:
        if is_registry_url(source):
            for subject, entry in _from_registry(source):
                if entry is None:
                    passed_over.append(subject)
                else:
                    entries.append(entry)
        else:
            found = list(_texts(source, config))
            if not found:
                raise UsageError(f"no schemas found: {source} holds no *{SUFFIX} file")
            texts += found
    return Catalog([*_from_files(texts, config).entries.values(), *entries], passed_over)


def _from_files(texts: Sequence[tuple[str, bytes]], config: Config) -> Catalog:
    resolved = resolve_files(texts, avro_version=config.avro_version)
    if resolved.failures:
        raise resolved.failures[0]
    return catalog_of(resolved.files)


def _from_registry(url: str) -> Iterator[tuple[Subject, Entry | None]]:
    """The latest version of each subject; None for one that is no Avro schema."""
    from schemareg.registry import connect  # the HTTP client is not needed otherwise

    with connect(url) as registry:
        for subject in registry.get_subjects():
            if registry.get_version(subject, "latest").schema_type != AVRO:
                yield subject, None
                continue
            schema = registry.fetch_schema(subject, "latest")
            yield subject, Entry(type_name(schema), schema.text, schema)


def _texts(source: str, config: Config) -> Iterator[tuple[str, bytes]]:
    if source.startswith("package:"):
        yield from _package_texts(source)
    elif source.endswith(_ARCHIVES):
        yield from _archive_texts(config.cwd / source, source)
    else:
        yield from schema_texts(config, [Path(source)])


def _package_texts(source: str) -> Iterator[tuple[str, bytes]]:
    name, _, folder = source.removeprefix("package:").partition("/")
    try:
        top = resources.files(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{source}: no package {name!r} is installed",
            advice=f"install it, or correct the name of the source {source!r}",
        ) from error
    yield from _below(top.joinpath(*folder.split("/")) if folder else top, source)


def _below(folder: Traversable, shown: str) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        raise UsageError(f"{shown} is no folder")
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _below(item, f"{shown}/{item.name}")
        elif item.name.endswith(SUFFIX):
            yield f"{shown}/{item.name}", item.read_bytes()


def _archive_texts(path: Path, shown: str) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(SUFFIX):
                    yield f"{shown}/{name}", archive.read(name)
    except FileNotFoundError as error:
        raise UsageError(f"{shown}: no such file", advice="name the bundle of schemas") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{shown} cannot be read as an archive: {error}") from error
