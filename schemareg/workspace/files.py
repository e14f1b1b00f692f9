"""Schema files that use each other: which text defines and mentions which types, in which order
they parse, and everything that is wrong with them at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from schemareg.avro import Schema, parse
from schemareg.avro.parse import source
from schemareg.avro.parse.problems import unknown_type_advice
from schemareg.avro.schema import PRIMITIVES, JsonValue, Record
from schemareg.errors import Problem, SchemaParseError
from schemareg.places import ROOT, Pointer, child
from schemareg.syntax import parse_text

_COMPLEX = frozenset(("record", "error", "enum", "fixed", "array", "map"))
_NAMED = frozenset(("record", "error", "enum", "fixed"))


@dataclass(frozen=True, slots=True, eq=False)
class SchemaFile:
    """A schema file that parsed.

    `path` is shown to people, `raw` the bytes as they are, `text` what they say. `fullname` is
    the name of the outermost type, None where that has no name (a union, an array). `uses` are
    the files whose types the text mentions, by path.
    """

    path: str
    raw: bytes
    text: str
    schema: Schema
    fullname: str | None
    uses: tuple[SchemaFile, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Files in dependency order, and the refusals of the others in the order given."""

    files: tuple[SchemaFile, ...]
    failures: tuple[SchemaParseError, ...]


@dataclass(frozen=True, slots=True)
class _Mention:
    """A use of a type by name: the full names it may mean, nearest first."""

    candidates: tuple[str, ...]
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class _Source:
    """A text before it is parsed: what it defines (with places) and mentions."""

    path: str
    raw: bytes
    text: str
    value: JsonValue
    definitions: Mapping[str, Pointer]
    mentions: tuple[_Mention, ...]

    def problem(self, message: str, code: str, pointer: Pointer, advice: str) -> Problem:
        return Problem(message, code, pointer, *parse_text(self.text).locate(pointer), advice)


def resolve_files(texts: Sequence[tuple[str, bytes]], *, avro_version: str) -> Resolved:
    """`texts` (path as shown, bytes) parsed, each after the files whose types it mentions.

    A file that is refused does not hide what is wrong with the files that use it.
    """
    failed: dict[str, SchemaParseError] = {}
    sources: dict[str, _Source] = {}
    for path, raw in texts:
        try:
            sources[path] = _read(path, raw)
        except SchemaParseError as error:
            failed[path] = error.at(path)
    owners, problems = _owners(sources)
    uses = {path: _uses(own, owners) for path, own in sources.items()}
    order, rings = _in_order({path: list(used) for path, used in uses.items()})
    for ring in rings:
        for path in ring[:-1]:
            following = ring[ring.index(path) + 1]
            problems.setdefault(path, []).append(
                _ring_problem(sources[path], uses[path][following], ring)
            )
    files: dict[str, SchemaFile] = {}
    for path in order:
        own = sources[path]
        used = sorted(uses[path])
        found = _parse(own, [files.get(u) or sources[u] for u in used], avro_version)
        wrong = [*problems.get(path, ()), *_explained(found, own, owners)]
        if wrong:
            wrong.sort(key=lambda p: (p.line, p.column))
            failed[path] = SchemaParseError(wrong, path=path)
        elif isinstance(found, Schema) and all(u in files for u in used):
            files[path] = SchemaFile(
                path, own.raw, own.text, found, _fullname(found), tuple(files[u] for u in used)
            )
    return Resolved(
        tuple(files.values()), tuple(failed[path] for path, _ in texts if path in failed)
    )


def _read(path: str, raw: bytes) -> _Source:
    text = source.decode_text(raw)
    value = source.load(text)
    definitions: dict[str, Pointer] = {}
    mentions: list[_Mention] = []
    for found, pointer in _names(value):
        if isinstance(found, _Mention):
            mentions.append(found)
        else:
            definitions.setdefault(found, pointer)
    return _Source(path, raw, text, value, definitions, tuple(mentions))


def _names(value: JsonValue) -> Iterator[tuple[str | _Mention, Pointer]]:
    """Full names that a text defines, and its mentions of types by name, in text order."""
    stack: list[tuple[JsonValue, str, Pointer]] = [(value, "", ROOT)]
    while stack:
        node, space, pointer = stack.pop()
        match node:
            case str() if node not in PRIMITIVES:
                full = node if "." in node or not space else f"{space}.{node}"
                yield _Mention(tuple(dict.fromkeys((full, node))), pointer), pointer
            case list():
                parts = [(branch, space, child(pointer, i)) for i, branch in enumerate(node)]
                stack.extend(reversed(parts))
            case dict():
                if node.get("type") in _NAMED if isinstance(node.get("type"), str) else False:
                    full = _defined_name(node, space)
                    space = full.rpartition(".")[0]
                    yield full, pointer
                stack.extend(reversed([(v, space, p) for v, p in _parts(node, pointer)]))
            case _:
                pass


