"""Every story of the contract, told to every backend that promises it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.registry_contract import (
    deliberate,
    stories_association_batches,
    stories_associations,
    stories_compatibility,
    stories_corners,
    stories_deleting,
    stories_http,
    stories_metadata,
    stories_references,
    stories_rules,
    stories_scopes,
    stories_settings,
    stories_tags,
    stories_versions,
    stories_walks,
)
from tests.registry_contract.backends import BACKENDS, Backend, Runs
from tests.registry_contract.contract import Story
from tests.registry_contract.deviations import DEVIATIONS, OWN_WORDS, Deviation
from tests.registry_contract.telling import tell

STORIES: list[Story] = [
    *stories_versions.STORIES,
    *stories_deleting.STORIES,
    *stories_compatibility.STORIES,
    *stories_settings.STORIES,
    *stories_references.STORIES,
    *stories_metadata.STORIES,
    *stories_scopes.STORIES,
    *stories_http.STORIES,
    *stories_walks.STORIES,
    *stories_tags.STORIES,
    *stories_corners.STORIES,
    *stories_corners.STORIES_7,
    *stories_rules.STORIES,
    *deliberate.STORIES,
    *stories_associations.STORIES,
    *stories_association_batches.STORIES,
]


def _rows() -> Iterator[object]:
    for backend in BACKENDS:
        marks = [pytest.mark.java] if backend.needs_java else []
        for story in STORIES:
            if backend.tells(story):
                yield pytest.param(backend, story, id=f"{backend.name}-{story.name}", marks=marks)


@pytest.mark.parametrize(("backend", "story"), list(_rows()))
def test_story(backend: Backend, story: Story, runs: Runs) -> None:
    token = uuid.uuid4().hex[:8]
    with ExitStack() as stack:
        fresh = backend.ours and story.fresh
        registry = stack.enter_context(backend.open()) if fresh else runs.shared(backend)
        name = backend.deviates_as(registry)
        instead = {
            row.step: row.answer
            for row in DEVIATIONS
            if (row.backend, row.story) == (name, story.name)
        }
        broken = [
            str(told)
            for told in tell(
                story, registry, token=token, instead=instead, own_words=name in OWN_WORDS
            )
            if told.differences
        ]
    assert not broken, f"{backend.name} breaks the contract:\n" + "\n".join(broken)


def test_stories_have_names_of_their_own() -> None:
    names = [story.name for story in STORIES]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("row", DEVIATIONS, ids=lambda r: f"{r.backend}-{r.story}-{r.step}")
def test_deviation_is_a_real_one_with_a_reason(row: Deviation) -> None:
    """Told apart from the contract's answer, the row fails as soon as the deviation is gone."""
    story = next(story for story in STORIES if story.name == row.story)
    kept = story.steps[row.step].answer
    assert story.core
    assert row.reason
    assert row.backend in {backend.name for backend in BACKENDS}
    assert (kept.status, kept.body) != (row.answer.status, row.answer.body)


@pytest.mark.parametrize(
    "backend",
    [pytest.param(b, id=b.name, marks=pytest.mark.java) for b in BACKENDS if b.name in OWN_WORDS],
)
def test_backend_with_its_own_words_says_something_else(backend: Backend, runs: Runs) -> None:
    story = next(story for story in STORIES if story.name == "what_is_not_there")
    told = next(tell(story, runs.shared(backend), token=uuid.uuid4().hex[:8]))
    assert [line.partition(":")[0] for line in told.differences] == ["/message"]
