"""Avro Java, as a child process that answers one line for one line."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from schemareg.avro.depth import with_room

HERE = Path(__file__).parent
BUILD = HERE.parent.parent / "build" / "fuzz_java"

Answer: TypeAlias = dict[str, Any]


def build(version: str) -> None:
    """Fetch Avro Java by its Maven coordinates and compile the harness, where not yet done."""
    jars, classes = BUILD / version / "jars", BUILD / version / "classes"
    if not list(jars.glob(f"avro-{version}.jar")):
        maven = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), f"-Davro.version={version}"]
        if version.startswith("1.11"):
            maven.append("-Dslf4j.version=1.7.36")  # the last line of the API that 1.11 logs to
        copy = ["dependency:copy-dependencies", f"-DoutputDirectory={jars}"]
        subprocess.run([*maven, *copy], check=True)
    source, compiled = HERE / "Harness.java", classes / "Harness.class"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(
            ["javac", "-proc:none", "-cp", f"{jars}/*", "-d", classes, source], check=True
        )


class Oracle:
    """A running harness on one version of Avro; `ask` gives the answers in order."""

    def __init__(self, version: str) -> None:
        home = BUILD / version
        java = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss8m"]
        self._process = subprocess.Popen(
            [*java, "-cp", f"{home}/jars/*:{home}/classes", "Harness"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, questions: Sequence[dict[str, Any]]) -> Iterator[Answer]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        stdin = self._process.stdin

        def send() -> None:
            # the reader of the answers tells a harness that died
            with contextlib.suppress(BrokenPipeError):
                for question in questions:
                    stdin.write(json.dumps(question) + "\n")
                stdin.flush()

        # a thread of its own, or both pipes fill up and everyone waits
        sender = threading.Thread(target=send)
        sender.start()
        for _ in questions:
            line = self._process.stdout.readline()
            if not line:
                raise RuntimeError("the Java harness ended; its words are above")
            yield with_room(partial(json.loads, line))  # some events nest hundreds deep
        sender.join()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
