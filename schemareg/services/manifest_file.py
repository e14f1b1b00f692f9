"""Reading services.toml and the manifests that it includes, with every problem in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeVar, cast

from schemareg.errors import UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.patterns import matches_glob
from schemareg.places import Location
from schemareg.services.manifest import (
    Calls,
    Chain,
    Consumes,
    DeployEnvironment,
    Manifest,
    Produces,
    ReadsConfiguration,
    Retention,
    Service,
    Step,
)
from schemareg.services.manifest_cache import StoredManifest, load_manifest, store_manifest
from schemareg.services.rows import TABLES, WANTED, fits, seconds, unfit
from schemareg.settings.toml_lines import KeyPath, key_lines
from schemareg.settings.toml_text import read_toml
from schemareg.subjects import SubjectNameStrategy
from schemareg.suggestions import did_you_mean
from schemareg.workspace import Config
from schemareg.workspace.files import bounds_around, matching, read_start

_ROWS = {of: {row.key: row for row in rows} for of, rows in TABLES.items()}
_REQUIRED = {of: [row.key for row in rows if row.required] for of, rows in TABLES.items()}


@dataclass(frozen=True, slots=True)
class ReadManifest:
    """A manifest with the problems of its files; what has a problem is not in it."""

    manifest: Manifest
    problems: tuple[Diagnostic, ...]


def read_manifest(path: Path, config: Config, *, cache: Path | None = None) -> ReadManifest:
    """The manifest at `path` with those that it includes.

    A large one that was read before, and had no problems, is taken from the folder `cache`.

    Raises:
        UsageError: a file that cannot be read or is not TOML.
    """
    first = _read(path, config)
    files = [_File(first, path, config, cache)]
    root = path.parent
    for glob in files[0].includes():
        for place in _included(root, glob, files[0]):
            if place != path:
                files.append(_File(_read(place, config), place, config, cache))
    if len(files) > LIMITS.manifest_files:
        raise UsageError(
            f"{len(files)} manifests are more than {LIMITS.manifest_files}",
            location=Location(config.shown(path)),
        )
    result = _joined(files, config)
    for file in files:
        file.store()
    return result


def parse_manifest(text: bytes, path: Path, config: Config) -> ReadManifest:
    """The manifest `text` of a file at `path`, without those that it includes.

    Raises:
        UsageError: it is not TOML.
    """
    return parse_manifests([(path, text)], config)


def parse_manifests(texts: Sequence[tuple[Path, bytes]], config: Config) -> ReadManifest:
    """The manifest in files that have been read, includes not followed.

    Raises:
        UsageError: one is not TOML.
    """
    return _joined([_File(text, path, config) for path, text in texts], config)


def included_in(
    text: bytes, path: Path, config: Config, more: Sequence[Path] = ()
) -> tuple[Path, ...]:
    """The files that `text`, the manifest at `path`, includes: those there, and those of `more`.

    Raises:
        UsageError: it is not TOML.
    """
    file, root = _File(text, path, config), path.parent
    paths: dict[Path, None] = {}
    for glob in file.includes():
        paths |= dict.fromkeys(_included(root, glob, file))
        below = (each for each in more if each.is_relative_to(root))
        paths |= dict.fromkeys(each for each in below if _fits(glob, each.relative_to(root)))
    return tuple(paths)


def _fits(glob: str, path: Path) -> bool:
    """As `matching`: `*` stays inside of a folder, `**` is any number of them."""
    name, parts = path.as_posix(), glob.split("/")
    if "**" not in parts:
        return len(parts) == len(path.parts) and all(map(matches_glob, parts, path.parts))
    return matches_glob(glob, name) or matches_glob(glob.replace("**/", ""), name)


def _read(path: Path, config: Config) -> bytes:
    shown = config.shown(path)
    raw = read_start(path, shown, LIMITS.manifest_bytes + 1)
    if len(raw) > LIMITS.manifest_bytes:
        raise UsageError(
            f"{shown} is larger than {LIMITS.manifest_bytes} bytes",
            advice="divide it: include = [GLOB] names the parts",
        )
    return raw


def _included(root: Path, glob: str, file: _File) -> list[Path]:
    if Path(glob).is_absolute() or ".." in Path(glob).parts:
        file.problem(("include",), "manifest-value", f"{glob!r} is not below {root.name}/")
        return []
    found = matching(root, glob, file.config.shown, within=bounds_around(root))
    if not found:
        file.problem(("include",), "manifest-value", f"no file matches {glob!r}")
    return sorted({path.resolve() for path in found})


def _joined(files: list[_File], config: Config) -> ReadManifest:
    services: dict[str, Service] = {}
    environments: dict[str, DeployEnvironment] = {}
    retention: dict[str, Retention] = {}
    chains: dict[str, Chain] = {}
    shared: list[str] = []
    for file in files:
        top = file.top()
        for service in file.services(top):
            file.once("service", services, service.name, service, ("services", service.name))
        for name, table, path in file.named(top, "environments", "environment"):
            environment = DeployEnvironment(name, file.at(path), bool(table.get("production")))
            file.once("environment", environments, name, environment, path)
        for name, table, path in file.named(top, "topics", "retention"):
            file.once("topic", retention, name, file.retention(table), path)
        for chain in file.chains(top):
            file.once("chain", chains, chain.name, chain, ("chains", chain.name))
        shared += cast("list[str]", top.get("shared_paths", []))
    manifest = Manifest(
        tuple(file.shown for file in files),
        services,
        environments,
        tuple(chains.values()),
        retention,
        tuple(shared),
    )
    return ReadManifest(manifest, tuple(p for file in files for p in file.problems))


Values = Mapping[str, object]
T = TypeVar("T")


@dataclass(slots=True)
class _File:
    """One file while it is read: its values, the lines of its tables, its problems so far."""

    raw: bytes
    path: Path
    config: Config
    cache: Path | None = None
    problems: list[Diagnostic] = field(default_factory=list)
    values: Values = field(default_factory=dict)
    text: str = ""
    is_stored: bool = False
    tables: Mapping[KeyPath, int] = field(default_factory=dict)
    keys: Mapping[KeyPath, int] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)
    shown: str = ""

    def __post_init__(self) -> None:
        self.shown = self.config.shown(self.path)
        if stored := load_manifest(self.cache, self.path, self.raw):
            self.values, self.tables = stored
            self.is_stored = True
        else:
            self.text, self.values = read_toml(self.raw, self.shown)
            self.tables = key_lines(self.text, tables_only=True)

    def store(self) -> None:
        """Store what was read for the next time, where it has no problems."""
        if not self.is_stored and not self.problems:
            stored = StoredManifest(self.values, self.tables)
            store_manifest(self.cache, self.path, self.raw, stored)

    def at(self, path: KeyPath, lines: Mapping[KeyPath, int] | None = None) -> Location:
        """Where `path` is, or else the innermost table around it that has a line of its own."""
        lines = self.tables if lines is None else lines
        while path and path not in lines:
            path = path[:-1]
        line = lines.get(path, 0)
        return Location(self.shown, line, 1 if line else 0)

    def problem(self, path: KeyPath, rule: str, message: str, advice: str | None = None) -> None:
        if not self.keys:  # a large manifest without problems needs none of these
            self.text = self.text or self.raw.decode("utf-8-sig")
            self.keys = key_lines(self.text)
            self.ends = [len(line) + 1 for line in self.text.splitlines()]
        location = self.at(path, self.keys)
        end = self.ends[location.line - 1] if 0 < location.line <= len(self.ends) else 0
        self.problems.append(
            Diagnostic(
                rule,
                Severity.ERROR,
                message,
                location,
                ".".join(map(str, path)),
                advice,
                end_line=location.line,
                end_column=end,
            )
        )

    def once(self, kind: str, held: dict[str, T], name: str, value: T, path: KeyPath) -> None:
        if name in held:
            self.problem(path, "manifest-duplicate", f"the {kind} {name!r} is declared twice")
        else:
            held[name] = value

    def includes(self) -> list[str]:
        given = self.values.get("include")
        return [g for g in given if isinstance(g, str)] if isinstance(given, list) else []

    def top(self) -> Values:
        return self.table(self.values, "manifest", ()) or {}

    def table(self, given: object, of: str, path: KeyPath) -> Values | None:
        """The keys of `given` that fit the rows `of`; None where it lacks a required one."""
        if not isinstance(given, dict):
            self.problem(path, "manifest-value", f"{given!r} is not a table")
            return None
        if self.is_stored:  # only what has no problems is
            return given
        if all(map(fits, map(_ROWS[of].get, given), given.values())) and all(
            key in given for key in _REQUIRED[of]
        ):
            return given
        rows = _ROWS[of]
        values: dict[str, object] = {}
        for key, value in given.items():
            if key not in rows:
                self.problem(
                    (*path, key), "manifest-key", f"unknown key {key!r}", did_you_mean(key, rows)
                )
            elif (wrong := unfit(rows[key], value)) is not None:
                self.problem(
                    (*path, key), "manifest-value", f"{wrong!r} is not {WANTED[rows[key].kind]}"
                )
            else:
                values[key] = value
        absent = [key for key in _REQUIRED[of] if key not in values]
        for key in absent:
            if key not in given:
                self.problem(path, "manifest-key", f"{key} is missing: {rows[key].help}")
        return None if absent else values

    def named(self, values: Values, key: str, of: str) -> Iterator[tuple[str, Values, KeyPath]]:
        for name, given in cast("Values", values.get(key, {})).items():
            table = self.table(given, of, (key, name))
            if table is not None:
                yield name, table, (key, name)

    def entries(
        self, values: Values, key: str, of: str, path: KeyPath
    ) -> Iterator[tuple[Values, Location]]:
        for i, given in enumerate(cast("list[object]", values.get(key, []))):
            table = self.table(given, of, (*path, key, i))
            if table is not None:
                yield table, self.at((*path, key, i))

    def services(self, top: Values) -> Iterator[Service]:
        for name, table, path in self.named(top, "services", "service"):
            yield Service(
                name,
                self.at(path),
                text(table, "owner"),
                texts(table, "paths") or (),
                tuple(
                    Produces(
                        name, text(t, "event"), text(t, "topic"), at,
                        SubjectNameStrategy(text(t, "strategy")) if "strategy" in t else None,
                        text(t, "key") or None, bool(t.get("shared")),
                    )
                    for t, at in self.entries(table, "produces", "produces", path)
                ),
                tuple(
                    Consumes(
                        name, text(t, "event"), text(t, "topic"), at,
                        text(t, "group") or name,
                        (self.path.parent / text(t, "reader")).resolve() if "reader" in t else None,
                        texts(t, "fields"), bool(t.get("critical")),
                    )
                    for t, at in self.entries(table, "consumes", "consumes", path)
                ),
                tuple(
                    Calls(
                        name, text(t, "service"), at, text(t, "contract") or None,
                        bool(t.get("critical")),
                    )
                    for t, at in self.entries(table, "calls", "calls", path)
                ),
                tuple(
                    ReadsConfiguration(name, text(t, "service"), at, text(t, "what"))
                    for t, at in self.entries(table, "configured_by", "configured_by", path)
                ),
            )  # fmt: skip

    def retention(self, table: Values) -> Retention:
        return Retention(
            seconds(text(table, "retention") or "forever"),
            bool(table.get("compacted")),
            bool(table.get("wiped")),
        )

    def chains(self, top: Values) -> Iterator[Chain]:
        for name, table, path in self.named(top, "chains", "chain"):
            steps = tuple(
                Step(text(t, "event"), text(t, "undo") or None)
                for t, _ in self.entries(table, "steps", "step", path)
            )
            deadline = seconds(text(table, "deadline") or "forever")
            yield Chain(name, self.at(path), steps, texts(table, "ends") or (), deadline)


def text(table: Values, key: str) -> str:
    return cast("str", table.get(key, ""))


def texts(table: Values, key: str) -> tuple[str, ...] | None:
    given = cast("list[str] | None", table.get(key))
    return None if given is None else tuple(given)
