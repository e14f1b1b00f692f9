"""The gates before and beside a deployment, over every kind of broker: yes, no and unknown."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from confluent_kafka import Consumer, TopicPartition

from schemareg.avro import parse
from schemareg.brokers import Broker
from schemareg.brokers.channel import Channel, Message
from schemareg.brokers.clients import client_config
from schemareg.codec import compile_encoder
from schemareg.registry import connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.report.json_schema import document_schema
from schemareg.services.manifest_file import read_manifest
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject
from schemareg.wire import frame
from schemareg.workspace import load_config
from tests.cli.conftest import Schemareg

OLD = {"amount": "int"}
WIDER = {"amount": "long"}
"""A reader of OLD cannot read it, and a reader of it reads OLD."""


def text_of(fields: dict[str, str]) -> str:
    listed = [{"name": name, "type": type} for name, type in fields.items()]
    return json.dumps({"type": "record", "name": "shop.Placed", "fields": listed})


@pytest.fixture
def prefix() -> str:
    return f"services-{secrets.token_hex(4)}"


@pytest.fixture
def registry() -> Iterator[str]:
    with EmbeddedRegistry() as server:
        yield server.url


def write_project(here: Path, topic: str, proposed: dict[str, str]) -> None:
    """A producer and a consumer of one event on `topic`, version 1 registered."""
    (here / "schemas").mkdir()
    (here / "schemas" / "Placed.avsc").write_text(text_of(proposed), encoding="utf-8")
    (here / "schemareg.toml").write_text(
        f"""
roots = ["schemas"]
snapshot = "registered"
[topics.{topic}]
events = ["shop.Placed"]
""",
        encoding="utf-8",
    )
    (here / "services.toml").write_text(
        f"""
