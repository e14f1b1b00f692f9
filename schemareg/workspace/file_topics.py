"""Topics from the names of files: `<topic>-key` and `<topic>-value`, as subjects are named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from schemareg.avro.schema import NameRef, Primitive, Union
from schemareg.errors import UsageError
from schemareg.places import Location
from schemareg.subjects import SubjectNameStrategy
from schemareg.workspace.config import Config, TopicConfig
from schemareg.workspace.schema_files import SchemaFile
from schemareg.workspace.version_paths import VersionLayout, versionless_name

_KEY, _VALUE = "-key", "-value"


def with_file_topics(config: Config, files: Iterable[SchemaFile]) -> Config:
    """`config` with the topics that `files` are named for, where it asks for that.

    A topic that is configured is as it is there.

    Raises:
        UsageError: the files of a topic are in two modules.
    """
    if not config.topics_by_file:
        return config
    known = {topic.name for topic in config.topics}
    topics: dict[str, TopicConfig] = {}
    for file in files:
        name = PurePosixPath(file.path).name
        if VersionLayout.FILES in config.versions:
            name, _ = versionless_name(name)
        stem = PurePosixPath(name).stem
        name, end = next(
            ((stem.removesuffix(end), end) for end in (_KEY, _VALUE) if stem.endswith(end)),
            ("", ""),
        )
        types = _types_of(file)
        if not name or name in known or not types or (end == _KEY and len(types) > 1):
            continue
        module = config.modules_seen_from(file.path)[0]
        usual = TopicConfig("", (), SubjectNameStrategy.TOPIC, config.key)
        given = config.topic_pattern(name) or usual
        new = replace(given, name=name, module=module)
        topic = topics.setdefault(name, new)
        if topic.module != module:
            raise UsageError(
                f"topics_by_file: the modules {topic.module or 'without a name'!r} and {module!r}"
                f" both have files of the topic {name!r}",
                location=Location(file.path),
                advice="keep the key and the value of a topic in one module",
            )
        own = (
            replace(topic, events=types, strategy=SubjectNameStrategy.TOPIC)
            if end == _VALUE
            else replace(topic, key=types[0])
        )
        topics[name] = own
    return replace(config, topics=(*config.topics, *topics.values()))


def _types_of(file: SchemaFile) -> tuple[str, ...]:
    """The name of the outermost type of `file`, or of each branch of a union of names."""
    root = file.schema.root
    if file.fullname is not None:
        return (file.fullname,)
    if isinstance(root, Primitive):
        return (root.kind,)
    if isinstance(root, Union) and all(isinstance(branch, NameRef) for branch in root.branches):
        return tuple(branch.fullname for branch in root.branches if isinstance(branch, NameRef))
    return ()
