"""The sources of a state, a row each: how one is named, and what reads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.address import is_registry_url
from schemareg.registry.api.state import RegistryState
from schemareg.state.directory import read_directory
from schemareg.state.files import state_of_versions
from schemareg.state.snapshot import is_snapshot, read_snapshot
from schemareg.subjects import Subject
from schemareg.workspace import Config, Project
from schemareg.workspace.files import exists

VERSIONS = "versions"
"""What names the earlier versions that the project's own files describe."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be read: the name given, and the project that it will be compared with.

    Of a registry only `wanted` (None: every subject) and what they refer to are read.
    """

    spec: str
    config: Config
    project: Project | None = None
    wanted: Iterable[Subject] | None = None

    @property
    def place(self) -> Path:
        return (self.config.cwd / Path(self.spec)).resolve()


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of source: how help names it, whether a name is of it, and what reads it.

    `is_path`: it is a file or folder, so that its name can be that of a schema, too.
    """

    words: str
    has: Callable[[Asked], bool]
    read: Callable[[Asked], RegistryState]
    is_path: bool = False


def _versions(asked: Asked) -> RegistryState:
    if asked.project is None or not asked.config.versions:
        raise UsageError(
            "the files describe no earlier versions: versions is not set",
            advice='set versions = ["folders"] (or files, namespaces), or compare with another',
        )
    return state_of_versions(asked.project)


def _git(asked: Asked) -> RegistryState:
    from schemareg.state.git import read_git  # subprocess is not needed otherwise

    return read_git(asked.spec.removeprefix("git:"), asked.config, asked.project)


def _registry(asked: Asked) -> RegistryState:
    # the HTTP client is not needed otherwise
    from schemareg.registry import connect_from_environment
    from schemareg.registry.client.environment import patience_in
    from schemareg.state.registry import read_registry

    config = asked.config
    patience = patience_in(os.environ, flags=config.registry_flags, table=config.registry_patience)
    with connect_from_environment(asked.spec, os.environ, patience=patience) as registry:
        state = read_registry(registry, registry.shown_as, asked.wanted)
        return state if state.subjects else _with_note(state, registry.shown_as)


def _with_note(state: RegistryState, registry: str) -> RegistryState:
    """`state`, which has no subject, with the note that nothing was compared."""
    note = f"{registry} holds no version of any subject here: every subject counts as new"
    notes = (*state.origin.notes, note)
    return replace(state, origin=replace(state.origin, notes=notes))


def _bundle(asked: Asked) -> RegistryState:
    from schemareg.state.bundle import read_bundle

    return read_bundle(asked.place, asked.config.shown(asked.place))


def _directory(asked: Asked) -> RegistryState:
    if is_snapshot(asked.place):
        return read_snapshot(asked.place, asked.config)
    return read_directory(asked.place, asked.config, asked.project)


SOURCES = (
    Source(
        "snapshot",
        lambda asked: asked.spec == "snapshot",
        lambda asked: read_snapshot(asked.config.snapshot, asked.config),
    ),
    Source(VERSIONS, lambda asked: asked.spec == VERSIONS, _versions),
    Source("git:REF", lambda asked: asked.spec.startswith("git:"), _git),
    Source("a registry's URL", lambda asked: is_registry_url(asked.spec), _registry),
    Source("a bundle", lambda asked: asked.place.suffix == ".json", _bundle, is_path=True),
    Source("a directory", lambda asked: True, _directory, is_path=True),
)
"""In this order: the first that has a name reads it."""

WORDS = f"{', '.join(source.words for source in SOURCES[:-1])}, or {SOURCES[-1].words}"
"""How help and errors name them all; `cli/options.py` repeats it, which must not import this."""


def is_by_name(asked: Asked) -> bool:
    """Whether the name alone shows its source: what a file cannot be called."""
    return any(source.has(asked) for source in SOURCES if not source.is_path)


def source_of(asked: Asked) -> Source:
    """The source that has the name.

    Raises:
        UsageError: there is no such thing.
    """
    if not asked.spec.strip():
        raise UsageError("nothing is named to compare with", advice=f"name {WORDS}")
    for source in SOURCES:
        if source.has(asked) and (not source.is_path or _exists(asked)):
            return source
    raise UsageError(f"{asked.spec!r} is nothing to compare with", advice=f"name {WORDS}")


def _exists(asked: Asked) -> bool:
    return exists(asked.place, asked.config.shown(asked.place))
