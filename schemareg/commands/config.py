"""The policy in force: every setting, every rule, and where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from schemareg.findings import Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.lint.configuration import lint_settings, rules_of
from schemareg.lint.policy import effective, overrides_of
from schemareg.lint.rule import Rule
from schemareg.lint.settings import LintSettings, Override, RuleSetting
from schemareg.patterns import matches_glob
from schemareg.places import Location
from schemareg.results import Counts, Result
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, ProjectSubject, TopicConfig, load_project
from schemareg.workspace.subject_settings import is_pattern


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """A setting in force; `origin` is the place that gives it, or "default"."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class EffectiveRule:
    """A rule: the severity of what it reports, "off" where it does not run, and its options.

    `origin` is what decided: a preset, a place in a file, or both for an override.
    """

    code: str
    name: str
    severity: str
    origin: str
    options: dict[str, object]


@dataclass(frozen=True, slots=True)
class ConfigResult(Result):
    """The settings in force for the project or for one `file`, and its rules.

    A rule is there when it runs, or when a setting switches it off.
    """

    command: ClassVar[str] = "config"

    source: str | None
    file: str | None
    settings: tuple[EffectiveSetting, ...]
    rules: tuple[EffectiveRule, ...]

    def counts(self) -> Counts:
        read = len(self.settings) + len(self.rules)
        return Counts("setting", read, read)


def effective_config(config: Config, file: Path | None = None) -> ConfigResult:
    """The policy for `file`, which may have overrides and subjects; without one, for the project.

    Raises:
        UsageError: the configuration is refused, or the file is not there.
    """
    rules = rules_of(config)
    lint = lint_settings(config, rules)
    settings = [*_project_settings(config, lint)]
    overrides: tuple[Override, ...] = ()
    shown = None
    if file is not None:
        project = load_project(config, [file])
        shown = config.shown(config.cwd / file)
        own = [s for s in project.subjects if s.file and project.is_selected(s.file.path)]
        own = [s for s in own if s.file and s.file.path == shown]
        overrides = overrides_of(lint, shown, [s.subject for s in own])
        for subject in own:
            settings += _subject_settings(subject, config)
    return ConfigResult(
        config.shown(config.source) if config.source else None,
        shown,
        tuple(settings),
        tuple(_rules(rules, lint, overrides)),
    )


def _project_settings(config: Config, lint: LintSettings) -> Iterator[EffectiveSetting]:
    values: dict[tuple[str, ...], object] = {
        ("roots",): [config.shown(root) for root in config.roots],
        ("exclude",): list(config.exclude),
        ("topics_by_file",): config.topics_by_file or None,
        ("versions",): list(config.versions),
        ("key",): config.key,
        ("snapshot",): config.shown(config.snapshot),
        ("level",): config.level,
        ("strategy",): config.strategy,
        ("avro_version",): config.avro_version,
        ("registry",): config.registry,
        ("broker",): config.broker,
        ("managed",): list(config.managed),
    }
    for module in config.modules:
        at = ("modules", module.name)
        values[*at, "roots"] = [config.shown(root) for root in module.roots]
        values[*at, "uses"] = list(module.uses)
        values[*at, "prefix"] = module.prefix
    for keys, value in values.items():
        if value is not None and value != []:
            place = _written_at(config, *keys)
            yield EffectiveSetting(".".join(keys), _text(value), place or "default")
    for name, given in (
        ("lint.preset", lint.preset.value),
        ("lint.targets", list(lint.targets)),
        ("lint.ratchet", list(lint.ratchet)),
    ):
        origin = lint.origins.get(name.removeprefix("lint."))
        if given:
            yield EffectiveSetting(name, _text(given), str(origin) if origin else "default")


def _subject_settings(subject: ProjectSubject, config: Config) -> Iterator[EffectiveSetting]:
    name = f"subjects.{subject.subject}"
    level = subject.level or CompatibilityLevel.BACKWARD
    yield EffectiveSetting(f"{name}.level", level.value, _origin(subject, config, "level"))
    for key in ("semantic", "removal", "mode", "normalize", "references"):
        value = getattr(subject.settings, key)
        if value is not None:
            yield EffectiveSetting(f"{name}.{key}", _text(value), _origin(subject, config, key))


def _origin(subject: ProjectSubject, config: Config, key: str) -> str:
    """The table that gives `key` to `subject`, in the order in which tables count."""
    given = [(n, s) for n, s in config.settings if getattr(s, key) is not None]
    own = [n for n, _ in given if n == subject.subject]
    topics = [
        t.name
        for t in config.topics
        if (t.name == subject.topic or subject.subject in t.events)
        and getattr(replace(t.settings, level=t.level), key) is not None
    ]
    names = [subject.topic, *topics] if subject.topic else topics
    of_topic = [each.name for name in names for each in _fitting(config, name)]
    patterns = [n for n, _ in given if is_pattern(n) and matches_glob(n, subject.subject)]
    tables = [
        *(("subjects", name) for name in own),
        *(("topics", name) for name in (*names, *of_topic)),
        *(("subjects", name) for name in reversed(patterns)),
    ]
    for table, name in tables:
        if origin := _written_at(config, table, name, key):
            return f"{origin}, {table}.{name}"
    if key == "level" and (origin := _written_at(config, "level")):
        return origin
    return "default, unless a registry or snapshot has a level"


def _fitting(config: Config, topic: str) -> list[TopicConfig]:
    """The pattern of topics that counts for `topic`."""
    pattern = config.topic_pattern(topic)
    return [pattern] if pattern else []


def _written_at(config: Config, *keys: str) -> str | None:
    """The file and line of a setting; None where the configuration does not have it."""
    table = config.table
    for key in keys[:-1]:
        if not isinstance(table.values.get(key), dict):
            return None
        table = table.table(key)
    return str(table.location(keys[-1])) if keys[-1] in table.values else None


def _rules(
    rules: tuple[Rule, ...], lint: LintSettings, overrides: tuple[Override, ...]
) -> Iterator[EffectiveRule]:
    preset, given = effective(lint, overrides)
    by_preset = f"preset {preset.value}"
    for rule in rules:
        setting = given.get(rule.name)
        if rule.check is None:
            severity, origin = _severity(rule, setting), "always"
            if setting is not None:
                origin = _place(setting.origin)
        elif setting is not None:
            severity, origin = _severity(rule, setting), _place(setting.origin)
        elif rule.preset.rank <= preset.rank:
            severity, origin = rule.severity.value, by_preset
        else:
            continue
        options: dict[str, object] = dict(rule.options)
        if lint.targets and "targets" in options:
            options["targets"] = lint.targets
        options |= setting.options if setting else {}
        yield EffectiveRule(rule.code, rule.name, severity, origin, options)


def _severity(rule: Rule, setting: RuleSetting | None) -> str:
    if setting is not None and setting.off:
        return "off"
    severity: Severity = (setting.severity if setting else None) or rule.severity
    return severity.value


def _place(origin: Location | None) -> str:
    return "default" if origin is None else str(origin)


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return str(value)
    return json.dumps(value, ensure_ascii=False)
