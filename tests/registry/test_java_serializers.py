"""Confluent's own Java serializers of release 8 over associations, as a black box.

SCHEMAREG_CONFLUENT_CLASSPATH is the class path of io.confluent:kafka-avro-serializer (8.1 or newer)
with its dependencies; without it there is nothing to run. Seen with 8.3.1.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from schemareg.registry.server import EmbeddedRegistry

CLASSPATH = os.environ.get("SCHEMAREG_CONFLUENT_CLASSPATH", "")
SOURCE = Path(__file__).parent / "java" / "AssociationPaths.java"
pytestmark = [
    pytest.mark.java,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        not CLASSPATH,
        reason="SCHEMAREG_CONFLUENT_CLASSPATH does not name Confluent's Java serializers",
    ),
]
EXPECTED = """\
registered: 1
by subject: value=shop.placed
by id: key=orders-own-key value=shop.placed
by name: key=orders-own-key value=shop.placed
value: [0, 0, 0, 0, 1, 14]
read: {"total": 7}
key: [0, 0, 0, 0, 2, 2, 107]
topic without: [0, 0, 0, 0, 1, 14]
value: [0, 0, 0, 0, 1, 14]
read: {"total": 7}
key: [0, 0, 0, 0, 2, 2, 107]
topic without: [0, 0, 0, 0, 1, 14]
no fallback: No associated subject found for topic nobody
second value: 409 40903
deleted: none
subjects: ["payments-value","shop.placed"]
"""


def test_serializers_take_subjects_from_associations(tmp_path: Path) -> None:
    compiled = subprocess.run(
        ["javac", "-cp", CLASSPATH, "-d", str(tmp_path), str(SOURCE)],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert compiled.returncode == 0, compiled.stderr
    with EmbeddedRegistry() as registry:
        path = os.pathsep.join((str(tmp_path), CLASSPATH))
        answer = subprocess.run(
            ["java", "-cp", path, "AssociationPaths", registry.url],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert (answer.returncode, answer.stdout) == (0, EXPECTED), answer.stderr
