"""Whatever a server answers, a client ends with a value or with one of our errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemareg.errors import SchemaregError
from schemareg.registry import NO_RETRY, Patience, RegistryClient, connect
from schemareg.registry.api.types import ConfigChange, Mode, ResourceQuery
from schemareg.subjects import CompatibilityLevel, SchemaId, Subject, Version

S = Subject("s")
CALLS: dict[str, Callable[[RegistryClient], object]] = {
    "get_schema": lambda c: c.get_schema(SchemaId(1)),
    "get_schema_versions": lambda c: c.get_schema_versions(SchemaId(1)),
    "get_guid_ids": lambda c: c.get_guid_ids("g"),
    "get_max_id": lambda c: c.get_max_id(SchemaId(1)),
    "get_schemas": lambda c: c.get_schemas(),
    "get_subjects": lambda c: c.get_subjects(),
    "get_version": lambda c: c.get_version(S, "latest"),
    "get_tags": lambda c: c.get_tags(S, Version(1)),
    "register": lambda c: c.register(S, '"int"'),
    "change_tags": lambda c: c.change_tags(S, Version(1)),
    "check_compatibility": lambda c: c.check_compatibility(S, '"int"'),
    "delete_subject": lambda c: c.delete_subject(S, permanent=True),
    "delete_version": lambda c: c.delete_version(S, Version(1)),
    "set_level": lambda c: c.set_level(CompatibilityLevel.FULL, S),
    "set_config": lambda c: c.set_config(ConfigChange(normalize=None)),
    "get_mode": lambda c: c.get_mode(),
    "set_mode": lambda c: c.set_mode(Mode.IMPORT),
    "get_associations": lambda c: c.get_associations(S),
    "get_many_associations": lambda c: c.get_many_associations([ResourceQuery("1")]),
    "get_cluster_ids": lambda c: c.get_cluster_ids(),
    "get_server_version": lambda c: c.get_server_version(),
    "get_deployment": lambda c: c.get_deployment(),
    "fetch_schema": lambda c: c.fetch_schema(S, Version(1)),
    "fetch_schema_by_id": lambda c: c.fetch_schema_by_id(SchemaId(1)),
}
NAMES = [
    "subject", "version", "id", "schema", "schemaType", "references", "name", "metadata", "tags",
    "properties", "sensitive", "guid", "deleted", "ruleSet", "schemaTags", "schemaEntity",
    "entityPath", "entityType", "is_compatible", "messages", "compatibilityLevel",
    "compatibility", "normalize", "mode", "context", "maxId", "scope", "clusters", "attributes",
    "error_code", "message", "results", "result", "error", "associations",
]  # fmt: skip
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
