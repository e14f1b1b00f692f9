"""What linting gave the last time, kept in the user's cache directory.

A cache is JSON, written under another name and then moved to its own. One that is missing, cut
off, or of another configuration or version counts as none, so it is safe to delete and to share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from schemareg.findings import Fix
from schemareg.limits import LIMITS
from schemareg.lint.facts import (
    FileFact,
    FileFacts,
    LogicalFact,
    StoredField,
    SubjectFact,
    TypeFact,
    UseFact,
)
from schemareg.lint.file_report import Draft, FileReport
from schemareg.lint.sites import Suppression
from schemareg.places import Range
from schemareg.subjects import CompatibilityLevel, Subject
from schemareg.syntax import TextEdit, fast_json
from schemareg.user_cache import code_key, digest_of
from schemareg.workspace.files import FileError, read_bytes, replace_files

FORMAT = 3
_QUOTED = r'"([^"\\]*)"'
_DEFINED = r'"name"\s*:\s*"([^"\\]*)"'
# what decides about a report; the rest of the package does not change one
_DECIDING = ("avro/**/*.py", "lint/**/*.py", "workspace/**/*.py", "syntax/**/*.py")


class CachedFile(NamedTuple):
    """A file as it was linted: the digest of its bytes, and what they gave."""

    digest: str
    report: FileReport


class CachedProject(NamedTuple):
    """The files of a project by path, and its subjects; none of them failed to parse."""

    files: Mapping[str, CachedFile]
    subjects: tuple[SubjectFact, ...]


def cache_key(*parts: object) -> str:
    """A digest of `parts` (by their `repr`) and of the linter itself."""
    return digest_of("\n".join([*map(repr, parts), code_key(_DECIDING)]).encode())


def load_cache(path: Path, key: str) -> CachedProject | None:
    """The project kept at `path` under `key`; None where there is none that fits."""
    try:
        given = fast_json.loads(read_bytes(path, str(path), limit=LIMITS.state_file_bytes))
        if given["format"] != FORMAT or given["key"] != key:
            return None
        files = {name: _cached_file(name, own) for name, own in given["files"].items()}
        return CachedProject(files, tuple(_subject(*own) for own in given["subjects"]))
    except (FileError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def store_cache(path: Path, key: str, project: CachedProject) -> None:
    """Keeps `project` at `path` under `key`; a directory that cannot be written is left alone."""
    content = {
        "format": FORMAT,
        "key": key,
        "subjects": [tuple(subject) for subject in project.subjects],
        "files": {name: _plain(own) for name, own in project.files.items()},
    }
    with suppress(FileError):
        replace_files({path: fast_json.dumps(content)}, str, flush=False)


class Again(NamedTuple):
    """What to lint again: the files whose reports may differ, and those that define their types."""

    dirty: frozenset[str]
    needed: frozenset[str]


def to_lint_again(cached: CachedProject, texts: Mapping[str, bytes]) -> Again | None:
    """The files that changed, those with a name that one of them defines or defined, and users.

    Names are compared without their namespaces, which finds too many files rather than too few.
    None: the cache does not help, since there are other files now, or one cannot be read.
    """
    if texts.keys() != cached.files.keys():
        return None
    changed = {path for path, raw in texts.items() if digest_of(raw) != cached.files[path].digest}
    defined: set[str] = set()
    mentioned: set[str] = set()
    for path in changed:
        text = _utf8(texts[path])
        if text is None:
            return None
        defined |= {_short(name) for name in re.findall(_DEFINED, text)}
        defined |= {t.short_name for t in cached.files[path].report.facts.types}
        mentioned |= {_short(name) for name in re.findall(_QUOTED, text)}
    facts = {path: own.report.facts for path, own in cached.files.items()}
    dirty = changed | {path for path, own in facts.items() if defined & _names(own)}
    while users := {p for p, own in facts.items() if p not in dirty and dirty & {*own.file.uses}}:
        dirty |= users
    needed = dirty | {
        path for path, own in facts.items() if mentioned & {t.short_name for t in own.types}
    }
    while used := {u for path in needed for u in facts[path].file.uses} - needed:
        needed |= used
    return Again(frozenset(dirty), frozenset(needed))


def _utf8(raw: bytes) -> str | None:
    """The characters of `raw`; None where names in it may be spelt otherwise."""
    if b"\\u" in raw:
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _names(facts: FileFacts) -> set[str]:
    """The types that a file defines and uses, without their namespaces."""
    return {t.short_name for t in facts.types} | {_short(use.fullname) for use in facts.uses}


def _plain(own: CachedFile) -> dict[str, object]:
    facts = own.report.facts
    return {
        "digest": own.digest,
        "file": facts.file[1:],
        "fields": [(f.pointer, f.element, f.name, f.doc, f.shown_type) for f in facts.fields],
        "types": [fact[1:] for fact in facts.types],
        "uses": [fact[1:] for fact in facts.uses],
        "logical": [fact[1:] for fact in facts.logical],
        "drafts": [_plain_draft(draft) for draft in own.report.drafts],
        "suppressions": [tuple(suppression) for suppression in own.report.suppressions],
    }


def _cached_file(path: str, given: Mapping[str, Any]) -> CachedFile:
    element, uses, fields, modules = given["file"]
    facts = FileFacts(
        FileFact(path, element, tuple(uses), fields, tuple(modules)),
        [StoredField(path, *own) for own in given["fields"]],
        [TypeFact(path, p, e, k, tuple(s), tuple(h)) for p, e, k, s, h in given["types"]],
        [UseFact(path, *own) for own in given["uses"]],
        [LogicalFact(path, *own) for own in given["logical"]],
    )
    drafts = tuple(_cached_draft(own) for own in given["drafts"])
    suppressions = tuple(Suppression(*own) for own in given["suppressions"])
    return CachedFile(given["digest"], FileReport(facts, drafts, suppressions))


def _plain_draft(draft: Draft) -> tuple[object, ...]:
    fix = draft.fix
    if fix is None:
        return tuple(draft)
    edits = [(edit.range.start, edit.range.end, edit.text) for edit in fix.edits]
    return (*draft[:-1], (fix.title, edits, fix.is_safe))


def _cached_draft(given: list[Any]) -> Draft:
    draft = Draft(*given)
    if given[-1] is None:
        return draft
    title, edits, is_safe = given[-1]
    ranges = tuple(TextEdit(Range(start, end), text) for start, end, text in edits)
    return draft._replace(fix=Fix(title, ranges, is_safe))


def _subject(
    subject: str, path: str | None, role: str, topic: str | None, level: str | None
) -> SubjectFact:
    named = CompatibilityLevel(level) if level is not None else None
    return SubjectFact(Subject(subject), path, role, topic, named)
