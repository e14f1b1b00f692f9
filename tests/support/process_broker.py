"""Kafka as a process of this machine, from a directory of its jars: a broker without containers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

_START_S = 120.0


class ProcessBroker:
    """One KRaft node of the jars in `libs`; `settings` are Kafka's own and override ours."""

    def __init__(self, libs: Path, settings: dict[str, str]) -> None:
        self._libs = libs
        self._settings = settings
        self._directory = TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.bootstrap_servers = f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        controller = _free_port()
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"CLIENTS://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "inter.broker.listener.name": "CLIENTS",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": f"{self._directory.name}/data",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "1",
            "group.initial.rebalance.delay.ms": "0",
            **self._settings,
        }
        file = Path(self._directory.name, "server.properties")
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self._java("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c").wait()
        self.start_again()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self._directory.cleanup()

    def _java(self, *arguments: str) -> subprocess.Popen[bytes]:
        java = ["java", "-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        with Path(self._directory.name, "out").open("ab") as log:
            return subprocess.Popen(
                [
                    *java,
                    "-cp",
                    f"{self._libs}/*",
                    *arguments,
                    f"{self._directory.name}/server.properties",
                ],
                stdout=log,
                stderr=log,
            )

    def start_again(self, *, timeout_s: float = _START_S) -> None:
        """Returns when it takes connections."""
        self._process = self._java("kafka.Kafka")
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError("the broker did not start")

    def _signal(self, number: int) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def unpause(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
