"""Three nodes on a real broker under faults, and a checker of what every node answers afterwards.

`python -m tests.registry.cluster [ROUNDS] [SEED]` needs a Docker engine and the Kafka image; it
ends with one line, and with 1 when a guarantee was broken. Always: an acknowledged write is on
every node once (A), an id never names two texts (I), versions of a subject have no gap and no
double (V), an error is 500 with 50001 to 50004, or 503 (E).
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from schemareg.brokers.container import ContainerBroker

NODES = 3
WRITERS = 4
SESSION_MS = 6000
HEAL_S = 40.0
JSON = {"content-type": "application/vnd.schemaregistry.v1+json"}
ALLOWED = {(500, 50001), (500, 50002), (500, 50003), (500, 50004), (503, 503)}
SERVER = """
import sys
from schemareg.registry.server.serving import serve
from schemareg.registry.server.settings import ServerSettings
store, session_ms = sys.argv[1:]
settings = ServerSettings(port=0, store=store, kafka_session_timeout_ms=int(session_ms))
serve(settings, announce=lambda url: print(url, flush=True))
"""


@dataclass(slots=True)
class Node:
    """A process that serves, or did."""

    process: subprocess.Popen[str]
    url: str


@dataclass(slots=True)
class History:
    """What clients were answered."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    """Schema text to its id."""
    unknown: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def start(store: str) -> Node:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, store, str(SESSION_MS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    return Node(process, process.stdout.readline().strip())


def stop(node: Node) -> None:
    node.process.send_signal(signal.SIGCONT)
    node.process.terminate()
    try:
        node.process.wait(10)
    except subprocess.TimeoutExpired:
        node.process.kill()
        node.process.wait(10)


class Writers:
    """Clients that register schemas at random nodes until `halt`."""

    def __init__(self, nodes: list[Node], history: History, seed: int) -> None:
        self._nodes = nodes
        self._history = history
        self._halt = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._write, args=(random.Random(seed * 100 + n), n), daemon=True
            )
            for n in range(WRITERS)
        ]
        for thread in self._threads:
            thread.start()

    def _write(self, chance: random.Random, number: int) -> None:
        with httpx.Client(timeout=12, trust_env=False) as client:
            while not self._halt.is_set():
                doc = f"{number} {time.time_ns()}"
                text = json.dumps({"type": "record", "name": "R", "doc": doc, "fields": []})
                subject = f"s{chance.randrange(4)}"
                url = chance.choice(self._nodes).url
                self._register(client, url, subject, text)
                time.sleep(0.02)

    def _register(self, client: httpx.Client, url: str, subject: str, text: str) -> None:
        history = self._history
        try:
            answer = client.post(
                f"{url}/subjects/{subject}/versions", json={"schema": text}, headers=JSON
            )
        except httpx.HTTPError:
            with history.lock:
                history.unknown.add(text)
            return
        body: dict[str, Any] = answer.json()
        with history.lock:
            if answer.status_code == 200:
                history.acknowledged[text] = body["id"]
                return
            history.unknown.add(text)
            if (answer.status_code, body.get("error_code")) not in ALLOWED:
                history.violations.append(f"E: {answer.status_code} {body}")

    def halt(self) -> None:
        self._halt.set()
        for thread in self._threads:
            thread.join(30)


def leader_of(nodes: list[Node]) -> Node | None:
    """The node that takes a write which nobody may forward."""
    for node in nodes:
        try:
            answer = httpx.put(
                f"{node.url}/config/probe",
                json={"compatibility": "NONE"},
                headers={**JSON, "x-schemareg-forwarded": "1"},
                timeout=3,
                trust_env=False,
            )
        except httpx.HTTPError:
            continue
        if answer.status_code == 200:
            return node
    return None


def wait_for_leader(nodes: list[Node]) -> tuple[Node, float]:
    """The leader, and after how many seconds it took a write."""
    began = time.monotonic()
    while time.monotonic() - began < HEAL_S:
        node = leader_of(nodes)
        if node is not None:
            return node, time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(f"no node took a write within {HEAL_S:g} s")


def check(nodes: list[Node], history: History) -> None:
    """Compare every node with what was acknowledged, and the nodes with each other."""
    views = [view_of(node) for node in nodes]
    if any(view != views[0] for view in views):
        history.violations.append("M: the nodes differ")
    texts: dict[int, set[str]] = {}
    found: dict[str, list[tuple[str, int, int]]] = {}
    versions: dict[str, list[int]] = {}
    for row in views[0]:
        texts.setdefault(row["id"], set()).add(row["schema"])
        key = json.dumps(json.loads(row["schema"]))
        found.setdefault(key, []).append((row["subject"], row["version"], row["id"]))
        versions.setdefault(row["subject"], []).append(row["version"])
    for text, id in history.acknowledged.items():
        rows = found.get(text, [])
        if [row[2] for row in rows] != [id]:
            history.violations.append(f"A: {text} was acknowledged as id {id}, found {rows}")
    history.violations += [f"I: id {id} names {t}" for id, t in texts.items() if len(t) > 1]
    for subject, numbers in versions.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            history.violations.append(f"V: {subject} has versions {sorted(numbers)}")


def view_of(node: Node) -> list[dict[str, Any]]:
    """Every version that the node has, once it is ready and confirms the log's end."""
    deadline = time.monotonic() + HEAL_S
    while httpx.get(f"{node.url}/health/ready", timeout=10, trust_env=False).status_code != 200:
        # a node that was started again has the log to read first
        assert time.monotonic() < deadline, f"{node.url} is not ready within {HEAL_S:g} s"
        time.sleep(0.1)
    httpx.get(f"{node.url}/schemas/ids/2147483647", timeout=10, trust_env=False)
    answer = httpx.get(f"{node.url}/schemas?deleted=true", timeout=30, trust_env=False)
    assert answer.status_code == 200, f"{node.url}: {answer.text}"
    rows: list[dict[str, Any]] = answer.json()
    return [{k: row[k] for k in ("subject", "version", "id", "schema")} for row in rows]


