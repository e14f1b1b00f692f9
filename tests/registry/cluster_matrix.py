"""Three nodes on a real broker behind a proxy, under faults, and a check of all that they answer.

`python -m tests.registry.cluster_matrix [ROUNDS] [SEED] [--only NAME]` needs a Docker engine with
the Kafka image, or in KAFKA_LIBS a directory of Kafka's jars. It ends with one line, and with 1
when a guarantee was broken (cluster_history.py has them, cluster_faults.py the faults).
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from schemareg.brokers.container import ContainerBroker
from schemareg.registry.topic.kafka_clients import TopicAddress
from schemareg.registry.topic.opening import open_topic_store
from tests.registry.cluster_history import JSON, Clients, History, Rows, check_rows, check_terms
from tests.support.kafka_proxy import KafkaProxy
from tests.support.process_broker import ProcessBroker

NODES = 3
SESSION_MS = 6000
HEAL_S = 120.0
TOPIC = "_schemas"
PAGE = 1000
_SHOWN = 3000
_STARTS = 3
"""A node that a broker under load does not answer ends, and is started again, as systemd does."""
BROKER_SETTINGS = {
    # deletions and old records go within seconds, so that compaction is part of every round
    "log.cleaner.backoff.ms": "1000",
    "log.cleaner.min.cleanable.ratio": "0.01",
    "log.segment.bytes": "1048576",
    "group.min.session.timeout.ms": "1000",
}
SERVER = """
import sys
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
store, session_ms, advertise, db, group = sys.argv[1:]
settings = ServerSettings(
    port=0, store=store, db=db, advertise=advertise or None, kafka_group=group,
    kafka_session_timeout_ms=int(session_ms),
)
serve(settings, announce=lambda url: print(url, flush=True))
"""


@dataclass(slots=True)
class Node:
    """A process that serves, or did; `http` is what other nodes reach it through."""

    number: int
    process: subprocess.Popen[str]
    url: str
    http: KafkaProxy | None

    @property
    def client(self) -> str:
        """How its Kafka clients name themselves."""
        return f"schemareg-{socket.gethostname()}-{self.process.pid}"

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def stop(self) -> None:
        self.send(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.close()

    def close(self) -> None:
        """Closes what the process, which ended, wrote to."""
        assert self.process.stdout is not None
        self.process.stdout.close()


class Cluster:
    """`with Cluster() as cluster`: a broker, a proxy before it, and nodes that serve.

    Where it `is_direct` nothing is between them, so that a measurement is not that of a proxy.
    `older` is the source of a version before this one, which a node can run instead.
    """

    def __init__(
        self,
        *,
        session_ms: int = SESSION_MS,
        is_direct: bool = False,
        older: Path | None = None,
    ) -> None:
        self._stack = ExitStack()
        self.older = older
        self._is_direct = is_direct
        self._session_ms = session_ms
        self.session_s = session_ms / 1000
        self.history = History()
        self.nodes: list[Node] = []
        # a client of one request each would load the certificates for each
        self.http = httpx.Client(timeout=30, trust_env=False, headers=JSON)

    def __enter__(self) -> Cluster:
        with ExitStack() as stack:
            self._directory = stack.enter_context(TemporaryDirectory())
            self.proxy = stack.enter_context(KafkaProxy())
            self.broker = self._broker()
            # a broker that starts asks itself through its own advertised address
            if isinstance(self.broker, ProcessBroker):
                self.proxy.upstream = ("127.0.0.1", self.broker.port)
            stack.enter_context(self.broker)
            host, _, port = self.broker.bootstrap_servers.partition(":")
            self.proxy.upstream = (host, int(port))
            through_proxy = f"127.0.0.1:{self.proxy.port}"
            self.servers = self.broker.bootstrap_servers if self._is_direct else through_proxy
            self.store = f"kafka://{self.servers}/{TOPIC}"
            stack.callback(self._stop_nodes)
            stack.enter_context(self.http)
            for number in range(NODES):  # all at once, on an empty cluster
                self.nodes.append(self.start(number))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def _broker(self) -> ProcessBroker | ContainerBroker:
        libs = os.environ.get("KAFKA_LIBS")
        settings = dict(BROKER_SETTINGS)
        if not self._is_direct:
            settings["advertised.listeners"] = f"CLIENTS://127.0.0.1:{self.proxy.port}"
            if not libs:  # in its container a broker reaches itself at another listener
                settings["advertised.listeners"] += ",BROKER://localhost:9093"
        if libs:
            return ProcessBroker(Path(libs), settings)
        return ContainerBroker(server_settings=settings)

    def _stop_nodes(self) -> None:
        for node in self.nodes:
            node.stop()

    # nodes

    def start(
        self, number: int, *, group: str = "schema-registry", source: Path | None = None
    ) -> Node:
        """A node that goes on from the file of the node of that number before it; one of another
        `source` begins with an empty one.
        """
        db = f"{self._directory}/{number}.db"
        if source is not None:
            db = f"{self._directory}/{number}-{time.time_ns()}.db"
        http, url = None, ""
        if not self._is_direct:
            http = self._stack.enter_context(KafkaProxy(reads_requests=False))
            url = f"http://127.0.0.1:{http.port}"
        command = [sys.executable, "-c", SERVER, self.store, str(self._session_ms), url, db, group]
        for _ in range(_STARTS):
            with Path(self._directory, f"{number}.log").open("a") as log:
                process = subprocess.Popen(
                    command,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    cwd=source,  # the first place that is searched for the package
                )
            assert process.stdout is not None
            own = process.stdout.readline().strip()
            if own:
                if http is not None:
                    http.upstream = ("127.0.0.1", int(own.rpartition(":")[2]))
                return Node(number, process, own, http)
            process.stdout.close()
            print(f"node {number} ended with {process.wait(10)}:\n{self._log_of(number)}")
        raise AssertionError(f"node {number} did not start")

    def _log_of(self, number: int) -> str:
        """The end of what the nodes of that number wrote."""
        return Path(self._directory, f"{number}.log").read_text()[-_SHOWN:]

    def replace(self, node: Node, *, source: Path | None = None) -> None:
        """Start the node again, in the place of one that ended."""
        node.close()
        self.nodes[self.nodes.index(node)] = self.start(node.number, source=source)

    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def leader_of(self, nodes: list[Node]) -> Node | None:
        """The node that takes a write which nobody may forward."""
        for node in nodes:
            try:
                answer = self.http.put(
                    f"{node.url}/config/probe",
                    json={"compatibility": "NONE"},
                    headers={"x-schemareg-forwarded": "1"},
                    timeout=3,
                )
            except httpx.HTTPError:
                continue
            if answer.status_code == 200:
                return node
        return None

    def wait_for_leader(self, nodes: list[Node] | None = None) -> Node:
        """The leader. Raises: `AssertionError` when nobody takes a write within `HEAL_S`."""
        deadline = time.monotonic() + HEAL_S
        while time.monotonic() < deadline:
            node = self.leader_of(self.nodes if nodes is None else nodes)
            if node is not None:
                return node
            time.sleep(0.1)
        logs = "\n".join(self._log_of(number) for number in range(len(self.nodes)))
        raise AssertionError(f"no node took a write within {HEAL_S:g} s\n{logs}")

    def others(self, node: Node) -> list[Node]:
        return [other for other in self.nodes if other is not node]

    def produce(self, key: bytes | None, value: bytes | None) -> None:
        """A record by somebody who is no node."""
        producer = Producer({"bootstrap.servers": self.servers})
        producer.produce(TOPIC, value, key)
        assert producer.flush(30) == 0

    def set_topic(self, name: str, value: str) -> None:
        """Change a setting of the topic."""
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[entry])
        admin = AdminClient({"bootstrap.servers": self.servers})
        for result in admin.incremental_alter_configs([resource]).values():
            result.result(30)

    def recreate_topic(self) -> None:
        admin = AdminClient({"bootstrap.servers": self.servers})
        admin.delete_topics([TOPIC])[TOPIC].result(30)
        topic = NewTopic(TOPIC, num_partitions=1, config={"cleanup.policy": "compact"})
        for _ in range(int(HEAL_S)):
            try:
                admin.create_topics([topic])[TOPIC].result(30)
            except KafkaException:  # the old one is still being deleted
                time.sleep(1)
            else:
                return
        raise AssertionError(f"the topic was not made within {HEAL_S:g} s")

    def has_alarm(self, node: Node) -> bool:
        return "schemareg_topic_alarm 1.0" in self.http.get(f"{node.url}/metrics").text

    # checking

    def check(self) -> int:
        """The last term, once everything was compared."""
        views = [self._view_of(node) for node in self.nodes]
        check_rows(views, self._rebuilt(), self.history)
        return check_terms(self.headers(), self.history)

    def _view_of(self, node: Node) -> Rows:
        """Every version that the node has, once it is ready and confirmed the log's end."""
        ended = node.process.poll()
        log = Path(self._directory, f"{node.number}.log")
        assert ended is None, f"node {node.number} ended with {ended}: {log.read_text()[-3000:]}"
        deadline = time.monotonic() + HEAL_S
        while self.http.get(f"{node.url}/health/ready").status_code != 200:
            assert time.monotonic() < deadline, f"{node.url} is not ready within {HEAL_S:g} s"
            time.sleep(0.1)
        self.http.get(f"{node.url}/schemas/ids/2147483647")
        rows: Rows = []
        while True:
            page = f"deleted=true&offset={len(rows)}&limit={PAGE}"
            answer = self.http.get(f"{node.url}/schemas?{page}")
            assert answer.status_code == 200, f"{node.url}: {answer.text}"
            rows += [
                {k: row[k] for k in ("subject", "version", "id", "schema")} for row in answer.json()
            ]
            if len(answer.json()) < PAGE:
                return rows

    def _rebuilt(self) -> Rows:
        """Every version that a node which reads the whole topic has."""
        store = open_topic_store(
            self.store,
            advertised="http://127.0.0.1:1",
            path=None,
            group="schema-registry",
            read_only=True,
            names_avro=True,
            security={},
            session_timeout_ms=self._session_ms,
        )
        try:
            assert store.is_caught_up.wait(HEAL_S)
            with store.reading() as tables:
                return [
                    {
                        "subject": each.subject,
                        "version": int(each.version),
                        "id": int(each.content.id),
                        "schema": each.content.text,
                    }
                    for each in tables.versions_within(None, "", deleted=True)
                ]
        finally:
            store.close()

    def headers(self) -> Iterator[Any]:
        consumer = Consumer(TopicAddress(self.servers, TOPIC).reader())
        consumer.assign([TopicPartition(TOPIC, 0, 0)])
        try:
            while True:
                message = consumer.poll(10)
                assert message is not None, "the topic cannot be read"
                if message.error():
                    return
                yield message.headers()
        finally:
            consumer.close()


