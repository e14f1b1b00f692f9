"""Three nodes over one topic of a real broker: registering at the leader, the start on a large
topic, and how long no write is taken after the leader was killed or stopped.

Needs a Docker engine and the Kafka image (scripts/build-kafka-image). `--peer-command COMMAND`
starts a registry of another kind, such as Karapace, on the same broker and measures it in the same
run; {servers} and {port} in it are the broker's address and where the registry has to answer.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx

from schemareg.errors import DockerError
from scripts.http_load import load, request
from scripts.topic_start import measure_starts
from tests.registry.cluster_matrix import NODES, Cluster

SUBJECTS = 100
PEER_START_S = 90.0


def registrations(url: str) -> Iterator[bytes]:
    """New versions of `SUBJECTS` subjects in turn; nine fields each."""
    for number in itertools.count():
        fields = [
            {"name": f"field{n}", "type": ["null", "string"], "default": None} for n in range(8)
        ]
        added = {"name": f"added{time.time_ns()}", "type": "long", "default": 0}
        name = f"Event{number % SUBJECTS}"
        text = json.dumps({"type": "record", "name": name, "fields": [*fields, added]})
        body = json.dumps({"schema": text}).encode()
        yield request(url, "POST", f"/subjects/{name}/versions", body)


def end_of_log(url: str) -> tuple[int, int]:
    """The offset that the node has read to, and how many records it took; 0 where it names none."""
    with urlopen(f"{url}/metrics", timeout=30) as answer:
        lines = [line.rpartition(" ") for line in answer.read().decode().splitlines()]
    offset = sum(int(float(value)) for name, _, value in lines if name == "schemareg_topic_offset")
    taken = 'schemareg_topic_records_total{effect="applied"}'
    return offset, sum(int(float(value)) for name, _, value in lines if name == taken)


def measure(name: str, url: str, pid: int, seconds: float) -> None:
    titles = ("per s", "p50 ms", "p99 ms", "cpu ms", "a batch")
    print(f"{name:24}" + "".join(f"{title:>10}" for title in titles))
    for connections in (1, 32, 128):
        load(url, pid, connections, registrations(url), seconds / 2)  # warm
        offset, records = end_of_log(url)
        got = load(url, pid, connections, registrations(url), seconds)
        now = end_of_log(url)
        records = now[1] - records
        # a transaction ends with a marker, which has an offset too
        transactions = now[0] - offset - records
        a_batch = f"{records / transactions:>10.1f}" if transactions > 0 else f"{'-':>10}"
        print(
            f"{connections:>12} connections{got.rate:>10,.0f}{got.p50_ms:>10.1f}"
            f"{got.p99_ms:>10.1f}{got.cpu_ms:>10.3f}{a_batch}",
            flush=True,
        )


def fail_over(cluster: Cluster, *, kill: bool) -> float:
    """Seconds from the end of the leader until another node takes a write."""
    leader = cluster.wait_for_leader()
    began = time.monotonic()
    if kill:
        leader.process.kill()
    else:
        leader.process.terminate()
    cluster.wait_for_leader(cluster.others(leader))
    taken_s = time.monotonic() - began
    leader.stop()
    cluster.replace(leader)
    cluster.wait_for_leader()
    return taken_s


def measure_all(cluster: Cluster, seconds: float) -> None:
    leader = cluster.wait_for_leader()
    measure("schemareg", leader.url, leader.process.pid, seconds)
    follower = cluster.others(leader)[0]
    measure("through a follower", follower.url, follower.process.pid, seconds)


class PeerError(Exception):
    """The other registry does not run here; the message is the reason."""


@contextmanager
def peer(command: str, servers: str) -> Iterator[tuple[str, int]]:
    """URL and process of the registry that `command` starts; it is ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [word.format(servers=servers, port=port) for word in shlex.split(command)]
    try:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise PeerError(f"{words[0]}: {error.strerror}") from error
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for_write(url, process)
        yield url, process.pid
    finally:
        process.kill()
        process.wait(10)


def _wait_for_write(url: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + PEER_START_S
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise PeerError(f"it ended with {process.returncode} at its start")
        try:
            body = {"schema": '"string"'}
            if httpx.post(f"{url}/subjects/first/versions", json=body, timeout=10).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise PeerError(f"no write at {url} within {PEER_START_S:.0f} s")


def measure_peer(command: str | None, servers: str, seconds: float) -> None:
    try:
        if command is None:
            raise PeerError("no --peer-command")
        with peer(command, servers) as (url, pid):
            measure("peer", url, pid, seconds)
    except PeerError as error:
        print(f"peer skipped: {error}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure")
    parser.add_argument("--rounds", type=int, default=3, help="ends of a leader, of each kind")
    parser.add_argument("--session-ms", type=int, default=10_000, help="of the nodes' group")
    parser.add_argument("--peer-command", help="starts another registry, with {servers}, {port}")
    parser.add_argument("--records", type=int, default=100_000, help="of the topic of the starts")
    options = parser.parse_args()
    began = time.monotonic()
    with Cluster(session_ms=options.session_ms, is_direct=True) as cluster:
        cluster.wait_for_leader()
        print(f"a broker and {NODES} nodes, first write after {time.monotonic() - began:.1f} s")
        measure_all(cluster, options.seconds)
        measure_peer(options.peer_command, cluster.servers, options.seconds)
        measure_starts(cluster.servers, options.records)
        for word, kill in (("kill -9", True), ("SIGTERM", False)):
            times = [fail_over(cluster, kill=kill) for _ in range(options.rounds)]
            shown = ", ".join(f"{taken_s:.1f}" for taken_s in times)
            print(
                f"{word} of the leader to the next write, session "
                f"{options.session_ms / 1000:g} s: {shown} s",
                flush=True,
            )


if __name__ == "__main__":
    try:
        main()
    except DockerError as error:
        sys.exit(str(error))
