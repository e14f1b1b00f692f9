"""The state that schema files describe: those of a directory, a commit, or the project itself.

A file belongs to the subject that the configuration of *its own* time gives it. So an event that
was renamed together with its entry in the configuration stays what it is to a registry: the next
version of its topic's subject.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from schemareg.avro import Schema
from schemareg.avro.parse.parser import parse_document
from schemareg.avro.schema import NameRef, walk
from schemareg.errors import Problem, SchemaParseError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Location
from schemareg.registry.api.state import (
    Origin,
    RefusedFile,
    RegistryState,
    StoredVersion,
    SubjectState,
)
from schemareg.registry.api.types import Config as RegistryConfig
from schemareg.registry.api.types import RuleSet
from schemareg.state.pins import pin, pins_of
from schemareg.state.schemas import parsed_alone
from schemareg.subjects import Reference, Subject, Version
from schemareg.workspace import (
    Config,
    Project,
    ProjectSubject,
    SchemaFile,
    TopicConfig,
)
from schemareg.workspace.parts import defining
from schemareg.workspace.schema_files import schema_file
from schemareg.workspace.source_languages import read_source
from schemareg.workspace.subjects import retired_subjects, subjects_of
from schemareg.workspace.versions import VersionedFiles, resolve_versions

ONLY_VERSION = Version(1)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A schema file of another time or place.

    `path` is the path (as shown) of the same file in today's project, `shown` its own.
    """

    path: str
    shown: str
    raw: bytes


def state_of_project(
    project: Project, origin: Origin, held: RegistryState | None = None
) -> RegistryState:
    """What a registry holds after `project` is registered in an empty one; in that order.

    References that the configuration pins are to the versions of `held`.

    Raises:
        ContentError: `held` lacks a version that is pinned.
    """
    aliases = {
        name: SubjectState(name, (), config=RegistryConfig(alias=of))
        for name, of in project.aliases.items()
    }
    subjects = _subjects((*project.retired, *project.subjects), {})
    desired = RegistryState(subjects, origin, others=aliases)
    pins = pins_of(project.subjects)
    return pin(desired, held, pins) if held is not None and pins else desired


def state_of_versions(project: Project) -> RegistryState:
    """The versions before the newest ones, as the files of `project` describe them.

    The newest ones are there as deleted versions: other versions may refer to them.
    """
    state = state_of_project(project, Origin("the earlier versions"))
    subjects = {
        subject: replace(
            held,
            versions=(*held.versions[:-1], replace(held.versions[-1], deleted=True)),
        )
        for subject, held in state.subjects.items()
    }
    return replace(state, subjects=subjects)


def state_of_files(
    files: Sequence[SourceFile],
    origin: Origin,
    *,
    today: Config,
    then: Config | None,
    project: Project | None,
) -> RegistryState:
    """The state of `files` under the configuration of their time, each subject with one version.

    Where that is not known (`then` is None) it is today's, save that an event which was renamed
    since, in the same file, has its former name.
    """
    texts = [(file.path, file.raw) for file in files]
    is_same = project is not None and project.avro_version == today.avro_version
    known = resolve_versions(
        texts,
        replace(then or today, avro_version=today.avro_version),
        parsed=project.files if project is not None and is_same else (),
    )
    parsed = [*known.files, *_read_leniently(files, known.files, today)]
    config = then or _with_former_names(today, project, parsed)
    shown = {file.path: file.shown for file in files}
    raw = {file.path: file.raw for file in files}
    held = {file.path for file in parsed} | known.earlier_paths
    known = replace(known, files=tuple(parsed))
    retired = retired_subjects(known, config)
    subjects = _subjects((*retired, *subjects_of(known, config, complete=False)), shown)
    if any(len(subject.versions) > 1 for subject in subjects.values()):
        origin = replace(origin, version_name="")
    return RegistryState(
        subjects,
        origin,
        refused=tuple(replace(r, raw=raw[r.path]) for r in _refused(known, shown, held)),
        parsed=parsed_alone(known.files, today.avro_version),
    )


def _refused(
    known: VersionedFiles, shown: Mapping[str, str], held: Set[str]
) -> Iterator[RefusedFile]:
    """The files with problems, and those that cannot be read because they use one of these."""
    for failure in known.failures:
        if failure.location and (path := failure.location.path) is not None:
            yield RefusedFile(path, failure.at(shown[path]), path in held)
    for path, by in known.blocked.items():
        if path not in held:
            problem = Problem(f"it uses {shown[by]}, which is refused", "uses-refused-file")
            yield RefusedFile(path, SchemaParseError([problem], path=shown[path]), False)


def _subjects(
    subjects: Iterable[ProjectSubject], shown: Mapping[str, str]
) -> dict[Subject, SubjectState]:
    return {
        subject.subject: SubjectState(
            subject.subject,
            (
                *_earlier(subject, shown),
                StoredVersion(
                    subject.version,
                    subject.text,
                    tuple(
                        Reference(name, of, subject.reference_versions.get(name, ONLY_VERSION))
                        for name, of in subject.references
                    ),
                    metadata=subject.settings.metadata,
                    rule_set=_rule_set(subject),
                    location=_location(subject, shown),
                ),
            ),
            subject.level,
            subject.settings.mode,
            _config(subject),
        )
        for subject in subjects
    }