@dataclass(frozen=True, slots=True)
class Round:
    """A fault, the longest time without an accepted write since it began, its limit, and the time
    of the whole round, its check included.
    """

    name: str
    gap_s: float
    limit_s: float
    took_s: float


@contextmanager
def clients_of(cluster: Cluster, seed: int) -> Iterator[None]:
    clients = Clients(cluster.urls, cluster.history, seed)
    try:
        yield
    finally:
        clients.halt()


@contextmanager
def source_of(commit: str) -> Iterator[Path]:
    """A directory with the package as it was at that commit."""
    with TemporaryDirectory() as directory:
        archive = Path(directory, "source.tar")
        command = ["git", "archive", "-o", str(archive), commit, "schemareg"]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
        with tarfile.open(archive) as tar:
            tar.extractall(directory, filter="data")
        yield Path(directory)


def main() -> int:
    from tests.registry.cluster_faults import FAULTS, run

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=None, help="default: every fault")
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--only", choices=sorted(FAULTS), default=None)
    parser.add_argument("--session-ms", type=int, default=SESSION_MS, help="of the nodes' group")
    parser.add_argument(
        "--older", metavar="COMMIT", help="each node is replaced by this version and back"
    )
    options = parser.parse_args()
    known = [name for name, fault in FAULTS.items() if options.older or not fault.needs_older]
    again = [name for name in known if not FAULTS[name].is_last]
    names = [options.only] if options.only else known if options.rounds is None else again
    if options.only and options.only not in known:
        parser.error(f"{options.only}: name the older version by --older COMMIT")
    rounds = len(names) if options.rounds is None else options.rounds
    with source_of(options.older) if options.older else nullcontext() as older:
        history, rounds_seen = run(
            [names[n % len(names)] for n in range(rounds)],
            options.seed,
            session_ms=options.session_ms,
            older=older,
        )
    for violation in history.violations[:20]:
        print(violation)
    print(
        f"{len(rounds_seen)} rounds, {len(history.acknowledged)} acknowledged writes, "
        f"{len(history.unknown)} of unknown result, {len(history.violations)} violations"
    )
    return 1 if history.violations else 0


if __name__ == "__main__":
    sys.exit(main())
