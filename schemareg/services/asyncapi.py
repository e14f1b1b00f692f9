"""AsyncAPI documents: read in versions 2 and 3, written in version 3.

In version 2 `subscribe` is what the application sends, seen from the others; in version 3 an
operation's action is seen from the application.
Source: AsyncAPI Specification 2.6 and 3.0; Kafka bindings 0.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from schemareg.errors import ContentError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.services.exchange import Imported, as_list, as_map, as_text, as_texts
from schemareg.services.manifest import Consumes, Produces, Service

AVRO = "application/vnd.apache.avro+json;version=1.9.0"
_MOST_REFS = 50


@dataclass(frozen=True, slots=True)
class Operation:
    """One event that the application sends or receives on a topic."""

    sends: bool
    event: str
    topic: str
    group: str
    fields: tuple[str, ...] | None


def read_asyncapi(document: object, shown: str) -> Imported:
    """The one service that the document describes.

    Raises:
        ContentError: it is no AsyncAPI document of version 2 or 3, or has no title.
    """
    top = as_map(document)
    info = as_map(top.get("info"))
    name = slug(as_text(info.get("title")))
    if as_text(top.get("asyncapi"))[:2] not in ("2.", "3.") or not name:
        raise ContentError("no AsyncAPI document of version 2 or 3", location=Location(shown))
    questions: list[str] = []
    found = tuple(dict.fromkeys(operations(top, questions)))
    place = Location(shown)
    owner = as_text(top.get("x-owner")) or as_text(as_map(info.get("contact")).get("name"))
    service = Service(
        name,
        place,
        owner,
        as_texts(top.get("x-paths")),
        tuple(Produces(name, o.event, o.topic, place) for o in found if o.sends),
        tuple(
            Consumes(name, o.event, o.topic, place, o.group, fields=o.fields)
            for o in found
            if not o.sends
        ),
    )
    return Imported((service,), questions=tuple(f"{shown}: {q}" for q in questions))


def slug(title: str) -> str:
    """The name of a service for a title: `Order Service` is `order-service`."""
    return "-".join(re.findall(r"[a-z0-9]+", title.casefold()))


def operations(top: Mapping[str, Any], questions: list[str]) -> Iterator[Operation]:
    """What the application sends and receives; what cannot be read goes to `questions`."""
    if as_text(top.get("asyncapi")).startswith("2."):
        for address, channel in as_map(top.get("channels")).items():
            for word, sends in (("subscribe", True), ("publish", False)):
                operation = as_map(as_map(channel).get(word))
                message = _resolved(operation.get("message"), top, questions)
                messages = as_list(message.get("oneOf")) or ([message] if message else [])
                topic = _topic(as_map(channel), str(address))
                yield from _of(operation, topic, sends, messages, top, questions)
        return
    for name, raw in as_map(top.get("operations")).items():
        operation = _resolved(raw, top, questions)
        action = as_text(operation.get("action"))
        if action not in ("send", "receive"):
            questions.append(f"operation {name} has no action")
            continue
        channel = _resolved(operation.get("channel"), top, questions)
        messages = as_list(operation.get("messages")) or [*as_map(channel.get("messages")).values()]
        topic = _topic(channel, as_text(channel.get("address")))
        yield from _of(operation, topic, action == "send", messages, top, questions)


def _of(
    operation: Mapping[str, Any],
    topic: str,
    sends: bool,
    messages: Any,
    top: Mapping[str, Any],
    questions: list[str],
) -> Iterator[Operation]:
    group = _word(as_map(as_map(operation.get("bindings")).get("kafka")).get("groupId"))
    for raw in messages:
        message = _resolved(raw, top, questions)
        for event in _events(message, top, questions):
            fields = message.get("x-fields-used", operation.get("x-fields-used"))
            used = as_texts(fields) if fields is not None and not sends else None
            yield Operation(sends, event, topic, "" if sends else group, used)


def _topic(channel: Mapping[str, Any], address: str) -> str:
    return as_text(as_map(as_map(channel.get("bindings")).get("kafka")).get("topic")) or address


def _word(value: object) -> str:
    """The group that a schema allows: its `const`, or the first of its `enum`."""
    if isinstance(value, str):
        return value
    schema = as_map(value)
    return as_text(schema.get("const")) or next(iter(as_texts(schema.get("enum"))), "")


def _events(
    message: Mapping[str, Any], top: Mapping[str, Any], questions: list[str]
) -> Iterator[str]:
    """The full names of the Avro records of a message, else its own name."""
    payload = _resolved(message.get("payload"), top, questions)
    format = as_text(payload.get("schemaFormat")) or as_text(message.get("schemaFormat"))
    if "avro" in format:
        schema = payload.get("schema", message.get("payload"))
        names = list(_names(_parsed(schema)))
        if names:
            yield from names
            return
    name = as_text(message.get("name")) or as_text(message.get("title"))
    if name:
        yield name
    else:
        questions.append("a message has neither an Avro schema nor a name")


def _parsed(schema: object) -> object:
    """A schema given as text, and a registry's answer around one, as the schema itself."""
    for _ in range(2):
        if isinstance(schema, str):
            try:
                schema = json.loads(schema)
            except (ValueError, RecursionError):
                return None
        if isinstance(schema, Mapping) and "type" not in schema and "schema" in schema:
            schema = schema["schema"]
    return schema


