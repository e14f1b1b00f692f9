"""The snapshot: what is registered, as readable files beside the schemas.

One folder per subject, named after it with what file systems refuse spelt `%XX`:

    schemas/registered/carts-value/subject.json   subject, level, versions with references
    schemas/registered/carts-value/v1.avsc        the text of version 1
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from schemareg.avro.parse import source
from schemareg.errors import ContentError, SchemaParseError, UsageError
from schemareg.places import Location
from schemareg.registry.api.state import Origin, RegistryState, StoredVersion, SubjectState
from schemareg.registry.api.state_json import StateReader, check_references, subject_to_json
from schemareg.state.layout import laid_out
from schemareg.subjects import Subject
from schemareg.syntax import same_tokens
from schemareg.workspace import SNAPSHOT_MARK, Config
from schemareg.workspace.files import (
    Bounds,
    FileError,
    bounds_around,
    check_within,
    is_folder,
    is_regular,
    names_in,
    read_bytes,
    replace_files,
    subfolders,
)

SUBJECT_FILE = SNAPSHOT_MARK
_ADVICE = "write the snapshot again with `schemareg pull`"
_LONGEST = 200
"""Bytes of a folder's name; file systems take 255, and some tools add to names."""
_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
)
"""Names that Windows reserves for devices, with any ending."""


def is_snapshot(directory: Path) -> bool:
    """Whether `directory` holds the folders of a snapshot."""
    return is_folder(directory, directory.as_posix()) and any(_subject_files(directory))


def _subject_files(directory: Path, shown: Callable[[Path], str] = Path.as_posix) -> Iterator[Path]:
    """The subject.json of each folder of a snapshot; folders without one hold none of it.

    Raises:
        UsageError: a folder, or a link, that cannot be followed.
    """
    within = bounds_around(directory)
    for folder in subfolders(directory, shown(directory)):
        check_within(folder, within, shown(folder))
        path = folder / SUBJECT_FILE
        if SUBJECT_FILE in names_in(folder, shown(folder)):
            check_within(path, within, shown(path))
            yield path


def has_snapshot(config: Config) -> bool:
    """Whether there is a folder where the project's snapshot is.

    Raises:
        UsageError: a folder on its path cannot be entered.
    """
    return is_folder(config.snapshot, config.shown(config.snapshot))


def read_snapshot(directory: Path, config: Config) -> RegistryState:
    """The state that the snapshot in `directory` holds.

    Raises:
        UsageError: it does not exist.
        ContentError: one of its files is missing, or is not what a snapshot holds.
    """
    shown = config.shown(directory)
    if not is_folder(directory, shown):
        raise UsageError(
            f"there is no snapshot at {shown}",
            advice="write one with `schemareg pull`, or compare with git:REF or a registry",
        )
    subjects: dict[Subject, SubjectState] = {}
    folders: dict[Subject, Path] = {}
    within = bounds_around(directory)
    for folder, held in _held_subjects(directory, config):
        first = folders.setdefault(held.subject, folder)
        if first is not folder:
            raise ContentError(
                f"the subject {held.subject!r} is in {config.shown(first)}, too",
                location=Location(config.shown(folder / SUBJECT_FILE)),
                advice=f"remove one of the two folders, or {_ADVICE}",
            )
        texts = tuple(_with_text(held, v, folder, config, within) for v in held.versions)
        subjects[held.subject] = replace(held, versions=texts)
    state = RegistryState(dict(sorted(subjects.items())), Origin(f"the snapshot in {shown}"))
    check_references(state, StateReader(shown, advice=_ADVICE))
    return state


def snapshot_subjects(directory: Path) -> set[Subject]:
    """The subjects of the snapshot in `directory`; none where there is no snapshot.

    Raises:
        UsageError: a folder of it cannot be read.
    """
    return {Subject(name) for _, name in _named_folders(directory) if name}


def snapshot_folders(directory: Path) -> dict[str, Subject]:
    """The subject of each folder of the snapshot in `directory`.

    Raises:
        UsageError: a folder of it cannot be read.
    """
    return {path.parent.name: Subject(name) for path, name in _named_folders(directory) if name}


def _named_folders(directory: Path) -> Iterator[tuple[Path, str]]:
    """Each subject.json with the subject that it names ("" where it is broken)."""
    if is_folder(directory, directory.as_posix()):
        for path in _subject_files(directory):
            yield path, _subject_in(path)


def _held_subjects(directory: Path, config: Config) -> Iterator[tuple[Path, SubjectState]]:
    """Each folder and what its subject.json holds."""
    for path in _subject_files(directory, config.shown):
        shown = config.shown(path)
        try:
            value = source.load(source.decode_text(read_bytes(path, shown)))
        except FileError as error:
            raise ContentError(
                f"cannot be read: {error.reason}", location=Location(shown), advice=_ADVICE
            ) from error
        except SchemaParseError as error:
            raise error.at(shown) from error
        yield path.parent, StateReader(shown, advice=_ADVICE).subject(value, texts=False)


