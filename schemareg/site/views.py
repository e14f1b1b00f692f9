"""What the pages show, read from the registry: one frozen value per page."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, takewhile
from typing import assert_never

from schemareg.avro import Schema
from schemareg.avro.schema import name_of
from schemareg.compat import Incompatibility, Kind, can_read
from schemareg.diff import Change, diff
from schemareg.errors import ContentError
from schemareg.lazy_dataclass import dataclass
from schemareg.site.schema_view import TypeSection, pretty, sections
from schemareg.site.source import Held, ReferenceRow, Source, User
from schemareg.subjects import CompatibilityLevel

Sees = Callable[[str], bool]
"""Whether the reader of a page may know of a subject."""

PAGE_SIZE = 100
"""Subjects on one page of the list."""
USERS_MAX = 500
"""Referring versions that a page lists."""
ROWS_MAX = 5_000
"""Fields and symbols of one schema that are shown in tables."""
CHANGES_MAX = 1_000
"""Changes, and reasons why something cannot be read, that a page lists."""
LINES_MAX = 6_000
"""Lines of two texts that are compared; a longer comparison would hold up other requests."""
_AROUND = 3
_MARGIN = 30
"""Equal lines around all changes that are still searched, so that what is shown stays the same."""


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject in the list, with its latest version. Times are milliseconds since 1970."""

    subject: str
    type_name: str
    version_count: int
    schema_id: int | None
    level: CompatibilityLevel
    mode: str
    written_ms: int | None


@dataclass(frozen=True, slots=True)
class SubjectList:
    """One page of the subjects whose name contains `query`."""

    query: str
    rows: tuple[SubjectRow, ...]
    total: int
    everything: int
    page: int
    page_count: int
    global_level: CompatibilityLevel


@dataclass(frozen=True, slots=True)
class VersionRow:
    version: int
    schema_id: int | None
    type_name: str
    written_ms: int | None
    deleted: bool
    previous: int | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A subject; `versions` newest first, soft-deleted ones among them."""

    subject: str
    level: CompatibilityLevel
    has_own_level: bool
    mode: str
    versions: tuple[VersionRow, ...]
    referenced_by: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version; `homes` says where a named type is shown: `#type-2` here, or a reference."""

    subject: str
    version: int
    deleted: bool
    schema_id: int | None
    guid: str | None
    written_ms: int | None
    previous: int | None
    following: int | None
    references: tuple[ReferenceRow, ...]
    referenced_by: tuple[User, ...]
    sections: tuple[TypeSection, ...]
    homes: Mapping[str, ReferenceRow | str]
    properties: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, tuple[str, ...]], ...]
    text: str
    parse_problem: str | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of both texts (`same`), of one (`removed`, `added`), or what is left out (`gap`)."""

    kind: str
    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class ClashRow:
    """Why events cannot be read, at a dotted path."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class DiffView:
    """Two versions; `backward` and `forward` say why one cannot read the other, empty if it can."""

    subject: str
    old: int
    new: int
    backward: tuple[ClashRow, ...]
    forward: tuple[ClashRow, ...]
    changes: tuple[Change, ...]
    lines: tuple[DiffLine, ...]
    label: str = ""
    """What people call the new version, where it is no registered one."""


