"""Which module each topic is of, and the subjects of each module."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from schemareg.avro.schema import PRIMITIVES
from schemareg.errors import UsageError
from schemareg.workspace.config import Config, TopicConfig
from schemareg.workspace.histories import Histories
from schemareg.workspace.project_subjects import ModuleSubjects, config_place
from schemareg.workspace.schema_files import SchemaFile
from schemareg.workspace.version_paths import VersionLayout, versionless
from schemareg.workspace.versions import VersionedFiles


def modules_of(
    files: VersionedFiles, config: Config, *, complete: bool
) -> tuple[ModuleSubjects, ...]:
    """The files outside of all modules, then each module after those that it uses.

    Raises:
        UsageError: the events of a topic without a module have several definitions, or there is
            no module that sees all of them.
    """
    histories = Histories(files, config)
    if not config.modules:
        return (ModuleSubjects(files, config, histories, complete=complete),)
    bare = [
        ModuleSubjects(
            files, replace(config, topics=()), histories, complete=complete, module=module
        )
        for module in (None, *config.modules)
    ]
    topics: dict[str, list[TopicConfig]] = {}
    for topic in config.topics:
        topics.setdefault(_module_of(topic, bare, config), []).append(topic)
    made = []
    for own in bare:
        name = own.module.name if own.module else ""
        mine = [file for file in files.files if file.path in own.own]
        named = replace(config, topics=tuple(topics.get(name, ())))
        made.append(
            ModuleSubjects(
                files,
                with_newest_events(named, mine),
                histories,
                complete=complete,
                module=own.module,
            )
        )
    return tuple(made)


def _module_of(topic: TopicConfig, modules: Sequence[ModuleSubjects], config: Config) -> str:
    """The name of the module in which the types of `topic` are looked up."""
    if topic.module is not None or len(modules) == 1:
        return topic.module or ""
    names = [n for n in (*topic.events, topic.key) if n is not None and n not in PRIMITIVES]
    for name in names:
        several = [m.module.name for m in modules if m.module and m.defines(name)]
        if len(several) > 1:
            raise _not_chosen(
                topic, f"{name!r} is of several modules: {', '.join(several)}", config
            )
    home = next((m for name in names for m in modules if m.defines(name)), modules[0])
    for module in (home, *modules):
        if all(name in module.owners for name in names):
            return module.module.name if module.module else ""
    return home.module.name if home.module else ""


def _not_chosen(topic: TopicConfig, problem: str, config: Config) -> UsageError:
    return UsageError(
        f"topics.{topic.name}: {problem}",
        location=config_place(config),
        advice='write into its table which is meant: module = "NAME"',
    )


def with_newest_events(config: Config, files: Iterable[SchemaFile]) -> Config:
    """`config`, its events by the names of their newest versions, where namespaces have any."""
    if VersionLayout.NAMESPACES not in config.versions:
        return config
    newest: dict[str, tuple[tuple[int, ...], str]] = {}
    for file in files:
        for part in file.parts:
            name, number = versionless(part.fullname)
            newest[name] = max(newest.get(name, ((), "")), (number, part.fullname))

    def renamed(event: str) -> str:
        return newest.get(versionless(event)[0], ((), event))[1]

    topics = tuple(
        replace(
            topic,
            events=tuple(dict.fromkeys(map(renamed, topic.events))),
            key=None if topic.key is None else renamed(topic.key),
        )
        for topic in config.topics
    )
    return replace(config, topics=topics)
