"""Every story of the contract, told to every backend that promises it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.registry_contract import (
    stories_compatibility,
    stories_deleting,
    stories_http,
    stories_references,
    stories_settings,
    stories_versions,
)
from tests.registry_contract.backends import BACKENDS, Backend, Running
from tests.registry_contract.contract import Story
from tests.registry_contract.deviations import DEVIATIONS
from tests.registry_contract.telling import tell
from tests.support.apicurio import UnavailableError, fetch, java

STORIES: list[Story] = [
    *stories_versions.STORIES,
    *stories_deleting.STORIES,
    *stories_compatibility.STORIES,
    *stories_settings.STORIES,
    *stories_references.STORIES,
    *stories_http.STORIES,
]


class Runs:
    """The backends that run for the whole module, each started when it is first needed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, Running] = {}

    def shared(self, backend: Backend) -> Running:
        if backend.name not in self._running:
            if backend.needs_java:
                _require_java()
            self._running[backend.name] = self._stack.enter_context(backend.open())
        return self._running[backend.name]


def _require_java() -> None:
    try:
        java()
        fetch()
    except UnavailableError as error:
        if os.environ.get("SCHEMAREG_REQUIRE_JAVA") == "1":
            pytest.fail(f"SCHEMAREG_REQUIRE_JAVA=1, but {error}")
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    with ExitStack() as stack:
        yield Runs(stack)


def _rows() -> Iterator[object]:
    for backend in BACKENDS:
        marks = [pytest.mark.java] if backend.needs_java else []
        for story in STORIES:
            if backend.tells(story):
                yield pytest.param(backend, story, id=f"{backend.name}-{story.name}", marks=marks)


@pytest.mark.parametrize(("backend", "story"), _rows())
def test_story(backend: Backend, story: Story, runs: Runs) -> None:
    rows = {
        row.step: row
        for row in DEVIATIONS
        if (row.backend, row.story) == (backend.name, story.name)
    }
    instead = {index: row.answer for index, row in rows.items()}
    token = uuid.uuid4().hex[:8]
    with ExitStack() as stack:
        fresh = backend.ours and story.fresh
        registry = stack.enter_context(backend.open()) if fresh else runs.shared(backend)
        broken = [
            str(told)
            for told in tell(story, registry, token=token, instead=instead)
            if told.differences
        ]
    assert not broken, f"{backend.name} breaks the contract:\n" + "\n".join(broken)


def test_stories_have_names_of_their_own() -> None:
    names = [story.name for story in STORIES]
    assert sorted(set(names)) == sorted(names)


def test_deviations_are_about_steps_that_exist_and_differ_from_the_contract() -> None:
    stories = {story.name: story for story in STORIES}
    backends = {backend.name for backend in BACKENDS} | {"external"}
    for row in DEVIATIONS:
        assert row.backend in backends
        assert stories[row.story].core
        assert stories[row.story].steps[row.step].answer != row.answer
        assert row.reason
