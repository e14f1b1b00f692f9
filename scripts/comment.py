"""Keeps one comment on a pull request up to date: writes it once, then changes it in place.

Runs in a GitHub job with nothing but the standard library. Usage: comment.py FILE
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

MARK = "<!-- schemareg -->"
_PAGE = 100
_MOST_PAGES = 30
_TIMEOUT_S = 20
_MAX_BYTES = 20_000_000
_NOT_PERMITTED = (401, 403, 404)


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """0 when the comment is there, or may not be written (a pull request of a fork)."""
    report = Path(arguments[0]).read_text(encoding="utf-8")
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = int(event["pull_request"]["number"])
    repository = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}"
    api = _Api(environment["GITHUB_TOKEN"])
    body = f"{MARK}\n{report}"
    try:
        own = _own_comment(api, f"{repository}/issues/{number}/comments")
        if own is None:
            api.send("POST", f"{repository}/issues/{number}/comments", {"body": body})
        elif own[1] != body:
            api.send("PATCH", f"{repository}/issues/comments/{own[0]}", {"body": body})
    except urllib.error.HTTPError as error:
        print(f"schemareg: GitHub refused the comment with {error.code}", file=sys.stderr)
        if error.code in _NOT_PERMITTED:
            print("the job's summary has the report; a comment needs pull-requests: write")
            return 0
        return 3
    except (urllib.error.URLError, TimeoutError) as error:
        print(f"schemareg: GitHub did not answer: {error}", file=sys.stderr)
        return 3
    return 0


class _Api:
    """Requests with a token, which goes to no other host."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirects)

    def send(self, method: str, url: str, body: object = None) -> object:
        request = urllib.request.Request(
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
            return json.loads(answer.read(_MAX_BYTES))


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object) -> None:
        return None


def _own_comment(api: _Api, url: str) -> tuple[int, str] | None:
    """Id and text of the comment that an earlier run wrote; people's comments are left alone."""
    for comment in _comments(api, url):
        text = str(comment.get("body") or "").replace("\r\n", "\n")
        user = comment.get("user")
        is_bot = isinstance(user, dict) and user.get("type") == "Bot"
        if is_bot and text.startswith(MARK):
            return int(str(comment["id"])), text
    return None


def _comments(api: _Api, url: str) -> Iterator[dict[str, object]]:
    for page in range(1, _MOST_PAGES + 1):
        comments = api.send("GET", f"{url}?per_page={_PAGE}&page={page}")
        if not isinstance(comments, list):
            return
        yield from comments
        if len(comments) < _PAGE:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
