"""Bodies of requests as JSON: read as Python's reader does, whichever reader was used."""

from __future__ import annotations

import json

import pytest

from schemareg.errors import RegistryError
from schemareg.registry.server.bodies import _texts_only, json_object


@pytest.mark.parametrize(
    ("body", "value", "is_fast"),
    [
        (b'{"schema":"\\"int\\""}', {"schema": '"int"'}, True),
        (b'{"schema":"\\u00e4","schemaType":"AVRO"}', {"schema": "ä", "schemaType": "AVRO"}, True),
        (b"{}", {}, True),
        (b' {"a" : "b"}\n', {"a": "b"}, True),
        (b'{"a":1.5,"a":"b"}', {"a": "b"}, True),
        (b'{"a":"b","a":-0}', {"a": 0}, False),
        (b'{"id":12345678901234567890123}', {"id": 12345678901234567890123}, False),
        (b'{"a":NaN}', {"a": "NaN"}, False),
        (b'{"a":"\\ud800"}', {"a": "\ud800"}, False),
        (b'{"schema":"b","references":[]}', {"schema": "b", "references": []}, False),
        (b'\xef\xbb\xbf{"a":"b"}', {"a": "b"}, False),
        ('{"a":"b"}'.encode("utf-16"), {"a": "b"}, False),
    ],
)
def test_body_is_read_alike(body: bytes, value: dict[str, object], is_fast: bool) -> None:
    assert repr(json_object(body, "register")) == repr(value)
    assert (_texts_only(body) is not None) == is_fast


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a":"b"', "Not JSON: Expecting ',' delimiter: line 1 column 9 (char 8)"),
        (b'{"a":"\n"}', "Not JSON: Invalid control character at: line 1 column 7 (char 6)"),
        (b'"text"', "Expected a JSON object, got a string"),
        (b'["a"]', "Expected a JSON object, got an array"),
    ],
)
def test_body_that_is_no_object_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(RegistryError) as refused:
        json_object(body, "register")
    assert refused.value.message.endswith(message), json.dumps(refused.value.message)