def subject_list(source: Source, names: Sequence[str], *, query: str, page: int) -> SubjectList:
    """The page of `names` (live subjects that the reader may see) that contain `query`."""
    wanted = [name for name in names if query.casefold() in name.casefold()] if query else names
    page_count = max(1, -(-len(wanted) // PAGE_SIZE))
    page = min(max(page, 1), page_count)
    shown = wanted[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return SubjectList(
        query=query,
        rows=tuple(subject_row(source, name) for name in shown),
        total=len(wanted),
        everything=len(names),
        page=page,
        page_count=page_count,
        global_level=source.global_level(),
    )


def subject_row(source: Source, subject: str) -> SubjectRow:
    """A subject that has a live version, as a list shows it."""
    latest, settings = source.latest(subject), source.settings(subject)
    return SubjectRow(
        subject=subject,
        type_name=type_name(source, latest),
        version_count=sum(not deleted for _, deleted in source.numbers(subject)),
        schema_id=latest.id,
        level=settings.level,
        mode=settings.mode,
        written_ms=latest.written_ms,
    )


def subject_view(source: Source, subject: str, sees: Sees) -> SubjectView:
    """The subject's page; of the subjects that refer to it those that the reader sees.

    Raises: what `Source.versions` raises.
    """
    versions = source.versions(subject)
    settings = source.settings(subject)
    previous_of = [*(version.version for version in versions[1:]), None]
    return SubjectView(
        subject=versions[0].subject,
        level=settings.level,
        has_own_level=settings.has_own_level,
        mode=settings.mode,
        versions=tuple(
            VersionRow(
                version=version.version,
                schema_id=version.id,
                type_name=type_name(source, version),
                written_ms=version.written_ms,
                deleted=version.deleted,
                previous=previous,
                label=version.label,
            )
            for version, previous in zip(versions, previous_of, strict=True)
        ),
        referenced_by=tuple(_users(source, versions, sees)),
    )


def _users(source: Source, versions: Sequence[Held], sees: Sees) -> Iterator[User]:
    """Who refers to any of `versions`, at most `USERS_MAX`."""
    found = (user for held in versions for user in source.users(held) if sees(user.subject))
    return islice(found, USERS_MAX)


def version_view(source: Source, subject: str, version: int, sees: Sees) -> VersionView:
    """The version's page; of the subjects that refer to it those that the reader sees.

    Raises: what `Source.version` raises.
    """
    found = source.version(subject, version)
    numbers = [number for number, _ in source.numbers(found.subject)]
    place = numbers.index(found.version)
    homes: dict[str, ReferenceRow | str] = {}
    shown: tuple[TypeSection, ...] = ()
    problem = None
    try:
        shown = sections(source.schema(found))
        if sum(len(section.fields) + len(section.symbols) for section in shown) > ROWS_MAX:
            shown, problem = (), f"the schema has more than {ROWS_MAX} fields and symbols"
        for reference in found.references:
            target = source.referenced(reference)
            for name in source.schema(target).names if target else ():
                homes[name] = reference
    except ContentError as error:
        problem = str(error)
    for number, section in enumerate(shown, start=1):
        homes[section.fullname] = f"#type-{number}"
    metadata = found.metadata
    return VersionView(
        subject=found.subject,
        version=found.version,
        deleted=found.deleted,
        schema_id=found.id,
        guid=found.guid,
        written_ms=found.written_ms,
        previous=numbers[place - 1] if place else None,
        following=numbers[place + 1] if place + 1 < len(numbers) else None,
        references=found.references,
        referenced_by=tuple(_users(source, [found], sees)),
        sections=shown,
        homes=homes,
        properties=tuple(sorted(metadata.properties.items())) if metadata else (),
        tags=tuple(sorted(metadata.tags.items())) if metadata else (),
        text=pretty(found.text),
        parse_problem=problem,
        label=found.label,
    )


def diff_view(source: Source, subject: str, *, old: int, new: int) -> DiffView:
    """The comparison of two versions.

    Raises: what `Source.version` raises; `ContentError` when a text cannot be read.
    """
    before, after = source.version(subject, old), source.version(subject, new)
    old_schema, new_schema = source.schema(before), source.schema(after)
    return DiffView(
        subject=before.subject,
        old=before.version,
        new=after.version,
        backward=clashes(reader=new_schema, writer=old_schema),
        forward=clashes(reader=old_schema, writer=new_schema),
        changes=changes_of(old=old_schema, new=new_schema)[:CHANGES_MAX],
        lines=tuple(_lines(pretty(before.text), pretty(after.text))),
        label=after.label,
    )


@lru_cache(maxsize=2_048)
def clashes(*, reader: Schema, writer: Schema) -> tuple[ClashRow, ...]:
    """Why `reader` cannot read what `writer` writes."""
    return tuple(map(_clash, islice(can_read(reader=reader, writer=writer), CHANGES_MAX)))


@lru_cache(maxsize=256)
def changes_of(*, old: Schema, new: Schema) -> tuple[Change, ...]:
    """What differs between two schemas."""
    return tuple(diff(old, new))


def _clash(found: Incompatibility) -> ClashRow:
    match found.kind:
        case Kind.READER_FIELD_MISSING_DEFAULT_VALUE:
            why = f"readers need {found.message}, which is not written, and have no default for it"
        case Kind.MISSING_ENUM_SYMBOLS:
            why = f"readers do not know {found.message}"
        case Kind.NAME_MISMATCH:
            why = f"the names differ ({found.message})"
        case Kind.FIXED_SIZE_MISMATCH:
            why = f"the sizes differ ({found.message})"
        case Kind.TYPE_MISMATCH | Kind.MISSING_UNION_BRANCH | Kind.AMBIGUOUS_FIELD:
            why = found.message
        case _ as never:
            assert_never(never)
    return ClashRow(found.path, why)


def _lines(old: str, new: str) -> Iterator[DiffLine]:
    """Both texts line by line, unchanged stretches shortened to three lines around a change."""
    old_lines, new_lines = old.splitlines(), new.splitlines()
    if old_lines == new_lines:
        return
    if len(old_lines) + len(new_lines) > LINES_MAX:
        yield DiffLine("gap", " ", f"not compared: more than {LINES_MAX} lines")
        return
    # most versions change a few lines: what is the same at both ends is not searched
    start = max(0, _same(old_lines, new_lines) - _MARGIN)
    old_lines, new_lines = old_lines[start:], new_lines[start:]
    end = max(0, _same(reversed(old_lines), reversed(new_lines)) - _MARGIN)
    old_lines = old_lines[: len(old_lines) - end]
    new_lines = new_lines[: len(new_lines) - end]
    unified = difflib.unified_diff(old_lines, new_lines, n=_AROUND, lineterm="")
    for line in list(unified)[2:]:  # the first two name files
        sign, text = line[:1], line[1:]
        if sign == "@":
            yield DiffLine("gap", "…", "")
        else:
            yield DiffLine({"+": "added", "-": "removed"}.get(sign, "same"), sign, text)


def _same(left: Iterable[str], right: Iterable[str]) -> int:
    """How many lines are the same until the first that differs."""
    pairs = zip(left, right, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def type_name(source: Source, held: Held) -> str:
    """The full name of the root, or its kind; `unreadable` for a text that cannot be parsed."""
    try:
        return name_of(source.schema(held).root)
    except ContentError:
        return "unreadable"
