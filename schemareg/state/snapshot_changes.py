"""What a change does to the snapshot that judges it: versions edited or removed, levels lowered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from schemareg.errors import GitError, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.state.git import branch_to_merge_into, targets_named
from schemareg.subjects import CompatibilityLevel
from schemareg.syntax import same_tokens
from schemareg.workspace import SNAPSHOT_MARK, Config
from schemareg.workspace.files import bounds_of, exists, matching, read_bytes
from schemareg.workspace.git import Repository

_ADVICE = "review it as what is registered; `--against git:REF` judges by the commit's schemas"


def snapshot_changes(config: Config, environment: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """How the snapshot differs from that of the commit where the change left its target branch.

    A registered version never changes, so an edited one is an error; a version or subject that is
    gone and a lowered level are warnings, a new version is a note. () without a repository, or
    without a branch to merge into.

    Raises:
        UsageError: a file of the snapshot that cannot be read.
    """
    branch = branch_to_merge_into(config, environment)
    if branch is None:
        return ()
    try:
        repository = Repository(config.source.parent if config.source else config.cwd)
        folder = repository.relative(config.snapshot)
        if folder is None:
            return ()
        base = repository.commit(f"{branch}...")
        entries = repository.files(base, [folder])
        before = dict(zip(entries, repository.blobs(entries.values()), strict=True))
    except (UsageError, GitError) as error:
        if not targets_named(environment):
            return ()  # no job of a pull request, and so no change to judge
        message = f"the snapshot was not compared with that of {branch}: {error}"
        return (Diagnostic("snapshot-not-compared", Severity.INFO, message, Location(None)),)
    return tuple(_changes(config, repository.top, folder, before))


def _changes(
    config: Config, top: Path, folder: str, before: Mapping[str, bytes]
) -> Iterator[Diagnostic]:
    for path, old in before.items():
        place = top / path
        shown = config.shown(place)
        name = PurePosixPath(path).name
        if name != SNAPSHOT_MARK and not name.endswith(".avsc"):
            continue
        if not exists(place, shown):
            what = "subject" if name == SNAPSHOT_MARK else "version"
            yield _edited(Severity.WARNING, f"the change removes this {what}", shown)
            continue
        new = read_bytes(place, shown)
        if new == old:
            continue
        if name == SNAPSHOT_MARK:
            yield from _settings(old, new, shown)
        elif not _same(old, new):
            yield _edited(Severity.ERROR, "the change edits a version that is registered", shown)
    if before:
        yield from _added(config, top / folder, top, before)


def _added(
    config: Config, snapshot: Path, top: Path, before: Mapping[str, bytes]
) -> Iterator[Diagnostic]:
    """A note on each version that only the work tree's snapshot has."""
    for place in matching(snapshot, "*/v*.avsc", config.shown, within=bounds_of(config)):
        if place.relative_to(top).as_posix() not in before:
            shown = config.shown(place)
            yield _edited(Severity.INFO, "the change adds this version to the snapshot", shown)


def _settings(old: bytes, new: bytes, shown: str) -> Iterator[Diagnostic]:
    """What a subject.json gives up; what it is by itself, its reader judges."""
    was, now = _members(old), _members(new)
    gone = _versions(was) - _versions(now)
    if gone:
        numbers = ", ".join(f"v{number}" for number in sorted(gone))
        yield _edited(Severity.WARNING, f"the change removes {numbers} from the subject", shown)
    if was.get("subject") != now.get("subject"):
        message = f"the change renames the subject {was.get('subject')} to {now.get('subject')}"
        yield _edited(Severity.WARNING, message, shown)
    levels = {level.value: level for level in CompatibilityLevel}
    before, after = levels.get(str(was.get("level"))), levels.get(str(now.get("level")))
    if before and (after is None or not after.promises_all_of(before)):
        message = f"the change lowers the level from {before} to {after or 'none of its own'}"
        yield _edited(Severity.WARNING, message, shown)


def _members(raw: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _versions(members: Mapping[str, object]) -> set[int]:
    listed = members.get("versions")
    versions = (
        [v.get("version") for v in listed if isinstance(v, dict)]
        if isinstance(listed, list)
        else []
    )
    return {number for number in versions if isinstance(number, int)}


def _same(old: bytes, new: bytes) -> bool:
    try:
        return same_tokens(old.decode(), new.decode())
    except UnicodeDecodeError:
        return False


def _edited(severity: Severity, message: str, shown: str) -> Diagnostic:
    advice = None if severity is Severity.INFO else _ADVICE
    return Diagnostic("snapshot-edited", severity, message, Location(shown), advice=advice)
