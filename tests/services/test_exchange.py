"""Other tools' files: what they declare as a manifest, and what an export leaves as it is."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from schemareg.errors import ContentError
from schemareg.places import Location
from schemareg.services.asyncapi import read_asyncapi, write_asyncapi
from schemareg.services.backstage import read_catalog_info, write_catalog_info
from schemareg.services.eventcatalog import (
    Page,
    page_text,
    read_catalogue,
    read_page,
    write_service,
)
from schemareg.services.exchange import Imported, manifest_text, read_yaml, yaml_text
from schemareg.services.manifest import Consumes, Produces, Service

PLACE = Location("f")

ASYNCAPI_3 = """\
# kept by hand
asyncapi: 3.0.0
info:
  title: Order Service
  version: 2.1.0
  contact: {name: checkout}
x-internal: {tier: 1}   # not ours
servers:
  live: {host: 'kafka:9092', protocol: kafka}
channels:
  placed:
    address: orders
    messages:
      Placed:
        payload:
          schemaFormat: application/vnd.apache.avro;version=1.9.0
          schema: {type: record, name: Placed, namespace: shop, fields: []}
  paid:
    address: ignored
    bindings: {kafka: {topic: payments}}
    messages:
      Paid: {$ref: '#/components/messages/Paid'}
      Refused: {name: shop.Refused}
operations:
  sendPlaced:
    action: send
    channel: {$ref: '#/channels/placed'}
  onPaid:
    action: receive
    channel: {$ref: '#/channels/paid'}
    messages:
      - $ref: '#/channels/paid/messages/Paid'
    x-fields-used: [id, amount.currency]
    bindings: {kafka: {groupId: {type: string, enum: [order-group]}}}
components:
  messages:
    Paid:
      payload:
        schemaFormat: application/vnd.apache.avro+json;version=1.9.0
        schema: '{"type": "record", "name": "shop.Paid", "fields": []}'
"""
ASYNCAPI_2 = """\
asyncapi: 2.6.0
info: {title: Order Service, version: 1.0.0}
channels:
  orders:
    subscribe:
      message:
        schemaFormat: application/vnd.apache.avro;version=1.9.0
        payload: {type: record, name: shop.Placed, fields: []}
  payments:
    publish:
      bindings: {kafka: {groupId: {const: g}}}
      message:
        oneOf:
          - {name: shop.Paid}
          - $ref: https://example.com/refused.yaml
"""


def one(imported: Imported) -> Service:
    (service,) = imported.services
    return service


def uses(service: Service) -> tuple[object, ...]:
    return (
        [(p.event, p.topic) for p in service.produces],
        [(c.event, c.topic, c.group, c.fields) for c in service.consumes],
    )


def document(text: str) -> Any:
    return read_yaml(text.encode(), "f")[0]


def test_asyncapi_3() -> None:
    imported = read_asyncapi(document(ASYNCAPI_3), "f")
    service = one(imported)
    assert (service.name, service.owner, imported.questions) == ("order-service", "checkout", ())
    assert uses(service) == (
        [("shop.Placed", "orders")],
        [("shop.Paid", "payments", "order-group", ("id", "amount.currency"))],
    )


def test_asyncapi_2_is_seen_from_the_others() -> None:
    imported = read_asyncapi(document(ASYNCAPI_2), "f")
    assert uses(one(imported)) == (
        [("shop.Placed", "orders")],
        [("shop.Paid", "payments", "g", None)],
    )
    assert imported.questions == (
        "f: https://example.com/refused.yaml is outside of the document",
        "f: a message has neither an Avro schema nor a name",
    )


CYCLE = "{asyncapi: 3.0.0, info: {title: a}, operations: {o: {$ref: '#/operations/o'}}}"


def test_references_in_a_cycle_are_reported() -> None:
    assert read_asyncapi(document(CYCLE), "f").questions == (
        "f: references of the document form a cycle",
        "f: operation o has no action",
    )


@pytest.mark.parametrize(
    "text", ["{}", "[1]", "{asyncapi: 4.0.0, info: {title: a}}", "a: [", "\x00"]
)
def test_no_asyncapi(text: str) -> None:
    with pytest.raises(ContentError, match=r"no AsyncAPI document of version 2 or 3|no YAML"):
        read_asyncapi(document(text), "f")


def test_an_asyncapi_document_of_others_is_exported_without_loss() -> None:
    held = document(ASYNCAPI_3)
    service = one(read_asyncapi(held, "f"))
    before = yaml_text([document(ASYNCAPI_3)], ASYNCAPI_3)
    assert yaml_text([write_asyncapi(service, {}, held)], ASYNCAPI_3) == before
    assert "# kept by hand" in before
    assert "# not ours" in before
    more = Consumes("order-service", "shop.Shipped", "shipments", PLACE, fields=("id",))
    grown = Service("order-service", PLACE, produces=service.produces, consumes=(more,))
    text = yaml_text([write_asyncapi(grown, {("shop.Shipped", "shipments"): {"type": "x"}}, held)])
    again = one(read_asyncapi(document(text), "f"))
    assert [c.event for c in again.consumes] == ["shop.Paid", "shop.Shipped"]
    assert again.consumes[1].fields == ("id",)
    assert "# not ours" in text


def test_a_document_of_version_2_is_not_changed() -> None:
    service = Service("order", PLACE, produces=(Produces("order", "shop.Placed", "orders", PLACE),))
    with pytest.raises(ContentError, match="another version than 3"):
        write_asyncapi(service, {}, document(ASYNCAPI_2))


CATALOGUE = {
    "services/order/index.mdx": """---
