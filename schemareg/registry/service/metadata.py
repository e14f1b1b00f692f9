"""The metadata that a version gets: the request's, the subject's and the configuration's."""

from __future__ import annotations

from collections.abc import Iterable

from schemareg.avro.schema import JsonValue
from schemareg.registry.api.types import Metadata
from schemareg.registry.service.settings import Config
from schemareg.registry.store import StoredVersion


def metadata_from(value: JsonValue) -> Metadata | None:
    """The metadata that a JSON object tells of; None for anything else."""
    if not isinstance(value, dict):
        return None
    tags, properties, sensitive = (value.get(k) for k in ("tags", "properties", "sensitive"))
    return Metadata(
        tags={
            key: tuple(map(str, names))
            for key, names in (tags if isinstance(tags, dict) else {}).items()
            if isinstance(names, list)
        },
        properties={
            key: str(member)
            for key, member in (properties if isinstance(properties, dict) else {}).items()
        },
        sensitive=tuple(map(str, sensitive)) if isinstance(sensitive, list) else (),
    )


def metadata_to(metadata: Metadata) -> dict[str, JsonValue]:
    """The JSON object for `metadata`, without what is empty."""
    value: dict[str, JsonValue] = {}
    metadata = in_order(metadata)
    if metadata.tags:
        value["tags"] = {key: list(names) for key, names in metadata.tags.items()}
    if metadata.properties:
        value["properties"] = {**metadata.properties}
    if metadata.sensitive:
        value["sensitive"] = list(metadata.sensitive)
    return value


def in_order(metadata: Metadata) -> Metadata:
    """`metadata` with its keys and sets in Java's order, each member once."""
    return Metadata(
        {key: _set_of(metadata.tags[key]) for key in _set_of(metadata.tags)},
        {key: metadata.properties[key] for key in _set_of(metadata.properties)},
        _set_of(metadata.sensitive),
    )


def _set_of(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts), key=lambda text: text.encode("utf-16-be", "surrogatepass")))


def merged(
    config: Config, requested: Metadata | None, previous: StoredVersion | None
) -> Metadata | None:
    """Default, then the request's or (where it has none) the previous version's, then override."""
    middle = (
        requested if requested is not None else (previous.content.metadata if previous else None)
    )
    layers = [
        metadata_from(config.get("defaultMetadata")),
        middle,
        metadata_from(config.get("overrideMetadata")),
    ]
    present = [layer for layer in layers if layer is not None]
    if not present:
        return None
    if len(present) == 1:
        return present[0]
    tags: dict[str, tuple[str, ...]] = {}
    properties: dict[str, str] = {}
    sensitive: set[str] = set()
    for layer in present:
        tags.update(layer.tags)
        properties.update(layer.properties)
        sensitive.update(layer.sensitive)
    return Metadata(tags, properties, tuple(sorted(sensitive)))


def with_property(metadata: Metadata | None, name: str, value: str) -> Metadata:
    old = metadata or Metadata()
    return Metadata(old.tags, {**old.properties, name: value}, old.sensitive)
