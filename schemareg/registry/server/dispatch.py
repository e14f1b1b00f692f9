"""From a URL to a row of the route table; subjects may hold encoded slashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from urllib.parse import unquote

from schemareg.errors import RegistryError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.contexts import context_of_path
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server.call import CONTEXT_OF_PATH
from schemareg.registry.server.routes import Route

Query = Mapping[str, list[str]]


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    routes: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict)


class MethodNotAllowedError(RegistryError):
    """The path has rows, but none for the method; `allowed` are the methods it has."""

    def __init__(self, allowed: Sequence[str]) -> None:
        code = ErrorCode.METHOD_NOT_ALLOWED
        super().__init__(code.template, code=code.number, status=code.status)
        self.allowed = tuple(sorted(allowed))


class RouteTree:
    """Finds the row for a method and the decoded segments of a path."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._root = _Node()
        for route in routes:
            node = self._root
            names: list[str] = []
            for segment in route.path.split("/")[1:]:
                if not segment:
                    continue
                if segment.startswith("{"):
                    names.append(segment[1:-1])
                    node.variable = node.variable or _Node()
                    node = node.variable
                else:
                    node = node.fixed.setdefault(segment, _Node())
            node.routes[route.method] = (route, tuple(names))

    def has(self, segments: Sequence[str]) -> bool:
        """There are rows for exactly that path."""
        try:
            self._node(segments)
        except RegistryError:
            return False
        return True

    def methods(self, segments: Sequence[str]) -> list[str]:
        """What may be done with the path, sorted.

        Raises: `RegistryError` 404.
        """
        node, _ = self._node(segments)
        read = {"HEAD"} if "GET" in node.routes else set[str]()
        return sorted({*node.routes, "OPTIONS"} | read)

    def find(self, method: str, segments: Sequence[str]) -> tuple[Route, dict[str, str]]:
        """The row, and the values of the names in its path.

        Raises: `RegistryError` 404, 405.
        """
        node, values = self._node(segments)
        found = node.routes.get("GET" if method == "HEAD" else method)
        if found is None:
            raise MethodNotAllowedError([*node.routes])
        route, names = found
        return route, dict(zip(names, values, strict=True))

    def _node(self, segments: Sequence[str]) -> tuple[_Node, list[str]]:
        """The node with the rows of a path, and its variable segments.

        Raises: `RegistryError` 404.
        """
        node = self._root
        values: list[str] = []
        for segment in segments:
            following = node.fixed.get(segment)
            if following is None:
                following = node.variable
                values.append(segment)
            if following is None:
                raise ErrorCode.NOT_FOUND.refusal()
            node = following
        if not node.routes:
            raise ErrorCode.NOT_FOUND.refusal()
        return node, values


def segments_of(raw_path: bytes, *, strict: bool) -> list[str]:
    """The decoded segments of a path as sent; one slash at the end counts for nothing.

    Raises: `RegistryError` 400 when `strict`, for empty segments, control characters and
        backslashes; otherwise empty segments are passed over.
    """
    parts = raw_path.decode("latin-1").split("/")[1:]
    if parts and not parts[-1]:
        parts.pop()
    if "" in parts:
        if strict:
            raise ErrorCode.BAD_REQUEST.refusal("Ambiguous URI empty segment")
        parts = [part for part in parts if part]
    segments = [unquote(part) if "%" in part else part for part in parts]
    if not strict:
        return segments
    for part, segment in zip(parts, segments, strict=True):
        if "%" in part and (segment in (".", "..") or not _is_utf8(part)):
            raise ErrorCode.BAD_REQUEST.refusal("Ambiguous URI path segment")
    for segment in segments:
        if not segment.isprintable() and any(ord(c) < 32 or ord(c) == 127 for c in segment):
            raise ErrorCode.BAD_REQUEST.refusal("Suspicious Path Character")
        if "\\" in segment:
            raise ErrorCode.BAD_REQUEST.refusal("Suspicious Path Character")
    return segments


def _is_utf8(part: str) -> bool:
    try:
        unquote(part, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def in_context(segments: list[str], query: Query) -> tuple[list[str], Query]:
    """Path and query with the prefix `/contexts/{context}` worked into what they name.

    Raises: `RegistryError` 400 when the prefix names no context.
    """
    if len(segments) < 2 or segments[0] != "contexts":
        return segments, query
    context = context_of_path(segments[1])
    if context is None:
        raise ErrorCode.BAD_REQUEST.refusal(f"Context name '{segments[1]}' cannot contain a colon")
    prefix = f":{context}:"
    rest = segments[2:]
    if rest[:1] == ["contexts"] and len(rest) > 2:
        rest, query = in_context(rest, query)  # the innermost of several counts
    if not rest:
        return rest, query
    head = rest[0]
    if head in ("config", "mode"):
        return [head, _inside(prefix, rest[1] if len(rest) > 1 else ""), *rest[2:]], query
    if rest in (["associations"], ["associations:batchMutate"]) or (
        head == "associations" and (rest[1:2] == ["resources"])
    ):
        return rest, _with(query, "context", prefix)
    if "subjects" in rest[:-1]:
        at = rest.index("subjects") + 1
        return [*rest[:at], _inside(prefix, rest[at]), *rest[at + 1 :]], query
    if rest[:2] == ["schemas", "ids"]:
        return rest, {**_with(query, "subject", prefix), CONTEXT_OF_PATH: [prefix]}
    if rest in (["subjects"], ["schemas"]):
        return rest, _with(query, "subjectPrefix", prefix)
    return rest, query


def _inside(prefix: str, name: str) -> str:
    return name if name.startswith((":.", ":*:")) else prefix + name


def _with(query: Query, name: str, prefix: str) -> Query:
    given = query.get(name, [""])[0]
    return {**query, name: [_inside(prefix, given)]}
