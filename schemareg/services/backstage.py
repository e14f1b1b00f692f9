"""Backstage catalogue files: components, their owners, and what they depend on.

An API of a component has no direction for events; our annotations have, and without them it is
an open question.
Source: Backstage, "Descriptor Format of Catalog Entities".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemareg.places import Location
from schemareg.services.exchange import Imported, as_list, as_map, as_text
from schemareg.services.manifest import Calls, Consumes, Produces, Service

PRODUCES = "schemareg.dev/produces"
CONSUMES = "schemareg.dev/consumes"
_ASYNC = "asyncapi"


def read_catalog_info(documents: Sequence[Any], shown: str) -> Imported:
    """The components that are services, and a question for each API of events."""
    entities = [as_map(document) for document in documents]
    kinds = {
        _name(e): as_text(as_map(e.get("spec")).get("type"))
        for e in entities
        if as_text(e.get("kind")) == "API"
    }
    questions: list[str] = []
    services = []
    for entity in entities:
        if as_text(entity.get("kind")) == "Component":
            services.append(_service(entity, shown))
            questions += _questions(entity, kinds, shown)
    return Imported(tuple(services), questions=tuple(questions))


def _name(entity: Mapping[str, Any]) -> str:
    return as_text(as_map(entity.get("metadata")).get("name"))


def _annotations(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    return as_map(as_map(entity.get("metadata")).get("annotations"))


def _service(entity: Mapping[str, Any], shown: str) -> Service:
    place = Location(shown)
    name, spec = _name(entity), as_map(entity.get("spec"))
    owner = as_text(spec.get("owner"))
    needs = (as_text(need).partition(":") for need in as_list(spec.get("dependsOn")))
    return Service(
        name,
        place,
        owner.rpartition(":")[2].rpartition("/")[2],
        produces=tuple(Produces(name, e, t, place) for e, t in _uses(entity, PRODUCES)),
        consumes=tuple(Consumes(name, e, t, place) for e, t in _uses(entity, CONSUMES)),
        calls=tuple(
            Calls(name, ref.rpartition("/")[2], place)
            for kind, _, ref in needs
            if kind.casefold() == "component" and ref
        ),
    )


def _uses(entity: Mapping[str, Any], annotation: str) -> Iterator[tuple[str, str]]:
    """Each event and topic of an annotation such as `shop.Placed@orders, shop.Paid@payments`."""
    for word in as_text(_annotations(entity).get(annotation)).split(","):
        event, _, topic = word.strip().partition("@")
        if event and topic:
            yield event, topic


def _questions(entity: Mapping[str, Any], kinds: Mapping[str, str], shown: str) -> Iterator[str]:
    if _annotations(entity).keys() & {PRODUCES, CONSUMES}:
        return
    spec = as_map(entity.get("spec"))
    for word in ("providesApis", "consumesApis"):
        for ref in as_list(spec.get(word)):
            api = as_text(ref).rpartition(":")[2].rpartition("/")[2]
            if kinds.get(api, _ASYNC) == _ASYNC:
                verb = word.removesuffix("Apis")
                yield (
                    f"{shown}: {_name(entity)} {verb} {api}, which has no direction: does it"
                    " produce or consume its events?"
                )


def write_catalog_info(services: Sequence[Service], documents: list[Any]) -> list[Any]:
    """`documents` with annotations of what each service produces and consumes.

    A service without a component gets one; nothing else is changed.
    """
    components = {
        _name(as_map(d)): d for d in documents if as_text(as_map(d).get("kind")) == "Component"
    }
    for service in services:
        component = components.get(service.name)
        if component is None:
            component = _component(service)
            documents.append(component)
        produces = ", ".join(f"{p.event}@{p.topic}" for p in service.produces)
        consumes = ", ".join(f"{c.event}@{c.topic}" for c in service.consumes)
        for annotation, text in ((PRODUCES, produces), (CONSUMES, consumes)):
            if text and as_text(_annotations(component).get(annotation)) != text:
                metadata = component.setdefault("metadata", {})
                metadata.setdefault("annotations", {})[annotation] = text
    return documents


def _component(service: Service) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "service", "lifecycle": "production"}
    spec["owner"] = service.owner or "unknown"
    if service.calls:
        spec["dependsOn"] = [f"component:{call.provider}" for call in service.calls]
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": service.name},
        "spec": spec,
    }
