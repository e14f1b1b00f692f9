"""The tables of topics, and of patterns of topics, in schemareg.toml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemareg.avro.schema import PRIMITIVES
from schemareg.patterns import matches_glob
from schemareg.settings.toml_table import Table
from schemareg.subjects import SubjectNameStrategy
from schemareg.suggestions import did_you_mean
from schemareg.workspace.config import TopicConfig
from schemareg.workspace.roots import Module
from schemareg.workspace.subject_settings import is_pattern, read_settings


def read_topics(
    top: Table,
    strategy: SubjectNameStrategy,
    default_key: str | None,
    modules: Sequence[Module],
) -> tuple[tuple[TopicConfig, ...], tuple[TopicConfig, ...]]:
    """The topics, with what they take of the longest pattern that fits, and the patterns.

    A pattern of the strategy `record` with events is a topic, too: its subjects need no topic.

    Raises:
        UsageError: a topic without events, or a word that is not known.
    """
    tables = top.named("topics")
    usual = TopicConfig("", (), strategy, default_key or None)
    patterns = [_topic(name, table, usual, modules) for name, table in tables if is_pattern(name)]
    topics = []
    for name, table in tables:
        if is_pattern(name):
            continue
        fitting = [each for each in patterns if matches_glob(each.name, name)]
        given = max(fitting, key=lambda each: len(each.name), default=usual)
        topic = _topic(name, table, given, modules)
        if not topic.events:
            table.fail("events", "a topic without events", "name the full names of what it carries")
        topics.append(topic)
    topics += [
        replace(each, key=None)
        for each in patterns
        if each.events and each.strategy is SubjectNameStrategy.RECORD
    ]
    return tuple(topics), tuple(patterns)


def read_key(table: Table) -> str | None:
    """The key as written; "" for messages without a key schema, whatever the default is."""
    key = table.text("key")
    if key and "." not in key and key not in PRIMITIVES and key[:1].islower():
        table.fail("key", f"unknown primitive {key!r}", did_you_mean(key, PRIMITIVES))
    return key


def _topic(name: str, table: Table, given: TopicConfig, modules: Sequence[Module]) -> TopicConfig:
    """The topic, or pattern, of `table`; what it does not say is as `given`."""
    settings = read_settings(table)
    own_key = read_key(table)
    topic = TopicConfig(
        name=name,
        events=table.texts("events") or given.events,
        strategy=table.choice("strategy", SubjectNameStrategy) or given.strategy,
        key=(given.key if own_key is None else own_key) or None,
        level=settings.level or given.level,
        settings=replace(settings, level=None).over(given.settings),
        module=table.text("module") or given.module,
        table=table,
    )
    names = [module.name for module in modules]
    if topic.module is not None and topic.module not in names:
        advice = did_you_mean(topic.module, names)
        table.fail("module", f"there is no module {topic.module!r}", advice)
    table.finish()
    return topic
