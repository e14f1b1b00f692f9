"""Whatever a server answers, a client ends with a value or with one of our errors."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemareg.errors import SchemaregError
from schemareg.registry import NO_RETRY, Patience, RegistryClient, connect
from tests.registry.client_calls import CALLS, NAMES

TEXTS = st.sampled_from(["FULL", "IMPORT", "sr_field", '"int"', '{"type":"nope"}', "s", "", "{"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 60000), st.floats(allow_nan=False), TEXTS, st.text()
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8)
    ),
    max_leaves=25,
)
BODIES = st.one_of(JSON.map(lambda value: json.dumps(value).encode()), st.binary(max_size=40))
STATUSES = st.sampled_from([200, 200, 200, 204, 301, 400, 401, 404, 409, 422, 429, 500, 503])


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(answers=st.lists(st.tuples(STATUSES, BODIES), min_size=1, max_size=4))
def test_any_answer_ends_well(name: str, answers: list[tuple[int, bytes]]) -> None:
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        status, body = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(status, content=body)

    patience = Patience(retry=NO_RETRY)
    transport = httpx.MockTransport(answer)
    with connect("http://one", patience=patience, transport=transport) as client:
        words = ""
        try:
            CALLS[name](client)
        except SchemaregError as error:
            words = str(error)
        assert words.isprintable()


def test_clients_methods_that_read_answers_are_all_among_the_calls() -> None:
    trivial: Any = {"close", "run", "ping", "delete_context"}
    alike: Any = {
        "get_schema_text", "get_schema_subjects", "get_schema_by_guid", "get_schema_types",
        "get_versions", "get_version_text", "get_referenced_by", "get_version_with_metadata",
        "lookup", "get_config", "delete_config", "get_level", "delete_mode", "get_contexts",
        "get_resource_associations", "get_associations_by_id", "create_associations",
        "set_associations", "delete_associations", "change_associations",
    }  # fmt: skip
    methods = {name for name in dir(RegistryClient) if not name.startswith("_")}
    assert methods == set(CALLS) | trivial | alike
