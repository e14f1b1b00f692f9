"""Which services a change affects, by files and by the fields that they use, with the chains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from schemareg.avro import Schema
from schemareg.avro.schema import Field
from schemareg.compat import can_read
from schemareg.diff.change import Impact
from schemareg.diff.compare import diff
from schemareg.lazy_dataclass import dataclass
from schemareg.patterns import matches_glob
from schemareg.services.manifest import Consumes, Manifest, Produces
from schemareg.services.platform import EventOnTopic, EventSchemas, Platform, field_paths, fields_at
from schemareg.workspace.schema_paths import is_schema_path

_LITERAL = re.compile(r"[*?\[]")
"""Where the part of a glob ends that a path has to begin with."""

LinkKind = Literal[
    "file", "shared-file", "event", "field", "reader", "call", "removed", "produces", "consumes"
]


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: what it is (`name`), and what happened to it (`what`)."""

    kind: LinkKind
    name: str
    what: str = ""


Chain = tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """A service with every chain that reaches it; `is_direct` unless only by requests."""

    service: str
    chains: tuple[Chain, ...]
    is_direct: bool


@dataclass(frozen=True, slots=True)
class ImpactReport:
    """What a change reaches.

    `spared` are consumers of a changed event that use none of what changed, with the event;
    `unowned` are the changed files that belong to no service.
    """

    affected: tuple[Affected, ...]
    events: tuple[str, ...]
    spared: tuple[tuple[str, str], ...]
    unowned: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True)
class _Uses:
    """Who produces and who consumes each event on a topic, of one manifest."""

    producers: Mapping[EventOnTopic, tuple[Produces, ...]]
    consumers: Mapping[EventOnTopic, tuple[Consumes, ...]]


@dataclass(slots=True)
class _Found:
    """The chains to each service so far, in the order in which they were met."""

    chains: dict[str, dict[Chain, None]]

    def add(self, service: str, *chain: Link) -> None:
        self.chains.setdefault(service, {})[chain] = None


def impact_of(
    platform: Platform,
    files: Sequence[str],
    *,
    before: Manifest | None = None,
    transitive: bool = True,
) -> ImpactReport:
    """What `files` (paths in the repository) and the changed schemas of `platform` reach.

    `before` is the manifest at the base: what it declared counts, too.
    """
    found = _Found({})
    manifests = [platform.manifest] + ([before] if before is not None else [])
    schemas = {file.path for file in platform.project.files}
    unowned = [path for path in files if not _owned(path, manifests, schemas, found)]
    uses = [_Uses(manifest.producers(), manifest.consumers()) for manifest in manifests]
    events: list[str] = []
    spared: list[tuple[str, str]] = []
    for event in platform.events_to_compare():
        changes = _event_changes(event)
        if changes:
            events.append(f"{event.event}@{event.topic}")
            _reach_event(platform, uses, event, changes, found, spared)
    if before is not None:
        _reach_removed(platform.manifest, before, found)
    known = platform.manifest.services
    direct = {name: dict(chains) for name, chains in found.chains.items() if name in known}
    if transitive:
        _reach_callers(manifests, found)
    affected = tuple(
        Affected(name, tuple(found.chains[name]), name in direct)
        for name in known
        if name in found.chains
    )
    reached = {a.service for a in affected}
    return ImpactReport(
        affected,
        tuple(events),
        tuple(dict.fromkeys(s for s in spared if s[0] not in reached)),
        tuple(unowned),
        len(files),
    )


def _owned(path: str, manifests: Iterable[Manifest], schemas: Iterable[str], found: _Found) -> bool:
    """Whether `path` belongs to a service, to all of them, or is a schema; its owners are added."""
    is_schema = path in schemas or is_schema_path(path)
    owned = is_schema
    for manifest in manifests:
        for service in manifest.services.values():
            glob = next((g for g in service.paths if _matches(g, path)), None)
            if glob is not None:
                found.add(service.name, Link("file", path, glob))
                owned = True
        glob = next((g for g in manifest.shared_paths if _matches(g, path)), None)
        if glob is not None and not is_schema:  # a shared schema counts by what it means
            for name in manifest.services:
                found.add(name, Link("shared-file", path, glob))
            owned = True
    return owned


