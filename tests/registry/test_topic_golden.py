"""Topics written by real Confluent registries, and the state that they answered from them."""

from __future__ import annotations

import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.profile import PROFILES
from schemareg.registry.store import Store, Tables
from schemareg.registry.topic import records as topic
from schemareg.registry.topic.applying import Effect, apply
from tests.support.asgi import AsgiTransport

GOLDEN = Path(__file__).parents[1] / "golden"
TOPICS = {8: "confluent-8.3.1-schemas-topic.jsonl.gz", 7: "confluent-7.9.9-schemas-topic.jsonl.gz"}


def lines_of(line: int) -> tuple[list[dict[str, Any]], dict[str, tuple[int, Any]]]:
    with gzip.open(GOLDEN / TOPICS[line], "rt", encoding="utf-8") as lines:
        *records, last = map(json.loads, lines)
    return records, last["state"]


def applied(tables: Tables, record: dict[str, Any]) -> tuple[Effect, str]:
    key, value = texts_of(record)
    return apply(tables, key, value, written_ms=record["timestamp"])


def texts_of(record: dict[str, Any]) -> tuple[bytes, bytes | None]:
    value = record["value"]
    return record["key"].encode(), None if value is None else value.encode()


@pytest.mark.parametrize("line", TOPICS)
def test_the_topic_gives_the_state_that_its_server_had(line: int) -> None:
    records, state = lines_of(line)
    assert len(records) == 101
    assert len(state) > 8
    with Store() as store:
        for record in records:
            effect, why = store.write(partial(applied, record=record))
            assert effect in (Effect.APPLIED, Effect.IDLE), (record["offset"], why)
        app = create_app(store, ServerSettings(profile=PROFILES[line].name))
        with httpx.Client(transport=AsgiTransport(app), base_url="http://registry") as client:
            for path, (status, answer) in state.items():
                got = client.get(path)
                assert (path, got.status_code, got.json()) == (path, status, answer)


@pytest.mark.parametrize("line", TOPICS)
def test_keys_and_values_are_written_as_they_were_read(line: int) -> None:
    records, _ = lines_of(line)
    for record in records:
        key_text, value_text = texts_of(record)
        key = topic.read_key(key_text)
        assert topic.key_bytes(key) == key_text
        if value_text is not None:
            assert written_again(key, value_text, names_avro=line == 8) == value_text


def written_again(key: topic.Key, value: bytes, *, names_avro: bool) -> bytes:
    match key:
        case topic.SchemaKey():
            return topic.schema_value(topic.read_schema(key, value), names_avro=names_avro)
        case topic.ConfigKey(subject):
            return topic.config_value(subject, topic.read_config(value))
        case topic.ModeKey(subject):
            return topic.mode_value(subject, topic.read_mode(value))
        case topic.DeleteSubjectKey(subject):
            return topic.delete_subject_value(subject, topic.read_delete_subject(value))
        case topic.ContextKey(context):
            return topic.context_value(context)
        case _:
            raise AssertionError(key)
