"""Rules that go by the words of a name: what they take for money, an instant, an event."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.lint import LintSettings, Preset, run
from schemareg.lint.name_words import words
from schemareg.workspace import Config, build_project

WORDS = [
    ("orderId", ("order", "id")),
    ("order_id", ("order", "id")),
    ("ORDER_ID", ("order", "id")),
    ("OrderID", ("order", "id")),
    ("HTTPStatusCode", ("http", "status", "code")),
    ("sha256Digest", ("sha", "256", "digest")),
    ("x", ("x",)),
    ("_", ()),
]


@pytest.mark.parametrize(("name", "expected"), WORDS)
def test_words_of_a_name(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
FIELDS: list[tuple[str, object, str, bool]] = [
    ("price", "double", "money-as-double", True),
    ("unit_price", "float", "money-as-double", True),
    ("refund", ["null", "double"], "money-as-double", True),
    ("totalAmount", {"type": "double"}, "money-as-double", True),
    ("price", "long", "money-as-double", False),
    ("price", "string", "money-as-double", False),
    ("taxRate", "double", "money-as-double", False),
    ("totalDistance", "double", "money-as-double", False),
    ("priceListId", "double", "money-as-double", False),
    ("totalCount", "double", "money-as-double", False),
    ("latitude", "double", "money-as-double", False),
    ("feedback", "double", "money-as-double", False),
    ("createdAt", "long", "timestamp-without-logical-type", True),
    ("created_at", "string", "timestamp-without-logical-type", True),
    ("event_ts", ["null", "long"], "timestamp-without-logical-type", True),
    ("orderTime", "int", "timestamp-without-logical-type", True),
    ("createdAt", MILLIS, "timestamp-without-logical-type", False),
    ("createdAt", ["null", MILLIS], "timestamp-without-logical-type", False),
    ("createdAt", "boolean", "timestamp-without-logical-type", False),
    ("processingTime", "long", "timestamp-without-logical-type", False),
    ("format", "string", "timestamp-without-logical-type", False),
    ("uptime", "long", "timestamp-without-logical-type", False),
    ("timestampFormat", "string", "timestamp-without-logical-type", False),
    ("birthDate", "string", "date-as-string", True),
    ("update", "string", "date-as-string", False),
    ("birthDate", {"type": "int", "logicalType": "date"}, "date-as-string", False),
    ("orderId", "int", "int-identifier-overflow", True),
    ("paid", "int", "int-identifier-overflow", False),
    ("dateId", {"type": "int", "logicalType": "date"}, "int-identifier-overflow", False),
    ("orderId", "float", "float-identifier", True),
    ("grid", "float", "float-identifier", False),
    ("password", "string", "sensitive-field", True),
    ("api_key", "string", "sensitive-field", True),
    ("cardNumber", "string", "sensitive-field", True),
    ("shipping", "string", "sensitive-field", False),
    ("secretary", "string", "sensitive-field", False),
    ("data", "bytes", "generic-payload", True),
    ("data", "long", "generic-payload", False),
    ("metadata", "string", "generic-payload", False),
    ("from", "string", "reserved-word", True),
    ("class", "string", "reserved-word", True),
    ("fromDate", "string", "reserved-word", False),
    ("type", "string", "reserved-word", False),
    ("isNotFinal", "boolean", "negated-boolean", True),
    ("notified", "boolean", "negated-boolean", False),
    ("defualt", "string", "unknown-attribute", False),
]


@pytest.mark.parametrize(("name", "type_", "rule", "reported"), FIELDS)
def test_field_by_its_name(name: str, type_: object, rule: str, reported: bool) -> None:
    schema = {"type": "record", "name": "A", "fields": [{"name": name, "type": type_}]}
    config = Config(cwd=Path("/"))
    project = build_project([("A.avsc", json.dumps(schema).encode())], config)
    assert (rule in [f.rule for f in run(project, LintSettings(Preset.ALL))]) is reported


EVENTS = [
    ("OrderCreated", False),
    ("NotificationSent", False),
    ("CartCheckedOut", False),
    ("StockTakenBack", False),
    ("OrderCreatedEvent", False),
    ("CreateOrder", True),
    ("Order", True),
    ("OrderEvent", True),
]


@pytest.mark.parametrize(("name", "reported"), EVENTS)
def test_event_by_its_name(name: str, reported: bool) -> None:
    schema = {"type": "record", "name": name, "fields": []}
    config = Config(cwd=Path("/"))
    project = build_project([("A.avsc", json.dumps(schema).encode())], config)
    rules = [f.rule for f in run(project, LintSettings(Preset.ALL))]
    assert ("event-name-past-tense" in rules) is reported


NAMES = [
    ("OrderPaid.avsc", False),
    ("order-paid.avsc", False),
    ("events/order_paid.avsc", False),
    ("shop.OrderPaid.avsc", False),
    ("order.avsc", True),
]


@pytest.mark.parametrize(("path", "reported"), NAMES)
def test_file_by_its_name(path: str, reported: bool) -> None:
    schema = {"type": "record", "name": "OrderPaid", "namespace": "shop", "fields": []}
    config = Config(cwd=Path("/"))
    project = build_project([(path, json.dumps(schema).encode())], config)
    rules = [f.rule for f in run(project, LintSettings(Preset.ALL))]
    assert ("file-name-matches-type" in rules) is reported
