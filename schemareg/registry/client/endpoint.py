"""A route of the registry protocol, and one request to it as a value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Generic, Literal, TypeAlias, TypeVar, cast
from urllib.parse import quote, urlencode

from schemareg.avro.schema import JsonValue
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.registry.api.types import (
    UNCHANGED,
    AssociationChange,
    ConfigChange,
    ElementTags,
    Metadata,
    ResourceChanges,
    ResourceQuery,
    RuleSet,
)
from schemareg.subjects import Reference, SchemaId, Version

T = TypeVar("T")
Method: TypeAlias = Literal["GET", "POST", "PUT", "DELETE"]
Argument: TypeAlias = str | int | bool | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[T]):
    """A request: `target` is path and query, escaped, to be appended to a registry's base URL.

    `read` turns the body of a 2xx answer into a value or raises `UnreadableAnswerError`; `writes`
    is whether sending it twice may differ from sending it once.
    """

    method: Method
    target: str
    read: Callable[[bytes], T]
    body: bytes | None = None
    writes: bool = False
    limit_bytes: int = LIMITS.registry_answer_bytes


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path whose parameters are in braces: `GET /subjects/{subject}/versions`.

    A part in brackets is left out where its parameter is None: `GET /config[/{subject}]`. A query
    gives constants and the names of parameters (`?subjectPrefix={prefix}`); a parameter that it
    does not name travels under its own name in camel case.
    """

    method: Method
    template: str
    path: str
    constants: tuple[tuple[str, str], ...]
    wire_names: Mapping[str, str]
    writes: bool
    limit_bytes: int

    @classmethod
    def parsed(
        cls,
        route: str,
        *,
        writes: bool | None = None,
        limit_bytes: int = LIMITS.registry_answer_bytes,
    ) -> Route:
        """The route that `route` spells; `writes` is true by default for all but GET."""
        method, template = route.split(" ")
        path, _, query = template.partition("?")
        pairs = [pair.split("=") for pair in query.split("&") if pair]
        named = {value[1:-1]: name for name, value in pairs if value.startswith("{")}
        constants = tuple((name, value) for name, value in pairs if not value.startswith("{"))
        changes = method != "GET" if writes is None else writes
        return cls(cast("Method", method), template, path, constants, named, changes, limit_bytes)

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters in the path."""
        return frozenset(match["name"] for match in _PARAMETER.finditer(self.path))

    def endpoint(
        self, read: Callable[[bytes], T], arguments: Mapping[str, Argument], body: bytes | None
    ) -> Endpoint[T]:
        """The request with `arguments`; what is None, False, "" or empty is no query parameter."""
        rest = dict(arguments)

        def segment(match: re.Match[str]) -> str:
            value = rest.pop(match["name"], None)
            return "" if value is None else f"/{_escaped(str(value))}"

        path = _PARAMETER.sub(segment, self.path)
        pairs = [
            pair
            for name, value in rest.items()
            for pair in _pairs(self.wire_names.get(name) or _camel_case(name), value)
        ]
        pairs += self.constants
        query = f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""
        return Endpoint(self.method, path + query, read, body, self.writes, self.limit_bytes)


_PARAMETER = re.compile(r"\[?/\{(?P<name>\w+)\}\]?")


def _escaped(segment: str) -> str:
    # a bare "." or ".." is removed from a path by clients and proxies (RFC 3986, 5.2.4)
    return segment.replace(".", "%2E") if segment in (".", "..") else quote(segment, safe="")


def _pairs(name: str, value: Argument) -> list[tuple[str, str]]:
    match value:
        case None | False | "":
            return []
        case True:
            return [(name, "true")]
        case str() | int():
            return [(name, str(value))]
        case _:
            return [(name, each) for each in value]


def json_body(value: Mapping[str, JsonValue]) -> bytes:
    """The body of a request, as JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def schema_body(
    text: str,
    *,
    references: Sequence[Reference] = (),
    metadata: Metadata | None = None,
    version: Version | None = None,
    id: SchemaId | None = None,
    rule_set: RuleSet | None = None,
    tags_to_add: Sequence[ElementTags] = (),
    tags_to_remove: Sequence[ElementTags] = (),
) -> bytes:
    """The body of register requests."""
    body: dict[str, JsonValue] = {"schema": text, "schemaType": "AVRO"}
    if references:
        body["references"] = [
            {"name": use.name, "subject": use.subject, "version": use.version} for use in references
        ]
    if metadata is not None:
        body["metadata"] = metadata_json(metadata)
    if version is not None:
        body["version"] = version
    if id is not None:
        body["id"] = id
    if rule_set is not None:
        body["ruleSet"] = dict(rule_set)
    if tags_to_add:
        body["schemaTagsToAdd"] = tags_json(tags_to_add)
    if tags_to_remove:
        body["schemaTagsToRemove"] = tags_json(tags_to_remove)
    return json_body(body)