def _earlier(subject: ProjectSubject, shown: Mapping[str, str]) -> Iterator[StoredVersion]:
    """The versions that earlier files describe; settings are those of the newest one."""
    for each in subject.earlier:
        path = each.location.path or ""
        yield StoredVersion(
            each.version,
            each.text,
            each.references,
            location=replace(each.location, path=shown.get(path, path)),
        )


def _rule_set(subject: ProjectSubject) -> RuleSet | None:
    # what tomllib reads is JSON but for dates, which the protocol has as texts
    rules = subject.settings.rule_set
    return None if rules is None else json.loads(json.dumps(rules, default=str))


def _config(subject: ProjectSubject) -> RegistryConfig | None:
    """What the subject's own configuration shall have; None where nothing is configured."""
    settings = subject.settings
    return None if settings.normalize is None else RegistryConfig(normalize=settings.normalize)


def _location(subject: ProjectSubject, shown: Mapping[str, str]) -> Location:
    if subject.file is None:
        return Location(None)
    path = shown.get(subject.file.path, subject.file.path)
    if subject.pointer == ROOT:
        return Location(path)
    # its text is a part of the file, so that only the place of the whole is known
    return Location(path, *subject.file.schema.tree.locate(subject.pointer), subject.pointer)


def _read_leniently(
    files: Sequence[SourceFile], known: Sequence[SchemaFile], config: Config
) -> list[SchemaFile]:
    """Those of the files not in `known` that a registry reads, once it has accepted them.

    Today's rules for names and defaults are not theirs, and neither is a type that two of them
    define.
    """
    found: list[SchemaFile] = []
    paths = {file.path for file in known}
    waiting = [file for file in files if file.path not in paths]
    while waiting:
        left = []
        for file in waiting:
            read = _parse_leniently(file, [*known, *found], config)
            if read is None:
                left.append(file)
            elif _names(read).isdisjoint(name for o in (*known, *found) for name in _names(o)):
                found.append(read)
        if len(left) == len(waiting):
            break
        waiting = left
    return found


def _names(file: SchemaFile) -> Set[str]:
    """Those that a registry can hold something of the file under."""
    return {part.fullname for part in file.parts}


def with_accepted_files(project: Project, state: RegistryState, config: Config) -> Project:
    """`project` with the subjects of the refused files that `state` holds, refused there as here.

    Read as a registry reads what it has accepted once, so that what else changed in them is judged.
    So is what changed in the files that use them.
    """
    failing = {error.location.path for error in project.failures if error.location}
    held = [refused.path for refused in state.refused if refused.is_held]
    there = {subject.file.path for subject in project.subjects if subject.file}
    paths = [path for path in held if path in failing and path not in there]
    if not paths or config.versions:
        return project
    paths += project.blocked
    files = [SourceFile(path, path, project.texts[path]) for path in paths]
    read = _read_leniently(files, project.files, config)
    own, known = {file.path for file in read}, {s.subject for s in project.subjects}
    every = VersionedFiles((*project.files, *read), ())
    more = (s for s in subjects_of(every, config, complete=False) if s.subject not in known)
    return replace(
        project,
        subjects=(*project.subjects, *(s for s in more if s.file and s.file.path in own)),
        passed_over=tuple(p for p in project.passed_over if p.shown not in own),
    )


def _parse_leniently(
    file: SourceFile, known: Sequence[SchemaFile], config: Config
) -> SchemaFile | None:
    def parsed(references: Sequence[Schema]) -> Schema:
        return parse_document(
            document,
            avro_version=config.avro_version,
            references=references,
            names="none",
            validate_defaults=False,
        )

    try:
        document = read_source(file.path, file.raw)
        try:
            uses: tuple[SchemaFile, ...] = ()
            schema = parsed(())
        except SchemaParseError:
            schema = parsed([other.schema for other in known])
            names = {n.fullname for n in walk(schema) if isinstance(n, NameRef)}
            names -= schema.names.keys()
            uses = tuple(o for o in known if not names.isdisjoint(o.schema.names))
            schema = parsed([s for u in uses for s in defining(names, u.schema, u.parts)])
    except SchemaParseError:
        return None
    return schema_file(file.path, file.raw, document, schema, uses)


def _with_former_names(
    today: Config, project: Project | None, files: Sequence[SchemaFile]
) -> Config:
    """`today`, its events by the names that their files gave them in `files`."""
    if project is None:
        return today
    defined = {file.fullname for file in files}
    then = {file.path: file.fullname for file in files}
    former = {
        file.fullname: name
        for file in project.files
        if file.fullname is not None
        and file.fullname not in defined
        and (name := then.get(file.path)) is not None
    }
    if not former:
        return today
    return replace(today, topics=tuple(_renamed(topic, former) for topic in today.topics))


def _renamed(topic: TopicConfig, former: Mapping[str, str]) -> TopicConfig:
    return replace(
        topic,
        events=tuple(former.get(event, event) for event in topic.events),
        key=None if topic.key is None else former.get(topic.key, topic.key),
    )
