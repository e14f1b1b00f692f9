"""The snapshot: what is registered, as readable files beside the schemas.

One folder per subject, named after it with what file systems refuse spelt `%XX`:

    schemas/registered/carts-value/subject.json   subject, level, versions with references
    schemas/registered/carts-value/v1.avsc        the text of version 1
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from schemareg.avro.parse import source
from schemareg.avro.schema import JsonValue
from schemareg.errors import ContentError, SchemaParseError, UsageError
from schemareg.places import Location
from schemareg.state.base import Base, BaseVersion, Resolver, StoredText
from schemareg.state.layout import laid_out, same_json
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
from schemareg.suggestions import did_you_mean
from schemareg.workspace import SNAPSHOT_MARK, Config

SUBJECT_FILE = SNAPSHOT_MARK


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """A subject of the snapshot: its level, and the references of each of its versions."""

    folder: Path
    level: CompatibilityLevel | None
    versions: Mapping[Version, tuple[Reference, ...]]


class SnapshotBase:
    """The snapshot in `directory`, read when it is made; texts are read when asked for."""

    def __init__(self, directory: Path, config: Config) -> None:
        self._directory = directory
        self._config = config
        self._subjects = dict(_read_subjects(directory, config))
        self._resolver = Resolver(self._stored, avro_version=config.avro_version)

    def describe(self) -> str:
        return f"the snapshot in {self._config.shown(self._directory)}"

    def subjects(self) -> tuple[Subject, ...]:
        return tuple(sorted(self._subjects))

    def called(self, version: Version) -> str:
        return f"v{version}"

    def claimed(self) -> tuple[Subject, ...]:
        return self.subjects()

    def history(self, subject: Subject) -> tuple[BaseVersion, ...]:
        stored = self._subjects.get(subject)
        versions = sorted(stored.versions) if stored else ()
        return tuple(self._resolver.version(subject, version) for version in versions)

    def level(self, subject: Subject) -> CompatibilityLevel | None:
        stored = self._subjects.get(subject)
        return stored.level if stored else None

    def failures(self) -> tuple[SchemaParseError, ...]:
        return ()

    def _stored(self, subject: Subject, version: Version) -> StoredText:
        stored = self._subjects.get(subject)
        if stored is None or version not in stored.versions:
            raise ContentError(
                f"the snapshot refers to {subject!r} version {version}, which it does not hold",
                location=Location(self._config.shown(self._directory)),
                advice="take the snapshot anew",
            )
        path = stored.folder / f"v{version}.avsc"
        shown = self._config.shown(path)
        try:
            text = source.decode_text(path.read_bytes())
        except OSError as error:
            raise ContentError(
                f"the text of {subject!r} version {version} cannot be read: {error.strerror}",
                location=Location(shown),
                advice="take the snapshot anew",
            ) from error
        except SchemaParseError as error:
            raise error.at(shown) from error
        return StoredText(text, stored.versions[version], Location(shown))


def is_snapshot(directory: Path) -> bool:
    """Whether `directory` holds the folders of a snapshot."""
    return any(directory.glob(f"*/{SUBJECT_FILE}"))


def open_snapshot(directory: Path, config: Config) -> SnapshotBase:
    """The snapshot in `directory`.

    Raises:
        UsageError: there is none.
        ContentError: one of its files is not what a snapshot holds.
    """
    if not directory.is_dir():
        raise UsageError(
            f"there is no snapshot at {config.shown(directory)}",
            advice="take one with `schemareg pull`, or compare with git:REF or a registry",
        )
    return SnapshotBase(directory, config)


def write_snapshot(directory: Path, base: Base) -> tuple[Path, ...]:
    """After it `directory` holds what `base` holds; the paths that were written or removed.

    A file that already says the same is left as it is, however it is laid out.

    Raises:
        UsageError: a file cannot be written.
    """
    try:
        return tuple(_write(directory, base))
    except OSError as error:
        raise UsageError(
            f"{error.filename or directory} cannot be written: {error.strerror}",
            advice="check its permissions and the space left",
        ) from error


def _write(directory: Path, base: Base) -> Iterator[Path]:
    wanted: dict[Path, str] = {}
    for subject in base.subjects():
        folder = directory / folder_name(subject)
        history = base.history(subject)
        wanted[folder / SUBJECT_FILE] = _subject_text(subject, base.level(subject), history)
        for version in history:
            wanted[folder / f"v{version.version}.avsc"] = version.text
    for path in sorted(_owned_files(directory)):
        if path not in wanted:
            path.unlink()
            yield path
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    for path, text in wanted.items():
        new = laid_out(text)
        if path.is_file() and same_json(path.read_text(encoding="utf-8", errors="replace"), new):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(new, encoding="utf-8", newline="\n")
        yield path


def _owned_files(directory: Path) -> Iterator[Path]:
    for subject_file in directory.glob(f"*/{SUBJECT_FILE}"):
        yield subject_file
        yield from subject_file.parent.glob("v*.avsc")


def folder_name(subject: Subject) -> str:
    """The folder of `subject`: every character that some file system refuses spelt `%XX`."""
    spelt = quote(subject, safe="")
    inner = spelt.strip(".")
    start, _, end = spelt.partition(inner) if inner else (spelt, "", "")
    return start.replace(".", "%2E") + inner + end.replace(".", "%2E")


def _subject_text(
    subject: Subject, level: CompatibilityLevel | None, history: Iterable[BaseVersion]
) -> str:
    """subject.json, with one line per version and reference."""
    versions: list[str] = []
    for version in history:
        references = [
            "      " + _json({"name": r.name, "subject": r.subject, "version": r.version})
            for r in version.references
        ]
        inner = ', "references": [\n' + ",\n".join(references) + "\n    ]" if references else ""
        versions.append(f'    {{"version": {version.version}{inner}}}')
    told = [f'  "subject": {_json(subject)}']
    if level is not None:
        told.append(f'  "level": {_json(level.value)}')
    told.append('  "versions": [\n' + ",\n".join(versions) + "\n  ]")
    return "{\n" + ",\n".join(told) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _read_subjects(directory: Path, config: Config) -> Iterator[tuple[Subject, StoredSubject]]:
    for path in sorted(directory.glob(f"*/{SUBJECT_FILE}")):
        shown = config.shown(path)
        try:
            value = source.load(source.decode_text(path.read_bytes()))
        except OSError as error:
            raise ContentError(
                f"cannot be read: {error.strerror}", location=Location(shown)
            ) from error
        except SchemaParseError as error:
            raise error.at(shown) from error
        yield _SubjectReader(shown).subject(value, path.parent)


class _SubjectReader:
    """subject.json as a value -> `StoredSubject`, refusing with the file's name."""

    def __init__(self, shown: str) -> None:
        self.shown = shown

    def refusal(self, message: str, advice: str = "take the snapshot anew") -> ContentError:
        return ContentError(message, location=Location(self.shown), advice=advice)

    def subject(self, value: JsonValue, folder: Path) -> tuple[Subject, StoredSubject]:
        if not isinstance(value, dict):
            raise self.refusal("not a snapshot's subject: not a JSON object")
        name = value.get("subject")
        versions = value.get("versions")
        if not isinstance(name, str) or not isinstance(versions, list):
            raise self.refusal("not a snapshot's subject: it needs 'subject' and 'versions'")
        numbered = dict(self.version(entry) for entry in versions)
        if len(numbered) < len(versions):
            raise self.refusal("a version stands twice in it")
        return Subject(name), StoredSubject(folder, self.level(value.get("level")), numbered)

    def level(self, value: JsonValue) -> CompatibilityLevel | None:
        if value is None:
            return None
        known = [level.value for level in CompatibilityLevel]
        if value not in known:
            raise self.refusal(f"unknown level {value!r}", did_you_mean(str(value).upper(), known))
        return CompatibilityLevel(str(value))

    def version(self, entry: JsonValue) -> tuple[Version, tuple[Reference, ...]]:
        number = entry.get("version") if isinstance(entry, dict) else None
        references = entry.get("references", []) if isinstance(entry, dict) else None
        if type(number) is not int or number < 1 or not isinstance(references, list):
            raise self.refusal(f"not a version of a snapshot: {entry!r}")
        return Version(number), tuple(self.reference(r) for r in references)

    def reference(self, entry: JsonValue) -> Reference:
        match entry:
            case {"name": str(name), "subject": str(subject), "version": int(version)}:
                return Reference(name, Subject(subject), Version(version))
            case _:
                raise self.refusal(f"not a reference: {entry!r}")