id: order
name: Order   # shown
version: 1.2.0
owners:
  - checkout
badges:
  - content: core
sends:
  - id: placed
    version: 1.0.0
receives:
  - id: paid
    fields: [id]
    group: order-group
    from:
      - id: payments
  - id: get-stock
---

# Order
<NodeGraph />
""",
    "services/order/versioned/1.0.0/index.mdx": "---\nid: order\nsends: [{id: old}]\n---\n",
    "events/placed/index.mdx": "---\nid: placed\nschemaPath: schema.avsc\n"
    "channels: [{id: orders}]\n---\n",
    "events/paid/index.mdx": "---\nid: paid\n---\n",
    "queries/get-stock/index.mdx": "---\nid: get-stock\n---\n",
    "channels/orders/index.mdx": "---\nid: orders\naddress: shop.orders\n---\n",
    "flows/buy/index.mdx": "---\nid: buy\nsteps: [{id: 1, message: {id: placed}}, {id: 2}]\n---\n",
}
SCHEMAS = {"events/placed/schema.avsc": '{"type": "record", "name": "Placed", "namespace": "shop"}'}


def pages() -> list[Page]:
    found = (read_page(text.encode(), path) for path, text in CATALOGUE.items())
    return [page for page in found if page is not None]


def test_eventcatalog() -> None:
    imported = read_catalogue(pages(), SCHEMAS)
    service = one(imported)
    assert (service.name, service.owner) == ("order", "checkout")
    assert uses(service) == (
        [("shop.Placed", "shop.orders")],
        [("paid", "payments", "order-group", ("id",))],
    )
    assert [(c.name, [s.event for s in c.steps]) for c in imported.chains] == [
        ("buy", ["shop.Placed"])
    ]


def test_an_eventcatalog_page_of_others_is_exported_without_loss() -> None:
    page = pages()[0]
    service = one(read_catalogue(pages(), SCHEMAS))
    same = write_service(service, page, {"shop.Placed": "placed"})
    assert page_text(same) == CATALOGUE["services/order/index.mdx"]
    more = Produces("order", "shop.Cancelled", "orders", PLACE)
    grown = write_service(Service("order", PLACE, produces=(more,)), page, {})
    text = page_text(grown)
    added = "    version: 1.0.0\n  - id: shop.Cancelled\n    to:\n      - id: orders\nreceives:\n"
    expected = CATALOGUE["services/order/index.mdx"]
    assert text == expected.replace("    version: 1.0.0\nreceives:\n", added)


BACKSTAGE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: order
  annotations:
    github.com/project-slug: shop/order # theirs
spec:
  type: service
  lifecycle: production
  owner: group:default/checkout
  providesApis: [order-events, order-rest]
  dependsOn:
    - component:default/user
    - resource:orders-db
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: order-events}
spec: {type: asyncapi, lifecycle: production, owner: checkout, definition: x}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: order-rest}
spec: {type: openapi, lifecycle: production, owner: checkout, definition: x}
"""


