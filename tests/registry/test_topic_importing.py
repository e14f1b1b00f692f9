"""Dumps of topics into new stores: the whole state, or nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx
import pytest

from schemareg.cli.registry import export_topic
from schemareg.cli.registry import import_topic as import_file
from schemareg.errors import ContentError
from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.backup import backup_file
from schemareg.registry.service.profile import PROFILES
from schemareg.registry.store import Store
from schemareg.registry.topic.applying import Effect
from schemareg.registry.topic.importing import import_lines
from tests.support.asgi import AsgiTransport

GOLDEN = Path(__file__).parents[1] / "golden"
TOPICS = {8: "confluent-8.3.1-schemas-topic.jsonl.gz", 7: "confluent-7.9.9-schemas-topic.jsonl.gz"}


def record(key: str | None, value: str | None) -> str:
    return json.dumps({"key": key, "value": value, "timestamp": 7})


SCHEMA = record(
    '{"keytype":"SCHEMA","subject":"a","version":1,"magic":1}',
    '{"subject":"a","version":1,"id":1,"schema":"\\"int\\"","deleted":false}',
)
JSON_SCHEMA = record(
    '{"keytype":"SCHEMA","subject":"b","version":1,"magic":1}',
    '{"subject":"b","version":1,"id":2,"schemaType":"JSON","schema":"{}","deleted":false}',
)
UNKNOWN = record('{"keytype":"ASSOC","magic":0}', "{}")
CLASH = record(
    '{"keytype":"SCHEMA","subject":"c","version":1,"magic":1}',
    '{"subject":"c","version":1,"id":1,"schema":"\\"long\\"","deleted":false}',
)


@pytest.mark.parametrize("line", TOPICS)
def test_dump_gives_the_state_that_its_server_had(
    line: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with gzip.open(GOLDEN / TOPICS[line], "rt", encoding="utf-8") as lines:
        *records, last = lines
    dump, db = tmp_path / "topic.jsonl", tmp_path / "new.db"
    dump.write_text("".join(records), encoding="utf-8")
    import_file(str(dump), db)
    assert f"101 records into {db}: " in capsys.readouterr().err
    with Store(str(db)) as store:
        app = create_app(store, ServerSettings(profile=PROFILES[line].name))
        with httpx.Client(transport=AsgiTransport(app), base_url="http://registry") as client:
            for path, (status, answer) in json.loads(last)["state"].items():
                got = client.get(path)
                assert (path, got.status_code, got.json()) == (path, status, answer)


@pytest.mark.parametrize("line", TOPICS)
def test_export_gives_the_registry_back(line: int, tmp_path: Path) -> None:
    with gzip.open(GOLDEN / TOPICS[line], "rt", encoding="utf-8") as lines:
        *records, _ = lines
    (tmp_path / "topic.jsonl").write_text("".join(records), encoding="utf-8")
    import_file(str(tmp_path / "topic.jsonl"), tmp_path / "first.db")
    export_topic(str(tmp_path / "again.jsonl"), tmp_path / "first.db", str(line))
    exported = (tmp_path / "again.jsonl").read_text(encoding="utf-8").splitlines()
    import_file(str(tmp_path / "again.jsonl"), tmp_path / "second.db")
    first, second = (
        [line for line in backup_file(str(tmp_path / name)) if '"end"' not in line[:8]]
        for name in ("first.db", "second.db")
    )
    assert first == second
    # the keys are byte for byte those that Confluent's registry wrote
    theirs = {json.loads(record)["key"] for record in records}
    assert {json.loads(record)["key"] for record in exported} <= theirs
    assert (tmp_path / "again.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "t.jsonl: there is no record"),
        (["{"], "t.jsonl:1:1: not a record of a topic"),
        ([SCHEMA, '{"key":"x"}'], "t.jsonl:2:1: not a record of a topic: 'value'"),
        (['{"key":1,"value":null}'], "`key` and `value` are texts or null"),
        (['{"key":null,"value":null,"timestamp":"x"}'], "`timestamp` is 'x'"),
        ([SCHEMA, UNKNOWN], "t.jsonl:2:1: 1 of 2 records cannot be taken, the first because"),
        ([SCHEMA, CLASH], "id 1 is the id of another schema"),
        ([SCHEMA, record("no JSON", "{}")], "1 of 2 records cannot be taken"),
    ],
)
def test_dump_that_is_not_taken_whole_leaves_nothing(lines: list[str], message: str) -> None:
    with Store() as store:
        with pytest.raises(ContentError) as refused:
            import_lines(store, lines, pass_over=False, path="t.jsonl")
        assert message in str(refused.value)
        with store.reading() as tables:
            assert tables.is_empty()


def test_records_that_cannot_be_taken_are_passed_over_on_request() -> None:
    with Store() as store:
        imported = import_lines(store, [UNKNOWN, JSON_SCHEMA, SCHEMA, CLASH], pass_over=True)
        assert imported is not None
        assert imported.effects == {
            Effect.FOREIGN_KEY: 1,
            Effect.FOREIGN_TYPE: 1,
            Effect.APPLIED: 1,
            Effect.CLASH: 1,
        }
        assert list(imported.passed_over) == [1, 4]


B_KEY = '{"keytype":"SCHEMA","subject":"b","version":1,"magic":1}'


@pytest.mark.parametrize(
    ("again", "different"),
    [
        ([SCHEMA, JSON_SCHEMA], ""),
        ([JSON_SCHEMA, SCHEMA, JSON_SCHEMA], ""),  # one that a later one replaces
        ([SCHEMA], B_KEY),
        (
            [
                SCHEMA,
                JSON_SCHEMA,
                record('{"keytype":"CONFIG","magic":0}', '{"compatibilityLevel":"FULL"}'),
            ],
            '{"keytype":"CONFIG","magic":0}',
        ),
        ([SCHEMA, JSON_SCHEMA.replace("{}", "[]")], B_KEY),
    ],
)
def test_import_into_a_file_that_has_something_compares(again: list[str], different: str) -> None:
    with Store() as store:
        import_lines(store, [SCHEMA, JSON_SCHEMA], pass_over=False)
        if not different:
            assert import_lines(store, again, pass_over=False) is None
            return
        with pytest.raises(ContentError) as refused:
            import_lines(store, again, pass_over=False, path="t.jsonl")
        assert str(refused.value) == (
            f"not as in t.jsonl: {different}; the file holds something else: give a new --db"
        )