[environments.production]
production = true
[services.order]
produces = [{{ event = "shop.Placed", topic = "{topic}" }}]
[services.billing]
consumes = [{{ event = "shop.Placed", topic = "{topic}" }}]
""",
        encoding="utf-8",
    )


def send(broker: Broker, prefix: str, schema: dict[str, str], id: int, count: int) -> Channel:
    """`count` records of `schema` on the topic `PREFIX-orders`; it stays while the channel does."""
    encode = compile_encoder(parse(text_of(schema)))
    channel = Channel(broker, prefix=prefix, partitions=2)
    batch = [
        Message(
            "orders",
            frame(SchemaId(id), encode({"amount": n})),
            headers=(("ce_source", b"/shop/order"),),
            partition=n % 2,
        )
        for n in range(count)
    ]
    channel.__enter__()
    channel.exchange(batch)
    return channel


def register(url: str, topic: str, *schemas: dict[str, str]) -> list[int]:
    with connect(url) as client:
        client.set_level(CompatibilityLevel.NONE)
        return [client.register(Subject(f"{topic}-value"), text_of(each)).id for each in schemas]


@pytest.mark.parametrize(
    ("proposed", "written", "count", "code", "verdict", "weights"),
    [
        pytest.param(WIDER, OLD, 200, 0, "pass", [90, 10], id="yes"),
        pytest.param(
            {"amount": "int", "currency": "string"}, OLD, 200, 1, "fail", [100, 0], id="no"
        ),
        pytest.param(WIDER, OLD, 20, 3, "inconclusive", [], id="unknown"),
    ],
)
def test_canary_judges_what_the_topic_holds(
    schemareg: Schemareg, here: Path, broker: Broker, prefix: str, registry: str,
    proposed: dict[str, str], written: dict[str, str], count: int, code: int, verdict: str,
    weights: list[int],
) -> None:  # fmt: skip
    topic = f"{prefix}-orders"
    write_project(here, topic, proposed)
    (id,) = register(registry, topic, written)
    assert schemareg("pull", "--registry", registry).code == 0
    channel = send(broker, prefix, written, id, count)
    try:
        answer = schemareg(
            "canary", "--topic", topic, "--existing", "1000", "--registry", registry,
            "--broker", broker.bootstrap_servers, "--format", "json",
            "--metrics", "canary.prom", "--chart", "canary.svg",
            "--mesh-patch", "patch.json", "--weight", "10",
        )  # fmt: skip
    finally:
        channel.__exit__(None, None, None)
    value = json.loads(answer.out)
    jsonschema.validate(value, document_schema("canary"))
    assert (answer.code, value["verdict"], value["records"], value["looks"]) == (
        code,
        verdict,
        count,
        1,
    )
    metrics = (here / "canary.prom").read_text(encoding="utf-8")
    assert f'verdict="{verdict}"}} 1.0' in metrics
    chart = (here / "canary.svg").read_text(encoding="utf-8")
    assert f'aria-label="canary: {verdict}, ' in chart
    assert f" records of {topic}" in chart
    patch = json.loads((here / "patch.json").read_text(encoding="utf-8"))
    assert [step["value"] for step in patch if step["op"] == "add"] == weights


def test_canary_of_a_topic_that_does_not_exist(
    schemareg: Schemareg, here: Path, broker: Broker, prefix: str, registry: str
) -> None:
    if broker.topics_on_use:
        return  # this broker makes it
    write_project(here, f"{prefix}-none", OLD)
    register(registry, f"{prefix}-none", OLD)
    assert schemareg("pull", "--registry", registry).code == 0
    answer = schemareg(
        "canary", "--topic", f"{prefix}-none", "--existing", "10", "--registry", registry,
        "--broker", broker.bootstrap_servers,
    )  # fmt: skip
    assert (answer.code, "has no topic" in answer.err) == (3, True), answer.err


@pytest.mark.parametrize(
    ("waves", "code"),
    [
        pytest.param((), 0, id="computed"),
        pytest.param(("--wave", "order", "--wave", "billing"), 1, id="turned-round"),
    ],
)
def test_rehearsal_agrees_with_the_gate(
    schemareg: Schemareg, here: Path, broker: Broker, prefix: str, registry: str,
    waves: tuple[str, ...], code: int,
) -> None:  # fmt: skip
    """A build that reads version 2 may go first, and the producer of it only after that."""
    topic = f"{prefix}-orders"
    write_project(here, topic, OLD)
    register(registry, topic, OLD)
    assert schemareg("pull", "--registry", registry).code == 0
    (here / "schemas" / "Placed.avsc").write_text(text_of(WIDER), encoding="utf-8")
    # the embedded one takes no request to create a topic from another process
    at = "embedded" if broker.topics_on_use else broker.bootstrap_servers
    rehearsed = schemareg("rehearse", "--broker", at, "--format", "json", *waves)
    assert rehearsed.code == code, rehearsed.err
    value = json.loads(rehearsed.out)
    assert ((value["unreadable"] > 0), value["lost"]) == (code == 1, 0)

    to = ("--to", "production")
    assert schemareg("record-version", "order@1", "billing@1").code == 0
    assert schemareg("can-i-deploy", "order@2", *to).code == 3
    assert schemareg("record-deployment", "order@1", "billing@1", *to).code == 0
    register(registry, topic, WIDER)
    assert schemareg("pull", "--registry", registry).code == 0
    assert schemareg("record-version", "order@2", "billing@2").code == 0
    assert schemareg("can-i-deploy", "order@2", *to).code == 1
    assert schemareg("can-i-deploy", "billing@2", *to).code == 0
    assert schemareg("record-deployment", "billing@2", *to).code == 0
    assert schemareg("can-i-deploy", "order@2", *to).code == 0


def commit(broker: Broker, group: str, topic: str) -> None:
    """The group `group` has read a record of `topic`."""
    consumer = Consumer(client_config(broker, group_id=group, enable_auto_commit=False))
    try:
        consumer.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)
    finally:
        consumer.close()


def test_discover_proposes_a_manifest(
    schemareg: Schemareg, here: Path, broker: Broker, prefix: str, registry: str
) -> None:
    topic = f"{prefix}-orders"
    write_project(here, topic, OLD)
    (id,) = register(registry, topic, OLD)
    channel = send(broker, prefix, OLD, id, 4)
    given = ("--registry", registry, "--broker", broker.bootstrap_servers)
    try:
        commit(broker, f"{prefix}-billing", topic)
        found = schemareg(
            "services", "discover", *given, "--topic", f"{prefix}*", "--out", "found.toml"
        )
        other = schemareg("services", "discover", *given, "--topic", "no-such-topic-*")
    finally:
        channel.__exit__(None, None, None)
    assert found.code == 0, found.err
    assert (other.code, "no topic matches 'no-such-topic-*'" in other.err) == (2, True)
    config = load_config(here / "schemareg.toml", here)
    read = read_manifest(here / "found.toml", config)
    assert read.problems == ()
    produced = [(p.event, p.topic) for s in read.manifest.services.values() for p in s.produces]
    assert produced == [("shop.Placed", topic)]
    assert f"is 'order' the service that produces shop.Placed to '{topic}'?" in found.err
    consumed = [
        (c.service, c.event, c.group) for s in read.manifest.services.values() for c in s.consumes
    ]
    name = f"{prefix}-billing"
    if broker.topics_on_use:  # librdkafka's own cluster keeps offsets, and lists no groups
        assert "open: the cluster does not describe its groups" in found.err
        assert consumed == []
    else:
        assert f"the group '{name}' has no member now" in found.err
        assert consumed == [(name, "shop.Placed", name)]