def _with_text(
    held: SubjectState, version: StoredVersion, folder: Path, config: Config, within: Bounds
) -> StoredVersion:
    path = folder / f"v{version.version}.avsc"
    shown = config.shown(path)
    try:
        raw = read_bytes(path, shown, within=within)
        text = source.decode_text(raw)
    except FileError as error:
        raise ContentError(
            f"the text of {held.subject!r} version {version.version} cannot be read:"
            f" {error.reason}",
            location=Location(shown),
            advice=_ADVICE,
        ) from error
    except SchemaParseError as error:
        raise error.at(shown) from error
    return replace(version, text=text, location=Location(shown))


def write_snapshot(
    directory: Path,
    state: RegistryState,
    *,
    kept: Collection[Subject] = (),
    within: Bounds | None = None,
) -> tuple[Path, ...]:
    """After it `directory` holds `state`, and `kept` as before; the paths written or removed.

    Nothing is written outside of `within`, by default the repository around `directory`.
    A file that has the same content already is left as it is, however it is laid out. New
    files are written aside first, so that a full disk leaves the snapshot as it was.

    Raises:
        UsageError: a file cannot be written.
    """
    wanted = _wanted(directory, state, kept)
    changed = {path: text.encode() for path, text in wanted.items() if not _holds(path, text)}
    folders = {path.parent for path in wanted}
    stale = [
        path
        for path, subject in sorted(_owned_files(directory))
        if path not in wanted and (path.parent in folders or subject not in kept)
    ]
    if within is None:
        within = bounds_around(directory)
    replace_files(changed, str, within=within, removed=stale)
    return (*stale, *changed)


def _wanted(directory: Path, state: RegistryState, kept: Collection[Subject]) -> dict[Path, str]:
    """The text of each file, by path."""
    files: dict[Path, str] = {}
    folders = _folders(directory, state.subjects.keys(), kept)
    for subject, held in state.subjects.items():
        folder = directory / folders[subject]
        value = json.dumps(subject_to_json(held, texts=False), ensure_ascii=False)
        files[folder / SUBJECT_FILE] = laid_out(value)
        for version in held.versions:
            files[folder / f"v{version.version}.avsc"] = laid_out(version.text)
    return files


def _holds(path: Path, text: str) -> bool:
    """Whether the file at `path`, and no link, has the tokens of `text`."""
    shown = path.as_posix()
    if path.is_symlink() or not is_regular(path, shown):
        return False
    return same_tokens(read_bytes(path, shown).decode(errors="replace"), text)


def _owned_files(directory: Path) -> Iterator[tuple[Path, str]]:
    """The files of the snapshot, each with its subject ("" where subject.json is broken)."""
    for subject_file, subject in _named_folders(directory):
        yield subject_file, subject
        folder = subject_file.parent
        for name in names_in(folder, folder.as_posix()):
            if name.startswith("v") and name.endswith(".avsc"):
                yield folder / name, subject


def _subject_in(subject_file: Path) -> str:
    try:
        value = json.loads(read_bytes(subject_file, subject_file.as_posix()))
    except (FileError, ValueError, RecursionError):
        return ""
    name = value.get("subject") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""


def _folders(
    directory: Path, subjects: Collection[Subject], kept: Collection[Subject]
) -> dict[Subject, str]:
    """A folder for each subject: the one that it has, else a new one that no other has.

    Names that differ only by case are one name to some file systems.
    """
    owned = {name: path.parent.name for path, name in _named_folders(directory)}
    folders = {s: owned[s] for s in sorted(subjects) if s in owned}
    taken = {name.casefold() for name in (*folders.values(), *(owned.get(s, "") for s in kept))}
    for subject in sorted(set(subjects) - folders.keys()):
        folders[subject] = free_folder_name(subject, taken)
    return folders


def free_folder_name(subject: Subject, taken: set[str]) -> str:
    """The folder of `subject`, another one if it is `taken` (casefolded names); then it is."""
    name = folder_name(subject)
    if name.casefold() in taken:
        name = _with_digest(name, subject)
    taken.add(name.casefold())
    return name


def folder_name(subject: Subject) -> str:
    """The folder of `subject`: every character that some file system refuses spelt `%XX`.

    A name that is too long is cut and ends in a digest, as the empty one does; one that Windows
    reserves, or that commands take for an option or a home, has its first character spelt out.
    """
    spelt = quote(subject, safe="", errors="surrogatepass")
    inner = spelt.strip(".")
    start, _, end = spelt.partition(inner) if inner else (spelt, "", "")
    name = start.replace(".", "%2E") + inner + end.replace(".", "%2E")
    if name.startswith(("-", "~")) or name.partition(".")[0].casefold() in _RESERVED:
        name = f"%{ord(name[0]):02X}{name[1:]}"
    return name if 0 < len(name) <= _LONGEST else _with_digest(name, subject)


def _with_digest(name: str, subject: Subject) -> str:
    from hashlib import sha256  # OpenSSL, which only a long name needs

    digest = sha256(subject.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{name[: _LONGEST - 17].rstrip('.%')}~{digest}"