def content_body(
    text: str,
    references: Sequence[Reference] = (),
    metadata: Metadata | None = None,
    rule_set: RuleSet | None = None,
) -> bytes:
    """The body of lookup and compatibility requests."""
    return schema_body(text, references=references, metadata=metadata, rule_set=rule_set)


def association_body(
    name: str,
    changes: Sequence[AssociationChange],
    namespace: str = "-",
    resource_id: str | None = None,
) -> bytes:
    """The body that creates or updates the associations of a topic."""
    return json_body(
        _resource_json(name, namespace, resource_id, [_association_json(each) for each in changes])
    )


def changes_body(requests: Sequence[ResourceChanges]) -> bytes:
    """The body that changes the associations of several topics."""
    return json_body({"requests": [_changes_json(request) for request in requests]})


def queries_body(requests: Sequence[ResourceQuery]) -> bytes:
    """The body that reads the associations of several topics."""
    return json_body({"requests": [_query_json(request) for request in requests]})


def _changes_json(request: ResourceChanges) -> dict[str, JsonValue]:
    more: dict[str, JsonValue] = {"opType": request.operation.upper()}
    if request.cascade:
        more["cascadeLifecycle"] = True
    changes: list[JsonValue] = [{**more, **_association_json(each)} for each in request.changes]
    return _resource_json(request.name, request.namespace, request.resource_id, changes)


def _query_json(request: ResourceQuery) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {"resourceType": "topic"}
    if request.resource_id is not None:
        body["resourceId"] = request.resource_id
    if request.name is not None:
        body |= {"resourceName": request.name, "resourceNamespace": request.namespace}
    if request.association_types:
        body["associationTypes"] = list(request.association_types)
    if request.lifecycle is not None:
        body["lifecycle"] = str(request.lifecycle)
    return body


def _resource_json(
    name: str, namespace: str, resource_id: str | None, associations: list[JsonValue]
) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {
        "resourceName": name,
        "resourceNamespace": namespace,
        "resourceType": "topic",
        "associations": associations,
    }
    if resource_id is not None:
        body["resourceId"] = resource_id
    return body


def _association_json(change: AssociationChange) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = {"associationType": change.association_type}
    if change.subject is not None:
        body["subject"] = change.subject
    if change.lifecycle is not None:
        body["lifecycle"] = str(change.lifecycle)
    if change.frozen is not None:
        body["frozen"] = change.frozen
    if change.text is not None:
        body["schema"] = json.loads(schema_body(change.text, references=change.references))
        body["normalize"] = change.normalize
    return body


def tags_json(tags: Sequence[ElementTags]) -> list[JsonValue]:
    """Tags in the protocol's form."""
    return [
        {
            "schemaEntity": {"entityPath": each.path, "entityType": f"sr_{each.element}"},
            "tags": list(each.tags),
        }
        for each in tags
    ]


def metadata_json(metadata: Metadata) -> dict[str, JsonValue]:
    """Metadata in the protocol's form."""
    return {
        "tags": {place: list(names) for place, names in metadata.tags.items()},
        "properties": dict(metadata.properties),
        "sensitive": list(metadata.sensitive),
    }


def config_body(change: ConfigChange) -> bytes:
    """The body that makes `change`; JSON null removes a member."""
    body: dict[str, JsonValue] = {}
    for member in fields(change):
        value = getattr(change, member.name)
        if value is UNCHANGED:
            continue
        wire_name = "compatibility" if member.name == "level" else _camel_case(member.name)
        body[wire_name] = metadata_json(value) if isinstance(value, Metadata) else value
    return json_body(body)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
