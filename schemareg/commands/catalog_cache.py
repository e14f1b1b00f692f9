"""The pages of a catalog's subjects as they were built last, in the user's cache directory.

A file holds the pages of one subject and the digest of all that they were made of. One that is
missing, cut off or of other inputs counts as none, so the cache is safe to delete and to share
among those who may write the catalog.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from schemareg.diff import Impact
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.site.catalog.inputs import Inputs
from schemareg.site.catalog.views import Step, SubjectSummary
from schemareg.site.views import ClashRow
from schemareg.syntax import fast_json
from schemareg.user_cache import digest_of
from schemareg.workspace.files import FileError, read_bytes, replace_files

FORMAT = 1
_FAST = 1
_BATCH = 50


@dataclass(frozen=True, slots=True)
class SubjectFiles:
    """The files of one subject by path, and what other pages show of it."""

    files: Mapping[str, bytes]
    summary: SubjectSummary
    steps: tuple[Step, ...]
    owners: tuple[str, ...]


@dataclass(slots=True)
class CatalogCache:
    """The subjects of the project `home` (any text) as they were built last, below `folder`."""

    folder: Path
    home: str
    inputs: Inputs
    new: dict[Path, bytes] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def load(self, subject: str) -> SubjectFiles | None:
        """The files of `subject`, where nothing that they are made of is different now."""
        path = self._path(subject)
        try:
            raw = read_bytes(path, str(path))
            text = zlib.decompressobj().decompress(raw, LIMITS.file_bytes)
            given = fast_json.loads(text)
            if (given["format"], given["key"]) != (FORMAT, self._key(subject)):
                return None
            below = self.inputs.catalog.addresses.subject_folder(subject) + "/"
            if not all(name.startswith(below) and ".." not in name for name in given["files"]):
                return None
            return _loaded(subject, given)
        except (FileError, ValueError, LookupError, TypeError, AttributeError, zlib.error):
            return None

    def keep(self, subject: str, built: SubjectFiles) -> None:
        """`built` is written with the next `flush`, at the latest."""
        content = {
            "format": FORMAT,
            "key": self._key(subject),
            "doc": built.summary.doc,
            "owners": built.owners,
            "steps": [_plain(step) for step in built.steps],
        }
        with suppress(ValueError, TypeError):  # a text with half a character is built each time
            content["files"] = {path: data.decode() for path, data in built.files.items()}
            self.new[self._path(subject)] = zlib.compress(fast_json.dumps(content), _FAST)
        if len(self.new) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Writes what was kept; a directory that cannot be written is left alone."""
        with suppress(FileError):
            replace_files(self.new, str, flush=False)
        self.new.clear()

    def _key(self, subject: str) -> str:
        if subject not in self.keys:
            self.keys[subject] = self.inputs.of(subject)
        return self.keys[subject]

    def _path(self, subject: str) -> Path:
        home, name = (
            digest_of(text.encode("utf-8", "surrogatepass"))[:32] for text in (self.home, subject)
        )
        return self.folder / home / f"{name}.z"


def _plain(step: Step) -> list[object]:
    clashes = [[[row.path, row.why] for row in rows] for rows in (step.backward, step.forward)]
    impact = step.impact.value if step.impact else None
    about = [step.version, step.label, step.written_ms, step.previous, impact]
    return [*about, list(step.changes), step.more, *clashes, step.problem]


def _loaded(subject: str, given: Mapping[str, Any]) -> SubjectFiles:
    files = {path: text.encode() for path, text in given["files"].items()}
    steps = tuple(_step(subject, *own) for own in given["steps"])
    summary = SubjectSummary(subject, given["doc"])
    return SubjectFiles(files, summary, steps, tuple(given["owners"]))


def _step(
    subject: str,
    version: int,
    label: str,
    written_ms: int | None,
    previous: int | None,
    impact: str | None,
    changes: list[str],
    more: int,
    backward: list[list[str]],
    forward: list[list[str]],
    problem: str | None,
) -> Step:
    return Step(
        subject,
        version,
        label,
        written_ms,
        previous,
        impact=Impact(impact) if impact else None,
        changes=tuple(changes),
        more=more,
        backward=tuple(ClashRow(*row) for row in backward),
        forward=tuple(ClashRow(*row) for row in forward),
        problem=problem,
    )
