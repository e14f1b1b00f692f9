"""The subjects of a project's schemas, by its topics and its shared types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemareg.avro.parse.redefinition import is_copy
from schemareg.errors import UsageError
from schemareg.patterns import matches_glob
from schemareg.places import ROOT
from schemareg.subjects import Subject
from schemareg.suggestions import did_you_mean
from schemareg.workspace.config import Config
from schemareg.workspace.file_topics import with_file_topics
from schemareg.workspace.histories import Histories
from schemareg.workspace.module_topics import modules_of, with_newest_events
from schemareg.workspace.project_subjects import (
    ModuleSubjects,
    ProjectSubject,
    config_place,
    level_of,
)
from schemareg.workspace.subject_settings import (
    NOTHING_SET,
    SubjectSettings,
    is_pattern,
    settings_for,
)
from schemareg.workspace.versions import VersionedFiles


def subjects_of(
    files: VersionedFiles, config: Config, *, complete: bool
) -> Iterator[ProjectSubject]:
    """The subjects of `files` under `config`, each after those it refers to.

    A part of a file that no topic carries, or that others use, has the subject of its full name;
    keys have `<topic>-key`. With `complete` every event named in the configuration must be there.

    Raises:
        UsageError: the configuration names an event, key or subject that is not there.
    """
    config = with_newest_events(with_file_topics(config, files.files), files.files)
    modules = modules_of(files, config, complete=complete)
    used = {part for module in modules for part in module.used()}
    seen: dict[Subject, tuple[ProjectSubject, ModuleSubjects]] = {}
    users: list[ProjectSubject] = []
    for module in modules:
        for subject in module.all(used):
            first, other = seen.setdefault(subject.subject, (subject, module))
            if first is subject:
                users += (subject,) if subject.references else ()
                own = replace(subject, modules=module.seen) if config.modules else subject
                yield _with_settings(own, config, module)
            elif other is not module:
                _check_same(first, subject, config)
    aliases = {name for name, settings in config.settings if settings.alias is not None}
    shadowed = next((name for name in sorted(aliases) if name in seen or is_pattern(name)), None)
    if shadowed is not None:
        raise UsageError(
            f"subjects.{shadowed}.alias: an alias is the name of no schema of its own",
            location=config_place(config),
            advice="give the alias a table of its own: [subjects.OTHER-NAME] alias = SUBJECT",
        )
    named = (n for n, _ in config.settings if not is_pattern(n) and n not in aliases)
    unknown = next((name for name in (*config.subjects, *named) if name not in seen), None)
    if complete and unknown is not None:
        raise UsageError(
            f"subjects.{unknown}: the project has no such subject",
            location=config_place(config),
            advice=did_you_mean(unknown, seen),
        )
    if complete:
        _check_topic_patterns(config)
        _check_pins(users, config)


def _check_topic_patterns(config: Config) -> None:
    """Every pattern of topics fits one, or has subjects that need none.

    Raises:
        UsageError: naming the first that does not.
    """
    names = [topic.name for topic in config.topics]
    for pattern in config.topic_patterns:
        if not any(matches_glob(pattern.name, name) for name in names):
            near = did_you_mean(pattern.name, names) if names else "there is no topic."
            raise UsageError(
                f"topics.{pattern.name}: no topic fits this pattern",
                location=config_place(config),
                advice=f"{near} Name a topic that fits in a table of its own, or by"
                ' topics_by_file, or give the pattern events and strategy = "record"',
            )


def _check_same(one: ProjectSubject, other: ProjectSubject, config: Config) -> None:
    """Nothing, when two modules have one subject for copies of one type.

    Raises:
        UsageError: the types differ.
    """
    if one.topic == other.topic and is_copy(one.schema.root, other.schema.root):
        return
    first, second = (each.location(ROOT).path or each.topic for each in (one, other))
    raise UsageError(
        f"modules: {first} and {second} are both the subject {one.subject}",
        location=config_place(config),
        advice="give one of the modules another prefix, or its topic another name or strategy",
    )


def retired_subjects(files: VersionedFiles, config: Config) -> Iterator[ProjectSubject]:
    """The subjects of types that the newest version lacks, and an earlier one refers to."""
    histories = Histories(files, config)
    for subject, last in histories.retired():
        references = histories.references_of(last.file, last.part.uses)
        yield ProjectSubject(
            subject=subject,
            text=last.part.text,
            schema=last.part.schema,
            file=last.file,
            role="type",
            topic=None,
            level=level_of(subject, None, config),
            references=tuple((each.name, each.subject) for each in references),
            pointer=last.part.pointer,
            earlier=histories.earlier_of(last.file, last.part.fullname),
            version=last.version,
            reference_versions={each.name: each.version for each in references},
        )


def _with_settings(
    subject: ProjectSubject, config: Config, module: ModuleSubjects
) -> ProjectSubject:
    topics = module.topics
    topic = topics.by_name.get(subject.topic or "")
    of_topic = replace(topic.settings, level=topic.level) if topic else NOTHING_SET
    settings = settings_for(subject.subject, config.settings, of_topic)
    name = subject.subject.removeprefix(module.module.prefix if module.module else "")
    carrying = (t.settings for t in topics.carrying.get(name, ()))
    for other in () if topic else carrying:
        # the events of a union are subjects of their own, which the topic carries all the same
        settings = settings.over(SubjectSettings(semantic=other.semantic, removal=other.removal))
    if settings.inherits_level:
        return replace(subject, level=None, settings=settings)
    level = config.subjects.get(subject.subject) or (topic.level if topic else None)
    level = level or settings.level or subject.level
    if settings == NOTHING_SET and level is subject.level:
        return subject
    return replace(subject, level=level, settings=settings)


def _check_pins(users: Sequence[ProjectSubject], config: Config) -> None:
    """Every reference that a table pins is one of a subject that the table is about."""
    tables = [
        (f"subjects.{name}", pins, [u for u in users if matches_glob(name, u.subject)])
        for name, settings in config.settings
        if (pins := settings.references)
    ] + [
        (f"topics.{topic.name}", pins, [u for u in users if u.topic == topic.name])
        for topic in config.topics
        if (pins := topic.settings.references)
    ]
    for table, pins, about in tables:
        used = {name for user in about for name, _ in user.references}
        unknown = next((name for name in pins if name not in used), None)
        if unknown is not None:
            raise UsageError(
                f"{table}.references: no schema there refers to {unknown!r}",
                location=config_place(config),
                advice=did_you_mean(unknown, used),
            )
