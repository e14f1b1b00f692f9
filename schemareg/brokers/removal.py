"""A process that removes containers once the process that started them has ended, however.

Nothing inside a process can clean up after SIGKILL, and pytest does not after SIGTERM. So a child
in a session of its own waits for the end of its standard input, which comes with its parent's.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from types import TracebackType
from typing import Self


class RemovedWithUs:
    """While entered: containers with the label `label` are removed if this process ends."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._watcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._watcher = subprocess.Popen(
            [sys.executable, "-P", "-m", "schemareg.brokers.removal", self._label],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # signals to our process group do not end it
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.kill()
            watcher.communicate()


def remove_containers(label: str) -> None:
    """Remove every container with `label`, running or not, with its volumes."""
    from testcontainers.core.docker_client import DockerClient

    with closing(DockerClient().client) as client:
        for container in client.containers.list(all=True, filters={"label": label}):
            container.remove(force=True, v=True)


def main() -> None:
    sys.stdin.buffer.read()
    remove_containers(sys.argv[1])


if __name__ == "__main__":
    main()
