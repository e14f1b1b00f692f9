"""The faults that a cluster has to survive: a row each, healed when its block ends."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.registry.cluster_history import History
from tests.registry.cluster_matrix import SESSION_MS, Cluster, Node, Round, clients_of
from tests.support.kafka_proxy import ApiKey


@dataclass(frozen=True, slots=True)
class Fault:
    """`happens` is the fault; within `limit_s` of its begin a write is accepted again.

    `is_short`: a round of it takes some seconds. `needs_older`: the source of an older version.
    `is_last`: the cluster takes no write any more, and `happens` checks what is left.
    """

    happens: Callable[[Cluster], AbstractContextManager[None]]
    limit_s: float
    is_short: bool = True
    needs_older: bool = False
    is_last: bool = False


def until(holds: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Returns when it holds. Raises: `AssertionError`."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_ready(cluster: Cluster, node: Node) -> bool:
    return cluster.http.get(f"{node.url}/health/ready").is_success


@contextmanager
def kill_leader(cluster: Cluster) -> Iterator[None]:
    leader = cluster.wait_for_leader()
    leader.kill()
    cluster.wait_for_leader(cluster.others(leader))
    yield
    cluster.replace(leader)


@contextmanager
def kill_leader_in_a_transaction(cluster: Cluster) -> Iterator[None]:
    leader = cluster.wait_for_leader()
    before = len(cluster.proxy.held)
    with cluster.proxy.holding(ApiKey.END_TXN, leader.client):
        until(lambda: len(cluster.proxy.held) > before)
        leader.kill()
    cluster.wait_for_leader(cluster.others(leader))
    yield
    cluster.replace(leader)


@contextmanager
def terminate_leader(cluster: Cluster) -> Iterator[None]:
    leader = cluster.wait_for_leader()
    leader.stop()
    cluster.wait_for_leader(cluster.others(leader))
    yield
    cluster.replace(leader)


@contextmanager
def rolling_restart(cluster: Cluster) -> Iterator[None]:
    for node in tuple(cluster.nodes):
        node.stop()
        cluster.replace(node)
        cluster.wait_for_leader()
    yield


@contextmanager
def replace_by_older_and_back(cluster: Cluster) -> Iterator[None]:
    """Each node in turn, so that both versions lead, follow and forward to each other."""
    assert cluster.older is not None
    for source in (cluster.older, None):
        for node in tuple(cluster.nodes):
            node.stop()
            cluster.replace(node, source=source)
            cluster.wait_for_leader()
    yield


def pause_leader(sessions: float) -> Callable[[Cluster], AbstractContextManager[None]]:
    @contextmanager
    def happens(cluster: Cluster) -> Iterator[None]:
        leader = cluster.wait_for_leader()
        leader.send(signal.SIGSTOP)
        time.sleep(sessions * cluster.session_s)
        yield
        leader.send(signal.SIGCONT)

    return happens


@contextmanager
def late_take_over(cluster: Cluster) -> Iterator[None]:
    """A node sleeps before it fences the leader before it, and wakes when the next one wrote."""
    leader = cluster.wait_for_leader()
    rest = cluster.others(leader)
    before = len(cluster.proxy.held)
    sleeper: Node | None = None
    with cluster.proxy.holding(ApiKey.INIT_PRODUCER_ID):
        leader.kill()
        until(lambda: len(cluster.proxy.held) > before)
        client = cluster.proxy.held_clients[-1]
        sleeper = next(node for node in rest if client.startswith(node.client))
        sleeper.send(signal.SIGSTOP)
        with cluster.proxy.holding(ApiKey.INIT_PRODUCER_ID, sleeper.client):
            cluster.wait_for_leader([node for node in rest if node is not sleeper])
    sleeper.send(signal.SIGCONT)
    yield
    cluster.replace(leader)


@contextmanager
def kill_leader_and_broker(cluster: Cluster) -> Iterator[None]:
    leader = cluster.wait_for_leader()
    cluster.broker.kill()
    leader.kill()
    cluster.broker.start_again()
    cluster.wait_for_leader(cluster.others(leader))
    yield
    cluster.replace(leader)


@contextmanager
def restart_broker(cluster: Cluster) -> Iterator[None]:
    cluster.broker.kill()
    cluster.broker.start_again()
    yield


def pause_broker(seconds: float) -> Callable[[Cluster], AbstractContextManager[None]]:
    @contextmanager
    def happens(cluster: Cluster) -> Iterator[None]:
        cluster.broker.pause()
        time.sleep(seconds)
        cluster.broker.unpause()
        yield

    return happens


@contextmanager
def slow_broker(cluster: Cluster) -> Iterator[None]:
    with cluster.proxy.slow(0.3):
        time.sleep(4)
    yield


@contextmanager
def resets(cluster: Cluster) -> Iterator[None]:
    with cluster.proxy.resetting(0.05):
        time.sleep(4)
    yield


@contextmanager
def leader_without_broker(cluster: Cluster) -> Iterator[None]:
    """Half-open: its connections stay, and nothing comes through."""
    leader = cluster.wait_for_leader()
    with cluster.proxy.silent(leader.client):
        cluster.wait_for_leader(cluster.others(leader))
    yield


@contextmanager
def follower_without_broker(cluster: Cluster) -> Iterator[None]:
    leader = cluster.wait_for_leader()
    with cluster.proxy.cut(cluster.others(leader)[0].client):
        time.sleep(3)
    yield


@contextmanager
def follower_without_leader(cluster: Cluster) -> Iterator[None]:
    """The way between two nodes is cut, to the broker both have it."""
    leader = cluster.wait_for_leader()
    assert leader.http is not None
    with leader.http.cut():
        time.sleep(2)
        for node in cluster.others(leader):
            answer = cluster.http.put(f"{node.url}/config/cut", json={"compatibility": "NONE"})
            if (answer.status_code, answer.json().get("error_code")) not in (
                (500, 50002),
                (500, 50003),
                (200, None),
            ):
                cluster.history.break_of("E", f"without its leader: {answer.text}")
    yield


@contextmanager
def poison_records(cluster: Cluster) -> Iterator[None]:
    # of no version that is there: compaction would leave the poison alone under its key
    key = b'{"keytype":"SCHEMA","subject":"poison","version":1,"magic":1}'
    for pair in (
        (None, b"{}"),
        (b"{", None),
        (b"[]", b"{}"),
        (key, b""),
        (key, b"null"),
        (key, b"{"),
        (key, b"\0" * 900_000),
    ):
        cluster.produce(*pair)
    time.sleep(1)
    yield


@contextmanager
def too_large(cluster: Cluster) -> Iterator[None]:
    """Refused at the leader and through a follower; the leader stays."""
    leader = cluster.wait_for_leader()
    cluster.set_topic("max.message.bytes", "20000")
    text = '{"type":"record","name":"Big","doc":"' + "x" * 40_000 + '","fields":[]}'
    for node in cluster.nodes:
        answer = cluster.http.post(f"{node.url}/subjects/big/versions", json={"schema": text})
        if (answer.status_code, answer.json().get("error_code")) != (422, 42209):
            cluster.history.break_of("E", f"too large: {answer.status_code} {answer.text[:300]}")
    assert cluster.wait_for_leader() is leader, "the leader changed"
    yield
    cluster.set_topic("max.message.bytes", "1048588")


@contextmanager
def second_cluster(cluster: Cluster) -> Iterator[None]:
    """A node of another group on the same topic: each fences the other, and nothing is lost."""
    cluster.wait_for_leader()
    stranger = cluster.start(9, group="another-group")
    time.sleep(3)
    stranger.stop()
    yield


@contextmanager
def recreate_topic(cluster: Cluster) -> Iterator[None]:
    """Every node raises the alarm and keeps what it had; nothing is written to the new topic."""
    cluster.wait_for_leader()
    until(lambda: bool(cluster.history.acknowledged))
    for node in cluster.nodes:  # one that never had the whole log has nothing to keep
        until(partial(is_ready, cluster, node))
    cluster.recreate_topic()
    for node in cluster.nodes:
        until(partial(cluster.has_alarm, node), timeout_s=60)
        written = cluster.http.put(f"{node.url}/config/late", json={"compatibility": "NONE"})
        read = cluster.http.get(f"{node.url}/subjects")
        if (written.status_code, written.json().get("error_code")) != (500, 50001):
            cluster.history.break_of("E", f"a topic made anew: {written.text}")
        if (read.status_code, read.json()) in ((200, []), (404, [])):
            cluster.history.break_of("R", f"a topic made anew: {read.text}")
    if any(True for _ in cluster.headers()):
        cluster.history.break_of("A", "a record was written to the topic that was made anew")
    yield


FAULTS = {
    # name: fault, and by when after its begin a write is accepted again, at a session of 6 s
    "kill leader": Fault(kill_leader, 15),
    "kill leader in a transaction": Fault(kill_leader_in_a_transaction, 17),
    "terminate leader": Fault(terminate_leader, 4),
    "pause leader": Fault(pause_leader(0.5), 5),
    "pause leader past its session": Fault(pause_leader(1.5), 15),
    "late take-over": Fault(late_take_over, 35, is_short=False),
    "kill leader and broker": Fault(kill_leader_and_broker, 40, is_short=False),
    "pause broker 2 s": Fault(pause_broker(2), 6),
    "pause broker 20 s": Fault(pause_broker(20), 40, is_short=False),
    "pause broker 70 s": Fault(pause_broker(70), 95, is_short=False),
    "restart broker": Fault(restart_broker, 40, is_short=False),
    "slow broker": Fault(slow_broker, 15),
    "resets": Fault(resets, 15),
    "leader without broker": Fault(leader_without_broker, 20),
    "follower without broker": Fault(follower_without_broker, 5),
    "follower without leader": Fault(follower_without_leader, 5),
    "rolling restart": Fault(rolling_restart, 10, is_short=False),
    "two versions": Fault(replace_by_older_and_back, 10, is_short=False, needs_older=True),
    "poison records": Fault(poison_records, 5),
    "record too large": Fault(too_large, 5),
    "second cluster": Fault(second_cluster, 25),
    "topic recreated": Fault(recreate_topic, 60, is_short=False, is_last=True),
}


SHORT = tuple(name for name, fault in FAULTS.items() if fault.is_short)


def run(
    names: Sequence[str],
    seed: int,
    *,
    session_ms: int = SESSION_MS,
    older: Path | None = None,
) -> tuple[History, list[Round]]:
    """What clients saw while those faults happened, and how long each kept them from writing."""
    rounds: list[Round] = []
    chance = random.Random(seed)
    with Cluster(session_ms=session_ms, older=older) as cluster:
        cluster.wait_for_leader()
        for number, name in enumerate(names):
            fault = FAULTS[name]
            started = time.monotonic()
            with clients_of(cluster, seed + number):
                time.sleep(chance.uniform(0.3, 1.0))
                began = time.monotonic()
                with fault.happens(cluster):
                    pass
                if not fault.is_last:
                    cluster.wait_for_leader()
                time.sleep(0.5)
                ended = time.monotonic()
            gap_s = cluster.history.longest_gap_s(began, ended)
            if not fault.is_last:
                cluster.check()
            took_s = time.monotonic() - started
            rounds.append(Round(name, gap_s, fault.limit_s, took_s))
            late = "" if gap_s <= fault.limit_s else "  LATE"
            print(
                f"{name}: {gap_s:.1f} s without a write, aim {fault.limit_s:g} s{late}; "
                f"{took_s:.1f} s in all",
                flush=True,
            )
            if cluster.history.violations or fault.is_last:
                break
    return cluster.history, rounds


def check_rounds(names: Sequence[str]) -> None:
    """Raises: `AssertionError` where a guarantee was broken in one of the rounds.

    The nodes' session is shorter than by default, for most faults last until one ends.
    """
    history, rounds = run(names, seed=1, session_ms=3000)
    assert history.violations == [], "\n".join(history.violations)
    assert [round.name for round in rounds] == list(names)
    assert len(history.acknowledged) > 10 * len(names)
