"""Golden events: committed bytes of every version of every event, and what they mean.

A folder per event holds a file per registered version (`v1.json`) and one for the file that is
not registered yet (`current.json`). Each has events as bytes, as they read with their own schema,
and as today's schema reads them where that differs. A change that alters the wire, or the meaning
of what is on it already, changes a committed file, and so is seen in review.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from schemareg.avro.canonical import to_text
from schemareg.avro.schema import Schema
from schemareg.codec import compile_decoder, compile_encoder
from schemareg.codec.difference import Difference, first_difference
from schemareg.codec.messages import type_name
from schemareg.codec.readable import readable
from schemareg.errors import ContentError, DecodeError, ExitCode, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.results import Counts, Result
from schemareg.sampling.sample import sample
from schemareg.state import RegistryState, Schemas
from schemareg.workspace import Project, ProjectSubject
from schemareg.workspace.files import (
    Bounds,
    bounds_around,
    is_folder,
    names_in,
    read_bytes,
    replace_files,
    subfolders,
)

FORMAT_VERSION = 1
RULE = "golden-event"
_CURRENT = "current"
_COUNT = 3
_GENERATE = "run `schemareg fixtures generate` and commit what it writes, if the change is intended"


@dataclass(frozen=True, slots=True)
class FixturesResult(Result):
    """What is wrong with the committed files, and (after generating) which were written.

    Paths are relative to the folder that holds them.
    """

    command: ClassVar[str] = "fixtures"

    checked: int
    written: tuple[str, ...]
    removed: tuple[str, ...]
    findings: tuple[Diagnostic, ...]

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        return ExitCode.NO if self.findings else ExitCode.YES

    def counts(self) -> Counts:
        return Counts("file of golden events", self.checked, self.checked)


def check_fixtures(
    project: Project, state: RegistryState, folder: Path, *, shown: str | None = None
) -> FixturesResult:
    """Whether the files in `folder` are what `generate_fixtures` would write.

    `shown` is how findings call the folder.

    Raises: UsageError for no events or no folder, ContentError for a file that is not ours.
    """
    exists = is_folder(folder, shown or folder.as_posix())
    committed = _read(folder) if exists else {}
    wanted = _wanted(project, state, committed)
    if not exists:
        raise UsageError(
            f"{shown or folder}: no such folder", advice="run `schemareg fixtures generate`"
        )
    findings = []
    for path in sorted(wanted.keys() | committed.keys()):
        place = Location(f"{shown or folder.as_posix()}/{path}")
        message = _difference(committed.get(path), wanted.get(path))
        if message is not None:
            element = path.rpartition("/")[0]
            findings.append(Diagnostic(RULE, Severity.ERROR, message, place, element, _GENERATE))
    return FixturesResult(len(wanted), (), (), tuple(findings))


def generate_fixtures(project: Project, state: RegistryState, folder: Path) -> FixturesResult:
    """Golden events of every version are in `folder`; bytes that can still be read stay.

    Raises: UsageError for no events, ContentError for a file in it that is not ours, or a schema
        without a finite value.
    """
    committed = _read(folder) if is_folder(folder, folder.as_posix()) else {}
    wanted = _wanted(project, state, committed)
    written = [
        path
        for path, golden in wanted.items()
        if _difference(committed.get(path), golden) is not None
    ]
    removed = sorted(committed.keys() - wanted.keys())
    replace_files(
        {folder / path: _text(wanted[path]).encode() for path in written},
        Path.as_posix,
        within=bounds_around(folder.parent),
        removed=[folder / path for path in removed],
    )
    return FixturesResult(len(wanted), tuple(written), tuple(removed), ())


def committed_events(folder: Path) -> dict[tuple[str, str], list[bytes]]:
    """The bytes of the golden events in `folder`, by the event's name and `vN` or `current`.

    Raises: ContentError for a file in it that is not ours.
    """
    held = _read(folder) if is_folder(folder, folder.as_posix()) else {}
    return {
        (path.rpartition("/")[0], path.rpartition("/")[2].removesuffix(".json")): _bytes_of(golden)
        for path, golden in held.items()
    }


def _wanted(
    project: Project, state: RegistryState, committed: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The files that the folder must hold, by path."""
    events = [s for s in project.subjects if s.file is not None and s.role != "type"]
    if not events:
        raise UsageError(
            "no topic has events, and golden events are kept of those",
            advice="name them in the configuration: [topics.NAME] with events = [...]",
        )
    files: dict[str, dict[str, Any]] = {}
    schemas = Schemas(state, avro_version=project.avro_version, files=project.files)
    for subject in events:
        folder = type_name(subject.schema)
        history = schemas.history(subject.subject)
        versions = [(f"v{old.version}", old.schema) for old in history]
        if not history or to_text(history[-1].schema) != to_text(subject.schema):
            versions.append((_CURRENT, subject.schema))
        for name, schema in versions:
            path = f"{folder}/{name}.json"
            # a version that was current until now has the events of `current`
            known = committed.get(path) or committed.get(f"{folder}/{_CURRENT}.json") or {}
            files[path] = _golden(subject, name, schema, _bytes_of(known))
    return files


