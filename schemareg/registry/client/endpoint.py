"""One request of the registry protocol as a value: what to send, and how to read the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from schemareg.avro.schema import JsonValue
from schemareg.registry.api.types import UNCHANGED, ConfigChange, ElementTags, Metadata, RuleSet
from schemareg.subjects import Reference

T = TypeVar("T")
Query: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[T]):
    """A request: `target` is path and query, escaped, to be appended to a registry's base URL.

    `read` turns the body of a 2xx answer into a value or raises `UnreadableAnswerError`; `writes`
    says that sending it twice may not be the same as sending it once.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    target: str
    read: Callable[[bytes], T]
    body: bytes | None = None
    writes: bool = False


def path(*segments: str | int) -> str:
    """The path through `segments`, each escaped so that it stays one segment."""
    return "".join(f"/{_escaped(str(segment))}" for segment in segments)


def _escaped(segment: str) -> str:
    # a bare "." or ".." is taken out of a path by clients and proxies (RFC 3986, 5.2.4)
    return segment.replace(".", "%2E") if segment in (".", "..") else quote(segment, safe="")


def query(**parameters: str | int | bool | Sequence[str] | None) -> str:
    """The query string, with its question mark; what is None, False or "" is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        match value:
            case None | False | "":
                continue
            case True:
                pairs.append((name, "true"))
            case str() | int():
                pairs.append((name, str(value)))
            case _:
                pairs.extend((name, each) for each in value)
    return f"?{urlencode(pairs, quote_via=quote)}" if pairs else ""


def json_body(value: Mapping[str, JsonValue]) -> bytes:
    """The body of a request, as JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def schema_body(
    text: str,
    *,
    references: Sequence[Reference] = (),
    metadata: Metadata | None = None,
    schema_type: str = "AVRO",
    version: int | None = None,
    schema_id: int | None = None,
    rule_set: RuleSet | None = None,
    tags_to_add: Sequence[ElementTags] = (),
    tags_to_remove: Sequence[ElementTags] = (),
) -> bytes:
    """The body of register, lookup and compatibility requests."""
    body: dict[str, JsonValue] = {"schema": text, "schemaType": schema_type}
    if references:
        body["references"] = [
            {"name": use.name, "subject": use.subject, "version": use.version} for use in references
        ]
    if metadata is not None:
        body["metadata"] = metadata_json(metadata)
    if version is not None:
        body["version"] = version
    if schema_id is not None:
        body["id"] = schema_id
    if rule_set is not None:
        body["ruleSet"] = dict(rule_set)
    if tags_to_add:
        body["schemaTagsToAdd"] = tags_json(tags_to_add)
    if tags_to_remove:
        body["schemaTagsToRemove"] = tags_json(tags_to_remove)
    return json_body(body)


def tags_json(tags: Sequence[ElementTags]) -> list[JsonValue]:
    """Tags as the protocol spells them."""
    return [
        {
            "schemaEntity": {"entityPath": each.path, "entityType": f"sr_{each.element}"},
            "tags": list(each.tags),
        }
        for each in tags
    ]


def metadata_json(metadata: Metadata) -> dict[str, JsonValue]:
    """Metadata as the protocol spells it."""
    return {
        "tags": {place: list(names) for place, names in metadata.tags.items()},
        "properties": dict(metadata.properties),
        "sensitive": list(metadata.sensitive),
    }


def config_body(change: ConfigChange) -> bytes:
    """The body that makes `change`; JSON null takes a member away."""
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