def _defined_name(node: Mapping[str, JsonValue], space: str) -> str:
    name, given = str(node.get("name", "")), node.get("namespace")
    if "." in name:
        return name
    own = given if isinstance(given, str) else space
    return f"{own}.{name}" if own else name


def _parts(node: Mapping[str, JsonValue], pointer: Pointer) -> Iterator[tuple[JsonValue, Pointer]]:
    """The schemas directly inside a schema object, in the order of their keys."""
    match node.get("type"):
        case "record" | "error":
            fields = node.get("fields")
            for i, field in enumerate(fields if isinstance(fields, list) else ()):
                if isinstance(field, dict) and "type" in field:
                    yield field["type"], child(pointer, "fields", i, "type")
        case "array" if "items" in node:
            yield node["items"], child(pointer, "items")
        case "map" if "values" in node:
            yield node["values"], child(pointer, "values")
        case str() as kind if kind in _COMPLEX:
            return
        case inner if inner is not None:
            yield inner, child(pointer, "type")
        case _:
            return


def _owners(
    sources: Mapping[str, _Source],
) -> tuple[Mapping[str, _Source], dict[str, list[Problem]]]:
    """Which file defines each type, and the problems of the files that define it again."""
    owners: dict[str, _Source] = {}
    problems: dict[str, list[Problem]] = {}
    for own in sources.values():
        for fullname, pointer in own.definitions.items():
            first = owners.setdefault(fullname, own)
            if first is own:
                continue
            line, column = parse_text(first.text).locate(first.definitions[fullname])
            problems.setdefault(own.path, []).append(
                own.problem(
                    f"{fullname!r} is already defined at {first.path}:{line}:{column}",
                    "duplicate-definition",
                    pointer,
                    f"keep one of the two and mention it by name: {fullname!r}",
                )
            )
    return owners, problems


def _uses(own: _Source, owners: Mapping[str, _Source]) -> dict[str, _Mention]:
    """Paths of the other files whose types `own` mentions, each with its first mention."""
    found: dict[str, _Mention] = {}
    for mention in own.mentions:
        for name in mention.candidates:
            if name in own.definitions:
                break
            if name in owners:
                found.setdefault(owners[name].path, mention)
                break
    return found


def _in_order(uses: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Paths, each after those it uses, and the rings that had to be cut open for that."""
    left = {path: list(used) for path, used in uses.items()}
    rings: list[list[str]] = []
    while True:
        try:
            return list(TopologicalSorter(left).static_order()), rings
        except CycleError as error:
            ring = list(reversed(error.args[1]))  # graphlib names what is used before its user
            rings.append(ring)
            for path, following in pairwise(ring):
                left[path].remove(following)


def _ring_problem(own: _Source, mention: _Mention, ring: Sequence[str]) -> Problem:
    way = " → ".join(_rotated(ring, own.path))
    return own.problem(
        f"these files use each other in a ring: {way}",
        "circular-reference",
        mention.pointer,
        "a registry can keep none of them first: define the types of the ring in one file",
    )


def _rotated(ring: Sequence[str], first: str) -> list[str]:
    at = ring.index(first)
    return [*ring[at:-1], *ring[:at], first]


def _parse(
    own: _Source, uses: Sequence[SchemaFile | _Source], avro_version: str
) -> Schema | SchemaParseError:
    """`own` parsed; for a used file that was refused, empty records stand in for its types."""
    whole = all(isinstance(used, SchemaFile) for used in uses)
    references = [
        used.schema
        if isinstance(used, SchemaFile)
        else _stand_in([n for n in used.definitions if n not in own.definitions])
        for used in uses
    ]
    try:
        return parse(
            own.text, avro_version=avro_version, references=references, validate_defaults=whole
        )
    except SchemaParseError as error:
        return error


def _stand_in(fullnames: Sequence[str]) -> Schema:
    records = {name: Record(name.rpartition(".")[2], name.rpartition(".")[0]) for name in fullnames}
    for record in records.values():
        record.fields = ()
        record.is_error = False
    return Schema(next(iter(records.values())), records, "") if records else parse('"null"')


def _explained(
    found: Schema | SchemaParseError, own: _Source, owners: Mapping[str, _Source]
) -> Iterator[Problem]:
    """The problems of a refusal; an unknown type gets the nearest name of the whole project."""
    if isinstance(found, Schema):
        return
    mentions = {mention.pointer: mention for mention in own.mentions}
    for problem in found.problems:
        mention = mentions.get(problem.pointer)
        if problem.code != "unknown-type" or mention is None:
            yield problem
            continue
        yield Problem(
            problem.message,
            problem.code,
            problem.pointer,
            problem.line,
            problem.column,
            unknown_type_advice(mention.candidates[0], mention.candidates[-1], owners),
        )


def _fullname(schema: Schema) -> str | None:
    root = schema.root
    return next((name for name, type_ in schema.names.items() if type_ is root), None)
