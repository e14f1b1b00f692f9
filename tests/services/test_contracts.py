"""Contracts: what consumers need, proven against every version that they can meet."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.avro import parse
from schemareg.commands.contracts import ContractsResult, contracts_result, trend_line
from schemareg.errors import ContentError, ExitCode
from schemareg.report import Format, render
from schemareg.report.badge import badge
from schemareg.report.page import Page
from schemareg.services.contracts import contracts_of
from schemareg.services.further import (
    configured_contracts,
    manifest_readers,
    pact_contracts,
)
from schemareg.services.pact import read_pact, write_pact
from schemareg.services.projection import projected
from schemareg.subjects import Subject
from schemareg.workspace.config import ConsumerConfig
from tests.services.conftest import MakePlatform

MANIFEST = """
[services.order]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.billing]
consumes = [{ event = "shop.Placed", topic = "orders", FIELDS }]
[services.mail]
consumes = [{ event = "shop.Placed", topic = "orders" }]
"""
FIELDS = 'fields = ["id", "total"]'
OLD = {"id": "string", "total": "long"}


def breaches(result: ContractsResult) -> list[tuple[str, str, str]]:
    return [(b.where, b.path, b.message) for row in result.rows for b in row.breaches]


GONE = "the field is used, and the schema does not have it"
CASES = [
    pytest.param(FIELDS, [OLD], OLD, [], id="unchanged"),
    pytest.param(FIELDS, [OLD], {**OLD, "note": "string"}, [], id="another-field-added"),
    pytest.param(
        FIELDS,
        [OLD],
        {"id": "string"},
        [
            ("proposed", "total", GONE),
            ("proposed", "Placed.total", "the reader needs the field total, which has no default"),
        ],
        id="field-removed",
    ),
    pytest.param(
        FIELDS,
        [{"id": "string", "total": ("long", 0)}],
        {"id": "string"},
        [("proposed", "total", GONE)],
        id="field-removed-that-has-a-default",
    ),
    pytest.param(FIELDS, [{"id": "string"}], {"id": "string", "total": ("long", 0)}, [], id="new"),
    pytest.param('fields = ["id"]', [OLD], {"id": "string"}, [], id="unused-field-removed"),
    pytest.param('reader = "reader.avsc"', [OLD], {"id": "string"}, [], id="reader"),
]


@pytest.mark.parametrize(("declared", "history", "proposed", "expected"), CASES)
def test_contracts(
    make_platform: MakePlatform,
    tmp_path: Path,
    declared: str,
    history: list[dict[str, object]],
    proposed: dict[str, object],
    expected: list[tuple[str, str, str]],
) -> None:
    reader = {"type": "record", "name": "shop.Placed", "fields": [{"name": "id", "type": "string"}]}
    (tmp_path / "reader.avsc").write_text(json.dumps(reader), encoding="utf-8")
    platform = make_platform(MANIFEST.replace("FIELDS", declared), Placed=(history, proposed))
    result = contracts_result(platform)
    found = [(where, path) for where, path, _ in breaches(result)]
    assert found == [(where, path) for where, path, _ in expected]
    assert result.exit_code() is (ExitCode.NO if expected else ExitCode.YES)
    assert (result.coverage, result.rows[0].proven) == (50.0, ("v1", "proposed"))


def test_coverage(make_platform: MakePlatform) -> None:
    manifest = MANIFEST.replace("FIELDS", 'fields = ["id"]')
    platform = make_platform(manifest, Placed=([OLD], OLD))
    result = contracts_result(platform, least=60)
    assert [f.rule for f in result.findings] == ["contract-coverage"]
    (usage,) = result.events
    assert (usage.consumers, usage.contracts, usage.fields, usage.used) == (2, 1, 2, 1)
    assert usage.unused == ("total",)
    assert [(s.service, s.consumes, s.contracts) for s in result.services] == [
        ("billing", 1, 1),
        ("mail", 1, 0),
    ]
    text = render(result, Format.TEXT, Page(verbose=True))
    assert "nobody uses of shop.Placed: total\nmail: contracts for 0 of 1 events\n" in text
    assert json.loads(trend_line(result, at="2026-01-01", commit="abc")) == {
        "at": "2026-01-01",
        "commit": "abc",
        "coverage": 50.0,
        "field_coverage": 50.0,
        "branch_coverage": 100.0,
        "contracts": 1,
        "broken": 0,
    }


def test_golden_events_are_read(make_platform: MakePlatform, tmp_path: Path) -> None:
    folder = tmp_path / "golden" / "shop.Placed"
    folder.mkdir(parents=True)
    # the second event ends inside its first field
    events = [{"bytes": "02610a"}, {"bytes": "0a61"}]
    golden = {"format_version": 1, "subject": "orders-value", "version": "v1", "events": events}
    (folder / "v1.json").write_text(json.dumps(golden), encoding="utf-8")
    platform = make_platform(MANIFEST.replace("FIELDS", FIELDS), Placed=([OLD], OLD))
    result = contracts_result(platform, golden=tmp_path / "golden")
    assert result.rows[0].proven == ("v1", "proposed", "v1.json")
    assert [(where, path) for where, path, _ in breaches(result)] == [("v1.json", "")]
    assert breaches(result)[0][2].startswith("golden event 2 cannot be read: ")


V3 = {
    "consumer": {"name": "mail"},
    "provider": {"name": "order"},
    "messages": [
        {
            "description": "order placed",
            "contents": {"id": "o-1"},
            "metaData": {"contentType": "application/json", "topic": "orders"},
            "matchingRules": {"body": {"$.total": {"matchers": [{"match": "integer"}]}}},
        }
    ],
    "metadata": {"pactSpecification": {"version": "3.0.0"}},
}
V4 = {
    "consumer": {"name": "mail"},
    "provider": {"name": "order"},
    "interactions": [
        {
            "type": "Asynchronous/Messages",
            "description": "any",
            "contents": {
                "contentType": "application/json;record=shop.Placed",
                "encoded": False,
                "content": {"id": "o-1", "lines": [{"sku": "a", "n": {"x": 1}}, {"other": None}]},
            },
            "matchingRules": {"content": {"$['total']": {}, "$.lines[*].tags[0]": {}, "$": {}}},
        },
        {
            "type": "Asynchronous/Messages",
            "description": "binary",
            "contents": {"contentType": "avro/binary", "encoded": "base64", "content": "AAEC"},
        },
        {"type": "Synchronous/HTTP", "description": "GET /"},
        {"type": "Synchronous/Messages", "description": "price"},
    ],
    "metadata": {"pactSpecification": {"version": "4.0"}},
}


def test_pact_3_is_read(make_platform: MakePlatform) -> None:
    pact = read_pact(json.dumps(V3).encode(), "p.json")
    assert (pact.consumer, pact.provider, pact.requests, pact.passed_over) == (
        "mail",
        "order",
        0,
        0,
    )
    (message,) = pact.messages
    assert (message.topic, message.event, message.fields) == ("orders", "", ("id", "total"))
    platform = make_platform(MANIFEST.replace("FIELDS", FIELDS), Placed=([OLD], {"id": "string"}))
    contracts, problems = pact_contracts(platform, [("p.json", pact)])
    assert problems == []
    assert [(c.consumer, c.event, c.kind, c.fields) for c in contracts] == [
        ("mail", "shop.Placed", "pact", ("id", "total"))
    ]
    result = contracts_result(platform, further=contracts)
    assert result.coverage == 100.0
    assert breaches(result).count(("proposed", "total", GONE)) == 2


def test_pact_4_is_read() -> None:
    pact = read_pact(json.dumps(V4).encode(), "p.json")
    (message,) = pact.messages
    assert (message.event, pact.requests, pact.passed_over) == ("shop.Placed", 1, 2)
    assert message.fields == ("id", "lines.sku", "lines.n.x", "lines.other", "total", "lines.tags")


JSON_BODY = {"contentType": "application/json", "encoded": False, "content": {"id": 1}}
RULE = {"$.total": {"matchers": [{"match": "integer"}], "combine": "AND"}}
SPELLINGS: list[tuple[str, dict[str, object], str, str, tuple[str, ...]]] = [
    ("3: metadata", {"contents": {"id": 1}, "metadata": {"topic": "t"}}, "t", "", ("id",)),
    ("3: metaData", {"contents": {"id": 1}, "metaData": {"topic": "t"}}, "t", "", ("id",)),
    ("3: kafka_topic", {"contents": {"id": 1}, "metadata": {"kafka_topic": "t"}}, "t", "", ("id",)),
    ("3: one state", {"contents": {"id": 1}, "providerState": "an order"}, "", "", ("id",)),
    ("3: states", {"contents": {"id": 1}, "providerStates": [{"name": "a"}]}, "", "", ("id",)),
    ("4: content", {"contents": JSON_BODY}, "", "", ("id",)),
    ("4: contents", {"contents": {"contentType": "application/json", "encoded": False,
                                  "contents": {"id": 1}}}, "", "", ("id",)),
    ("4: a text of JSON", {"contents": {**JSON_BODY, "encoded": "JSON", "content": '{"id": 1}'}},
     "", "", ("id",)),
    ("4: rules of body", {"contents": JSON_BODY, "matchingRules": {"body": RULE}},
     "", "", ("id", "total")),
    ("4: rules of content", {"contents": JSON_BODY, "matchingRules": {"content": RULE}},
     "", "", ("id", "total")),
    ("4: a rule with type", {"contents": JSON_BODY, "matchingRules": {
        "body": {"$.total": {"matchers": [{"type": "integer"}]}}}}, "", "", ("id", "total")),
    ("4: brackets", {"contents": JSON_BODY, "matchingRules": {
        "body": {"$['a']['b'][0].c": {}}}}, "", "", ("id", "a.b.c")),
    ("4: bytes with rules", {"contents": {"contentType": "avro/binary;record=shop.Placed",
                                          "encoded": "base64", "content": "AAEC"},
                             "matchingRules": {"body": RULE}}, "", "shop.Placed", ("total",)),
    ("4: event of the metadata", {"contents": JSON_BODY, "metadata": {
        "contentType": "application/vnd.apache.avro; record=shop.Placed; v=1"}},
     "", "shop.Placed", ("id",)),
    ("4: CloudEvents", {"contents": JSON_BODY, "metadata": {"ce_type": "shop.Placed"}},
     "", "shop.Placed", ("id",)),
    ("4: an unknown key", {"contents": JSON_BODY, "interactionMarkup": {"markup": "x"}},
     "", "", ("id",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("spelling", "entry", "topic", "event", "fields"), SPELLINGS, ids=[row[0] for row in SPELLINGS]
)
def test_spellings_found_in_pacts(
    spelling: str, entry: dict[str, object], topic: str, event: str, fields: tuple[str, ...]
) -> None:
    value: dict[str, object] = {"consumer": {"name": "a"}, "provider": {"name": "b"}}
    if spelling.startswith("3"):
        value["messages"] = [{"description": "d", **entry}]
    else:
        kind = "Asynchronous/Messages"
        value["interactions"] = [{"type": kind, "description": "d", **entry}]
    (message,) = read_pact(json.dumps(value).encode(), "p.json").messages
    assert (message.topic, message.event, message.fields) == (topic, event, fields)


@pytest.mark.parametrize("text", ["[]", "{", '{"consumer": {"name": 1}}', '{"consumer": "a"}'])
def test_no_pact(text: str) -> None:
    with pytest.raises(ContentError, match="not a Pact file of version 3 or 4"):
        read_pact(text.encode(), "p.json")


def test_a_message_that_names_no_event(make_platform: MakePlatform) -> None:
    pact = read_pact(json.dumps({**V3, "provider": {"name": "orders"}}).encode(), "p.json")
    platform = make_platform(MANIFEST.replace("FIELDS", FIELDS), Placed=([OLD], OLD))
    contracts, problems = pact_contracts(platform, [("p.json", pact)])
    assert contracts == []
    assert [p.message for p in problems] == [
        "the manifest has no service orders",
        "the message 'order placed' does not name its event",
    ]


def test_written_pacts_are_read_again(make_platform: MakePlatform) -> None:
    platform = make_platform(MANIFEST.replace("FIELDS", FIELDS), Placed=([OLD], OLD))
    text = write_pact("billing", "order", list(contracts_of(platform)))
    value = json.loads(text)
    assert value["metadata"] == {"pactSpecification": {"version": "4.0"}}
    (interaction,) = value["interactions"]
    assert list(interaction["contents"]["content"]) == ["id", "total"]
    pact = read_pact(text.encode(), "p.json")
    (message,) = pact.messages
    assert (message.event, message.topic) == ("shop.Placed", "orders")
    assert message.fields == ("id", "total")


NESTED = """{"type": "record", "name": "a.O", "fields": [
  {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
  {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "L", "fields": [
    {"name": "sku", "type": "string"}, {"name": "n", "type": "int", "default": 3}]}}},
  {"name": "first", "type": "L"},
  {"name": "parent", "type": ["null", "O"], "default": null}]}"""
PROJECTED = [
    (["id"], {"a.O": ["id"]}),
    (["lines.sku"], {"a.O": ["lines"], "a.L": ["sku"]}),
    (["lines.sku", "lines"], {"a.O": ["lines"], "a.L": ["sku", "n"]}),
    (["lines.sku", "first.n"], {"a.O": ["lines", "first"], "a.L": ["sku", "n"]}),
    (["parent.id"], {"a.O": ["id", "parent"]}),
]


@pytest.mark.parametrize(("fields", "expected"), PROJECTED)
def test_projection(fields: list[str], expected: dict[str, list[str]]) -> None:
    names = projected(parse(NESTED), fields).names
    found = {name: [f.name for f in getattr(type_, "fields", ())] for name, type_ in names.items()}
    assert found == expected


def test_badge_escapes() -> None:
    drawn = badge("a<b", "100 %", good=True)
    assert "<title>a&lt;b: 100 %</title>" in drawn
    assert "#2e7d32" in drawn
    assert "#c62828" in badge("a", "b", good=False)


def test_readers_of_the_manifest_for_a_round_trip(
    make_platform: MakePlatform, tmp_path: Path
) -> None:
    reader = {"type": "record", "name": "shop.Placed", "fields": [{"name": "id", "type": "string"}]}
    (tmp_path / "reader.avsc").write_text(json.dumps(reader), encoding="utf-8")
    manifest = MANIFEST.replace("FIELDS", 'reader = "reader.avsc"')
    platform = make_platform(manifest, Placed=([OLD], OLD))
    (found,) = manifest_readers(platform)
    assert (found.consumer, found.subject, found.path) == ("billing", "orders-value", "reader.avsc")


def test_consumers_of_the_configuration(make_platform: MakePlatform, tmp_path: Path) -> None:
    (tmp_path / "reader.avsc").write_text(
        json.dumps({"type": "record", "name": "shop.Placed", "fields": []}), encoding="utf-8"
    )
    platform = make_platform(MANIFEST.replace("FIELDS", FIELDS), Placed=([OLD], OLD))
    file = tmp_path / "reader.avsc"
    reads = {Subject("orders-value"): file, Subject("payments-value"): file}
    platform.config = replace(platform.config, consumers=(ConsumerConfig("mail", reads),))
    contracts, problems = configured_contracts(platform)
    assert [(c.consumer, c.event, c.topic, c.kind) for c in contracts] == [
        ("mail", "shop.Placed", "orders", "reader")
    ]
    assert [p.message for p in problems] == ["mail reads payments-value, which no service produces"]


def test_branches_of_unions(make_platform: MakePlatform) -> None:
    """A branch is used with a field of its own, or with the field around it as a whole."""
    card = {"type": "record", "name": "Card", "fields": [{"name": "number", "type": "string"}]}
    iban = {"type": "record", "name": "Iban", "fields": [{"name": "iban", "type": "string"}]}
    fields = {
        "method": ["null", card, iban],
        "codes": {"type": "array", "items": ["string", "long"]},
        "note": ["null", "string"],
    }
    manifest = """
[services.order]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.billing]
consumes = [{ event = "shop.Placed", topic = "orders", fields = ["method.number", "note"] }]
[services.audit]
consumes = [{ event = "shop.Placed", topic = "orders", fields = ["method"] }]
[services.mail]
consumes = [{ event = "shop.Placed", topic = "orders" }]
"""
    result = contracts_result(make_platform(manifest, Placed=([fields], fields)))
    usage = next(u for u in result.events if u.event == "shop.Placed")
    assert (usage.branches, usage.branches_used) == (4, 2)
    assert usage.branches_unused == ("codes[string]", "codes[long]")
    assert result.branch_coverage == 50.0
    found = {
        s.service: (s.fields_used, s.fields, s.branches_used, s.branches) for s in result.services
    }
    assert found == {"billing": (3, 5, 1, 4), "audit": (3, 5, 2, 4), "mail": (0, 5, 0, 4)}
    text = render(result, Format.TEXT, Page(verbose=True))
    assert "billing uses 3 of 5 fields and 1 of 4 branches of the events" in text
    assert "50 % of the branches of unions" in " ".join(text.split())
