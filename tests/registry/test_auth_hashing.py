"""Password checks in a bounded, fair queue."""

from __future__ import annotations

import asyncio
import threading

import pytest

from schemareg.registry.server.addresses import network_of
from schemareg.registry.server.auth.hashing import (
    WAITING_MAX,
    WAITING_MAX_PER_NETWORK,
    HashingQueue,
    QueueFullError,
)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_an_honest_login_waits_for_no_guesses_and_the_queue_is_bounded() -> None:
    release = threading.Event()
    order: list[str] = []

    def check(name: str) -> bool:
        release.wait(10)
        order.append(name)
        return True

    async def scene() -> list[object]:
        queue = HashingQueue(1)

        def one(name: str, network: str, failures: float) -> asyncio.Task[bool]:
            return asyncio.create_task(
                queue.check(lambda: check(name), network=network, failures=failures)
            )

        tasks = [one("running", "n", 0)]
        await asyncio.sleep(0)
        tasks += [one(f"guess {i}", f"10.0.0.{i}", 3) for i in range(WAITING_MAX)]
        await asyncio.sleep(0)
        tasks.append(one("honest", "192.0.2.7", 0))
        await asyncio.sleep(0)
        release.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        queue.close()
        return list(answers)

    answers = asyncio.run(asyncio.wait_for(scene(), 20))
    assert order[:2] == ["running", "honest"]
    assert sum(isinstance(answer, QueueFullError) for answer in answers) == 1
    assert isinstance(answers[WAITING_MAX], QueueFullError)  # the last of the guesses


def test_one_network_has_a_share_of_the_queue() -> None:
    release = threading.Event()

    async def scene() -> list[object]:
        queue = HashingQueue(1)
        tasks = [
            asyncio.create_task(
                queue.check(lambda: release.wait(10), network="10.0.0.1", failures=0)
            )
            for _ in range(1 + WAITING_MAX_PER_NETWORK + 3)
        ]
        await asyncio.sleep(0)
        release.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        queue.close()
        return list(answers)

    answers = asyncio.run(asyncio.wait_for(scene(), 20))
    assert [isinstance(answer, QueueFullError) for answer in answers] == (
        [False] * (1 + WAITING_MAX_PER_NETWORK) + [True] * 3
    )
