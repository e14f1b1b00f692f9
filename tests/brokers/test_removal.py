"""Containers are removed however their process ends, and other containers keep their Ryuk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import docker
import pytest
from testcontainers.core.config import testcontainers_config

from schemareg.brokers.container import ContainerBroker
from schemareg.brokers.removal import RemovedWithUs

PROGRAM = """
import os, time
from schemareg.brokers.container import ContainerBroker
with ContainerBroker(os.environ.get("SCHEMAREG_KAFKA_IMAGE")) as broker:
    print(broker._label, flush=True)
    time.sleep(60)
"""


def containers(label: str) -> list[str]:
    client = docker.from_env()
    try:
        return [c.id for c in client.containers.list(all=True, filters={"label": label})]
    finally:
        client.close()


@pytest.mark.docker
@pytest.mark.parametrize(
    ("sent", "send"),
    [
        (signal.SIGTERM, os.kill),
        (signal.SIGKILL, os.kill),
        (signal.SIGINT, os.kill),
        (signal.SIGKILL, os.killpg),  # as a CI's time limit does
    ],
)
def test_container_is_removed_after_its_process(
    sent: signal.Signals, send: Callable[[int, int], None]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        label = process.stdout.readline().strip()
        assert len(containers(label)) == 1
        send(process.pid, sent)
        process.wait(30)
        deadline = time.monotonic() + 60
        while (left := containers(label)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert left == []


@pytest.mark.docker
@pytest.mark.parametrize("disabled", [True, False])
def test_setting_of_ryuk_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch, disabled: bool) -> None:
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", disabled)
    with ContainerBroker(os.environ.get("SCHEMAREG_KAFKA_IMAGE")):
        assert testcontainers_config.ryuk_disabled is disabled


def test_watching_process_ends_with_the_block() -> None:
    with RemovedWithUs("schemareg.broker=none") as removed:
        watcher = removed._watcher
        assert watcher is not None
        assert watcher.poll() is None
    assert watcher.poll() is not None