def _matches(glob: str, path: str) -> bool:
    """`**/` is any number of folders; otherwise `*` is any text, folders too."""
    if not path.startswith(_LITERAL.split(glob, maxsplit=1)[0]):
        return False
    return matches_glob(glob, path) or (
        "**/" in glob and matches_glob(glob.replace("**/", ""), path)
    )


def _event_changes(event: EventSchemas) -> tuple[str, ...]:
    """The changes of `event` that a reader or writer can notice, in words."""
    if event.proposed is None:
        return ("removed",) if event.history else ()
    if not event.history:
        return ("new",)
    if event.is_same_text():
        return ()
    changes = diff(event.history[-1].schema, event.proposed)
    return tuple(c.describe() for c in changes if c.impact is not Impact.PATCH)


def _reach_event(
    platform: Platform,
    uses: Iterable[_Uses],
    event: EventSchemas,
    changes: tuple[str, ...],
    found: _Found,
    spared: list[tuple[str, str]],
) -> None:
    own = event.project_subject
    start = [Link("file", own.file.path)] if own and own.file else []
    link = Link("event", f"{event.event}@{event.topic}", changes[0])
    for use in uses:
        for produces in use.producers.get((event.event, event.topic), ()):
            found.add(produces.service, *start, link, Link("produces", produces.service))
        for consumes in use.consumers.get((event.event, event.topic), ()):
            reasons = list(_reasons(platform, event, consumes, changes))
            for reason in reasons:
                found.add(consumes.service, *start, link, reason)
            if not reasons:
                spared.append((consumes.service, event.event))


def _reasons(
    platform: Platform, event: EventSchemas, consumes: Consumes, changes: tuple[str, ...]
) -> Iterator[Link]:
    """Why the consumer notices the change; nothing where it uses none of what changed."""
    old = event.history[-1].schema if event.history else None
    new = event.proposed
    if old is None or new is None:
        yield Link("consumes", consumes.event, changes[0])
        return
    pinned = platform.reader(consumes) if consumes.reader else None
    if any(True for _ in can_read(reader=pinned or old, writer=new)):
        yield Link("reader", consumes.service, "its deployed reader cannot read the new events")
    used = consumes.fields
    if used is None and pinned is not None:
        used = tuple(field_paths(pinned))
    if used is None:
        yield Link("consumes", consumes.event, "its fields are not declared")
        return
    for path in used:
        what = _field_change(old, new, path, event.event)
        if what:
            yield Link("field", path, what)


def _field_change(old: Schema, new: Schema, path: str, event: str) -> str:
    """What changed about the field at `path`, "" where nothing that a reader notices."""
    before, after = fields_at(old, path, event=event), fields_at(new, path, event=event)
    if len(before) != len(after):
        return "added" if len(after) > len(before) else "removed"
    for one, other in zip(before, after, strict=True):
        if _default(one) != _default(other):
            return "default changed"
        # a type used in several places is compared by itself at each of them
        changes = diff(Schema(one.type, {}, ""), Schema(other.type, {}, ""))
        what = next((c.describe() for c in changes if c.impact is not Impact.PATCH), "")
        if what:
            return what
    return ""


def _default(field: Field) -> str:
    return repr(field.default)


def _reach_removed(now: Manifest, before: Manifest, found: _Found) -> None:
    """The former consumers and callers of what the base declared and `now` does not."""
    produced = now.producers()
    for name, service in before.services.items():
        gone = name not in now.services
        for produces in service.produces:
            key = (produces.event, produces.topic)
            if any(p.service == name for p in produced.get(key, ())):
                continue
            link = Link("removed", name, f"no longer produces {produces.event}")
            for consumes in before.consumers().get(key, ()):
                found.add(consumes.service, link, Link("consumes", produces.event))
        if gone:
            for other in before.services.values():
                if any(call.provider == name for call in other.calls):
                    found.add(other.name, Link("removed", name, "is no longer a service"))


def _reach_callers(manifests: Iterable[Manifest], found: _Found) -> None:
    callers: dict[str, dict[str, None]] = {}
    for manifest in manifests:
        for service in manifest.services.values():
            for call in service.calls:
                callers.setdefault(call.provider, {})[service.name] = None
    waiting = list(found.chains)
    while waiting:
        name = waiting.pop(0)
        first = next(iter(found.chains[name]))
        for caller in callers.get(name, ()):
            is_new = caller not in found.chains
            link = Link("call", name, "is called")
            if is_new:
                found.add(caller, *first, link)
                waiting.append(caller)
