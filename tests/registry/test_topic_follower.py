"""A follower answers the recorded requests as the leader would: writes passed on, reads its own."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from typing import Any, Literal

import pytest

from tests.registry.test_transcripts import DEVIATIONS, ask, difference, requests_of
from tests.support.follower import follower_app

LINES: dict[int, Literal["8", "7"]] = {8: "8", 7: "7"}


@pytest.mark.parametrize("line", LINES)
def test_the_recorded_requests_are_answered_through_a_follower(line: int) -> None:
    async def run() -> dict[int, str]:
        found: dict[int, str] = {}
        with ExitStack() as stack:
            app: Any = None
            for request in requests_of(line):
                if app is None or request.get("fresh"):
                    stack.close()
                    app = stack.enter_context(follower_app(LINES[line]))
                differs = difference(request, await ask(app, request))
                if differs:
                    found[request["n"]] = f"{request['method']} {request['path']}: {differs}"
        return found

    found = asyncio.run(run())
    assert {n: text for n, text in found.items() if n not in DEVIATIONS[line]} == {}


def test_a_follower_has_what_it_wrote_before_it_answers() -> None:
    async def run() -> list[tuple[int, Any]]:
        with follower_app() as app:
            answers = []
            for number in range(20):
                subject = f"s{number}"
                requests: list[dict[str, Any]] = [
                    {
                        "method": "POST",
                        "path": f"/subjects/{subject}/versions",
                        "body": {"schema": '"int"'},
                    },
                    {"method": "GET", "path": f"/subjects/{subject}/versions", "body": None},
                ]
                for request in requests:
                    status, _, body = await ask(app, request)
                    answers.append((status, json.loads(body)))
            return answers

    answers = asyncio.run(run())
    assert [status for status, _ in answers] == [200] * 40
    assert [body for _, body in answers[1::2]] == [[1]] * 20