def test_backstage_asks_for_the_direction() -> None:
    imported = read_catalog_info(read_yaml(BACKSTAGE.encode(), "f"), "f")
    service = one(imported)
    assert (service.name, service.owner) == ("order", "checkout")
    assert [call.provider for call in service.calls] == ["user"]
    assert imported.questions == (
        "f: order provides order-events, which has no direction: does it produce or consume"
        " its events?",
    )


def test_backstage_gets_annotations_and_nothing_else() -> None:
    produces = (Produces("order", "shop.Placed", "orders", PLACE),)
    consumes = (Consumes("order", "shop.Paid", "payments", PLACE),)
    service = Service("order", PLACE, produces=produces, consumes=consumes)
    documents = write_catalog_info([service], read_yaml(BACKSTAGE.encode(), "f"))
    text = yaml_text(documents, BACKSTAGE)
    added = (
        "shop/order # theirs\n"
        "    schemareg.dev/produces: shop.Placed@orders\n"
        "    schemareg.dev/consumes: shop.Paid@payments\n"
    )
    assert text == BACKSTAGE.replace("shop/order # theirs\n", added)
    again = read_catalog_info(read_yaml(text.encode(), "f"), "f")
    assert uses(one(again)) == (
        [("shop.Placed", "orders")],
        [("shop.Paid", "payments", "", None)],
    )
    assert again.questions == ()


def test_an_imported_manifest_is_toml() -> None:
    imported = read_asyncapi(document(ASYNCAPI_3), "f")
    text = manifest_text(Imported(imported.services, questions=("which\n[services.x]?",)))
    value = tomllib.loads(text)
    assert value["services"] == {
        "order-service": {
            "owner": "checkout",
            "produces": [{"event": "shop.Placed", "topic": "orders"}],
            "consumes": [
                {
                    "event": "shop.Paid",
                    "topic": "payments",
                    "group": "order-group",
                    "fields": ["id", "amount.currency"],
                }
            ],
        }
    }
    assert "# open: which [services.x]?\n" in text


def test_eventcatalog_does_not_get_the_group_that_a_manifest_means_anyway() -> None:
    page = read_page(
        b"---\nid: billing\nreceives:\n  - id: paid\n    from: [{id: payments}]\n---\n",
        "services/billing/index.mdx",
    )
    assert page is not None
    before = page_text(page)
    own = Consumes("billing", "paid", "payments", PLACE, group="billing")
    other = Consumes("billing", "paid", "payments", PLACE, group="billing-2")
    assert page_text(write_service(Service("billing", PLACE, consumes=(own,)), page, {})) == before
    assert "group: billing-2" in page_text(
        write_service(Service("billing", PLACE, consumes=(other,)), page, {})
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "nested deeper than 500 levels"),
        ('{"a":' * 50_000, "nested deeper than 500 levels"),
        ("- " * 8_000 + "a", "no YAML: maximum recursion depth"),
        ("a: &a\n  <<: *a\n", "no YAML: "),
        ("a: 2026-13-45\n", "no YAML: "),
        ("a: " + "9" * 6_000, "no YAML: "),
        ('{"a":"\0"}', "no YAML: "),
    ],
    ids=["lists", "objects", "block", "merge-of-itself", "date", "digits", "nul"],
)
def test_a_file_that_hurts_its_reader_is_refused(text: str, message: str) -> None:
    with pytest.raises(ContentError, match=f"^{message}|: {message}"):
        read_yaml(text.encode(), "f")
