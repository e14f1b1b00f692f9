"""Write the first schemareg.toml: for a directory of schemas, or for all that a registry holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import ClassVar

from schemareg.commands.lint import lint_paths
from schemareg.commands.module_layouts import RecognizedModule, recognized_modules
from schemareg.commands.pull import pull
from schemareg.commands.version_layouts import RecognizedVersions, recognized_versions
from schemareg.errors import SchemaregError, UsageError
from schemareg.findings import BASELINE_REASON, BaselineMode, Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.api.state import RegistryState
from schemareg.results import Counts, Result
from schemareg.state.as_project import as_project
from schemareg.subjects import CompatibilityLevel
from schemareg.workspace import Config, load_config
from schemareg.workspace.config_file import FILE_NAME
from schemareg.workspace.files import bounds_around, exists, names_in, remove_files, replace_files
from schemareg.workspace.schema_paths import find_schemas, read_files
from schemareg.workspace.source_languages import NAMED_AS

_OUTSIDE = "schema-outside-of-the-roots"
_COMPILED = "src/main/avro and src/main/resources/avro"


@dataclass(frozen=True, slots=True)
class InitResult(Result):
    """The files written; `notes` name subjects that no file describes.

    `accepted` findings of the linter are in the baseline, which is one of `written`; `errors` are
    those that no baseline accepts. `earlier` of the `schemas` are versions before the newest ones;
    `has_registry` means that the configuration names one.
    """

    command: ClassVar[str] = "init"

    source: str
    written: tuple[str, ...]
    schemas: int
    accepted: int
    passed_over: int = 0
    notes: tuple[Diagnostic, ...] = ()
    earlier: int = 0
    errors: int = 0
    has_registry: bool = field(default=False, metadata={"json": False})

    def outside(self) -> tuple[Diagnostic, ...]:
        """The notes of files that no root has."""
        return tuple(note for note in self.notes if note.rule == _OUTSIDE)

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.notes)

    def counts(self) -> Counts:
        return Counts("schema", self.schemas + len(self.notes), self.schemas, len(self.notes))

    def compared_with(self) -> str:
        return self.source


def check_is_new(directory: Path) -> None:
    """Nothing, when `directory` has no configuration yet.

    Raises:
        UsageError: it has one.
    """
    if exists(directory / FILE_NAME, FILE_NAME):
        raise UsageError(
            f"there is a {FILE_NAME} already", advice="edit it, or run init in another directory"
        )


def init_from_registry(
    state: RegistryState,
    directory: Path,
    *,
    level: CompatibilityLevel | None,
    registry: str,
    managed: Iterable[str] = (),
    avro_version: str = "1.12",
) -> InitResult:
    """Schemas, configuration, snapshot and baseline in `directory` are what `state` describes.

    Raises:
        UsageError: `state` holds nothing, or a file is there already or cannot be written.
    """
    check_is_new(directory)
    if not state.subjects:
        raise UsageError(
            f"{state.origin.description} holds no Avro subject to write files of",
            advice="check the URL, the context, your rights and --managed",
        )
    made = as_project(
        state, level=level, registry=registry, managed=managed, avro_version=avro_version
    )
    files = {directory / path: text for path, text in made.schemas.items()}
    files[directory / FILE_NAME] = made.config
    _write(directory, files)
    try:
        pulled = pull(state, load_config(directory / FILE_NAME, directory))
        accepted, errors, baseline = _accept(directory)
    except SchemaregError:
        remove_files(files, directory)  # so that init can be run again
        raise
    notes = tuple(
        Diagnostic(
            rule="subject-not-in-files",
            severity=Severity.WARNING,
            message=f"not described by a file: {left.why}",
            location=Location(FILE_NAME),
            element=left.subject,
            advice="it is in the snapshot, and no plan touches it",
        )
        for left in made.not_taken
    )
    written = (FILE_NAME, *sorted(made.schemas), *baseline, *pulled.changed)
    passed_over = len(state.passed_over)
    source = state.origin.description
    return InitResult(
        source,
        written,
        len(made.schemas),
        accepted,
        passed_over,
        notes,
        errors=errors,
        has_registry=True,
    )


def init_from_directory(
    directory: Path, *, level: CompatibilityLevel, registry: str | None
) -> InitResult:
    """A configuration and a baseline for the schema files under `directory`.

    Raises:
        UsageError: there is no schema file, or a file is there already or cannot be written.
    """
    check_is_new(directory)
    own = Config(cwd=directory, snapshot=directory / "schemas" / "registered")
    schemas = find_schemas(own, [directory], given=True).paths
    if not schemas:
        raise UsageError(
            f"there is no {NAMED_AS} file under {directory.name or directory}",
            advice="run init where your schemas are, or add --registry URL",
        )
    roots, taken = _roots([path.relative_to(directory) for path in schemas])
    left = [path for path in schemas if path.relative_to(directory) not in taken]
    texts = read_files([p for p in schemas if p.relative_to(directory) in taken], own)
    versions = recognized_versions(texts, own)
    modules = recognized_modules(texts, roots, own.avro_version) if not versions.layouts else ()
    lines = [
        "# Which event schemas there are, where they go, and what is promised about them.",
        *([] if modules else [f"roots = [{', '.join(map(_toml, roots))}]"]),
        *_versions_lines(versions),
        f'level = "{level}"',
        *([f"registry = {_toml(registry)}"] if registry else []),
        "",
        "# A topic and the events that it carries make the subject orders-value:",
        "# [topics.orders]",
        '# events = ["com.example.OrderPlaced"]',
        *_modules_lines(modules),
    ]
    _write(directory, {directory / FILE_NAME: "\n".join(lines) + "\n"})
    accepted, errors, baseline = _accept(directory)
    notes = tuple(
        Diagnostic(
            rule=_OUTSIDE,
            severity=Severity.INFO,
            message=f"not of this project: the roots are {_COMPILED} of each module",
            location=Location(path.relative_to(directory).as_posix()),
            advice="add its directory to roots if it is",
        )
        for path in left
    )
    written = (FILE_NAME, *baseline)
    return InitResult(
        "the schemas here",
        written,
        len(taken),
        accepted,
        notes=notes,
        earlier=versions.earlier,
        errors=errors,
        has_registry=registry is not None,
    )


def _versions_lines(versions: RecognizedVersions) -> Iterator[str]:
    if versions.layouts:
        counts = f"{versions.earlier} of the files, of {versions.schemas} schemas"
        yield f"# Earlier versions are {counts}."
        yield f"versions = [{', '.join(map(_toml, versions.layouts))}]"


def _modules_lines(modules: Sequence[RecognizedModule]) -> Iterator[str]:
    """The tables of `modules`; where no other has a name of one, its subjects need no prefix."""
    if modules:
        yield ""
        yield "# These directories define one name in different ways: each has names of its own."
    for module in modules:
        yield f"[modules.{_toml(module.name)}]"
        yield f"roots = [{_toml(module.root)}]"
        if module.uses:
            yield f"uses = [{', '.join(map(_toml, module.uses))}]"
        if not module.shares_names:
            yield 'prefix = ""'


def _roots(schemas: Sequence[Path]) -> tuple[list[str], set[Path]]:
    """The roots for `schemas`, which are relative, and those of them that are below a root.

    Where a build of Maven or Gradle compiles schemas, the directories that it compiles are the
    roots: tests and generated copies are elsewhere.
    """
    compiled = {path: root for path in schemas if (root := _source_set(path)) is not None}
    if compiled:
        return sorted({*compiled.values()}), set(compiled)
    tops = sorted({path.parts[0] for path in schemas})
    return ["."] if any(len(path.parts) == 1 for path in schemas) else tops, set(schemas)


def _source_set(path: Path) -> str | None:
    """The part of `path` up to src/main/avro, or a folder of avro in src/main/resources."""
    folders = path.parent.parts
    for at in range(len(folders) - 2):
        if folders[at : at + 2] != ("src", "main"):
            continue
        for tail in (("avro",), ("resources", "avro")):
            end = at + 2 + len(tail)
            if folders[at + 2 : end] == tail:
                return "/".join(folders[:end])
    return None


def _accept(directory: Path) -> tuple[int, int, tuple[str, ...]]:
    """How many findings the written baseline accepts, the other errors, and the baseline's name."""
    config = load_config(directory / FILE_NAME, directory)
    before = names_in(directory, directory.name)
    result = lint_paths(config, mode=BaselineMode.WRITE)
    new = [name for name in names_in(directory, directory.name) if name not in before]
    accepted = sum(finding.suppressed == BASELINE_REASON for finding in result.findings)
    left = [f for f in result.findings if f.severity is Severity.ERROR and f.suppressed is None]
    return accepted, len(left), tuple(new)


def _write(directory: Path, files: dict[Path, str]) -> None:
    """All of `files` are there, or none.

    Raises:
        UsageError: one exists, or cannot be written.
    """
    taken = next((path for path in files if exists(path, path.name)), None)
    if taken is not None:
        raise UsageError(
            f"{taken.relative_to(directory).as_posix()} exists already: nothing was written",
            advice="run init in an empty directory",
        )
    contents = {path: text.encode() for path, text in files.items()}
    replace_files(contents, str, within=bounds_around(directory))


def _toml(value: str) -> str:
    return json.dumps(value)