def _golden(
    subject: ProjectSubject, version: str, schema: Schema, known: Sequence[bytes]
) -> dict[str, Any]:
    own = compile_decoder(writer=schema)
    now = compile_decoder(writer=schema, reader=subject.schema)
    datas = [data for data in known if _reads(own, data)]
    if not datas or len(datas) < len(known):
        encode = compile_encoder(schema)
        datas = [encode(event) for event in sample(schema, seed=0, count=_COUNT)]
    return {
        "format_version": FORMAT_VERSION,
        "subject": str(subject.subject),
        "version": version,
        "events": [_event(data, own, now) for data in datas],
    }


def _event(data: bytes, own: Any, now: Any) -> dict[str, Any]:
    event = readable(own(data))
    golden: dict[str, Any] = {"bytes": data.hex(), "event": event}
    try:
        today = readable(now(data))
    except DecodeError as refused:
        return {**golden, "refused_today": str(refused)}
    return golden if first_difference(event, today) is None else {**golden, "today": today}


def _reads(decode: Any, data: bytes) -> bool:
    try:
        decode(data)
    except DecodeError:
        return False
    return True


def _bytes_of(golden: Mapping[str, Any]) -> list[bytes]:
    return [bytes.fromhex(event["bytes"]) for event in golden.get("events", [])]


def _difference(
    committed: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None
) -> str | None:
    """What is wrong with a committed file, in one line; None: nothing."""
    if committed and wanted and _text(committed) == _text(wanted):
        return None
    if committed is None:
        return "this version has no golden events yet"
    if wanted is None:
        return "golden events of a version that does not exist any more"
    old, new = committed["events"], wanted["events"]
    for number, (before, after) in enumerate(zip(old, new, strict=False), start=1):
        if before["bytes"] != after["bytes"]:
            return f"event {number}: its bytes are no longer the schema's"
        if (changed := first_difference(before["event"], after["event"])) is not None:
            return f"event {number}: the same bytes mean another event: {_described(changed)}"
        if (changed := first_difference(_today(before), _today(after))) is not None:
            return f"event {number}: today's schema reads it differently: {_described(changed)}"
    return "the file differs from what the schemas describe"


def _today(event: Mapping[str, Any]) -> Any:
    """What today's schema reads: an event, or the text of a refusal."""
    return event.get("refused_today") or event.get("today", event["event"])


def _described(changed: Difference) -> str:
    place = changed.pointer or "it"
    return f"{place} was {changed.expected!r} and is {changed.got!r}"


def _read(folder: Path) -> dict[str, dict[str, Any]]:
    """Every golden file under `folder`, by its relative path."""
    within = bounds_around(folder.parent)
    paths = [
        inner / name
        for inner in subfolders(folder, folder.as_posix())
        for name in names_in(inner, inner.as_posix())
        if name.endswith(".json")
    ]
    return {path.relative_to(folder).as_posix(): _parsed(path, within) for path in paths}


def _parsed(path: Path, within: Bounds) -> dict[str, Any]:
    raw = read_bytes(path, path.as_posix(), within=within)
    try:
        golden = json.loads(raw.decode("utf-8"))
        _bytes_of(golden)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise _foreign(path) from error
    if not isinstance(golden, dict) or golden.get("format_version") != FORMAT_VERSION:
        raise _foreign(path)
    return golden


def _foreign(path: Path) -> ContentError:
    return ContentError(
        "not a file of golden events of this format",
        location=Location(path.as_posix()),
        advice="delete it and run `schemareg fixtures generate`",
    )


def _text(golden: Mapping[str, Any]) -> str:
    return json.dumps(golden, indent=2, ensure_ascii=False) + "\n"
