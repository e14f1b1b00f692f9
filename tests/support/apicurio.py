"""A real third-party registry for tests: Apicurio Registry from its Maven artifact.

The artifact (109 MB) is kept in build/apicurio; a registry starts empty, in memory, in 2 to 4 s.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO

VERSION = "3.0.9"
HOME = Path(__file__).parents[2] / "build" / "apicurio"
_ARCHIVE = HOME / f"apicurio-registry-app-{VERSION}-all.tar.gz"
_SHA256 = "2b28181501a20cbf6efcd77f9b7153908fc01f3d3a7c32024c0bd9e1b04c8a43"
_JAR = HOME / VERSION / f"apicurio-registry-app-{VERSION}-runner.jar"
_START_TIMEOUT_S = 90.0


class UnavailableError(Exception):
    """This machine cannot run Apicurio; the message says what is missing."""


def java() -> str:
    """The Java runtime to use.

    Raises:
        UnavailableError: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None) or shutil.which("java")
    if found is None:
        raise UnavailableError("no Java runtime on this machine")
    return found


def fetch() -> Path:
    """The runnable jar, fetched through Maven and unpacked where it is not there yet.

    Raises:
        UnavailableError: no Maven, or Maven does not get it.
    """
    if _JAR.exists():
        return _JAR
    HOME.mkdir(parents=True, exist_ok=True)
    if not _ARCHIVE.exists():
        _download()
    if hashlib.sha256(_ARCHIVE.read_bytes()).hexdigest() != _SHA256:
        raise UnavailableError(f"{_ARCHIVE} is not the artifact that was tested: remove it")
    unpacked = HOME / f"{VERSION}.{os.getpid()}"
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(unpacked, filter="data")
    try:
        unpacked.rename(_JAR.parent)
    except OSError:
        # another process was faster
        shutil.rmtree(unpacked)
    return _JAR


def _download() -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError("no Maven to fetch Apicurio with, and it is not in build/apicurio")
    command = [
        maven,
        "-q",
        "-B",
        # 2.10 is the last line that copies without reading the pom, whose parent is unpublished
        "org.apache.maven.plugins:maven-dependency-plugin:2.10:copy",
        f"-Dartifact=io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all",
        f"-DoutputDirectory={HOME}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0 or not _ARCHIVE.exists():
        raise UnavailableError(f"Maven does not get Apicurio: {done.stdout[-300:]}")


class Apicurio:
    """A running registry, empty at the start; leaving the block stops it."""

    def __init__(self, port: int | None = None) -> None:
        self._port = port or _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def url(self) -> str:
        """The base URL of its Confluent API."""
        return f"http://127.0.0.1:{self._port}/apis/ccompat/v7"

    @property
    def pid(self) -> int:
        """The process that runs it."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Apicurio:
        jar = fetch()
        log_path = HOME / f"apicurio-{self._port}.log"
        self._log = log_path.open("wb")
        self._process = subprocess.Popen(
            [
                java(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dquarkus.http.host=127.0.0.1",
                f"-Dquarkus.http.port={self._port}",
                "-jar",
                str(jar),
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=jar.parent,
        )
        try:
            self._wait_until_ready(self._process, log_path)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the process and waits for its end."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()

    def _wait_until_ready(self, process: subprocess.Popen[bytes], log_path: Path) -> None:
        ends = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < ends:
            if process.poll() is not None:
                raise RuntimeError(f"Apicurio ended at once, see {log_path}")
            try:
                with urllib.request.urlopen(f"{self.url}/subjects", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"Apicurio was not ready after {_START_TIMEOUT_S:.0f} s, see {log_path}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
