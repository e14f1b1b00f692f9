"""Versions that the project's files describe and a state does not hold yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemareg.compat.same_content import Contents
from schemareg.places import ROOT, Location
from schemareg.registry.api.state import StoredVersion
from schemareg.state import SchemaVersion
from schemareg.subjects import Version
from schemareg.workspace import ProjectSubject


def to_register(
    subject: ProjectSubject, held: Sequence[SchemaVersion], contents: Contents
) -> tuple[ProjectSubject, ...]:
    """The earlier versions of `subject` that come after what the state holds, oldest first.

    None of a subject of which the state has versions, and none of the project's: what is between
    them is not known.
    """
    earlier = subject.earlier
    if not earlier:
        return ()
    known = {contents.number(version.schema) for version in held}
    last = max((i for i, e in enumerate(earlier) if contents.number(e.schema) in known), default=-1)
    is_newest_held = contents.number(subject.schema) in known
    if is_newest_held or (held and last < 0):
        return ()
    return tuple(
        replace(
            subject,
            text=each.text,
            schema=each.schema,
            file=each.file,
            pointer=each.pointer,
            version=each.version,
            references=tuple((r.name, r.subject) for r in each.references),
            earlier=earlier[:at],
        )
        for at, each in enumerate(earlier)
        if at > last
    )


def with_earlier(
    subject: ProjectSubject, held: tuple[SchemaVersion, ...], contents: Contents
) -> tuple[SchemaVersion, ...]:
    """The history of `subject` in the state, followed by the versions still to be registered."""
    history = list(held)
    for each in to_register(subject, held, contents):
        last = history[-1].version if history else 0
        number = Version(max(each.version, last + 1))
        whole = each.file is not None and each.pointer == ROOT
        location = Location(each.file.path) if each.file and whole else each.location(ROOT)
        stored = StoredVersion(number, each.text, location=location)
        history.append(SchemaVersion(stored, each.schema))
    return tuple(history)
