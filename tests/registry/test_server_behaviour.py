"""What the server does beyond the recorded answers, asked in process and over a socket."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.service.profile import PROFILE_7, PROFILE_8
from schemareg.registry.store import Store
from tests.registry.registering import record, register
from tests.support.asgi import AsgiTransport

RULES = {"domainRules": [{"name": "r1", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}]}
MORE_RULES = {
    "domainRules": [
        {"name": "r1", "kind": "CONDITION", "mode": "READ", "type": "CEL_FIELD"},
        {"name": "r2", "kind": "TRANSFORM", "mode": "WRITE", "type": "ENCRYPT"},
    ]
}


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with Store() as store, asking(store) as client:
        yield client


@pytest.fixture
def keeping() -> Iterator[httpx.Client]:
    """A registry that keeps rule sets."""
    with Store() as store, asking(store, keep_rule_sets=True) as client:
        yield client


def asking(store: Store, *, keep_rule_sets: bool = False, line: int = 8) -> httpx.Client:
    profile = PROFILE_8 if line == 8 else PROFILE_7
    app = create_app(store, ServerSettings(profile=profile.name, keep_rule_sets=keep_rule_sets))
    return httpx.Client(transport=AsgiTransport(app), base_url="http://registry")


def test_rule_sets_are_kept_and_told_where_the_server_keeps_them(keeping: httpx.Client) -> None:
    first = register(keeping, "a", '"int"', ruleSet=RULES)
    assert first["ruleSet"] == RULES
    assert keeping.get("/subjects/a/versions/1").json()["ruleSet"] == RULES
    assert keeping.get("/schemas/ids/1").json()["ruleSet"] == RULES
    assert register(keeping, "a", '"int"')["id"] == first["id"]
    assert register(keeping, "b", '"int"')["id"] != first["id"]


def test_rule_set_of_the_previous_version_goes_on(keeping: httpx.Client) -> None:
    register(keeping, "a", '"int"', ruleSet=RULES)
    assert register(keeping, "a", '"long"')["ruleSet"] == RULES
    kept = register(keeping, "a", '"double"', ruleSet=MORE_RULES)
    assert kept["ruleSet"] == MORE_RULES


def test_rule_sets_of_the_configuration_are_merged_by_name(keeping: httpx.Client) -> None:
    keeping.put("/config/a", json={"defaultRuleSet": RULES, "overrideRuleSet": MORE_RULES})
    assert keeping.get("/config/a").json()["defaultRuleSet"] == RULES
    assert register(keeping, "a", '"int"')["ruleSet"] == MORE_RULES


def test_schemas_are_found_by_the_type_of_a_rule(keeping: httpx.Client) -> None:
    register(keeping, "a", '"int"', ruleSet=RULES)
    register(keeping, "b", '"int"', ruleSet=MORE_RULES)
    register(keeping, "c", '"int"')
    for rule_type, subjects in (("CEL", ["a"]), ("ENCRYPT", ["b"]), ("none", [])):
        found = keeping.get("/schemas", params={"ruleType": rule_type}).json()
        assert [schema["subject"] for schema in found] == subjects


UPGRADE = {"name": "m", "type": "JSONATA", "mode": "UPGRADE"}


@pytest.mark.parametrize(
    ("rule_set", "message"),
    [
        ({"domainRules": [{"name": "r"}]}, "Missing rule type"),
        ({"domainRules": [{"type": "CEL"}]}, "Missing rule name"),
        ({"domainRules": [{"name": "", "type": "CEL"}]}, "Empty rule name"),
        ({"domainRules": [{"name": "r" * 257, "type": "CEL"}]}, "Rule name too long"),
        ({"domainRules": [{"name": "1r", "type": "CEL"}]}, "Illegal initial character"),
        ({"domainRules": [{"name": "r r", "type": "CEL"}]}, "Illegal character in rule name: r r"),
        (
            {"migrationRules": [UPGRADE], "encodingRules": [{"name": "m", "type": "ENCRYPT"}]},
            "Found rule with duplicate name 'm'",
        ),
        (
            {"migrationRules": [UPGRADE | {"mode": "READ"}]},
            "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN",
        ),
        (
            {"migrationRules": [{"name": "m", "type": "JSONATA"}]},
            "Migration rules can only be UPGRADE, DOWNGRADE, UPDOWN",
        ),
        ({"domainRules": [UPGRADE]}, "Domain rules can only be WRITE, READ, WRITEREAD"),
        ({"encodingRules": [UPGRADE]}, "Encoding rules can only be WRITE, READ, WRITEREAD"),
        (
            {"domainRules": [{"name": "r", "type": "CEL", "mode": "READ", "onFailure": "A,B"}]},
            "Multiple actions only valid with WRITEREAD and UPDOWN",
        ),
    ],
)
def test_rule_set_that_makes_no_sense_is_refused_where_it_would_be_kept(
    client: httpx.Client,
    keeping: httpx.Client,
    rule_set: dict[str, list[dict[str, str]]],
    message: str,
) -> None:
    refused = register(keeping, "a", '"int"', ruleSet=rule_set)
    assert refused["error_code"] == 42210
    assert message in refused["message"]
    answer = keeping.put("/config/a", json={"defaultRuleSet": rule_set})
    assert (answer.status_code, answer.json()["error_code"]) == (422, 42210)
    assert register(client, "a", '"int"', ruleSet=rule_set)["version"] == 1


def test_rule_of_unknown_mode_is_refused(client: httpx.Client) -> None:
    rules = {"domainRules": [{"name": "r", "mode": "SOMETIMES"}]}
    answer = client.post("/subjects/a/versions", json={"schema": '"int"', "ruleSet": rules})
    assert (answer.status_code, answer.json()["error_code"]) == (400, 400)


def test_schemas_list_what_aliases_stand_for_when_asked(client: httpx.Client) -> None:
    register(client, "target", '"int"')
    register(client, "old-name", '"int"')
    client.put("/config/old", json={"alias": "target"})
    client.put("/config/old-alias", json={"alias": "target"})
    asked = client.get("/schemas", params={"subjectPrefix": "old", "aliases": "true"}).json()
    assert [(s["subject"], s.get("aliases")) for s in asked] == [
        ("old-name", None),
        ("target", ["old", "old-alias"]),
    ]


def test_schemas_come_in_pages(client: httpx.Client) -> None:
    client.put("/config", json={"compatibility": "NONE"})
    for subject in ("a", "b", "c"):
        for text in ('"int"', '"string"'):
            register(client, subject, text)
    client.delete("/subjects/b/versions/2")

    def asked(**params: str) -> list[tuple[str, int]]:
        found = client.get("/schemas", params=params).json()
        return [(schema["subject"], schema["version"]) for schema in found]

    assert asked(offset="1", limit="3") == [("a", 2), ("b", 1), ("c", 1)]
    assert asked(latestOnly="true") == [("a", 2), ("b", 1), ("c", 2)]
    assert asked(latestOnly="true", deleted="true") == [("a", 2), ("b", 2), ("c", 2)]
    assert asked(latestOnly="true", offset="1", limit="1") == [("b", 1)]
    assert asked(offset="9") == []


TAGGED = {
    "schemaEntity": {"entityPath": "A.a", "entityType": "sr_field"},
    "tags": ["PII", "GDPR"],
}


def test_tags_are_added_go_on_and_are_removed(client: httpx.Client) -> None:
    field = {"name": "a", "type": "int", "default": 0}
    added = {"name": "b", "type": "int", "default": 0}
    first = register(client, "a", record("A", field), schemaTagsToAdd=[TAGGED])
    assert '"confluent:tags":["PII","GDPR"]' in first["schema"]
    dropped = register(client, "a", record("A", field, added))
    assert "confluent:tags" not in dropped["schema"]
    found = client.get("/subjects/a/versions/1?findTags=GDPR").json()
    assert found["schemaTags"] == [TAGGED]
    register(client, "b", record("A", field), schemaTagsToAdd=[TAGGED])
    going_on = register(client, "b", record("A", field, added), propagateSchemaTags=True)
    assert '"confluent:tags":["PII","GDPR"]' in going_on["schema"]
    without = {**TAGGED, "tags": ["PII", "GDPR"]}
    client.put("/config/b", json={"compatibility": "NONE"})
    last = register(client, "b", going_on["schema"], schemaTagsToRemove=[without])
    assert "confluent:tags" not in last["schema"]


def test_metadata_alone_registers_the_latest_schema_again(client: httpx.Client) -> None:
    register(client, "a", '"int"')
    answer = client.post("/subjects/a/versions", json={"metadata": {"properties": {"k": "v"}}})
    told = answer.json()
    assert (told["version"], told["schema"]) == (2, '"int"')
    assert told["metadata"] == {"properties": {"k": "v"}}


def test_version_of_a_request_is_a_compare_and_set(client: httpx.Client) -> None:
    assert register(client, "a", '"int"', version=1)["version"] == 1
    assert register(client, "a", '"long"', version=3)["error_code"] == 42201
    told = register(client, "a", '"long"', version=2)
    assert told["version"] == 2
    assert told["metadata"] == {"properties": {"confluent:version": "2"}}


def test_references_are_told_with_their_context_when_asked(client: httpx.Client) -> None:
    register(client, ":.ctx:part", record("Part"))
    whole = record("Whole", {"name": "part", "type": "Part"})
    references = [{"name": "Part", "subject": "part", "version": 1}]
    register(client, ":.ctx:whole", whole, references=references)
    path = "/subjects/:.ctx:whole/versions/1"
    assert client.get(path).json()["references"][0]["subject"] == "part"
    told = client.get(f"{path}?referenceFormat=qualified").json()
    assert told["references"][0]["subject"] == ":.ctx:part"


def test_bare_subject_is_looked_for_in_every_context(client: httpx.Client) -> None:
    register(client, ":.ctx:only-there", '"int"')
    found = client.get("/subjects/only-there/versions/1").json()
    assert found["subject"] == ":.ctx:only-there"
    looked_up = client.post("/subjects/only-there", json={"schema": '"int"'}).json()
    assert looked_up["subject"] == ":.ctx:only-there"
    assert client.get("/subjects/only-there/versions").status_code == 404


def test_modes_inside_a_context_go_with_a_recursive_delete(client: httpx.Client) -> None:
    client.put("/mode/:.ctx:a", json={"mode": "READONLY"})
    client.put("/mode/b", json={"mode": "READONLY"})
    assert client.delete("/mode/:.ctx:").status_code == 404
    assert client.delete("/mode/:.ctx:?recursive=true").json() == {}
    assert client.get("/mode/:.ctx:a").status_code == 404
    assert client.get("/mode/b").json() == {"mode": "READONLY"}
    client.delete("/mode?recursive=true")
    assert client.get("/mode/b").status_code == 404


def test_forward_mode_above_everything_takes_ids(client: httpx.Client) -> None:
    assert client.put("/mode/:.__GLOBAL:", json={"mode": "FORWARD"}).status_code == 200
    assert register(client, "a", '"int"', id=7, version=3)["id"] == 7
    assert register(client, "a", '"long"')["error_code"] == 42205


def test_import_clears_what_was_softly_deleted(client: httpx.Client) -> None:
    register(client, "a", '"int"')
    assert client.put("/mode/a", json={"mode": "IMPORT"}).json()["error_code"] == 42205
    client.delete("/subjects/a")
    assert client.put("/mode/a", json={"mode": "IMPORT"}).status_code == 200
    assert client.get("/subjects?deleted=true").json() == []
    assert register(client, "a", '"long"', id=1, version=1)["id"] == 1


def test_configuration_may_let_new_schemas_pass_unvalidated(client: httpx.Client) -> None:
    text = record("A", {"name": "a", "type": "int", "default": "no number"})
    assert register(client, "a", text)["error_code"] == 42201
    client.put("/config/a", json={"validateNewSchemas": False})
    assert register(client, "a", text)["version"] == 1


def test_reserved_fields_are_guarded_when_configured(client: httpx.Client) -> None:
    client.put("/config/a", json={"validateFields": True})
    reserving = {"properties": {"confluent:reserved": "later"}}
    field = {"name": "a", "type": "int"}
    register(client, "a", record("A", field), metadata=reserving)
    taken = record("A", field, {"name": "later", "type": "int", "default": 0})
    refused = register(client, "a", taken, metadata=reserving)
    assert refused["error_code"] == 40901
    assert "conflicts with the reserved field later." in refused["message"]
    assert "{validateFields: 'true', compatibility: 'BACKWARD'}" in refused["message"]


def test_parsed_references_follow_an_import_that_writes_over_them(client: httpx.Client) -> None:
    register(client, "part", record("Part", {"name": "a", "type": "int"}))
    references = [{"name": "Part", "subject": "part", "version": 1}]
    whole = record("Whole", {"name": "part", "type": "Part"})
    register(client, "whole", whole, references=references)
    assert '"int"' in client.get("/subjects/whole/versions/1/schema?format=resolved").text
    client.put("/mode/part?force=true", json={"mode": "IMPORT"})
    other = record("Part", {"name": "a", "type": "string"})
    register(client, "part", other, id=50, version=1)
    assert '"string"' in client.get("/subjects/whole/versions/1/schema?format=resolved").text


def test_method_that_a_path_has_not_names_those_it_has(client: httpx.Client) -> None:
    answer = client.put("/subjects/a")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, POST"
    assert client.get("/associations").status_code == 405


def test_registry_of_the_7_line_knows_no_associations() -> None:
    with Store() as store, asking(store, line=7) as client:
        answer = client.get("/associations/subjects/a")
        assert answer.status_code == 404
        assert answer.json() == {"error_code": 404, "message": "HTTP 404 Not Found"}


def test_registry_of_the_7_line_has_the_route_of_its_deployment() -> None:
    with Store() as store, asking(store, line=7) as client:
        assert client.get("/v1/metadata/deployment").json() == {"attributes": []}


@pytest.mark.parametrize(
    ("line", "answer"),
    [(7, {"mode": "READONLY_OVERRIDE"}), (8, {"error_code": 40409})],
)
def test_mode_of_a_subject_without_one_under_a_global_override(
    line: int, answer: dict[str, object]
) -> None:
    with Store() as store, asking(store, line=line) as client:
        client.put("/mode", json={"mode": "READONLY_OVERRIDE"})
        assert client.get("/mode/x").json().items() >= answer.items()


@pytest.mark.parametrize(("line", "status"), [(7, 200), (8, 422)])
def test_permanent_delete_of_what_only_soft_deleted_versions_refer_to(
    line: int, status: int
) -> None:
    user = record("B", {"name": "a", "type": "A"})
    with Store() as store, asking(store, line=line) as client:
        register(client, "ref", record("A", {"name": "a", "type": "int"}))
        reference = {"name": "A", "subject": "ref", "version": 1}
        register(client, "base", user, references=[reference])
        for path in ("/subjects/base/versions/1", "/subjects/ref/versions/1"):
            assert client.delete(path).status_code == 200
        answer = client.delete("/subjects/ref/versions/1?permanent=true")
        assert answer.status_code == status


def test_registry_of_the_7_line_looks_at_defaults_when_it_normalizes() -> None:
    text = record("A", {"name": "a", "type": "int", "default": "no number"})
    with Store() as store, asking(store, line=7) as client:
        path = "/subjects/a/versions?normalize=true"
        assert client.post(path, json={"schema": text}).json()["error_code"] == 42201
        assert register(client, "a", text) == {"id": 1}
