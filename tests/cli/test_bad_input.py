"""Bad input gives one clear line with the place and the way out, never a traceback."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

ORDER = (
    '{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", "fields": [\n'
    '  {"name": "id", "type": "string", "doc": "Identity."}\n'
    "]}\n"
)


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        pytest.param('{"type": "record",\n  oops}', 1, "2:3", "JSON", id="not-json"),
        pytest.param("", 1, "1:1", "empty", id="empty-file"),
        pytest.param(
            ORDER.replace('"type": "string"', '"type": "strng"'),
            1,
            "2:26",
            "did you mean 'string'?",
            id="unknown-type",
        ),
        pytest.param(
            ORDER.replace('"string"', '"int", "default": "x"'), 1, "2:44", '"x"', id="bad-default"
        ),
        pytest.param(
            ORDER.replace("\n]", ',\n  {"name": "id", "type": "int"}\n]'),
            1,
            "3:",
            "'id'",
            id="field-twice",
        ),
    ],
)
def test_lint_tells_what_is_wrong_with_a_file(
    schemareg: Schemareg, here: Path, text: str, code: int, place: str, words: str
) -> None:
    (here / "schemas").mkdir()
    (here / "schemas" / "Order.avsc").write_text(text, encoding="utf-8")
    answer = schemareg("lint")
    assert answer.code == code
    assert f"schemas/Order.avsc:{place}" in answer.out
    assert words in answer.out
    assert "Traceback" not in answer.out + answer.err


def test_a_type_defined_differently_in_two_files_names_both(
    schemareg: Schemareg, here: Path
) -> None:
    for name, more in (("one", ""), ("two", '"version": 2, ')):
        (here / "schemas" / name).mkdir(parents=True)
        text = ORDER.replace("{", "{" + more, 1)
        (here / "schemas" / name / "Order.avsc").write_text(text, encoding="utf-8")
    answer = schemareg("lint")
    assert answer.code == 1
    assert "schemas/two/Order.avsc:1:1" in answer.out
    assert "already defined at schemas/one/Order.avsc:1:1" in " ".join(answer.out.split())


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["lint", "nowhere"], 2, "nowhere", id="missing-path"),
        pytest.param(["lint", "empty"], 2, "no schemas found", id="empty-directory"),
        pytest.param(["lint", "--format", "pdf"], 2, "pdf", id="unknown-format"),
        pytest.param(["lnt"], 2, "lnt", id="unknown-command"),
        pytest.param(["lint", "--config", "no.toml"], 2, "no.toml", id="missing-configuration"),
        pytest.param(["check", "--against", "snapshot"], 2, "snapshot", id="missing-snapshot"),
        pytest.param(["check", "--against", "git:nosuchref"], 2, "nosuchref", id="missing-git-ref"),
        pytest.param(["check", "--against", "elsewhere"], 2, "elsewhere", id="missing-base"),
        pytest.param(
            ["check", "--against", "http://127.0.0.1:{closed}"], 3, "{closed}", id="registry-down"
        ),
        pytest.param(
            ["register", "--registry", "http://127.0.0.1:{closed}"],
            3,
            "{closed}",
            id="register-registry-down",
        ),
        pytest.param(["register", "--registry", "ftp://x"], 2, "ftp://x", id="not-a-registry-url"),
        pytest.param(["pull", "--registry", "ftp://x"], 2, "ftp:// is not", id="pull-no-url"),
        pytest.param(["pull", "--registry", "embedded"], 2, "embedded ends", id="pull-embedded"),
        pytest.param(
            ["roundtrip", "--broker", "127.0.0.1:{closed}"], 3, "{closed}", id="broker-down"
        ),
        pytest.param(["roundtrip", "--broker", "kafka"], 2, "kafka", id="not-a-broker"),
        pytest.param(["serve", "--host", "0.0.0.0"], 2, "--insecure", id="open-door"),
        pytest.param(["serve", "--db", "empty"], 3, "empty", id="db-is-a-directory"),
    ],
)
def test_one_line_and_the_exit_code(
    schemareg: Schemareg, here: Path, arguments: list[str], code: int, words: str
) -> None:
    (here / "empty").mkdir()
    (here / "schemas").mkdir()
    (here / "schemas" / "Order.avsc").write_text(ORDER, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=here, check=True)
    closed = str(_closed_port())
    answer = schemareg(*(a.replace("{closed}", closed) for a in arguments))
    assert answer.code == code, answer.err
    assert words.replace("{closed}", closed) in answer.err
    assert answer.out == ""
    assert "Traceback" not in answer.err


class TestRubbishFromARegistry:
    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", id="not-json"),
            pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", id="another-shape"),
            pytest.param(b"\x00\x01\x02", id="not-http"),
        ],
    )
    def test_is_told_in_one_line(self, schemareg: Schemareg, here: Path, answer: bytes) -> None:
        (here / "schemas").mkdir()
        (here / "schemas" / "Order.avsc").write_text(ORDER, encoding="utf-8")
        with _rubbish(answer) as port:
            said = schemareg("check", "--against", f"http://127.0.0.1:{port}")
        assert said.code == 3, said.err
        assert f"127.0.0.1:{port}" in said.err
        assert "Traceback" not in said.err


@contextmanager
def _rubbish(answer: bytes) -> Iterator[int]:
    """A server that says `answer` to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        stopping = threading.Event()

        def serve() -> None:
            while not stopping.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stopping.set()
            thread.join()
