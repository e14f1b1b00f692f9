"""The comment on a pull request, against a fake of GitHub's API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/comment.py"
MARK = "<!-- schemareg -->\n"
BOT, PERSON = {"type": "Bot"}, {"type": "User"}


@dataclass
class FakeGitHub:
    """Comments of pull request 7, and the requests that came; `refuses` is a status."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    refuses: int = 0
    url: str = ""

    def answer(self, method: str, path: str, token: str, body: Any) -> tuple[int, object]:
        self.requests.append(f"{method} {path}")
        if token != "Bearer secret":
            return 401, {}
        if self.refuses and method != "GET":
            return self.refuses, {}
        if method == "GET":
            page = int(path.rpartition("page=")[2])
            return 200, self.comments[(page - 1) * 100 : page * 100]
        if method == "PATCH":
            number = int(path.rpartition("/")[2])
            [comment] = [c for c in self.comments if c["id"] == number]
            return 200, comment | {"body": comment.update(body)}
        self.comments.append({"id": len(self.comments) + 1, "user": BOT, **body})
        return 201, self.comments[-1]


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    fake = FakeGitHub()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers["Authorization"]
            status, value = fake.answer(self.command, self.path, token, json.loads(body or "null"))
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815  # the names that http.server calls

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield fake
    server.shutdown()
    server.server_close()


def run(github: FakeGitHub, folder: Path, report: str) -> int:
    (folder / "report.md").write_text(report, encoding="utf-8")
    (folder / "event.json").write_text('{"pull_request": {"number": 7}}', encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "company/shop",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_TOKEN": "secret",
    }
    command = [sys.executable, str(SCRIPT), str(folder / "report.md")]
    return subprocess.run(command, env=environment, timeout=60, capture_output=True).returncode


def test_the_comment_is_written_once_and_then_changed_in_place(
    github: FakeGitHub, tmp_path: Path
) -> None:
    github.comments = [
        {"id": 1, "user": PERSON, "body": MARK + "a person's"},
        {"id": 2, "user": BOT, "body": "another bot's"},
    ]
    assert [run(github, tmp_path, text) for text in ("no\n", "yes\n", "yes\n")] == [0, 0, 0]
    assert [c["body"] for c in github.comments] == [
        MARK + "a person's",
        "another bot's",
        MARK + "yes\n",
    ]
    assert [r for r in github.requests if not r.startswith("GET")] == [
        "POST /repos/company/shop/issues/7/comments",
        "PATCH /repos/company/shop/issues/comments/3",
    ]


def test_the_comment_is_found_on_a_later_page(github: FakeGitHub, tmp_path: Path) -> None:
    github.comments = [{"id": n, "user": PERSON, "body": "talk"} for n in range(1, 150)]
    github.comments.append({"id": 150, "user": BOT, "body": MARK.replace("\n", "\r\n") + "no"})
    assert run(github, tmp_path, "yes\n") == 0
    assert len(github.comments) == 150
    assert github.comments[-1]["body"] == MARK + "yes\n"


@pytest.mark.parametrize(("status", "code"), [(403, 0), (404, 0), (422, 3), (500, 3)])
def test_a_refusal(github: FakeGitHub, tmp_path: Path, status: int, code: int) -> None:
    github.refuses = status
    assert run(github, tmp_path, "no\n") == code
    assert github.comments == []
