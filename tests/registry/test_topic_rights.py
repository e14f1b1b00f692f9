"""Two nodes whose rights or password are taken away while they run, and given back."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
)
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from schemareg.brokers.container import ContainerBroker
from schemareg.errors import ExternalFailureError
from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.topic.opening import open_topic_store
from schemareg.registry.topic.store import TopicStore
from tests.registry.test_transcripts import ask

if TYPE_CHECKING:
    from starlette.types import ASGIApp

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
ADMIN = {
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": "admin",
    "sasl.password": "only-for-this-test",
}
NODE = {
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "SCRAM-SHA-256",
    "sasl.username": "node",
    "sasl.password": "before",
}
LISTENER = "listener.name.clients"
BROKER = {
    "listener.security.protocol.map": (
        "CLIENTS:SASL_PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT"
    ),
    f"{LISTENER}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
    f"{LISTENER}.plain.sasl.jaas.config": f'{PLAIN} required user_admin="only-for-this-test";',
    f"{LISTENER}.scram-sha-256.sasl.jaas.config": f"{SCRAM} required;",
    # a connection gives its password again after that time
    f"{LISTENER}.connections.max.reauth.ms": "3000",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:admin;User:ANONYMOUS",
    "group.min.session.timeout.ms": "1000",
}
TOPIC, GROUP, ID = ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID
Right = tuple[ResourceType, str, AclOperation]
RIGHTS: dict[str, Right] = {
    "Read on topic _schemas": (TOPIC, "_schemas", AclOperation.READ),
    "Write on topic _schemas": (TOPIC, "_schemas", AclOperation.WRITE),
    "Read on group schema-registry": (GROUP, "schema-registry", AclOperation.READ),
    "Write on transactional id schemareg._schemas": (
        ID,
        "schemareg._schemas",
        AclOperation.WRITE,
    ),
}
AT_START: tuple[Right, ...] = (
    (TOPIC, "_schemas", AclOperation.CREATE),
    (TOPIC, "_schemas", AclOperation.DESCRIBE_CONFIGS),
)
# 50003: nobody listens at the address that the nodes give each other
ALLOWED = {(500, 50001), (500, 50002), (500, 50003), (500, 50004)}


class Node:
    """A node, asked without a socket."""

    def __init__(self, servers: str) -> None:
        self.store: TopicStore = open_topic_store(
            f"kafka://{servers}/_schemas",
            advertised="http://127.0.0.1:1",
            path=None,
            group="schema-registry",
            read_only=False,
            names_avro=True,
            security=NODE,
            session_timeout_ms=2000,
        )
        self._app: ASGIApp = create_app(self.store, ServerSettings())

    def request(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        asked = {"method": method, "path": path, "body": body}
        status, _, answer = asyncio.run(ask(self._app, asked))
        return status, json.loads(answer)

    def readiness(self) -> tuple[int, str]:
        status, body = self.request("GET", "/health/ready")
        return status, body.get("reason", "")

    def has(self, subjects: Set[str]) -> bool:
        """Whether each of them has the configuration that was written."""
        with self.store.reading() as tables:
            return subjects <= {subject for subject, _ in tables.all_configs()}


@dataclass
class Nodes:
    """A leader, a follower, and which writes were acknowledged."""

    admin: AdminClient
    all: list[Node]
    numbers: Iterator[int] = field(default_factory=itertools.count)
    acknowledged: set[str] = field(default_factory=set)

    def grant(self, *rights: Right) -> None:
        rows = [
            AclBinding(
                kind,
                name,
                ResourcePatternType.LITERAL,
                "User:node",
                "*",
                operation,
                AclPermissionType.ALLOW,
            )
            for kind, name, operation in rights
        ]
        for result in self.admin.create_acls(rows).values():
            result.result(20)

    def withdraw(self, right: Right) -> None:
        kind, name, operation = right
        row = AclBindingFilter(
            kind,
            name,
            ResourcePatternType.LITERAL,
            "User:node",
            "*",
            operation,
            AclPermissionType.ALLOW,
        )
        [removed] = self.admin.delete_acls([row]).values()
        assert len(removed.result(20)) == 1

    def set_password(self, password: str) -> None:
        iterations = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
        changed = UserScramCredentialUpsertion("node", iterations, password.encode())
        self.admin.alter_user_scram_credentials([changed])["node"].result(20)

    def write(self) -> bool:
        """Whether a node takes a write; each that does not answers with a code of its own."""
        for node in self.all:
            name = f"s{next(self.numbers)}"
            status, body = node.request("PUT", f"/config/{name}", {"compatibility": "NONE"})
            if status == 200:
                self.acknowledged.add(name)
                return True
            assert (status, body["error_code"]) in ALLOWED, body
        return False

    def is_well(self) -> bool:
        return all(node.readiness()[0] == 200 for node in self.all) and self.write()


def until(holds: Callable[[], bool]) -> bool:
    """Whether it holds within a minute."""
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with ContainerBroker(server_settings=BROKER, client_settings=ADMIN) as broker:
        admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers, **ADMIN})
        nodes = Nodes(admin, [])
        nodes.set_password(NODE["sasl.password"])
        nodes.grant(*AT_START, *RIGHTS.values())
        try:
            for _ in range(2):
                assert until(lambda: started(nodes, broker.bootstrap_servers))
                assert until(nodes.is_well)
            yield nodes
        finally:
            for node in nodes.all:
                node.store.close()


def started(nodes: Nodes, servers: str) -> bool:
    try:
        nodes.all.append(Node(servers))
    except ExternalFailureError:  # what the controller accepted, the broker has a moment later
        return False
    return True


def check_trouble(nodes: Nodes, reason: str, affected: int) -> None:
    """So many nodes are not ready for that reason, no write is taken, and reads go on."""
    before = frozenset(nodes.acknowledged)
    seen: list[tuple[int, str]] = []

    def is_noticed() -> bool:
        nodes.write()
        seen[:] = [each for each in (node.readiness() for node in nodes.all) if each[0] != 200]
        return len(seen) == affected

    assert until(is_noticed), seen
    for status, text in seen:
        assert (status, reason in text) == (503, True), text
    assert not nodes.write()
    for node in nodes.all:
        assert node.request("GET", "/health/live") == (200, {"status": "live"})
        assert node.request("GET", f"/config/{min(before)}")[0] == 200
        assert node.has(before)


def check_recovery(nodes: Nodes) -> None:
    """Both are ready and have every write that was acknowledged."""
    assert until(nodes.is_well), [node.readiness() for node in nodes.all]
    for node in nodes.all:
        assert until(partial(node.has, nodes.acknowledged))


@pytest.mark.parametrize(
    ("right", "affected"),
    [
        ("Read on topic _schemas", 2),
        ("Write on topic _schemas", 1),
        ("Read on group schema-registry", 2),
        ("Write on transactional id schemareg._schemas", 1),
    ],
)
def test_a_right_that_is_withdrawn_stops_writes_until_it_is_back(
    nodes: Nodes, caplog: pytest.LogCaptureFixture, right: str, affected: int
) -> None:
    reason = f"the right {right} is missing"
    with caplog.at_level(logging.WARNING, "schemareg.registry.topic"):
        nodes.withdraw(RIGHTS[right])
        check_trouble(nodes, reason, affected)
    lines = [line for line in caplog.messages if reason in line]
    assert len(lines) == 2, lines  # of each node, or that it leads no more and cannot again
    nodes.grant(RIGHTS[right])
    check_recovery(nodes)


def test_a_password_that_is_wrong_now_stops_writes_until_it_is_right(nodes: Nodes) -> None:
    nodes.set_password(secrets.token_hex(8))
    check_trouble(nodes, "SASL authentication error", 2)
    nodes.set_password(NODE["sasl.password"])
    check_recovery(nodes)
