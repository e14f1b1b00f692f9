"""Schema files that use each other: their order, what each defines, and all that is wrong."""

from __future__ import annotations

import dataclasses
from collections import ChainMap
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import PurePath
from types import MappingProxyType

from schemareg.avro import Schema
from schemareg.avro.parse.parser import Document, Outline, outline, parse_document
from schemareg.avro.parse.problems import Use, unknown_type_advice
from schemareg.avro.parse.redefinition import is_copy
from schemareg.avro.schema import JsonValue
from schemareg.errors import Problem, SchemaParseError
from schemareg.graphs import order_of_uses
from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Pointer
from schemareg.syntax import Tree, parse_text
from schemareg.workspace.clashes import clashes
from schemareg.workspace.parts import SchemaPart, defining, parts_of, placeholders
from schemareg.workspace.recognized import recognized_names
from schemareg.workspace.source_languages import read_source, source_tree


@dataclass(frozen=True, slots=True, eq=False)
class SchemaFile:
    """A schema file that parsed.

    `path` is as shown to people, `raw` the bytes as they are, `text` their characters (those of
    the schemas where the file is in another language), `value` their JSON value. `fullname` is
    the name of the outermost type, None where that has no name (a union, an array). `uses` are
    the files whose types the text uses by name, sorted by path.
    `parts` are what a registry can hold of it under a name: all of it, or each outermost named
    type of a union, an array or a map. `outline` is what was read of it before the other files
    were known, None of a file that only a registry would take. `modules` are those in which its
    names are looked up, its own first; "" is that of the files of none.
    """

    path: str
    raw: bytes
    text: str
    schema: Schema
    fullname: str | None
    uses: tuple[SchemaFile, ...]
    value: JsonValue
    parts: tuple[SchemaPart, ...]
    outline: Outline | None = None
    modules: tuple[str, ...] = ("",)

    def module_of(self, fullname: str) -> str:
        """The module that defines the type `fullname` of the file, or of one that it uses."""
        for file in (self, *self.uses):
            if fullname in file.schema.names:
                return file.modules[0]
        return self.modules[0]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Files in dependency order, and the problems of the others in the order given.

    `blocked` are the files without problems of their own that use one of those, by path: the path
    of the file that has the problems.
    """

    files: tuple[SchemaFile, ...]
    failures: tuple[SchemaParseError, ...]
    blocked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclasses.dataclass(frozen=True)
class _Source:
    """A text before it is parsed with its references; one that is no JSON has no `outline`.

    `definitions` are the full names that it defines, with their places; of a text that is no
    JSON, those that can be recognized in it. `is_parsed`: the text is a schema, parsed before.
    """

    path: str
    raw: bytes
    definitions: Mapping[str, Pointer]
    outline: Outline | None
    is_parsed: bool = False

    @property
    def unknown(self) -> tuple[Use, ...]:
        return self.outline.unknown if self.outline else ()

    @cached_property
    def tree(self) -> Tree:
        return source_tree(self.outline.document) if self.outline else parse_text("")

    def problem(self, message: str, code: str, pointer: Pointer, advice: str) -> Problem:
        return Problem(message, code, pointer, *self.tree.locate(pointer), advice)

    def shown(self, fullname: str) -> str:
        """The place of the definition of `fullname`."""
        position = self.tree.locate(self.definitions[fullname])
        return f"{self.path}:{position.line}:{position.column}"


def schema_file(
    path: str,
    raw: bytes,
    document: Document,
    schema: Schema,
    uses: tuple[SchemaFile, ...],
    outline: Outline | None = None,
    modules: Sequence[str] = ("",),
) -> SchemaFile:
    """The file of `schema`, which `document` is parsed as, with its parts."""
    root = schema.root
    fullname = next((name for name, type_ in schema.names.items() if type_ is root), None)
    return SchemaFile(
        path, raw, document.text, schema, fullname, uses, document.value,
        tuple(parts_of(document, schema, fullname)), outline, tuple(modules),
    )  # fmt: skip


def resolve_files(
    texts: Sequence[tuple[str, bytes]],
    *,
    avro_version: str,
    known: Sequence[SchemaFile] = (),
    parsed: Iterable[SchemaFile] = (),
    modules_seen_from: Callable[[str], Sequence[str]] = lambda path: ("",),
) -> Resolved:
    """`texts` (path as shown, bytes) parsed, each after the files whose types it uses.

    A file that has problems does not hide those of the files that use it, nor cause any there.
    `known` are further files, parsed already, whose types the texts may use where none of them
    defines one of that name; of those an earlier one counts before a later one. `parsed` are
    files of the same Avro version: one with an equal path and equal bytes is not read again.
    `modules_seen_from` gives the modules in which the file at a path looks names up, its own first.
    """
    outlines = {file.path: (file.raw, file.outline) for file in parsed}
    failed: dict[str, SchemaParseError] = {}
    sources: dict[str, _Source] = {}
    given = {file.path: file for file in known}
    for path, raw in texts:
        try:
            then, outlined = outlines.get(path, (b"", None))
            if outlined is None or then != raw:
                document = read_source(path, raw)
                outlined = outline(document, avro_version=avro_version, like=outlined)
            sources[path] = _Source(path, raw, outlined.definitions, outlined)
        except SchemaParseError as error:
            failed[path] = error.at(path)
            meant = recognized_names(raw) or {PurePath(path).stem: ROOT}
            sources[path] = _Source(path, raw, meant, None)
    owners = _Owners(modules_seen_from)
    for own in sorted(sources.values(), key=lambda own: own.outline is None):
        owners.add(own)
    for file in known:
        names = dict.fromkeys(file.schema.names, ROOT)
        owners.add(_Source(file.path, file.raw, names, None, True))
    for own in [*sources.values()]:
        if _has_problems(own, owners.seen_from(own.path)):
            sources[own.path] = owners.recognize(own)
    uses = {path: _uses(own, owners.seen_from(path)) for path, own in sources.items()}
    order, cycles = order_of_uses({path: list(used) for path, used in uses.items()})
    problems = _cycle_problems(cycles, sources, uses)
    files: dict[str, SchemaFile] = {**given}
    for path in order:
        if path in given:
            continue
        own = sources[path]
        if own.outline is None:
            continue
        used = sorted(uses[path])
        found = _parse(own.outline, [files.get(u) or sources[u] for u in used], avro_version)
        wrong = [*problems.get(path, ()), *_explained(found, own, owners.seen_from(path))]
        wrong += _unreferable(own, [files[u] for u in used if u in files])
        if wrong:
            wrong.sort(key=lambda p: (p.line, p.column))
            failed[path] = SchemaParseError(wrong, path=path)
        elif isinstance(found, Schema) and all(u in files for u in used):
            used_files = tuple(files[u] for u in used)
            files[path] = schema_file(
                path, own.raw, own.outline.document, found, used_files, own.outline,
                modules_seen_from(path),
            )  # fmt: skip
    conflicts = {
        path: SchemaParseError(wrong, path=path)
        for path, file in files.items()
        if path in sources and (wrong := [*_all_conflicts(sources[path], file, owners, files)])
    }
    failed |= conflicts
    for path, file in list(files.items()):
        if path in failed or any(used.path not in files for used in file.uses):
            del files[path]
    return Resolved(
        tuple(file for path, file in files.items() if path in sources),
        tuple(failed[path] for path, _ in texts if path in failed),
        {
            path: owners.failed_of(path, sources, failed)
            for path, _ in texts
            if path not in files and path not in failed
        },
    )


class _Owners:
    """The files that define each name, as a file of one module or another sees them."""

    def __init__(self, modules_seen_from: Callable[[str], Sequence[str]]) -> None:
        self._seen_from = modules_seen_from
        self._by_module: dict[str, dict[str, _Source]] = {}

    def add(self, source: _Source) -> None:
        """The names that `source` defines are its own, where no earlier one has them."""
        own = self._by_module.setdefault(self._seen_from(source.path)[0], {})
        for fullname in source.definitions:
            own.setdefault(fullname, source)

    def recognize(self, own: _Source) -> _Source:
        """`own`, from here on with the names that it seems to define and nobody else does."""
        seen = self.seen_from(own.path)
        meant = {name: at for name, at in recognized_names(own.raw).items() if name not in seen}
        full = replace(own, definitions={**meant, **own.definitions})
        module = self._by_module[self._seen_from(own.path)[0]]
        module |= {name: full for name in full.definitions if module.get(name, own) is own}
        return full

    def failed_of(self, path: str, sources: Mapping[str, _Source], failed: Container[str]) -> str:
        """The first file with problems that the one at `path` uses, by itself or through others."""
        waiting, seen = [path], {path}
        while waiting:
            at = waiting.pop()
            if at in failed:
                return at
            known = self.seen_from(at)
            for use in sources[at].unknown if at in sources else ():
                # a file that is no JSON may define what it is named like
                for name in (*use.candidates, use.candidates[0].rpartition(".")[2]):
                    if (owner := known.get(name)) is not None and owner.path not in seen:
                        waiting.append(owner.path)
                        seen.add(owner.path)
        return path

    def seen_from(self, path: str) -> Mapping[str, _Source]:
        """The owner of each name that the file at `path` may use."""
        seen = [self._by_module.get(name, {}) for name in self._seen_from(path)]
        return seen[0] if len(seen) == 1 else ChainMap(*seen)


def _has_problems(own: _Source, owners: Mapping[str, _Source]) -> bool:
    """Whether `own`, which is JSON, is no schema or uses a name that no file defines."""
    if own.outline is None or own.outline.schema is not None:
        return False
    return own.outline.error is not None or not all(
        any(name in owners for name in use.candidates) for use in own.unknown
    )


def _uses(own: _Source, owners: Mapping[str, _Source]) -> dict[str, Use]:
    """Paths of the other files whose types `own` uses, each with its first use."""
    found: dict[str, Use] = {}
    for use in own.unknown:
        owner = next((owners[name] for name in use.candidates if name in owners), None)
        if owner is not None and owner is not own:
            found.setdefault(owner.path, use)
    return found


def _cycle_problems(
    cycles: Sequence[Sequence[str]],
    sources: Mapping[str, _Source],
    uses: Mapping[str, Mapping[str, Use]],
) -> dict[str, list[Problem]]:
    problems: dict[str, list[Problem]] = {}
    for cycle in cycles:
        for path, following in pairwise(cycle):
            at = cycle.index(path)
            shown = " → ".join([*cycle[at:-1], *cycle[:at], path])
            problem = sources[path].problem(
                f"these files use each other in a cycle: {shown}",
                "circular-reference",
                uses[path][following].pointer,
                "a registry can store none of them first: define the types of the cycle in one"
                " file",
            )
            problems.setdefault(path, []).append(problem)
    return problems


def _parse(
    own: Outline, uses: Sequence[SchemaFile | _Source], avro_version: str
) -> Schema | SchemaParseError:
    """`own` parsed; for a used file that has problems, empty records replace its types."""
    if not own.unknown:
        known = own.schema or own.error
        assert known is not None
        return known
    whole = all(isinstance(used, SchemaFile) for used in uses)
    names = {candidate for use in own.unknown for candidate in use.candidates}
    references: list[Schema] = []
    for used in uses:
        if isinstance(used, SchemaFile):
            references += defining(names, used.schema, used.parts)
        else:
            lost = [name for name in used.definitions if name not in own.definitions]
            references.append(placeholders(lost))
    try:
        return parse_document(
            own.document, avro_version=avro_version, references=references, validate_defaults=whole
        )
    except SchemaParseError as error:
        return error


def _explained(
    found: Schema | SchemaParseError, own: _Source, owners: Mapping[str, _Source]
) -> Iterator[Problem]:
    """The problems of a parse; an unknown type gets the nearest name of the whole project."""
    if isinstance(found, Schema):
        return
    uses = {use.pointer: use for use in own.unknown}
    for problem in found.problems:
        use = uses.get(problem.pointer)
        if problem.code != "unknown-type" or use is None:
            yield problem
        elif not _is_in_unreadable_file(use, owners):
            readable = [name for name, own in owners.items() if own.outline or own.is_parsed]
            advice = unknown_type_advice(use.candidates[0], use.candidates[-1], readable)
            yield replace(problem, advice=advice)


def _is_in_unreadable_file(use: Use, owners: Mapping[str, _Source]) -> bool:
    """Whether a file that is no JSON is named like the type, so that it may define it."""
    short = use.candidates[0].rpartition(".")[2]
    own = owners.get(short)
    return own is not None and own.outline is None and not own.is_parsed


def _all_conflicts(
    own: _Source, file: SchemaFile, owners: _Owners, files: Mapping[str, SchemaFile]
) -> Iterator[Problem]:
    seen = owners.seen_from(own.path)
    yield from _conflicts(own, file, seen, files)
    if isinstance(seen, ChainMap):
        yield from _clashes(own, file)


def _clashes(own: _Source, file: SchemaFile) -> Iterator[Problem]:
    uses = {used.path: used.schema.names for used in file.uses}
    for clash in clashes(file.uses, file):
        names = uses[clash.via]
        places = (u.pointer for u in own.unknown if any(n in names for n in u.candidates))
        yield own.problem(
            f"{clash.name!r} means two types here: that of {clash.path} and that of {clash.other}",
            "duplicate-definition",
            next(places, ROOT),
            "a schema has one definition of a name: rename one, or make them equal",
        )


def _conflicts(
    own: _Source,
    file: SchemaFile,
    owners: Mapping[str, _Source],
    files: Mapping[str, SchemaFile],
) -> Iterator[Problem]:
    """The types of `file` that an earlier file defines, too, and in another way.

    Files may repeat a definition: copies in all but their docs are one type.
    """
    for fullname, type_ in file.schema.names.items():
        first = owners[fullname]
        if first is own or first.path not in files:
            continue
        if is_copy(type_, files[first.path].schema.names[fullname]):
            continue
        yield own.problem(
            f"{fullname!r} is already defined at {first.shown(fullname)}, differently",
            "duplicate-definition",
            own.definitions[fullname],
            f"remove one of the two and use {fullname!r} by name, or make them equal",
        )


def _unreferable(own: _Source, used: Sequence[SchemaFile]) -> Iterator[Problem]:
    """Uses of types in files whose types use each other in a cycle and have no outermost name."""
    for use in own.unknown:
        for file in used:
            if file.parts or not any(name in file.schema.names for name in use.candidates):
                continue
            yield own.problem(
                f"{use.candidates[0]!r} is in {file.path}, whose types use each other in a cycle",
                "circular-reference",
                use.pointer,
                "a registry can store none of them first: nest them in one named type",
            )
