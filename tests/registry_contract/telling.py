"""Telling a story to a registry: requests out, answers compared, names bound on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from tests.registry_contract.backends import Running
from tests.registry_contract.contract import Answer, Json, Step, Story, Typed, differences, fill

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True)
class LocalHazard:
    """One step as it went: how the answer differs from what the contract says."""

    index: int
    step: Step
    status: int
    text: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        lines = "".join(f"\n    {line}" for line in self.differences)
        return f"step {self.index}: {self.step.method} {self.step.path}{lines}\n    {self.text}"


def tell(
    story: Story,
    registry: Running,
    *,
    token: str,
    instead: Mapping[int, Answer] | None = None,
    own_words: bool = False,
) -> Iterator[LocalHazard]:
    """Every step of `story` in turn; `token` keeps its names apart from other stories'.

    `instead` holds answers that take the place of the contract's own, by step; with `own_words`
    the messages of errors are not compared.
    """
    bound: dict[str, object] = {
        "s": f"{story.name}-{token}",
        "ns": f"n{token}.{story.name}",
        "ctx": f".c{token}",
    }
    for index, step in enumerate(story.steps):
        response = _send(step, registry, bound)
        expected = (instead or {}).get(index, step.answer)
        if own_words:
            expected = _without_words(expected)
        yield LocalHazard(
            index,
            step,
            response.status_code,
            response.text[:400],
            _compare(expected, response, bound),
        )


def _without_words(answer: Answer) -> Answer:
    if isinstance(answer.body, Mapping) and "message" in answer.body:
        return Answer(answer.status, {**answer.body, "message": Typed(str)}, answer.headers)
    return answer


def _send(step: Step, registry: Running, bound: Mapping[str, object]) -> httpx.Response:
    headers = {"accept": MEDIA_TYPE, **step.headers}
    content = step.raw if step.raw is not None else _json_text(step.body, bound)
    if content is not None:
        headers.setdefault("content-type", MEDIA_TYPE)
    return registry.http.request(
        step.method, registry.url + fill(step.path, bound), content=content, headers=headers
    )


def _json_text(body: Json, bound: Mapping[str, object]) -> str | None:
    return None if body is None else fill(json.dumps(body), bound)


def _compare(
    expected: Answer, response: httpx.Response, bound: dict[str, object]
) -> tuple[str, ...]:
    if response.status_code != expected.status:
        return (f"status {response.status_code} is not {expected.status}",)
    headers = differences(expected.headers, dict(response.headers), bound, at="header")
    if expected.body is None:
        return tuple(headers)
    try:
        got: object = response.json()
    except ValueError:
        return (*headers, "the body is no JSON")
    return (*headers, *differences(expected.body, got, bound))
