"""schemareg.toml, or `[tool.schemareg]` of pyproject.toml, read into a frozen `Config`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NoReturn, TypeVar, cast, get_args

from schemareg.avro.schema import PRIMITIVES
from schemareg.errors import UsageError, did_you_mean
from schemareg.findings import Severity
from schemareg.lint.rule import AnyRule
from schemareg.lint.settings import Ignore, LintSettings, OptionValue, Preset, RuleSetting
from schemareg.places import Location
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy

FILE_NAME = "schemareg.toml"
PYPROJECT = "pyproject.toml"
AvroVersion = Literal["1.11", "1.12"]

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """What one topic carries.

    `events` are full names of the values; `key` is a full name, a primitive's name, or None for
    messages without a key schema; `level` None leaves the level to what stands above.
    """

    name: str
    events: tuple[str, ...]
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC
    key: str | None = None
    level: CompatibilityLevel | None = None


@dataclass(frozen=True, slots=True)
class ConsumerConfig:
    """A service that reads with schemas of its own: a file (absolute) for each subject it reads."""

    name: str
    reads: Mapping[Subject, Path]


@dataclass(frozen=True, slots=True)
class Config:
    """Everything configured; all paths absolute.

    `source` is the file that was read (None: nothing but defaults), `cwd` what paths are shown
    relative to. `level` is the level of subjects that have none of their own, None when nothing
    is said. `subjects` maps a subject to its own level.
    """

    cwd: Path
    source: Path | None = None
    roots: tuple[Path, ...] = ()
    snapshot: Path = Path("schemas/registered")
    level: CompatibilityLevel | None = None
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC
    avro_version: AvroVersion = "1.12"
    registry: str | None = None
    broker: str | None = None
    topics: tuple[TopicConfig, ...] = ()
    subjects: Mapping[Subject, CompatibilityLevel] = field(
        default_factory=lambda: MappingProxyType({})
    )
    lint: LintSettings = field(default_factory=LintSettings)
    consumers: tuple[ConsumerConfig, ...] = ()

    def shown(self, path: Path) -> str:
        """`path` as a person at `cwd` would type it, with forward slashes."""
        absolute = path if path.is_absolute() else self.cwd / path
        if absolute.is_relative_to(self.cwd):
            return absolute.relative_to(self.cwd).as_posix()
        return absolute.as_posix()


def load_config(path: Path | None, cwd: Path) -> Config:
    """The configuration at `path`, else of the nearest file from `cwd` upwards, else defaults.

    A directory with both files is ruled by its schemareg.toml; a pyproject.toml without
    `[tool.schemareg]` is passed by. Without any file the one root is `schemas`.

    Raises:
        UsageError: no such file, not TOML, an unknown key or word, a value of the wrong kind.
    """
    cwd = cwd.resolve()
    source = _find(cwd) if path is None else cwd / path
    if source is None:
        return Config(cwd=cwd, roots=(cwd / "schemas",), snapshot=cwd / "schemas" / "registered")
    return _read(source.resolve(), cwd)


def _find(cwd: Path) -> Path | None:
    for directory in (cwd, *cwd.parents):
        if (directory / FILE_NAME).is_file():
            return directory / FILE_NAME
        project = directory / PYPROJECT
        if project.is_file() and "tool.schemareg" in project.read_text(
            encoding="utf-8", errors="replace"
        ):
            return project
    return None


def _read(source: Path, cwd: Path) -> Config:
    shown = Config(cwd=cwd).shown(source)
    top = _Table(_load_toml(source, shown), shown)
    if source.name == PYPROJECT:
        top = _Table(_tool_table(top.values), shown, "tool.schemareg")
    base = source.parent
    strategy = top.choice("strategy", SubjectNameStrategy) or SubjectNameStrategy.TOPIC
    snapshot = base / (top.text("snapshot") or "schemas/registered")
    roots = tuple((base / root).resolve() for root in top.texts("roots") or ("schemas",))
    config = Config(
        cwd=cwd,
        source=source,
        roots=roots,
        snapshot=snapshot.resolve(),
        level=top.choice("level", CompatibilityLevel),
        strategy=strategy,
        avro_version=_avro_version(top),
        registry=top.text("registry"),
        broker=top.text("broker"),
        topics=tuple(_topic(name, table, strategy) for name, table in top.named("topics")),
        subjects={
            Subject(name): level
            for name, table in top.named("subjects")
            if (level := _subject_level(table)) is not None
        },
        lint=_lint(top.table("lint"), shown),
        consumers=tuple(_consumer(name, table, base) for name, table in top.named("consumers")),
    )
    top.finish()
    return config


def _load_toml(source: Path, shown: str) -> Mapping[str, object]:
    text = ""
    try:
        text = source.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        raise UsageError(
            f"the configuration cannot be read: {error.strerror}", location=Location(shown)
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("the configuration is not UTF-8", location=Location(shown)) from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        end = (text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
        line, column = (int(place[1]), int(place[2])) if place else end
        message = re.sub(r" \(at .*\)$", "", str(error))
        raise UsageError(
            f"the configuration is not TOML: {message}", location=Location(shown, line, column)
        ) from error


def _tool_table(values: Mapping[str, object]) -> Mapping[str, object]:
    tool = values.get("tool")
    ours = tool.get("schemareg") if isinstance(tool, dict) else None
    return ours if isinstance(ours, dict) else {}


def _avro_version(top: _Table) -> AvroVersion:
    given = top.text("avro_version")
    if given is None:
        return "1.12"
    known = get_args(AvroVersion)
    if given not in known:
        top.fail("avro_version", f"unknown Avro version {given!r}", f"known: {', '.join(known)}")
    return cast(AvroVersion, given)


def _topic(name: str, table: _Table, strategy: SubjectNameStrategy) -> TopicConfig:
    topic = TopicConfig(
        name=name,
        events=table.texts("events") or (),
        strategy=table.choice("strategy", SubjectNameStrategy) or strategy,
        key=table.text("key"),
        level=table.choice("level", CompatibilityLevel),
    )
    if not topic.events:
        table.fail("events", "a topic without events", "name the full names of what it carries")
    if topic.strategy is SubjectNameStrategy.TOPIC and len(topic.events) > 1:
        table.fail(
            "strategy",
            f"the strategy 'topic' keeps one event per topic, and {name!r} carries"
            f" {len(topic.events)}",
            'use strategy = "topic-record"',
        )
    key = topic.key
    if key is not None and "." not in key and key not in PRIMITIVES and key[:1].islower():
        table.fail("key", f"unknown primitive {key!r}", did_you_mean(key, PRIMITIVES))
    table.finish()
    return topic


def _consumer(name: str, table: _Table, base: Path) -> ConsumerConfig:
    files = table.table("reads")
    reads = {
        Subject(subject): (base / path).resolve()
        for subject in files.values
        if (path := files.text(subject)) is not None
    }
    if not reads:
        table.fail("reads", "a consumer that reads nothing", 'give { SUBJECT = "reader.avsc" }')
    table.finish()
    return ConsumerConfig(name, reads)


def _subject_level(table: _Table) -> CompatibilityLevel | None:
    level = table.choice("level", CompatibilityLevel)
    table.finish()
    return level


def _lint(table: _Table, shown: str) -> LintSettings:
    from schemareg.lint import RULES  # the rules cost start-up time that `--help` need not pay

    rules = {rule.id: rule for rule in RULES}
    settings: dict[str, RuleSetting] = {}
    chosen = table.table("rules")
    for rule_id in chosen.values:
        if rule_id not in rules:
            chosen.fail(rule_id, f"unknown rule {rule_id!r}", did_you_mean(rule_id, rules))
        if isinstance(chosen.values[rule_id], dict):
            settings[rule_id] = _rule_table(chosen.table(rule_id), rules[rule_id])
        else:
            settings[rule_id] = _severity(chosen, rule_id)
        if settings[rule_id].off and rules[rule_id].family == "validity":
            chosen.fail(
                rule_id,
                f"{rule_id!r} cannot be off: a file that breaks it is no Avro schema",
                "correct the file, or take it out of the roots",
            )
    ignores = tuple(_ignore(entry, rules) for entry in table.tables("ignore"))
    preset = table.choice("preset", Preset) or Preset.RECOMMENDED
    table.finish()
    return LintSettings(preset, settings, ignores, shown)


_SEVERITIES = (*(s.value for s in Severity), "off")


def _severity(table: _Table, key: str) -> RuleSetting:
    given = table.text(key)
    if given is None:
        return RuleSetting()
    if given not in _SEVERITIES:
        table.fail(key, f"unknown severity {given!r}", did_you_mean(given, _SEVERITIES))
    return RuleSetting(off=True) if given == "off" else RuleSetting(Severity(given))


def _rule_table(table: _Table, rule: AnyRule) -> RuleSetting:
    severity = _severity(table, "severity")
    given: dict[str, OptionValue] = {}
    for name, default in rule.options.items():
        value: OptionValue | None
        match default:
            case bool():
                value = table.flag(name)
            case int():
                value = table.number(name)
            case str():
                value = table.text(name)
            case _:
                value = table.texts(name)
        if value is None:
            continue
        for word in value if isinstance(value, tuple) else (value,):
            known = rule.choices.get(name)
            if known and word not in known:
                table.fail(name, f"unknown word {word!r}", did_you_mean(str(word), known))
        given[name] = value
    table.finish()
    return RuleSetting(severity.severity, severity.off, given)


def _ignore(table: _Table, rules: Iterable[str]) -> Ignore:
    rule_id, reason = table.text("rule"), table.text("reason")
    element, path = table.text("element"), table.text("path")
    known = set(rules)
    if rule_id is None:
        table.fail("rule", "no rule named", "say which rule is ignored")
    if rule_id not in known:
        table.fail("rule", f"unknown rule {rule_id!r}", did_you_mean(rule_id, known))
    if not (reason and reason.strip()):
        table.fail("reason", f"{rule_id!r} is ignored without a reason", "say why")
    if (element is None) == (path is None):
        table.fail("element", "an ignore is for one element or one path", "give exactly one")
    table.finish()
    return Ignore(rule_id, reason, element, path)


class _Table:
    """One table of the file, read key by key; keys that nobody asked for are unknown."""

    def __init__(self, values: Mapping[str, object], shown: str, at: str = "") -> None:
        self.values = values
        self.shown = shown
        self.at = at
        self.asked: set[str] = set()

    def fail(self, key: str, message: str, advice: str | None = None) -> NoReturn:
        where = f"{self.at}.{key}" if self.at else key
        raise UsageError(f"{where}: {message}", location=Location(self.shown), advice=advice)

    def _get(self, key: str, kind: str, fits: Callable[[object], bool]) -> object | None:
        self.asked.add(key)
        value = self.values.get(key)
        if value is not None and not fits(value):
            self.fail(key, f"{value!r} is not {kind}")
        return value

    def text(self, key: str) -> str | None:
        return cast("str | None", self._get(key, "a text", lambda v: isinstance(v, str)))

    def number(self, key: str) -> int | None:
        return cast("int | None", self._get(key, "a whole number", lambda v: type(v) is int))

    def flag(self, key: str) -> bool | None:
        return cast("bool | None", self._get(key, "true or false", lambda v: type(v) is bool))

    def texts(self, key: str) -> tuple[str, ...] | None:
        found = self._get(
            key,
            "a list of texts",
            lambda v: isinstance(v, list) and all(isinstance(i, str) for i in v),
        )
        return None if found is None else tuple(cast("list[str]", found))

    def choice(self, key: str, kinds: type[E]) -> E | None:
        given = self.text(key)
        if given is None:
            return None
        words = [kind.value for kind in kinds]
        if given not in words:
            near = given.upper() if given.upper() in words else given
            self.fail(key, f"unknown {key} {given!r}", did_you_mean(near, words))
        return kinds(given)

    def table(self, key: str) -> _Table:
        found = self._get(key, "a table", lambda v: isinstance(v, dict))
        at = f"{self.at}.{key}" if self.at else key
        return _Table(cast("dict[str, object]", found or {}), self.shown, at)

    def named(self, key: str) -> list[tuple[str, _Table]]:
        inner = self.table(key)
        return [(name, inner.table(name)) for name in inner.values]

    def tables(self, key: str) -> list[_Table]:
        found = self._get(
            key,
            "a list of tables",
            lambda v: isinstance(v, list) and all(isinstance(i, dict) for i in v),
        )
        at = f"{self.at}.{key}" if self.at else key
        entries = cast("list[dict[str, object]]", found or [])
        return [_Table(entry, self.shown, f"{at}[{i}]") for i, entry in enumerate(entries)]

    def finish(self) -> None:
        """Nothing is left that nobody asked for.

        Raises:
            UsageError: naming the first unknown key and the nearest known one.
        """
        for key in self.values:
            if key not in self.asked:
                self.fail(key, "unknown key", did_you_mean(key, self.asked))