def _names(schema: object) -> Iterator[str]:
    for branch in schema if isinstance(schema, list) else [schema]:
        record = as_map(branch)
        name, namespace = as_text(record.get("name")), as_text(record.get("namespace"))
        if name:
            yield name if "." in name or not namespace else f"{namespace}.{name}"


def _resolved(value: object, top: Mapping[str, Any], questions: list[str]) -> Mapping[str, Any]:
    """What references inside the document lead to; others go to `questions`."""
    for _ in range(_MOST_REFS):
        held = as_map(value)
        ref = held.get("$ref")
        if not isinstance(ref, str):
            return held
        if not ref.startswith("#/"):
            questions.append(f"{ref} is outside of the document")
            return {}
        value = top
        for part in ref[2:].split("/"):
            value = as_map(value).get(part.replace("~1", "/").replace("~0", "~"))
    questions.append("references of the document form a cycle")
    return {}


def write_asyncapi(
    service: Service, schemas: Mapping[tuple[str, str], Any], existing: Any = None
) -> Any:
    """An AsyncAPI 3 document of `service`; `schemas` are the Avro schemas as JSON.

    In an `existing` document only operations that it lacks are added: everything else in it stays.

    Raises:
        ContentError: the existing document has another version than 3.
    """
    top = existing if existing is not None else {
        "asyncapi": "3.0.0",
        "info": {"title": service.name, "version": "1.0.0"},
        "defaultContentType": "application/vnd.apache.avro",
    }  # fmt: skip
    if not as_text(top.get("asyncapi")).startswith("3."):
        raise ContentError(
            "an AsyncAPI document of another version than 3 is not changed",
            advice="convert it with AsyncAPI's own converter, or write a new file",
        )
    if service.owner and "x-owner" not in top and not as_map(top["info"]).get("contact"):
        top["x-owner"] = service.owner
    known = {(o.sends, o.event, o.topic) for o in operations(top, [])}
    rows = [(True, p.event, p.topic, "", None) for p in service.produces]
    rows += [(False, c.event, c.topic, c.group, c.fields) for c in service.consumes]  # type: ignore[misc]
    for sends, event, topic, group, fields in rows:
        if (sends, event, topic) not in known:
            schema = schemas.get((event, topic))
            _add(top, Operation(sends, event, topic, group, fields), schema)
    return top


def _add(top: Any, operation: Operation, schema: Any) -> None:
    short = operation.event.rpartition(".")[2]
    channels = top.setdefault("channels", {})
    id = next(
        (
            i
            for i, c in channels.items()
            if _topic(as_map(c), as_text(c.get("address"))) == operation.topic
        ),
        re.sub(r"[^A-Za-z0-9_-]", "-", operation.topic),
    )
    channel = channels.setdefault(id, {"address": operation.topic, "messages": {}})
    payload = {"schemaFormat": AVRO, "schema": schema}
    message = {"name": operation.event, **({"payload": payload} if schema is not None else {})}
    channel.setdefault("messages", {}).setdefault(short, message)
    action = "send" if operation.sends else "receive"
    added: dict[str, Any] = {
        "action": action,
        "channel": {"$ref": f"#/channels/{id}"},
        "messages": [{"$ref": f"#/channels/{id}/messages/{short}"}],
    }
    if operation.group:
        group = {"type": "string", "enum": [operation.group]}
        added["bindings"] = {"kafka": {"groupId": group, "bindingVersion": "0.5.0"}}
    if operation.fields is not None:
        added["x-fields-used"] = list(operation.fields)
    top.setdefault("operations", {})[f"{action}-{id}-{short}"] = added
