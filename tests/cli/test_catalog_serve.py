"""`schemareg catalog serve`: what it shows, to whom, and that pages hear of a new build."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from schemareg.site.catalog.preview import Preview

REPOSITORY = Path(__file__).parents[2]
TIMEOUT_S = 120


@pytest.fixture
def preview(tmp_path: Path) -> Iterator[Preview]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("home")
    (tmp_path / "site/100%.txt").write_text("plain")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "site/link").symlink_to("../secret")
    with Preview(tmp_path / "site", 0) as opened:
        yield opened


def get(url: str, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
    connection.request("GET", path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def wait_for(stream: http.client.HTTPResponse, url: str, page: str, text: str) -> bool:
    """Whether the page has the text after one of the next builds."""
    lines = (stream.fp.readline() for _ in range(40))  # a message has two or three
    return any(b"built" in line and text in get(url, page)[1] for line in lines)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", (200, "home")),
        ("/index.html?x=1", (200, "home")),
        ("/100%25.txt", (200, "plain")),
        ("/missing", (404, "There is no such page\n")),
        ("/../secret", (404, "There is no such page\n")),
        ("/%2e%2e/secret", (404, "There is no such page\n")),
        ("/link", (404, "There is no such page\n")),
        ("/%00", (404, "There is no such page\n")),
        ("/%ff%80", (404, "There is no such page\n")),
        ("/..%2fsecret", (404, "There is no such page\n")),
        ("/" + "a" * 5_000, (404, "There is no such page\n")),
        ("/" + "a/" * 20_000, (404, "There is no such page\n")),
        ("//[", (404, "There is no such page\n")),
    ],
)
def test_files_of_the_folder_alone(preview: Preview, path: str, answer: tuple[int, str]) -> None:
    assert get(preview.url, path) == answer


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("POST / HTTP/1.1", 501),
        ("PUT /index.html HTTP/1.1", 501),
        ("DELETE /index.html HTTP/1.1", 501),
        ("TRACE / HTTP/1.1", 501),
        ("CONNECT 127.0.0.1:22 HTTP/1.1", 501),
        ("GET http://[::1 HTTP/1.1", 404),
    ],
)
def test_nothing_but_reading_is_answered(
    preview: Preview, request_line: str, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    connection = http.client.HTTPConnection(urlsplit(preview.url).netloc, timeout=TIMEOUT_S)
    connection.connect()
    connection.sock.sendall(f"{request_line}\r\nHost: 127.0.0.1:1\r\n\r\n".encode())
    answer = http.client.HTTPResponse(connection.sock)
    answer.begin()
    assert answer.status == status
    connection.close()
    assert get(preview.url, "/") == (200, "home")
    assert capfd.readouterr().err == ""


def test_a_name_that_leads_here_reads_nothing(preview: Preview) -> None:
    assert get(preview.url, "/", "attacker.example:80")[0] == 421


def test_pages_hear_of_a_new_build(preview: Preview) -> None:
    connection = http.client.HTTPConnection(urlsplit(preview.url).netloc, timeout=TIMEOUT_S)
    connection.request("GET", "/events")
    stream = connection.getresponse()
    assert stream.fp.readline() == b": connected\n"
    preview.built()
    assert [stream.fp.readline() for _ in range(2)] == [b"\n", b"event: built\n"]
    connection.close()


def test_a_change_of_a_file_is_built_again(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "schemas", tmp_path / "schemas")
    shutil.copy(REPOSITORY / "schemareg.toml", tmp_path)
    command = [sys.executable, "-m", "schemareg", "catalog", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        url = line.split()[3].rstrip(",")
        page = "/subjects/searches-value/index.html"
        text = get(url, page)[1]
        assert "connect-src 'self'" in text
        assert "reload.js" in text
        assert "tookMillis" not in text
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
        connection.request("GET", "/events")
        stream = connection.getresponse()
        stream.fp.readline()
        schema = tmp_path / "schemas/events/search/SearchPerformed.avsc"
        before = schema.read_text()
        schema.write_text("{")
        assert wait_for(stream, url, "/index.html", "not JSON:")
        schema.write_text(before.replace('"durationMillis"', '"tookMillis"'))
        assert wait_for(stream, url, page, "tookMillis")
        connection.close()
    finally:
        process.terminate()
        process.communicate(timeout=TIMEOUT_S)
