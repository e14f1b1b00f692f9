"""What is seen of the newest version without parsing those before it."""

from __future__ import annotations

import pytest

from schemareg.avro import parse
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.state import Schemas
from schemareg.subjects import Subject, Version

SUBJECT = Subject("orders-value")
LONG = '{"type": "record", "name": "Order", "fields": []}'


def schemas_of(*versions: StoredVersion) -> Schemas:
    state = RegistryState({SUBJECT: SubjectState(SUBJECT, versions)})
    return Schemas(state, avro_version="1.12")


def stored(number: int, text: str, **more: object) -> StoredVersion:
    return StoredVersion(Version(number), text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ((), False),
        ((stored(1, LONG),), True),
        ((stored(1, f"{LONG}\n"),), True),
        ((stored(1, LONG), stored(2, '"string"')), False),
        ((stored(1, LONG), stored(2, '"string"', deleted=True)), True),
        ((stored(1, "no schema"), stored(2, LONG)), True),
    ],
)
def test_a_text_that_is_the_newest_one_is_seen(
    versions: tuple[StoredVersion, ...], expected: bool
) -> None:
    assert schemas_of(*versions).is_newest(SUBJECT, parse(LONG)) is expected


def test_the_newest_version_is_the_last_that_can_be_parsed() -> None:
    schemas = schemas_of(stored(1, '"int"'), stored(2, LONG), stored(3, "no schema"))
    newest = schemas.newest(SUBJECT)
    assert newest is not None
    assert newest.version == 2
    assert schemas_of(stored(1, "no schema")).newest(SUBJECT) is None
