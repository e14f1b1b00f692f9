"""Closes consumers while their first assignment is on its way, under load, and counts deadlocks.

A deadlock blocks the whole interpreter, so consumers are closed in child processes. A child writes
a byte for each step; one that writes none for a while is blocked, however slow the machine is.
"""

from __future__ import annotations

import argparse
import os
import random
import select
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka import Consumer, Producer

from schemareg.brokers.clients import client_config, close_consumer
from schemareg.brokers.embedded import EmbeddedBroker

_PER_CHILD = 100
_AT_A_TIME = 8
_QUIET_S = 30.0
"""A step takes at most the five seconds of a close, and those of a busy machine."""
_LOAD = 2
_BUSY = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
_MESSAGES = 20
_SETTLED_S = 0.3
"""By then a consumer of the embedded broker has its assignment, delivered or not."""


def close_some(count: int, *, seed: int, plain: bool) -> None:
    """Subscribe and close `count` consumers, some at a time, each after another short while."""
    with EmbeddedBroker() as broker, ThreadPoolExecutor(_AT_A_TIME) as pool:
        producer = Producer(client_config(broker))
        for number in range(count):
            topic = f"topic-{number}"
            producer.list_topics(topic, timeout=10)  # creates it
            _step()
            for _ in range(_MESSAGES):
                producer.produce(topic, b"message")
        producer.flush(10)

        def close_one(number: int) -> None:
            rng = random.Random(seed * count + number)
            settings = client_config(
                broker,
                group_id=f"group-{number}",
                auto_offset_reset="earliest",
                enable_auto_commit=False,
            )
            consumer = Consumer(settings)
            consumer.subscribe([f"topic-{number}"])
            time.sleep(rng.uniform(0, _SETTLED_S))  # no poll that would deliver its assignment
            if plain:
                consumer.close()
            else:
                close_consumer(consumer)
            _step()

        deque(pool.map(close_one, range(count)), maxlen=0)


def _step() -> None:
    os.write(sys.stdout.fileno(), b".")


def _is_blocked(child: subprocess.Popen[bytes]) -> bool:
    """Whether `child` has stopped writing before its end."""
    assert child.stdout is not None
    while select.select([child.stdout], [], [], _QUIET_S)[0]:
        if not os.read(child.stdout.fileno(), 4096):
            return False
    return True


def count_deadlocks(runs: int, *, plain: bool) -> int:
    """How many child processes did not end, of those that close `runs` consumers together."""
    load = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(_LOAD)]
    deadlocks = 0
    try:
        for seed, first in enumerate(range(0, runs, _PER_CHILD)):
            count = min(_PER_CHILD, runs - first)
            child = [sys.executable, "-m", "tests.brokers.closing", str(count), f"--child={seed}"]
            with subprocess.Popen(
                [*child, *(["--plain"] if plain else [])], stdout=subprocess.PIPE
            ) as running:
                if _is_blocked(running):
                    deadlocks += 1
                    running.kill()
                elif running.wait():
                    raise SystemExit(f"a child ended with {running.returncode}")
    finally:
        for process in load:
            process.kill()
            process.wait()
    return deadlocks


def main() -> None:
    parser = argparse.ArgumentParser(prog="close-test", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("runs", nargs="?", type=int, default=1000, metavar="RUNS")
    parser.add_argument("--plain", action="store_true", help="use Consumer.close, to see the fault")
    parser.add_argument("--child", type=int, metavar="SEED", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        close_some(arguments.runs, seed=arguments.child, plain=arguments.plain)
        return
    deadlocks = count_deadlocks(arguments.runs, plain=arguments.plain)
    sys.stdout.write(
        f"{arguments.runs} consumers closed in children of {_PER_CHILD}: {deadlocks} deadlocks\n"
    )
    sys.exit(1 if deadlocks else 0)


if __name__ == "__main__":
    main()
