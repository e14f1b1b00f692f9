"""Pact files of messages: the fields that a consumer's examples use, and contracts written as one.

Source: Pact Specification 3 and 4, "Message pacts". Version 3 has a list `messages`, version 4
`interactions` of several kinds; both spellings of metadata and of contents are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from schemareg.codec.readable import readable
from schemareg.errors import ContentError, SchemaregError
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.places import Location
from schemareg.sampling.sample import sample
from schemareg.services.contracts import Contract

_ASYNCHRONOUS = "Asynchronous/Messages"
_STEP = re.compile(r"\.([^.\[\]]+)|\['((?:[^'\\]|\\.)*)'\]|\[[0-9*]+\]")
_MOST_DEPTH = 100


@dataclass(frozen=True, slots=True)
class PactMessage:
    """A message that a consumer relies on: its words, topic and event as far as they are given.

    `fields` are the dotted paths of its example and of its matching rules.
    """

    description: str
    topic: str
    event: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pact:
    """What a consumer relies on of a provider; `requests` counts HTTP interactions.

    `passed_over` counts interactions of other kinds and messages without a JSON body.
    """

    consumer: str
    provider: str
    messages: tuple[PactMessage, ...]
    requests: int
    passed_over: int


def read_pact(raw: bytes, shown: str) -> Pact:
    """The pact in the bytes of a file shown as `shown`.

    Raises:
        ContentError: it is no pact of version 3 or 4.
    """
    try:
        value = json.loads(raw.decode("utf-8"))
        consumer, provider = value["consumer"]["name"], value["provider"]["name"]
        if not isinstance(consumer, str) or not isinstance(provider, str):
            raise TypeError("a name that is no text")
        entries = list(_entries(value))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContentError(
            "not a Pact file of version 3 or 4", location=Location(shown),
            advice="name the JSON file that a Pact library wrote",
        ) from error  # fmt: skip
    messages = [_message(entry) for kind, entry in entries if kind == _ASYNCHRONOUS]
    read = tuple(message for message in messages if message is not None)
    requests = sum(kind == "Synchronous/HTTP" for kind, _ in entries)
    return Pact(consumer, provider, read, requests, len(entries) - len(read) - requests)


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each interaction with its kind."""
    for entry in value.get("messages", []):
        yield _ASYNCHRONOUS, _object(entry)
    for entry in value.get("interactions", []):
        yield str(_object(entry).get("type", "Synchronous/HTTP")), entry


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an interaction that is no object")
    return value


def _message(entry: Mapping[str, Any]) -> PactMessage | None:
    body = _body(entry.get("contents"))
    rules = entry.get("matchingRules")
    rules = rules.get("body", rules.get("content")) if isinstance(rules, dict) else None
    fields = dict.fromkeys(_paths(body, "", 0))
    if isinstance(rules, dict):
        fields |= dict.fromkeys(path for rule in rules if (path := _of_rule(str(rule))))
    if not fields:
        return None
    metadata = entry.get("metadata", entry.get("metaData"))
    metadata = metadata if isinstance(metadata, dict) else {}
    topic = next((metadata[key] for key in ("topic", "kafka_topic") if key in metadata), "")
    return PactMessage(
        str(entry.get("description", "")), str(topic), _event(entry, metadata), tuple(fields)
    )


def _body(contents: object) -> object:
    """The JSON of a message: bare in version 3, in `content` (or `contents`) in version 4."""
    if not isinstance(contents, dict):
        return contents
    key = next((k for k in ("content", "contents") if k in contents), None)
    if key is None or not contents.keys() & {"contentType", "encoded", "contentTypeHint"}:
        return contents
    body = contents[key]
    if isinstance(body, str) and contents.get("encoded") in (False, "JSON", "json", None):
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return None
    return None if isinstance(body, str) else body


def _paths(value: object, at: str, depth: int) -> Iterator[str]:
    """The dotted paths of the leaves of `value`, lists left out."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _paths(inner, f"{at}.{name}" if at else str(name), depth + 1)
    elif isinstance(value, list) and value:
        for inner in value[: LIMITS.pact_items]:
            yield from _paths(inner, at, depth + 1)
    elif at:
        yield at


def _of_rule(path: str) -> str:
    """The dotted path of a rule such as `$.lines[*].sku`; "" for the root."""
    return ".".join(m[1] or m[2] for m in _STEP.finditer(path) if m[1] or m[2])


def _event(entry: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """The full name of the event, where a content type or our own entry gives it."""
    own = entry.get("pluginConfiguration")
    own = own.get("schemareg") if isinstance(own, dict) else None
    if isinstance(own, dict) and isinstance(own.get("event"), str):
        return str(own["event"])
    contents = entry.get("contents")
    kinds = [metadata.get("contentType")]
    kinds += [contents.get("contentType")] if isinstance(contents, dict) else []
    for kind in kinds:
        _, found, name = str(kind).partition("record=")
        if found:
            return name.partition(";")[0].strip()
    return str(metadata.get("event", metadata.get("ce_type", "")))


def write_pact(consumer: str, provider: str, contracts: Sequence[Contract]) -> str:
    """A Pact 4 file of what `consumer` needs of the events of `provider`.

    Each contract has an example event of what it reads, a rule for the type of each field used,
    and the reader schema.

    Raises:
        ContentError: a reader schema has no finite value.
    """
    value = {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": [_interaction(contract) for contract in contracts],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _interaction(contract: Contract) -> dict[str, object]:
    name = contract.event.rpartition(".")[2]
    try:
        (event,) = sample(contract.schema, seed=0, count=1)
    except SchemaregError as error:
        raise ContentError(f"{contract.event} has no example: {error.message}") from error
    rule = {"combine": "AND", "matchers": [{"match": "type"}]}
    return {
        "type": _ASYNCHRONOUS,
        "key": f"{contract.event}@{contract.topic}",
        "description": f"{name} on {contract.topic}",
        "pending": False,
        "contents": {
            "contentType": "application/json",
            "encoded": False,
            "content": readable(event),
        },
        "metadata": {"topic": contract.topic, "contentType": "application/json"},
        "matchingRules": {"body": dict.fromkeys(_rules(contract.fields), rule)},
        "comments": {"text": ["written by schemareg contracts from the services manifest"]},
        "pluginConfiguration": {
            "schemareg": {
                "event": contract.event,
                "fields": list(contract.fields),
                "reader": json.loads(contract.schema.text),
            }
        },
    }


def _rules(fields: Iterable[str]) -> Iterator[str]:
    return (f"$.{path}" for path in fields)