FAULTS = ("kill", "terminate", "pause")


@contextmanager
def fault(kind: str, nodes: list[Node], store: str) -> Iterator[None]:
    """The fault, and inside the block its consequences; healed when the block ends."""
    leader, _ = wait_for_leader(nodes)
    if kind == "pause":
        leader.process.send_signal(signal.SIGSTOP)
        yield
        leader.process.send_signal(signal.SIGCONT)
        return
    nodes.remove(leader)
    if kind == "kill":
        leader.process.kill()
        leader.process.wait(10)
    else:
        stop(leader)
    yield
    nodes.append(start(store))


def run(rounds: int, seed: int) -> tuple[History, list[tuple[str, float]]]:
    """What happened in `rounds` faults, and the seconds from each until a write was taken."""
    history = History()
    times: list[tuple[str, float]] = []
    chance = random.Random(seed)
    with ContainerBroker() as broker:
        store = f"kafka://{broker.bootstrap_servers}/_schemas"
        nodes = [start(store) for _ in range(NODES)]
        try:
            wait_for_leader(nodes)
            for number in range(rounds):
                kind = FAULTS[number % 3] if number < 3 else chance.choice(FAULTS)
                writers = Writers(nodes, history, seed + number)
                try:
                    time.sleep(chance.uniform(0.3, 1.0))
                    with fault(kind, nodes, store):
                        running = [n for n in nodes if n.process.poll() is None]
                        if kind == "pause":
                            time.sleep(SESSION_MS / 1000 + 2)
                        else:
                            times.append((kind, wait_for_leader(running)[1]))
                    times.append((f"{kind}, healed", wait_for_leader(nodes)[1]))
                finally:
                    writers.halt()
                check(nodes, history)
                if history.violations:
                    break
        finally:
            for node in nodes:
                stop(node)
    return history, times


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    history, times = run(rounds, seed)
    for kind, seconds in times:
        print(f"{kind}: {seconds:.1f} s until the next write")
    for violation in history.violations[:20]:
        print(violation)
    print(
        f"{rounds} rounds, {len(history.acknowledged)} acknowledged writes, "
        f"{len(history.unknown)} of unknown result, {len(history.violations)} violations"
    )
    return 1 if history.violations else 0


if __name__ == "__main__":
    sys.exit(main())
