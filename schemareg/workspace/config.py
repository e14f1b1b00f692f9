"""What is configured: topics, consumers, levels, and where everything is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from schemareg.lazy_dataclass import dataclass
from schemareg.patterns import matches_glob
from schemareg.settings.toml_table import Table
from schemareg.subjects import DEPLOYMENTS, CompatibilityLevel, Subject, SubjectNameStrategy
from schemareg.workspace.approvals import Approval
from schemareg.workspace.environments import Environment
from schemareg.workspace.roots import Module, RootPattern
from schemareg.workspace.subject_settings import NOTHING_SET, SubjectSettings
from schemareg.workspace.version_paths import VersionLayout

AvroVersion = Literal["1.11", "1.12"]
BASELINE = "schemareg-baseline.json"
KafkaSettings = Mapping[str, str | int | float | bool]
"""Settings of librdkafka by their own names."""


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """What one topic carries.

    `events` are full names of the values (under the strategy `topic` several make one subject,
    whose schema is the union of them); `key` is a full name, a primitive's name, or None for
    messages without a key schema; with `level` None the level of the file counts. `settings` are
    the topic's for all of its subjects. `module` is where the names are looked up, None where
    each of them has one definition in the whole project. `table` is where it is configured.
    """

    name: str
    events: tuple[str, ...]
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC
    key: str | None = None
    level: CompatibilityLevel | None = None
    settings: SubjectSettings = NOTHING_SET
    module: str | None = None
    table: Table | None = field(default=None, compare=False, repr=False)


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
    is configured. `subjects` maps a subject to its own level. `kafka` holds what clients of the
    broker at `broker` need (security), librdkafka's names and values. `serve`, `lint` and `fmt` are
    the tables of those names as written: their commands validate them. `settings` are
    those of subjects and of patterns of subjects, in the file's order; `managed` are the patterns
    of the subjects that belong to this project in a registry that others use, too.
    `topic_patterns` are what topics have whose names fit, and `key` that of topics which nothing
    gives one.
    `environment` is the one that was named. `registry_patience` is what the file sets of how long
    a client tries, `registry_flags` what the command line does.
    `root_patterns` are the roots with `*` or `?`; the folders that hold their files are in `roots`.
    `modules` have names of their own, each after those that it uses; their roots are in `roots`.
    `topics_by_file`: files named `<topic>-key` and `<topic>-value` are what the topic carries.
    `versions` are the places that distinguish versions of one schema.
    `table` is all of it as written. `approvals` are the intended breaks.
    `exclude` are patterns of files in the roots that are not
    of the project, relative to the folder of `source`.
    """

    cwd: Path
    source: Path | None = None
    roots: tuple[Path, ...] = ()
    root_patterns: tuple[RootPattern, ...] = ()
    modules: tuple[Module, ...] = ()
    exclude: tuple[str, ...] = ()
    topics_by_file: bool = False
    versions: tuple[VersionLayout, ...] = ()
    snapshot: Path = Path("schemas/registered")
    level: CompatibilityLevel | None = None
    strategy: SubjectNameStrategy = SubjectNameStrategy.TOPIC
    avro_version: AvroVersion = "1.12"
    registry: str | None = None
    registry_patience: Table = field(default_factory=lambda: Table({}, ""))
    registry_flags: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    broker: str | None = None
    kafka: KafkaSettings = field(default_factory=lambda: MappingProxyType({}))
    serve: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    topics: tuple[TopicConfig, ...] = ()
    topic_patterns: tuple[TopicConfig, ...] = ()
    key: str | None = None
    subjects: Mapping[Subject, CompatibilityLevel] = field(
        default_factory=lambda: MappingProxyType({})
    )
    lint: Table = field(default_factory=lambda: Table({}, "", "lint"))
    fmt: Table = field(default_factory=lambda: Table({}, "", "fmt"))
    consumers: tuple[ConsumerConfig, ...] = ()
    settings: tuple[tuple[str, SubjectSettings], ...] = ()
    managed: tuple[str, ...] = ()
    environment: Environment | None = None
    approvals: tuple[Approval, ...] = ()
    table: Table = field(default_factory=lambda: Table({}, ""), compare=False, repr=False)

    def topic_pattern(self, name: str) -> TopicConfig | None:
        """The longest pattern that the topic `name` fits."""
        fitting = [each for each in self.topic_patterns if matches_glob(each.name, name)]
        return max(fitting, key=lambda each: len(each.name), default=None)

    def is_managed(self, subject: Subject) -> bool:
        """Whether `subject` may be read and changed; without `managed` any with schemas may."""
        if subject == DEPLOYMENTS:
            return False
        return not self.managed or any(matches_glob(glob, subject) for glob in self.managed)

    def is_in_roots(self, path: Path) -> bool:
        """Whether `path`, which is absolute, is no file that all patterns of its root leave out."""
        own = [p for p in self.root_patterns if path.is_relative_to(p.root)]
        if not own or any(pattern.fits(path) for pattern in own):
            return True
        searched = {pattern.root for pattern in self.root_patterns}
        return any(path.is_relative_to(root) for root in self.roots if root not in searched)

    def module_of(self, path: str | Path) -> Module | None:
        """The module of the file at `path`, as shown or absolute; of nested ones the innermost."""
        if not self.modules:
            return None
        absolute = self.cwd / path
        depths = [(module.depth_around(absolute), module) for module in self.modules]
        depth, own = max(depths, key=lambda each: each[0], default=(0, None))
        return own if depth else None

    def modules_seen_from(self, path: str) -> tuple[str, ...]:
        """Where the file at `path` looks names up: its module, what that uses, no module ("")."""
        own = self.module_of(path)
        return (own.name, *own.uses, "") if own else ("",)

    def modules_below(self, home: Path) -> tuple[Module, ...]:
        """The modules, also of files that are at the same paths below `home`."""
        own = self.source.parent if self.source else self.cwd
        return tuple(module.also_below(home, own) for module in self.modules)

    def is_excluded(self, path: Path) -> bool:
        """Whether a pattern of `exclude` fits `path`, which is absolute, or a folder around it."""
        home = self.source.parent if self.source else self.cwd
        if not self.exclude or not path.is_relative_to(home):
            return False
        inside = path.relative_to(home).as_posix()
        return any(
            matches_glob(pattern, inside)
            for glob in self.exclude
            for pattern in (glob, f"{glob.rstrip('/')}/*")
        )

    @property
    def baseline(self) -> Path:
        """Where the baseline of lint is, or would be.

        Raises:
            UsageError: `lint.baseline` is no text.
        """
        home = self.source.parent if self.source else self.cwd
        return home / (self.lint.text("baseline") or BASELINE)

    def shown(self, path: Path) -> str:
        """`path` as a person at `cwd` would type it, with forward slashes."""
        absolute = path if path.is_absolute() else self.cwd / path
        shown, here = absolute.as_posix(), f"{self.cwd.as_posix()}/"
        if shown.startswith(here):  # by text: pathlib takes each of thousands of paths apart anew
            return shown[len(here) :]
        if absolute.is_relative_to(self.cwd):
            return absolute.relative_to(self.cwd).as_posix()
        return shown
