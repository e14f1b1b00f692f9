"""The life of subjects against a model of it: any order of registering, deleting and reviving.

The model is written from §1.8 and §2 of the API's behaviour, not from our service: versions and
ids are counted, soft deletes hide, permanent ones free the content, ids are never used again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemareg.errors import RegistryError
from schemareg.registry import connect
from schemareg.registry.api.types import SubjectVersion
from schemareg.registry.server.application import create_app
from schemareg.registry.store import Store
from schemareg.registry.store.sqlite_file import MEMORY
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version
from tests.support.asgi import AsgiTransport

T = TypeVar("T")

SUBJECTS = st.sampled_from([Subject("a"), Subject("b")])
TEXTS = st.sampled_from(['"string"', '"int"', '"bytes"'])
VERSIONS = st.integers(1, 6).map(Version)


@dataclass
class Row:
    """A version of a subject."""

    text: str
    id: int
    deleted: bool = False


class Model:
    """What a registry has to know, with level NONE and no references."""

    def __init__(self) -> None:
        self.subjects: dict[str, dict[int, Row]] = {"a": {}, "b": {}}
        self.highest_id = 0

    def active(self, subject: str) -> dict[int, Row]:
        return {number: row for number, row in self.subjects[subject].items() if not row.deleted}

    def register(self, subject: str, text: str) -> tuple[int, int]:
        rows = self.subjects[subject]
        for number, row in self.active(subject).items():
            if row.text == text:
                return number, row.id
        id = self.id_of(text)
        if id is None:
            self.highest_id += 1
            id = self.highest_id
        number = max(rows, default=0) + 1
        for old in [old for old, row in rows.items() if row.text == text]:
            del rows[old]
        rows[number] = Row(text, id)
        return number, id

    def id_of(self, text: str) -> int | None:
        for rows in self.subjects.values():
            for row in rows.values():
                if row.text == text:
                    return row.id
        return None

    def lookup(self, subject: str, text: str, *, deleted: bool) -> int | str:
        rows = self.subjects[subject] if deleted else self.active(subject)
        if not rows:
            return "40401"
        found = [number for number, row in rows.items() if row.text == text]
        return max(found) if found else "40403"

    def delete_version(self, subject: str, number: int, *, permanent: bool) -> int | str:
        rows = self.subjects[subject]
        if not rows:
            return "40401"
        row = rows.get(number)
        if row is None:
            # a subject without a live version is not there, but for permanent deletes
            return "40402"
        if permanent:
            if not row.deleted:
                return "40407"
            del rows[number]
            return number
        if row.deleted:
            return "40406"
        row.deleted = True
        return number

    def delete_subject(self, subject: str, *, permanent: bool) -> tuple[int, ...] | str:
        rows = self.subjects[subject]
        if not rows:
            return "40401"
        if permanent:
            if self.active(subject):
                return "40405"
            numbers = tuple(sorted(rows))
            rows.clear()
            return numbers
        live = tuple(sorted(self.active(subject)))
        if not live:
            return "40404"
        for row in rows.values():
            row.deleted = True
        return live


def outcome(call: Callable[[], T]) -> T | str:
    """What a call answers, or the code it is refused with."""
    try:
        return call()
    except RegistryError as error:
        return str(error.code)


class SubjectsLife(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.store = Store(MEMORY)
        self.client = connect(
            "http://registry.test", transport=AsgiTransport(create_app(self.store))
        )
        self.client.set_level(CompatibilityLevel.NONE)
        self.model = Model()

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.client.close()
            self.store.close()

    @rule(subject=SUBJECTS, text=TEXTS)
    def register(self, subject: Subject, text: str) -> None:
        registered = self.client.register(subject, text)
        assert (registered.version, registered.id) == self.model.register(subject, text)

    @rule(subject=SUBJECTS, text=TEXTS, deleted=st.booleans())
    def lookup(self, subject: Subject, text: str, deleted: bool) -> None:
        found = outcome(lambda: self.client.lookup(subject, text, deleted=deleted).version)
        assert found == self.model.lookup(subject, text, deleted=deleted)

    @rule(subject=SUBJECTS, version=VERSIONS, permanent=st.booleans())
    def delete_version(self, subject: Subject, version: Version, permanent: bool) -> None:
        deleted = outcome(lambda: self.client.delete_version(subject, version, permanent=permanent))
        assert deleted == self.model.delete_version(subject, version, permanent=permanent)

    @rule(subject=SUBJECTS)
    def delete_latest(self, subject: Subject) -> None:
        live = self.model.active(subject)
        if live:
            assert self.client.delete_version(subject, "latest") == max(live)
            live[max(live)].deleted = True

    @rule(subject=SUBJECTS, permanent=st.booleans())
    def delete_subject(self, subject: Subject, permanent: bool) -> None:
        deleted = outcome(lambda: self.client.delete_subject(subject, permanent=permanent))
        assert deleted == self.model.delete_subject(subject, permanent=permanent)

    @invariant()
    def lists_are_the_models(self) -> None:
        if not hasattr(self, "client"):
            return
        for subject in (Subject("a"), Subject("b")):
            rows, live = self.model.subjects[subject], self.model.active(subject)
            assert outcome(partial(self.client.get_versions, subject)) == (
                tuple(sorted(live)) if live else "40401"
            )
            assert outcome(partial(self.client.get_versions, subject, deleted=True)) == (
                tuple(sorted(rows)) if rows else "40401"
            )
            if live:
                latest = self.client.get_version(subject, "latest")
                assert (latest.version, latest.text) == (max(live), live[max(live)].text)
        subjects = self.model.subjects.items()
        assert self.client.get_subjects() == tuple(
            sorted(name for name in self.model.subjects if self.model.active(name))
        )
        assert self.client.get_subjects(deleted=True) == tuple(
            sorted(name for name, rows in subjects if rows)
        )

    @invariant()
    def ids_are_the_models(self) -> None:
        if not hasattr(self, "client"):
            return
        for id in range(1, self.model.highest_id + 1):
            rows = [
                (name, number, row)
                for name, versions in self.model.subjects.items()
                for number, row in versions.items()
                if row.id == id
            ]
            uses = outcome(partial(self.client.get_schema_versions, SchemaId(id), deleted=True))
            if not rows:
                assert uses == "40403"
                continue
            assert isinstance(uses, tuple)
            assert set(uses) == {
                SubjectVersion(Subject(name), Version(number)) for name, number, _ in rows
            }
            assert {row.text for _, _, row in rows} == {self.client.get_schema_text(SchemaId(id))}


TestSubjectsLife = SubjectsLife.TestCase
TestSubjectsLife.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    # the steps of a failure are told as they were found: shrinking them takes minutes
    phases=[Phase.explicit, Phase.generate],
)
