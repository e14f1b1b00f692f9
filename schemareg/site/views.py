"""What the pages show, read from the registry: one frozen value per page."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

from schemareg.avro.schema import name_of
from schemareg.compat import Incompatibility, Kind, can_read
from schemareg.diff import Change, diff
from schemareg.errors import ContentError
from schemareg.registry.api.contexts import GLOBAL, qualified, qualified_in
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.service.reaching import schema_of
from schemareg.registry.service.session import Session
from schemareg.registry.service.settings import config_in_scope, level_of, mode_in_scope
from schemareg.registry.store import Content, StoredVersion
from schemareg.site.schema_view import TypeSection, pretty, sections
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


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject in the list, with its latest version. Times are milliseconds since 1970."""

    subject: str
    type_name: str
    version_count: int
    schema_id: int
    level: CompatibilityLevel
    mode: str
    written_ms: int


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
    schema_id: int
    type_name: str
    written_ms: int
    deleted: bool
    previous: int | None


@dataclass(frozen=True, slots=True)
class User:
    """A version that refers to version `uses_version` of the subject shown."""

    subject: str
    version: int
    uses_version: int


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
class ReferenceRow:
    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version; `homes` says where a named type is shown: `#type-2` here, or a reference."""

    subject: str
    version: int
    deleted: bool
    schema_id: int
    guid: str
    written_ms: int
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


def subject_list(session: Session, names: Sequence[str], *, query: str, page: int) -> SubjectList:
    """The page of `names` (live subjects that the reader may see) that contain `query`."""
    wanted = [name for name in names if query.casefold() in name.casefold()] if query else names
    page_count = max(1, -(-len(wanted) // PAGE_SIZE))
    page = min(max(page, 1), page_count)
    shown = wanted[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return SubjectList(
        query=query,
        rows=tuple(_subject_row(session, name) for name in shown),
        total=len(wanted),
        everything=len(names),
        page=page,
        page_count=page_count,
        global_level=level_of(config_in_scope(session, qualified(GLOBAL))),
    )


def _subject_row(session: Session, subject: str) -> SubjectRow:
    latest = session.tables.latest(subject)
    assert latest is not None
    numbers = session.tables.version_numbers(subject)
    key = qualified(subject)
    return SubjectRow(
        subject=subject,
        type_name=_type_name(session, latest.content),
        version_count=sum(not deleted for _, deleted in numbers),
        schema_id=latest.content.id,
        level=level_of(config_in_scope(session, key)),
        mode=mode_in_scope(session, key).value,
        written_ms=latest.written_ms,
    )


def subject_view(session: Session, subject: str, sees: Sees) -> SubjectView:
    """The subject's page; of the subjects that refer to it those that the reader sees.

    Raises: `RegistryError` 40401.
    """
    key = qualified(subject)
    versions = list(session.tables.newest_first(str(key), deleted=True))
    if not versions:
        raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
    own = session.tables.config(str(key))
    previous_of = [*(version.version for version in versions[1:]), None]
    return SubjectView(
        subject=str(key),
        level=level_of(config_in_scope(session, key)),
        has_own_level=own is not None,
        mode=mode_in_scope(session, key).value,
        versions=tuple(
            VersionRow(
                version=version.version,
                schema_id=version.content.id,
                type_name=_type_name(session, version.content),
                written_ms=version.written_ms,
                deleted=version.deleted,
                previous=previous,
            )
            for version, previous in zip(versions, previous_of, strict=True)
        ),
        referenced_by=tuple(_users(session, versions, sees)),
    )


def _users(session: Session, versions: Sequence[StoredVersion], sees: Sees) -> Iterator[User]:
    """Who refers to any of `versions`, at most `USERS_MAX`."""
    count = 0
    for version in versions:
        for user in session.tables.users(version.subject, version.version):
            if not sees(user.subject):
                continue
            yield User(user.subject, user.version, version.version)
            count += 1
            if count == USERS_MAX:
                return


def version_view(session: Session, subject: str, version: int, sees: Sees) -> VersionView:
    """The version's page; of the subjects that refer to it those that the reader sees.

    Raises: `RegistryError` 40401, 40402.
    """
    found = _version(session, subject, version)
    numbers = [number for number, _ in session.tables.version_numbers(found.subject)]
    place = numbers.index(found.version)
    content = found.content
    references = tuple(_references(found))
    homes: dict[str, ReferenceRow | str] = {}
    shown: tuple[TypeSection, ...] = ()
    problem = None
    try:
        schema = schema_of(session, content)
        shown = tuple(sections(schema))
        if sum(len(section.fields) + len(section.symbols) for section in shown) > ROWS_MAX:
            shown, problem = (), f"the schema has more than {ROWS_MAX} fields and symbols"
        for reference in references:
            for name in _names_behind(session, reference):
                homes[name] = reference
    except ContentError as error:
        problem = str(error)
    for number, section in enumerate(shown, start=1):
        homes[section.fullname] = f"#type-{number}"
    metadata = content.metadata
    return VersionView(
        subject=found.subject,
        version=found.version,
        deleted=found.deleted,
        schema_id=content.id,
        guid=content.guid,
        written_ms=found.written_ms,
        previous=numbers[place - 1] if place else None,
        following=numbers[place + 1] if place + 1 < len(numbers) else None,
        references=references,
        referenced_by=tuple(_users(session, [found], sees)),
        sections=shown,
        homes=homes,
        properties=tuple(sorted(metadata.properties.items())) if metadata else (),
        tags=tuple(sorted(metadata.tags.items())) if metadata else (),
        text=pretty(content.text),
        parse_problem=problem,
    )


def _references(version: StoredVersion) -> Iterator[ReferenceRow]:
    context = version.content.context
    for reference in version.content.references:
        subject = str(qualified_in(context, reference.subject))
        yield ReferenceRow(reference.name, subject, reference.version)


def _names_behind(session: Session, reference: ReferenceRow) -> Iterator[str]:
    target = session.tables.version(reference.subject, reference.version, deleted=True)
    if target is not None:
        yield from schema_of(session, target.content).names


def diff_view(session: Session, subject: str, *, old: int, new: int) -> DiffView:
    """The comparison of two versions.

    Raises: `RegistryError` 40401, 40402; `ContentError` when a stored text cannot be read.
    """
    before, after = _version(session, subject, old), _version(session, subject, new)
    old_schema = schema_of(session, before.content)
    new_schema = schema_of(session, after.content)
    return DiffView(
        subject=before.subject,
        old=before.version,
        new=after.version,
        backward=tuple(
            map(_clash, islice(can_read(reader=new_schema, writer=old_schema), CHANGES_MAX))
        ),
        forward=tuple(
            map(_clash, islice(can_read(reader=old_schema, writer=new_schema), CHANGES_MAX))
        ),
        changes=tuple(islice(diff(old_schema, new_schema), CHANGES_MAX)),
        lines=tuple(_lines(pretty(before.content.text), pretty(after.content.text))),
    )


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
    unified = difflib.unified_diff(old_lines, new_lines, n=3, lineterm="")
    for line in list(unified)[2:]:  # the first two name files
        sign, text = line[:1], line[1:]
        if sign == "@":
            yield DiffLine("gap", "…", "")
        else:
            yield DiffLine({"+": "added", "-": "removed"}.get(sign, "same"), sign, text)


def _version(session: Session, subject: str, version: int) -> StoredVersion:
    """The version, soft-deleted or not."""
    key = str(qualified(subject))
    found = session.tables.version(key, version, deleted=True)
    if found is None:
        if not session.tables.has_versions(key, deleted=True):
            raise ErrorCode.SUBJECT_NOT_FOUND.refusal(subject)
        raise ErrorCode.VERSION_NOT_FOUND.refusal(version)
    return found


def _type_name(session: Session, content: Content) -> str:
    """The full name of the root, or its kind; `unreadable` for a text that cannot be parsed."""
    try:
        root = schema_of(session, content).root
    except ContentError:
        return "unreadable"
    return name_of(root)
