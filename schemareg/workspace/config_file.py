"""schemareg.toml, or `[tool.schemareg]` of pyproject.toml, read into a `Config`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast, get_args

from schemareg.errors import UsageError
from schemareg.places import Location
from schemareg.settings import registry_patience
from schemareg.settings.reader import read_settings as read_rows
from schemareg.settings.toml_table import Table
from schemareg.settings.toml_text import read_toml
from schemareg.subjects import CompatibilityLevel, Subject, SubjectNameStrategy
from schemareg.suggestions import did_you_mean
from schemareg.workspace.approvals import read_approval
from schemareg.workspace.config import AvroVersion, Config, ConsumerConfig
from schemareg.workspace.environments import check_environments, environment_named
from schemareg.workspace.files import (
    FileError,
    exists,
    is_folder,
    is_regular,
    read_bytes,
    repository_top,
)
from schemareg.workspace.roots import read_modules, read_roots
from schemareg.workspace.subject_settings import SubjectSettings, is_pattern, read_settings
from schemareg.workspace.topic_tables import read_key, read_topics
from schemareg.workspace.trust import kafka_setting_advice, kafka_setting_problem
from schemareg.workspace.version_paths import VersionLayout

FILE_NAME = "schemareg.toml"
PYPROJECT = "pyproject.toml"


def load_config(
    path: Path | None, cwd: Path, paths: Sequence[Path] = (), *, environment: str | None = None
) -> Config:
    """The configuration at `path`, else of the nearest file from `cwd` upwards, else defaults.

    Where one of `paths`, which a command is about, does not belong to that configuration, the
    nearest file from there upwards counts. A search ends at the top of a git repository: what is
    above belongs to somebody else.
    A directory with both files is ruled by its schemareg.toml; a pyproject.toml without
    `[tool.schemareg]` is passed by. Without any file the one root is `schemas`. `environment` is
    the name of one of the file's environments, whose differences count.

    Raises:
        UsageError: no such file, not TOML, an unknown key or word, a value of the wrong kind, no
            such environment.
    """
    cwd = cwd.resolve()
    if path is not None:
        return _read((cwd / path).resolve(), cwd, environment)
    source = find_config(cwd)
    config = _read(source.resolve(), cwd, environment) if source else None
    for given in paths:
        absolute = (cwd / given).resolve()
        if config is None or not _belongs_to(absolute, config):
            own = find_config(absolute if is_folder(absolute, str(given)) else absolute.parent)
            if own is not None:
                return _read(own.resolve(), cwd, environment)
    if config is not None:
        return config
    if environment is not None:
        raise UsageError(
            f"there is no environment {environment!r}, because there is no configuration file",
            advice=f"write [environments.{environment}] with its url into schemareg.toml",
        )
    return Config(cwd=cwd, roots=(cwd / "schemas",), snapshot=cwd / "schemas" / "registered")


def _belongs_to(path: Path, config: Config) -> bool:
    homes = (config.source.parent, *config.roots) if config.source else config.roots
    return any(path.is_relative_to(home) for home in homes)


def find_config(cwd: Path) -> Path | None:
    """The nearest configuration file upwards; a repository's top ends the search.

    Raises:
        UsageError: something of the file's name that is no file.
    """
    for directory in (cwd, *cwd.parents):
        candidate = directory / FILE_NAME
        shown = Config(cwd=cwd).shown(candidate)
        if is_regular(candidate, shown):
            return candidate
        if exists(candidate, shown):
            raise UsageError(
                "the configuration is not a file",
                location=Location(shown),
                advice="remove it, or replace the dangling link",
            )
        project = directory / PYPROJECT
        if _mentions_us(project, Config(cwd=cwd).shown(project)):
            return project
        if repository_top(directory) == directory:
            return None
    return None


def _mentions_us(project: Path, shown: str) -> bool:
    """Whether the pyproject.toml at `project` configures schemareg, as far as it is TOML."""
    return is_regular(project, shown) and configures_us(read_bytes(project, shown))


def configures_us(raw: bytes) -> bool:
    """Whether `raw`, a pyproject.toml, configures schemareg, as far as it can be read."""
    text = raw.decode("utf-8-sig", errors="replace")
    if "schemareg" not in text:
        return False
    try:
        tool = read_toml(raw, PYPROJECT)[1].get("tool")
    except UsageError:
        return "[tool.schemareg" in text
    return isinstance(tool, dict) and "schemareg" in tool


def _read(source: Path, cwd: Path, environment: str | None) -> Config:
    shown = Config(cwd=cwd).shown(source)
    try:
        raw = read_bytes(source, shown)
    except FileError as error:
        raise UsageError(
            f"the configuration cannot be read: {error.reason}", location=Location(shown)
        ) from error
    return parse_config(raw, source, cwd, environment)


def parse_config(raw: bytes, source: Path, cwd: Path, environment: str | None = None) -> Config:
    """The configuration in `raw`, the content of the file at `source` now or at another time.

    Raises:
        UsageError: not TOML, an unknown key or word, a value of the wrong kind.
    """
    shown = Config(cwd=cwd).shown(source)
    text, values = read_toml(raw, shown, what="the configuration")
    top = Table(values, shown, text_of_file=text)
    if source.name == PYPROJECT:
        tool = ("tool", "schemareg")
        top = Table(_tool_table(values), shown, ".".join(tool), tool, text)
    check_environments(top)
    named = None
    if environment is not None:
        named, top = environment_named(environment, top)
        top.read.add("environments")
    base = source.parent
    subjects = [(name, _subject(table)) for name, table in top.named("subjects")]
    strategy = top.choice("strategy", SubjectNameStrategy) or SubjectNameStrategy.TOPIC
    snapshot = base / (top.text("snapshot") or "schemas/registered")
    key = read_key(top)
    modules = read_modules(top.named("modules"), base)
    given = top.texts("roots") or (() if modules else ("schemas",))
    roots, patterns = read_roots(given, base)
    for module in modules:
        roots += module.roots
        patterns += module.root_patterns
    topics, patterns_of_topics = read_topics(top, strategy, key, modules)
    config = Config(
        cwd=cwd,
        source=source,
        roots=tuple(dict.fromkeys(roots)),
        root_patterns=patterns,
        modules=modules,
        exclude=top.texts("exclude") or (),
        topics_by_file=top.flag("topics_by_file") or False,
        versions=_versions(top),
        snapshot=snapshot.resolve(),
        level=top.choice("level", CompatibilityLevel),
        strategy=strategy,
        avro_version=_avro_version(top),
        registry=top.text("registry"),
        registry_patience=_registry_patience(top),
        broker=top.text("broker"),
        kafka=dict(_kafka(top.table("kafka"), base)),
        serve=top.table("serve").values,
        topics=topics,
        topic_patterns=patterns_of_topics,
        key=key or None,
        subjects={
            Subject(name): settings.level
            for name, settings in subjects
            if settings.level is not None and not is_pattern(name)
        },
        lint=top.table("lint"),
        fmt=top.table("fmt"),
        settings=tuple(subjects),
        managed=top.texts("managed") or (),
        environment=named,
        table=top,
        approvals=tuple(map(read_approval, top.tables("approvals"))),
        consumers=tuple(_consumer(name, table, base) for name, table in top.named("consumers")),
    )
    top.finish()
    return config


def _registry_patience(top: Table) -> Table:
    """What the file sets of how long a client of a registry tries; each value is valid."""
    names = [row.name for row in registry_patience.ROWS]
    top.read.update(names)
    values = {name: top.values[name] for name in names if name in top.values}
    part = Table(values, top.shown, top.at, top.path, top.text_of_file)
    read_rows(registry_patience.ROWS, table=part)
    return part


def _tool_table(values: Mapping[str, object]) -> Mapping[str, object]:
    tool = values.get("tool")
    ours = tool.get("schemareg") if isinstance(tool, dict) else None
    return ours if isinstance(ours, dict) else {}


def _avro_version(top: Table) -> AvroVersion:
    given = top.text("avro_version")
    if given is None:
        return "1.12"
    known = get_args(AvroVersion)
    if given not in known:
        top.fail("avro_version", f"unknown Avro version {given!r}", f"known: {', '.join(known)}")
    return cast(AvroVersion, given)


def _versions(top: Table) -> tuple[VersionLayout, ...]:
    given = top.texts("versions") or ()
    words = [layout.value for layout in VersionLayout]
    for word in given:
        if word not in words:
            top.fail("versions", f"unknown place of versions {word!r}", did_you_mean(word, words))
    return tuple(map(VersionLayout, given))


def _kafka(
    table: Table, base: Path, prefix: str = ""
) -> Iterator[tuple[str, str | int | float | bool]]:
    """The settings of `table`, their names quoted or dotted; files are relative to `base`."""
    for name, value in table.values.items():
        if isinstance(value, dict):
            for rest, inner in _kafka(table.table(name), base, f"{prefix}{name}."):
                yield f"{name}.{rest}", inner
        elif problem := kafka_setting_problem(full := f"{prefix}{name}"):
            table.fail(name, problem, kafka_setting_advice(full))
        elif not isinstance(value, str | int | float | bool):
            table.fail(name, f"{value!r} is not a text, a number, true or false")
        elif isinstance(value, str) and f"{table.at}.{name}".endswith(".location"):
            yield name, str(base / value)
        else:
            yield name, value


def _consumer(name: str, table: Table, base: Path) -> ConsumerConfig:
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


def _subject(table: Table) -> SubjectSettings:
    settings = read_settings(table)
    table.finish()
    return settings
