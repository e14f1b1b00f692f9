"""Apache Kafka in a container: one KRaft node that starts in seconds and ends with this process."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self
from uuid import uuid4

import docker.errors
import requests.exceptions
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from schemareg.brokers.broker import Settings
from schemareg.brokers.clients import ask_cluster
from schemareg.brokers.removal import RemovedWithUs
from schemareg.errors import DockerError

IMAGES = ("apache/kafka:4.3.1", "schemareg/kafka:4.3.1")
"""The images tried when none is named: the official one, then that of scripts/build-kafka-image."""

_READY = "Kafka Server started"
_CLIENT_PORT = 9092
_ATTEMPTS = 3
_LABEL = "schemareg.broker"


class ContainerBroker:
    """Kafka in a container of `image` (None: the first of IMAGES that the engine has).

    No image is ever pulled. The host port is chosen before the start, so it stays the same when
    the broker is stopped, killed and started again, and its data stays too.

    `server_settings` are Kafka's own and override ours; the listener for clients is CLIENTS.
    `client_settings` are librdkafka's, which every client then needs (security).

    The container is removed when the broker is left, and also when this process ends otherwise.
    """

    name = "container"
    topics_on_use = False

    def __init__(
        self,
        image: str | None = None,
        *,
        server_settings: Mapping[str, str] | None = None,
        client_settings: Settings | None = None,
        start_timeout_s: float = 90.0,
    ) -> None:
        self._image = image
        self._server_settings = dict(server_settings or {})
        self._client_settings = dict(client_settings or {})
        self._start_timeout_s = start_timeout_s
        self._container: DockerContainer | None = None
        self._bootstrap_servers = ""
        self._label = f"{_LABEL}={uuid4().hex}"
        self._open = ExitStack()

    @property
    def bootstrap_servers(self) -> str:
        return self._bootstrap_servers

    @property
    def client_settings(self) -> Settings:
        return self._client_settings

    def __enter__(self) -> Self:
        image = find_image(self._image)
        with ExitStack() as stack:
            stack.enter_context(RemovedWithUs(self._label))
            stack.callback(self._remove)
            self._start_on_a_free_port(image)
            self._open = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def _start_on_a_free_port(self, image: str) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                self._start(image)
            except docker.errors.APIError as error:
                # another process took the port between our choice and the engine's
                port_taken = "port is already allocated" in str(error) or "in use" in str(error)
                if not port_taken or attempt == _ATTEMPTS - 1:
                    raise DockerError(
                        f"a container of {image} does not start: {error.explanation or error}"
                    ) from error
                self._remove()
            except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
                raise DockerError(f"a container of {image} does not start: {error}") from error
            except (TimeoutError, RuntimeError) as error:
                raise DockerError(
                    f"Kafka in a container of {image} did not start; the end of its log: "
                    f"{self._log_end()}"
                ) from error
            else:
                return

    def pause(self) -> None:
        """Freeze the broker: connections stay open, nothing answers."""
        self._run("pause")

    def unpause(self) -> None:
        """Continue a paused broker."""
        self._run("unpause")

    def kill(self) -> None:
        """End the broker at once, as a power cut would; its data stays."""
        self._run("kill")

    def stop(self) -> None:
        """Shut the broker down in order; its data stays."""
        self._run("stop", timeout=30)

    def _run(self, what: str, **options: int) -> None:
        try:
            getattr(self._running().get_wrapped_container(), what)(**options)
        except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
            raise DockerError(f"the broker's container does not {what}: {error}") from error

    def start_again(self, *, timeout_s: float = 60.0) -> None:
        """Start the broker again, at the same address, after `kill` or `stop`.

        Raises:
            BrokerError: it does not answer within `timeout_s`.
        """
        self._run("start")
        ask_cluster(
            self._bootstrap_servers, self._client_settings, timeout_s=timeout_s, patient=True
        )

    def _start(self, image: str) -> None:
        name, _, value = self._label.partition("=")
        container = DockerContainer(image, docker_client_kw={"timeout": 60}, labels={name: value})
        self._container = container
        host = container.get_docker_client().host()
        host = "127.0.0.1" if host == "localhost" else host
        port = _free_port()
        self._bootstrap_servers = f"{host}:{port}"
        container.with_bind_ports(_CLIENT_PORT, port)
        container.with_envs(
            **_environment(
                {**_settings(advertised=self._bootstrap_servers), **self._server_settings}
            )
        )
        with _without_ryuk():
            container.start()
        (
            LogMessageWaitStrategy(_READY)
            .with_startup_timeout(int(self._start_timeout_s))
            .with_poll_interval(0.1)
            .wait_until_ready(container)
        )

    def _running(self) -> DockerContainer:
        if self._container is None:
            raise DockerError("the broker's container is not running")
        return self._container

    def _log_end(self) -> str:
        try:
            stdout, stderr = self._running().get_logs()
        except (docker.errors.DockerException, DockerError, RuntimeError) as error:
            return f"(none: {error})"
        lines = (stdout + stderr).decode("utf-8", "replace").strip().splitlines()
        causes = [line for line in lines if not line.startswith("\tat ")]
        return " | ".join(causes[-3:]) or "(empty)"

    def _remove(self) -> None:
        container, self._container = self._container, None
        self._bootstrap_servers = ""
        if container is None:
            return
        try:
            container.stop()
        except docker.errors.NotFound:
            return
        except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
            raise DockerError(f"the broker's container cannot be removed: {error}") from error
        finally:
            container.get_docker_client().client.close()  # stop() does only where it removes


@contextmanager
def _without_ryuk() -> Iterator[None]:
    """Testcontainers starts no Ryuk inside: an image that is not available everywhere.

    The setting is global, and other containers of this process may want their Ryuk.
    """
    before = testcontainers_config.ryuk_disabled
    testcontainers_config.ryuk_disabled = True
    try:
        yield
    finally:
        testcontainers_config.ryuk_disabled = before


def find_image(image: str | None = None) -> str:
    """`image`, or (None) the first of IMAGES, if the engine has it.

    Raises:
        DockerError: there is no engine, or it has no such image.
    """
    try:
        client = docker.from_env(timeout=30)
    except docker.errors.DockerException as error:
        if "Permission denied" in str(error):
            raise DockerError(
                "the Docker engine refuses access to this user",
                advice="add the user to the group docker (on Linux), or use --broker embedded",
            ) from error
        raise DockerError(
            "no Docker engine answers",
            advice="start Docker, or use --broker embedded, which needs none",
        ) from error
    wanted = (image,) if image else IMAGES
    try:
        for name in wanted:
            try:
                client.images.get(name)
            except docker.errors.ImageNotFound:
                continue
            return name
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        raise DockerError(f"the Docker engine refuses to list its images: {error}") from error
    finally:
        client.close()
    raise DockerError(
        f"the Docker engine has no image {' or '.join(wanted)}",
        advice=f"run: docker pull {wanted[0]}, or scripts/build-kafka-image",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def _settings(*, advertised: str) -> dict[str, str]:
    """The complete set: once one KAFKA_* variable is given, the image's defaults are dropped."""
    return {
        "node.id": "1",
        "process.roles": "broker,controller",
        "controller.quorum.voters": "1@localhost:9094",
        "controller.listener.names": "CONTROLLER",
        # the broker reaches itself at BROKER: through the mapped port a commit times out
        "listeners": (
            f"CLIENTS://:{_CLIENT_PORT},BROKER://localhost:9093,CONTROLLER://localhost:9094"
        ),
        "advertised.listeners": f"CLIENTS://{advertised},BROKER://localhost:9093",
        "listener.security.protocol.map": ",".join(
            f"{name}:PLAINTEXT" for name in ("CLIENTS", "BROKER", "CONTROLLER")
        ),
        "inter.broker.listener.name": "BROKER",
        # the official image does not run as root
        "log.dirs": "/tmp/kraft-combined-logs",
        # its default of 128 MB does not fit the small heap
        "log.cleaner.dedupe.buffer.size": "2097152",
        "offsets.topic.num.partitions": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # a broker that was killed may register again after one second, not nine
        "broker.session.timeout.ms": "1000",
        "broker.heartbeat.interval.ms": "250",
    }


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The variables that the image turns back into `settings`."""
    escaped = {
        name.upper().replace("_", "__").replace("-", "___").replace(".", "_"): value
        for name, value in settings.items()
    }
    return {
        **{f"KAFKA_{name}": value for name, value in escaped.items()},
        "CLUSTER_ID": "5L6g3nShT-eMCtK--X86sw",
        "KAFKA_HEAP_OPTS": "-Xmx128m",
        "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    }
